"""How notebooks become pages: one Sphinx extension, each of its modules with one job."""

from __future__ import annotations

from importlib import import_module
from typing import Any

#: In this order their events are connected.
MODULES = (
    "settings",
    "results",
    "placeholders",
    "assets",
    "source_archive",
    "sharing",
    "formulas",
    "outputs",
    "cells",
    "tasks",
    "predictions",
    "plain_code",
    "errata_links",
    "folds",
    "tabs",
    "sheet",
    "narrow_tables",
    "guide",
    "opening",
    "sidebar",
    "first_page",
    "joints",
    "search",
    "portable",
    "icons",
    "api",
    "indices",
    "citations",
    "one_style",
    "live",
    "workbench",
    "pdf",
)


#: Goes up with the form of what modules keep in the environment of a build: an older one is read anew.
ENVIRONMENT = 6


def setup(app: Any) -> dict[str, Any]:
    """Register all modules. They work in several processes if each of them does."""
    promises = [import_module(f"press.{name}").setup(app) for name in MODULES]
    safe = {key: all(promise[key] for promise in promises) for key in ("parallel_read_safe", "parallel_write_safe")}
    return {**safe, "env_version": ENVIRONMENT}
