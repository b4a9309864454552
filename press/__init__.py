"""How notebooks become pages: one Sphinx extension, each of its modules with one job."""

from __future__ import annotations

from typing import Any

#: In this order their events are connected.
MODULES = (
    # What they know of a book.
    "config",
    "contents",
    "settings",
    "results",
    "garbage",
    "placeholders",
    # What stands beside the pages.
    "assets",
    "source_archive",
    "sharing",
    "cards",
    # What a page holds: formulas, what cells show, exercises, predictions.
    "formulas",
    "outputs",
    "cells",
    "tasks",
    "predictions",
    "plain_code",
    "errata_links",
    "theorem_links",
    "asides",
    "folds",
    "tabs",
    "sheet",
    "narrow_tables",
    # The way through the book.
    "guide",
    "opening",
    "sidebar",
    "first_page",
    "in_jupyter",
    "joints",
    "search",
    # The same for other hosts, and what is made of all pages.
    "portable",
    "words",
    "icons",
    "api",
    "indices",
    "citations",
    "bibliography",
    "one_style",
    "one_script",
    "live",
    "workbench",
    "pdf",
)


#: Goes up with the form of what modules keep in the environment of a build: an older one is read anew.
ENVIRONMENT = 7


def setup(app: Any) -> dict[str, Any]:
    """Register each module as an extension of its own, so that Sphinx asks each whether several processes may work."""
    for name in MODULES:
        app.setup_extension(f"press.{name}")
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": ENVIRONMENT}
