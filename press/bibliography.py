"""A Sphinx extension: the style of the bibliography, ``author_year``.

It is sorted by author and year, and an entry has the label by which the text cites it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pybtex.plugin import register_plugin  # type: ignore[import-untyped]
from pybtex.style.formatting.unsrt import Style  # type: ignore[import-untyped]
from pybtex.style.labels import BaseLabelStyle  # type: ignore[import-untyped]
from pybtex.style.sorting.author_year_title import SortingStyle  # type: ignore[import-untyped]
from pybtex.style.template import sentence  # type: ignore[import-untyped]

from press import citations


class AuthorYearLabels(BaseLabelStyle):  # type: ignore[misc]
    """Labels as the text has them: "Sutton et al., 2000"."""

    def format_labels(self, sorted_entries: Iterable[Any]) -> Iterator[str]:
        """Return a label for each entry."""
        for entry in sorted_entries:
            yield citations.label(entry)


class AuthorYearSorting(SortingStyle):  # type: ignore[misc]
    """By author, year and title; the braces that keep a name together do not count."""

    def person_key(self, person: Any) -> str:
        """Return what a person is sorted by."""
        return str(super().person_key(person)).replace("{", "").replace("}", "")

    def persons_key(self, persons: Any) -> str:
        """Return what several are sorted by: of more than two the label names the first, and the year decides."""
        return str(super().persons_key(persons if len(persons) < 3 else persons[:1])) + " ~" * (len(persons) > 2)


class AuthorYearStyle(Style):  # type: ignore[misc]
    """The bibliography by author and year."""

    default_label_style = AuthorYearLabels
    default_sorting_style = AuthorYearSorting
    default_name_style = "lastfirst"

    def format_web_refs(self, entry: Any) -> Any:
        """Return one address of a work: its number in a register rather than a page."""
        fields = ("eprint", self.format_eprint), ("doi", self.format_doi), ("url", self.format_url)
        shown = [form(entry) for name, form in fields if name in entry.fields][:1]
        return sentence[shown[0]] if shown else sentence[""]


def setup(app: Any) -> dict[str, bool]:
    """Register the style."""
    register_plugin("pybtex.style.formatting", "author_year", AuthorYearStyle)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
