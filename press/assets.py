"""The style sheet and the scripts of the pages, which stand in ``press/static``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

STATIC = Path(__file__).with_name("static")


def serve(app: Any, config: Any) -> None:
    """Let the files of the folder be copied beside the pages."""
    config.html_static_path.append(str(STATIC))


def setup(app: Any) -> dict[str, bool]:
    """Register the module."""
    app.connect("config-inited", serve)
    for style in sorted(STATIC.glob("*.css")):
        app.add_css_file(style.name)
    for script in sorted(STATIC.glob("*.js")):
        app.add_js_file(script.name)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
