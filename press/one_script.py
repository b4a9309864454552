"""One script for the scripts that all pages have.

The theme and the extensions bring eleven small scripts. Each is asked for by itself, and on a slow line those requests
come before the fonts of the text. They are put together in the order in which a page would run them; what only some
pages have, and what the page of the search calls at once, stays beside it. The single scripts are still there, for
pages that others add.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sphinx.builders.html._assets import _JavaScript

from .assets import AT_ONCE

#: What the theme names at the end of a page, by its own macro.
LAST = ("scripts/bootstrap.js", "scripts/pydata-sphinx-theme.js")
#: A page whose own scripts call the others while it is read.
BY_ITSELF = "search"


def file_name(script: Any) -> str:
    """Return the file of a script, relative to the folder of all of them; a script in the page has none."""
    return str(getattr(script, "filename", "") or "").removeprefix("_static/")


def choose(app: Any, env: Any) -> None:
    """Choose the scripts that all pages have, before the first page adds its own."""
    scripts = sorted(getattr(app.builder, "_js_files", ()), key=lambda script: script.priority)
    app.one_script = tuple(name for name in map(file_name, scripts) if name not in ("", AT_ONCE))


def use_one(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Let a page load one script in the place of the first of those that wait, and the others beside it.

    What a script reads from its own element, the element of the one script has.
    """
    if pagename == BY_ITSELF:
        return
    scripts = [script for script in context["script_files"] if "defer" in getattr(script, "attributes", {})]
    ours = [script for script in scripts if file_name(script) in app.one_script]
    if not ours:
        return
    attributes = {name: value for script in ours for name, value in script.attributes.items()}
    first = min(script.priority for script in ours)
    one = _JavaScript(f"_static/{script_name(app)}", priority=first, **attributes)
    # Sphinx puts them in the order of their priorities.
    context["script_files"] = [one, *(script for script in context["script_files"] if script not in ours)]
    context["one_script"] = True  # the template names none at the end then


def script_name(app: Any) -> str:
    """Return the name of the script: like that of the style sheet it is another when the site is."""
    return str(Path(app.one_style_name).with_suffix(".js"))


def write(app: Any, exception: Exception | None) -> None:
    """Write the script, when all others are there.

    None of them begins the file, so that the strict mode of one is not that of all.
    """
    if exception is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir, "_static")
    paths = [folder / name for name in (*app.one_script, *LAST)]
    scripts = [path.read_text(encoding="utf-8") for path in paths if path.exists()]
    (folder / script_name(app)).write_text("".join(f";\n{script}\n" for script in scripts), encoding="utf-8")


def setup(app: Any) -> dict[str, bool]:
    """Register the module."""
    app.setup_extension("press.one_style")
    app.connect("env-check-consistency", choose)
    app.connect("html-page-context", use_one, priority=950)
    app.connect("build-finished", write, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
