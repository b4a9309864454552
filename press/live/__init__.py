"""What runs in the pages: Python in the reader's browser, and what it needs beside them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

#: In this order their events are connected.
MODULES = ("distribution", "pages", "lab")


def setup(app: Any) -> dict[str, bool]:
    """Register the modules."""
    promises = [import_module(f"press.live.{name}").setup(app) for name in MODULES]
    return {key: all(promise[key] for promise in promises) for key in ("parallel_read_safe", "parallel_write_safe")}
