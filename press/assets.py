"""The style sheet and the scripts of the pages, which stand in ``press/static``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

STATIC = Path(__file__).with_name("static")


def serve(app: Any, config: Any) -> None:
    """Let the files of the folder be copied beside the pages."""
    config.html_static_path.append(str(STATIC))


#: Scripts that other modules add to the pages that have something to run, to answer or to predict.
ON_SOME_PAGES = {"live.js", "numbers.js", "predict.js", "tasks.js"}

#: The theme sets a value in it by a script in the page, so it must be there before.
AT_ONCE = "documentation_options.js"


def let_scripts_wait(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Let the scripts of a page wait until it is read, so that none of them holds up what is seen first.

    They run in their order all the same. All of them wait for the page to be there before they do anything, but for
    those of the search page, which scripts in the page itself call.
    """
    for script in context.get("script_files", ()):
        name = str(getattr(script, "filename", "") or "")
        if not name or name.endswith(AT_ONCE) or "async" in script.attributes:
            continue
        # All pages share one object for each script.
        if pagename == "search":
            script.attributes.pop("defer", None)
        else:
            script.attributes["defer"] = "defer"


def drop_maps(app: Any, exception: Exception | None) -> None:
    """Drop the theme's maps for debuggers, 1.7 MB that no reader's browser asks for."""
    if exception is None and app.builder.format == "html":
        for path in Path(app.outdir, "_static").rglob("*.map"):
            path.unlink()


def setup(app: Any) -> dict[str, bool]:
    """Register the module."""
    app.connect("config-inited", serve)
    app.connect("html-page-context", let_scripts_wait, priority=900)
    app.connect("build-finished", drop_maps)
    for style in sorted(STATIC.glob("*.css")):
        app.add_css_file(style.name)
    for script in sorted(STATIC.glob("*.js")):
        if script.name not in ON_SOME_PAGES:
            app.add_js_file(script.name)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
