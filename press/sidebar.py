"""The sidebar's toggles have names: the theme marks them with a picture alone.

There is no other way to them. A function of the theme, ``add_collapse_checkboxes`` of pydata_sphinx_theme, puts them
into the tree of pages, which it makes for each page and hands to the templates as elements of BeautifulSoup; it takes
no option, and no node stands for a toggle. So the name is added to the elements that it hands on, before a template
writes them. A test builds a page with the theme and fails where the function is gone, or names the toggles itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def with_names(theirs: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap the theme's function that makes the tree of pages: each toggle is named after its page."""

    def tree(*arguments: Any, **options: Any) -> Any:
        made = theirs(*arguments, **options)
        for summary in made.select("summary") if hasattr(made, "select") else ():
            if not summary.get_text(strip=True):
                link = summary.find_parent("li").find("a")
                summary["aria-label"] = f"Parts of {link.get_text(strip=True)}"
        return made

    return tree


def name_toggles(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Give the templates of a page the function with names."""
    if "generate_toctree_html" in context:
        context["generate_toctree_html"] = with_names(context["generate_toctree_html"])


def setup(app: Any) -> dict[str, bool]:
    """Come after the theme, which makes the function for each page."""
    app.connect("html-page-context", name_toggles, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
