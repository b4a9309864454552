"""How far a long computation has come, told to the page that waits for it."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

__all__ = ["tell"]

IN_BROWSER = sys.platform == "emscripten"


def tell(text: str, share: float | None = None) -> None:
    """Tell the page a sentence, and a share from 0 to 1 where it is known. Outside of a browser nobody listens."""
    post: Any = None
    if IN_BROWSER:
        browser, bridge = import_module("js"), import_module("pyodide.ffi")
        post = getattr(browser, "postMessage", None)  # a worker has it
    if post is not None:
        message = {"kind": "progress", "text": text, "share": share}
        post(bridge.to_js(message, dict_converter=browser.Object.fromEntries))
