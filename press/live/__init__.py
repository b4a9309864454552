"""What runs in the pages: Python in the reader's browser, and what it needs beside them."""

from __future__ import annotations

from typing import Any

#: In this order their events are connected.
MODULES = ("distribution", "pages", "lab")


def setup(app: Any) -> dict[str, bool]:
    """Register the modules."""
    for name in MODULES:
        app.setup_extension(f"press.live.{name}")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
