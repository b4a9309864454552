"""The picture that others show beside a link to a page.

``press_card`` names a file of the book: Python, with a function ``card(title)`` that returns a figure of matplotlib for
the page of that title, 1200 by 630 pixels, and ``ALT``, which says in words what the pictures show. A book without such
a file has no pictures. They are drawn where the address of the published site is known, without which nobody can show
them.
"""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sphinx.errors import ExtensionError

from press import beside, config


@dataclass(frozen=True)
class Cards:
    """How a book draws its cards."""

    card: Callable[[str], Any]
    alt: str


def read(file: Path) -> Cards:
    """Return what a file says of cards."""
    names = runpy.run_path(str(file), run_name="card")
    if not callable(names.get("card")) or not isinstance(names.get("ALT"), str):
        raise ExtensionError(
            f"press_card: {file.name} defines no function card(title), or no words ALT of what it shows"
        )
    return Cards(names["card"], names["ALT"])


def file_of(page: str, pages: Iterable[str]) -> str:
    """Return where the picture of one of the pages stands, relative to the website.

    It is in no folder of its own, unless the name of another page would be the same then.
    """
    name = page.replace("/", "-")
    alike = sum(other.replace("/", "-") == name for other in pages)
    return f"_static/cards/{page if alike > 1 else name}.png"


def cards(app: Any) -> Cards | None:
    """Return how the cards are drawn, or None where there are none. The file is run when this is first asked."""
    if not hasattr(app, "press_cards"):
        file = Path(app.srcdir, app.config.press_card)
        app.press_cards = read(file) if app.config.html_baseurl and file.is_file() else None
    found: Cards | None = app.press_cards
    return found


def tell(app: Any, builder: Any) -> None:
    """Keep the address of each page's picture where the tags are made of it, in each build: the site may have moved."""
    if made := cards(app):
        for page in app.env.titles:
            address = app.config.html_baseurl + file_of(page, app.env.found_docs)
            app.env.metadata[page] |= {"og:image": address, "og:image:alt": made.alt}


def draw(app: Any) -> None:
    """Draw the pictures of all pages."""
    if app.builder.format == "html" and (made := cards(app)):
        for page in app.env.found_docs & app.env.titles.keys():
            target = Path(app.outdir, file_of(page, app.env.found_docs))
            target.parent.mkdir(parents=True, exist_ok=True)
            made.card(app.env.titles[page].astext()).savefig(target, metadata={"Software": None})


def setup(app: Any) -> dict[str, bool]:
    """Register the module."""
    config.add_value(app, "press_card", "", config.file_is_there)
    app.connect("write-started", tell)
    beside.connect(app, draw)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
