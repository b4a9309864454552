"""How far a long computation has come, told to the page that waits for it."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

__all__ = ["tell"]

IN_BROWSER = sys.platform == "emscripten"


def tell(text: str, share: float | None = None, **more: Any) -> None:
    """Tell the page a sentence, and a share from 0 to 1 where it is known. Outside of a browser nobody listens.

    More is for one page: ``clock="begins"`` says that the reader's own code runs from now on and ``clock="ends"`` that
    it does not any more, so that the page counts the seconds in between; a ``verdict`` is there before its name is.
    """
    post: Any = None
    if IN_BROWSER:
        browser, bridge = import_module("js"), import_module("pyodide.ffi")
        post = getattr(browser, "postMessage", None)  # a worker has it
    if post is not None:
        message = {"kind": "progress", "text": text, "share": share, **more}
        post(bridge.to_js(message, dict_converter=browser.Object.fromEntries))
