"""One script for the scripts that all pages have.

The theme and the extensions bring eleven small scripts. Each is asked for by itself, and on a slow line those requests
come before the fonts of the text. They are put together in the order in which a page would run them, those that the
theme names at the end of a page last. What only some pages have runs after them, whatever its priority. What comes from
elsewhere, is a module or has other attributes than ``defer`` and ``data-…``, stays as it is, and so does all of the
page of the search, which calls the others while it is read. The single scripts are still there, for pages that others
add.

As one file they stand and fall together: where one throws while it is read, those after it do not run.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from sphinx.builders.html._assets import _JavaScript

from .assets import AT_ONCE, leave_boxes_alone

#: A page whose own scripts call the others while it is read.
BY_ITSELF = "search"
#: Where the theme names the scripts at the end of a page, below one of its folders, and how.
MACROS = Path("static", "webpack-macros.html")
AT_THE_END = re.compile(r"macro body_post\(\).*?endmacro", re.DOTALL)
NAMED = re.compile(r"<script[^>]*pathto\('_static/([^']+)'")


def file_name(script: Any) -> str:
    """Return the file of a script, relative to the folder of all of them; nothing where it may not be put elsewhere."""
    name = str(getattr(script, "filename", "") or "")
    ordinary = all(one == "defer" or one.startswith("data-") for one in getattr(script, "attributes", {}))
    ours = name.startswith("_static/") and ordinary and not name.endswith(AT_ONCE)
    return name.removeprefix("_static/") if ours else ""


def of_the_theme(app: Any) -> list[str]:
    """Return the files that the theme names at the end of each page."""
    for folder in app.builder.theme.get_theme_dirs():
        if (macros := Path(folder, MACROS)).exists():
            at_the_end = AT_THE_END.search(macros.read_text(encoding="utf-8"))
            return NAMED.findall(at_the_end[0]) if at_the_end else []
    return []


def begin(app: Any) -> None:
    """Note which scripts all pages have, before the first page adds its own. They are put together when it does."""
    scripts = sorted(getattr(app.builder, "_js_files", ()), key=lambda script: script.priority)
    app.common_scripts = tuple(filter(None, map(file_name, scripts)))
    app.one_script = ""


def put_together(app: Any) -> str:
    """Write the one script beside the others, and return its file, which is named after what it holds.

    It begins with none of them, so that the strict mode of one is not that of all. Where a builder writes pages before
    the scripts there is none.
    """
    folder = Path(app.outdir, "_static")
    last = of_the_theme(app)
    if not all((folder / name).exists() for name in (*app.common_scripts, *last)):
        return ""
    leave_boxes_alone(app, None)
    scripts = [(folder / name).read_text(encoding="utf-8") for name in (*app.common_scripts, *last)]
    one = "".join(f";\n{script}\n" for script in scripts)
    path = folder / f"site-{hashlib.sha256(one.encode()).hexdigest()[:10]}.js"
    path.write_text(one, encoding="utf-8")
    return f"_static/{path.name}"


def use_one(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Let a page load the one script, and what is its own beside it.

    Sphinx writes the first page before it starts the processes that write the others, so all of them know the name.
    What a script reads from its own element, the element of the one script has.
    """
    scripts = context.get("script_files", [])
    ours = [script for script in scripts if file_name(script) in app.common_scripts]
    if pagename == BY_ITSELF or not ours:
        return
    app.one_script = app.one_script or put_together(app)
    if not app.one_script:
        return
    attributes = {name: value for script in ours for name, value in script.attributes.items()}
    one = _JavaScript(app.one_script, priority=min(script.priority for script in ours), **attributes)
    # Sphinx puts them in the order of their priorities.
    context["script_files"] = [one, *(script for script in scripts if script not in ours)]
    context["one_script"] = True  # the template names none at the end then


def setup(app: Any) -> dict[str, bool]:
    """Register the module. Scripts have to wait for the page, as some stood at its end."""
    app.setup_extension("press.assets")
    app.connect("builder-inited", begin, priority=900)
    app.connect("html-page-context", use_one, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
