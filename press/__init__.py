"""How notebooks become pages: one Sphinx extension, each of its modules with one job."""

from __future__ import annotations

from importlib import import_module
from typing import Any

#: In this order their events are connected.
MODULES = (
    "settings",
    "assets",
    "source_archive",
    "sharing",
    "formulas",
    "outputs",
    "cells",
    "plain_code",
    "errata_links",
    "folds",
    "tabs",
    "sheet",
    "narrow_tables",
    "guide",
    "first_page",
    "joints",
    "search",
    "portable",
    "icons",
    "api",
    "one_style",
    "pdf",
)


def setup(app: Any) -> dict[str, bool]:
    """Register all modules."""
    for name in MODULES:
        import_module(f"press.{name}").setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
