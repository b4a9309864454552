"""Where in the book something is explained."""

from __future__ import annotations

import os
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

from pgcode._console import printable


@dataclass(frozen=True)
class Chapter:
    """A chapter of the book.

    Parameters
    ----------
    path : str
        Its file from the root of the repository, without its ending: ``"book/setting/decision-processes"``.
    title : str
        Its heading.

    Examples
    --------
    >>> from pgcode.exercises import Chapter
    >>> Chapter("book/setting/decision-processes", "Decision processes").section("Returns")
    <Section “Returns” in the chapter “Decision processes” (book/setting/decision-processes)>
    """

    path: str
    title: str

    def __repr__(self) -> str:
        return printable(f"<Chapter “{self.title}” ({self.path})>")

    def section(self, heading: str) -> Section:
        """Return the section under a heading, which is written as in the chapter."""
        return Section(self, heading)


@dataclass(frozen=True)
class Section:
    """A section of a chapter, named by its heading.

    Examples
    --------
    >>> from pgcode.exercises import setting
    >>> setting.discounted_return.see.heading
    'Returns'
    """

    chapter: Chapter
    heading: str

    def __str__(self) -> str:
        return printable(f"“{self.heading}” in the chapter “{self.chapter.title}” ({self.chapter.path})")

    def __repr__(self) -> str:
        return f"<Section {self}>"

    @property
    def data(self) -> dict[str, str]:
        """The fields from which a page makes a link."""
        return {"page": self.chapter.path, "title": self.chapter.title, "heading": self.heading}

    def to_html(self, text: str | None = None) -> str:
        """Return the place as a link to the notebook, or as text where the book is not beside the reader."""
        shown = f"“{self.heading}” in the chapter “{self.chapter.title}”" if text is None else text
        # Jupyter names a heading by its text with hyphens.
        return link(self.chapter.path, self.heading.replace(" ", "-"), shown)


def link(page: str, anchor: str, text: str) -> str:
    """Return a link to a place in a notebook of the book, or its text alone where that is not beside the reader.

    The link is relative to the working folder, which is the notebook's own in Jupyter.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        notebook = folder / f"{page}.ipynb"
        if notebook.is_file():
            target = quote(Path(os.path.relpath(notebook, here)).as_posix())
            return f'<a href="{target}#{quote(anchor)}">{escape(text)}</a>'
    return escape(text)
