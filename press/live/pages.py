"""Pages with something to run: they load ``static/live.js``, and what it needs stands in them. Others load nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pgcode import __version__
from press import assets
from press.live import distribution

#: What is kept of a page in the environment of a build.
STORE = "press_live"
#: What the worker runs: an older one is not used when one of these has changed.
SOURCES = (assets.STATIC / "live-worker.mjs", assets.STATIC / "live.py")


def store(env: Any) -> dict[str, dict[str, Any]]:
    """Return what is kept of each page."""
    if not hasattr(env, STORE):
        setattr(env, STORE, {})
    kept: dict[str, dict[str, Any]] = getattr(env, STORE)
    return kept


def require(env: Any, docname: str, **data: Any) -> None:
    """Let a page load the script, and give it data of the module that asks for it: ``pgLive.page`` holds them."""
    store(env).setdefault(docname, {}).update(data)


def forget(app: Any, env: Any, docname: str) -> None:
    """Forget a page that is read anew, or gone."""
    store(env).pop(docname, None)


def merge(app: Any, env: Any, docnames: set[str], other: Any) -> None:
    """Take the pages that another process has read."""
    store(env).update({name: store(other)[name] for name in docnames if name in store(other)})


def data_of_page(docname: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data that stand in a page."""
    return {
        "release": __version__,
        "page": docname,
        "root": "../" * docname.count("/"),
        "folder": str(Path(docname).parent),
        "python": python(),
        **kept,
    }


def python() -> dict[str, Any] | None:
    """Return where the website has Python, and what a first run loads, or None where it has none."""
    made = distribution.distribution()
    if made is None:
        return None
    return {
        "folder": f"_static/{distribution.FOLDER}/",
        "lock": made.lock,
        "host": made.host,
        "packages": list(distribution.TEXT),
        "text": made.size(distribution.TEXT).sent,
        "figures": made.size(distribution.FIGURES).sent,
        "version": hashlib.sha256(b"".join(path.read_bytes() for path in SOURCES)).hexdigest()[:10],
    }


def add_script(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Let a page with something to run load the script, with its data."""
    kept = store(app.env).get(pagename)
    if kept is None or app.builder.format != "html":
        return
    text = json.dumps(data_of_page(pagename, kept), ensure_ascii=False, separators=(",", ":"))
    app.add_js_file(None, body=text.replace("</", "<\\/"), type="application/json", id="pg-live")
    app.add_js_file("live.js")


def setup(app: Any) -> dict[str, bool]:
    """Register the module."""
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
