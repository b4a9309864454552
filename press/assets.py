"""The style sheet and the scripts of the pages, which stand in ``press/static``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sphinx.builders.html._assets import _JavaScript
from sphinx.errors import ExtensionError

STATIC = Path(__file__).with_name("static")


def serve(app: Any, config: Any) -> None:
    """Let the files of the folder be copied beside the pages."""
    config.html_static_path.append(str(STATIC))


#: Scripts that other modules add to the pages that have something to run, to answer or to predict.
ON_SOME_PAGES = {"live.js", "numbers.js", "predict.js", "tasks.js"}

#: The theme sets a value in it by a script in the page, so it must be there before. It is a few words: they stand in
#: the page, which is shown without waiting for another file.
AT_ONCE = "documentation_options.js"


def let_scripts_wait(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Let the scripts of a page wait until it is read, so that none of them holds up what is seen first.

    They run in their order all the same. All of them wait for the page to be there before they do anything, but for
    those of the search page, which scripts in the page itself call.
    """
    scripts = context.get("script_files", [])
    for place, script in enumerate(scripts):
        name = str(getattr(script, "filename", "") or "")
        if not name or "async" in script.attributes:
            continue
        if name.endswith(AT_ONCE):
            if (path := Path(app.outdir, name)).exists():  # some builders write it after their pages
                words = " ".join(path.read_text(encoding="utf-8").split())
                scripts[place] = _JavaScript("", priority=script.priority, body=words)
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


#: What the theme does to find boxes that scroll: when a page opens and when anything in it changes, it sets all of it.
THEME = "scripts/pydata-sphinx-theme.js"
SETS_ALL = re.compile(
    r'const (\w+)=\(\)=>\{document\.querySelectorAll\(\["pre",[^;]*?\.tabIndex=.*?childList:!0\}\),\1\(\)(?=\})'
)


def leave_boxes_alone(app: Any, exception: Exception | None) -> None:
    """Take from the theme's script what ``course.js`` does too, for what is seen and without setting all the rest.

    Where the theme has no such part any more, the build fails: then look whether this is still needed.
    """
    path = Path(app.outdir, "_static", THEME)
    if exception is not None or app.builder.format != "html" or not path.exists():
        return
    script = path.read_text(encoding="utf-8")
    left = SETS_ALL.sub("", script)
    if "tabIndex" in left:
        raise ExtensionError(f"{THEME} looks for boxes that scroll in a way that press.assets does not know")
    if left != script:
        path.write_text(left, encoding="utf-8")


def setup(app: Any) -> dict[str, bool]:
    """Register the module."""
    app.connect("config-inited", serve)
    app.connect("html-page-context", let_scripts_wait, priority=900)
    app.connect("build-finished", drop_maps)
    app.connect("build-finished", leave_boxes_alone)
    for style in sorted(STATIC.glob("*.css")):
        app.add_css_file(style.name)
    for script in sorted(STATIC.glob("*.js")):
        if script.name not in ON_SOME_PAGES:
            app.add_js_file(script.name)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
