"""Pages with something to run: what goes along with them, and where the buttons of their cells stand.

A cell whose code a page shows gets a place for its buttons below its code, which ``static/live.js`` fills. What it
needs from above is found when the page is read (``needs.py``) and stands in a file of its own, which is asked for when
something is first run. So does the Python of this extension that runs in a page, and the formulas' typesetter. A page
with nothing to run, of this module or of another, loads nothing.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Mapping
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.errors import ExtensionError
from sphinx.util import logging

from pgcode import __version__
from press import assets, errata_links, formulas
from press.embedded import embedded
from press.live import distribution, needs, packages
from press.outputs.base import skip

LOGGER = logging.getLogger(__name__)

#: What is kept of a page in the environment of a build.
STORE = "press_live"
#: The folder of the website for what goes along with pages, below ``_static``.
FOLDER = "live"
#: A cell that is the check of an answer, and nothing else (``press/tasks``).
CHECK = re.compile(r"exercises\.(\w+)\.check\(\1\)")
#: Cells that need what no browser has: they keep their code alone.
NOT_PYTHON = "not-python"
NOT_HERE = {"live", "skip-execution", NOT_PYTHON}
#: Cells that leave nothing behind for those below.
LEAVES_NOTHING = {"skip-execution", "raises-exception", NOT_PYTHON}
#: Scripts that a page asks for by itself, under a name that changes with them.
ASKED_FOR = tuple(assets.STATIC / f"live-{name}.mjs" for name in ("worker", "editor", "formulas", "runs"))

HOUSE = Path(__file__).parents[1]
#: What of this extension runs in a page.
SHIPPED = (
    "__init__.py", "errata_links.py", "formulas.py", "joints.py", "outputs/*.py", "live/__init__.py",
    "live/in_page.py", "live/needs.py", "live/nodes.py", "live/stand_ins.py",
)  # fmt: skip
#: What a page needs to set a formula that it does not have yet.
MATHJAX = ("startup.js", "core.js", "loader.js", "input/tex-full.js", "output/chtml.js", "output/chtml/fonts/tex.js")


class RunPlace(nodes.General, nodes.Element):  # type: ignore[misc]
    """Where the buttons of a cell stand."""


def write_place(translator: Any, node: RunPlace) -> None:
    """Write the place, which stays empty where no script runs, or nothing where the website has no Python."""
    if distribution.distribution() is not None:
        twin = f' data-twin="{node["twin"]}"' if node["twin"] else ""
        smaller = f' data-smaller="{escape(json.dumps(node["smaller"]))}"' if node["smaller"] else ""
        translator.body.append(f'<div class="pg-run" data-cell="{node["cell"]}"{twin}{smaller}></div>')
    raise nodes.SkipNode


# ---- When a page is read -------------------------------------------------------------------------------------------


def store(env: Any) -> dict[str, dict[str, Any]]:
    """Return what is kept of each page."""
    if not hasattr(env, STORE):
        setattr(env, STORE, {})
    kept: dict[str, dict[str, Any]] = getattr(env, STORE)
    return kept


def require(env: Any, docname: str, **data: Any) -> None:
    """Let a page load the script, and give it data of the module that asks for it: ``pgLive.page`` holds them."""
    store(env).setdefault(docname, {}).update(data, required=True)


def note_cells(app: Any, doctree: nodes.document) -> None:
    """Give each cell whose code is shown the place for its buttons, and keep what the page's cells need."""
    docname = app.env.docname
    path = Path(app.env.doc2path(docname))
    if path.suffix != ".ipynb":
        return
    cells = read(path)
    for number in leave_out_what_is_not_python(cells):
        told = "code cell %d is not plain Python, so it cannot be run in the page, and gets no button"
        LOGGER.warning(told, number, location=docname, type="press", subtype="live")
    checks = any(CHECK.fullmatch(cell["source"].strip()) for cell in cells.values())
    if checks or not cells:  # tasks have buttons of their own
        return
    shown: list[int] = []
    for cell in list(doctree.findall(nodes.container)):
        number = cell.get("cell_index")
        code = next((part for part in cell.children if part.get("nb_element") == "cell_code_source"), None)
        if cell.get("nb_element") == "cell_code" and code is not None and not NOT_HERE & set(cells[number]["tags"]):
            # What is typed is kept by the code that stands there; cells of the same code are told apart by their order
            # on the page, and not by that in which a reader opens their folds.
            twin = sum(cells[other]["source"].rstrip() == cells[number]["source"].rstrip() for other in shown)
            code += RunPlace(cell=number, twin=twin, smaller={})
            cell["classes"].append(f"pg-cell-{number}")  # by which what it shows is found while its code is folded away
            shown.append(number)
    if shown:
        store(app.env).setdefault(docname, {})["cells"] = along(cells, shown)
        offers = offered(cells, shown, docname)
        for place in doctree.findall(RunPlace):
            place["smaller"] = offers.get(place["cell"], {})


def leave_out_what_is_not_python(cells: Mapping[int, dict[str, Any]]) -> list[int]:
    """Mark the cells that no browser can run, such as those with a magic, and return their numbers."""
    found = []
    for number, cell in cells.items():
        try:
            ast.parse(cell["source"])
        except (SyntaxError, ValueError):
            if not NOT_HERE & set(cell["tags"]):
                found.append(number)
            cell["tags"] = [*cell["tags"], NOT_PYTHON]
    return found


#: What is said of a smaller size where cells below go on with it.
GOES_ON = "The cells below go on with this until you press Reset."


def smaller(cell: Mapping[str, Any], docname: str) -> dict[str, str]:
    """Return the smaller size that a cell which takes long names in its metadata, {} where it names none.

    It stands there as ``live: {smaller: {from, to, called, said}}``: what in the code becomes what, what the button
    calls it, and what is said above the output.
    """
    found: dict[str, str] = cell["live"].get("smaller", {})
    if found and (set(found) != {"from", "to", "called", "said"} or cell["source"].count(found["from"]) != 1):
        told = "has from, to, called and said, and from stands once in its code"
        raise ExtensionError(f"{docname}: the smaller size of a cell {told}: {found}")
    return found


def offered(cells: Mapping[int, Mapping[str, Any]], shown: list[int], docname: str) -> dict[int, dict[str, Any]]:
    """Return the smaller sizes that cells offer, by their numbers: their own, and those of what they need from above.

    A cell that needs what takes long takes as long itself. So it offers the smaller size too, for its own run alone.
    The ``edits`` say in which cell what becomes what.
    """
    named = {number: found for number, cell in cells.items() if (found := smaller(cell, docname))}
    offers: dict[int, dict[str, Any]] = {}
    for number in shown if named else ():
        needed = {(one.cell, one.source) for one in before(cells, number)}
        taken = [
            above
            for place, above in enumerate(cells)
            if above in named and any(cell == place and named[above]["from"] in source for cell, source in needed)
        ]
        taken += [number] if number in named else []
        if taken:
            offers[number] = {
                "called": " and ".join(named[above]["called"] for above in taken),
                "said": " ".join(named[above]["said"] for above in taken),
                "edits": [[above, named[above]["from"], named[above]["to"]] for above in taken],
            }
    for above in named.keys() & offers.keys():
        if any(edit[0] == above for number, offer in offers.items() if number > above for edit in offer["edits"]):
            offers[above]["said"] += f" {GOES_ON}"
    return offers


def read(path: Path) -> dict[int, dict[str, Any]]:
    """Return the cells of code of a notebook, by their numbers among all its cells; none of another language."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    if notebook.get("metadata", {}).get("kernelspec", {}).get("language", "python") != "python":
        return {}
    return {
        number: {
            "source": "".join(cell["source"]),
            "tags": cell["metadata"].get("tags", []),
            "live": cell["metadata"].get("live", {}),
        }
        for number, cell in enumerate(notebook["cells"])
        if cell["cell_type"] == "code"
    }


def along(cells: Mapping[int, Mapping[str, Any]], shown: list[int]) -> dict[str, Any]:
    """Return what goes along with a page.

    The sources of its cells of code, in their order, with their numbers; for each cell that is shown the packages that
    it takes, and what has to be run before: the places in ``parts`` of statements from above.
    """
    numbers = list(cells)
    parts: dict[str, int] = {}
    made: dict[str, Any] = {}
    for number in shown:
        setup = [one.source for one in before(cells, number)]
        made[str(number)] = {
            "setup": [parts.setdefault(part, len(parts)) for part in setup],
            "packages": packages.needed([*setup, cells[number]["source"]]),
        }
    own = [cells[number]["source"] for number in numbers]
    return {"numbers": numbers, "sources": own, "silent": silent(cells), "parts": list(parts), "cells": made}


def before(cells: Mapping[int, Mapping[str, Any]], number: int) -> list[needs.Needed]:
    """Return the statements of the cells above that a cell needs; their cells are counted from 0."""
    place = list(cells).index(number)
    above = [leaves(cell) for cell in list(cells.values())[:place]]
    return needs.needed([*above, cells[number]["source"]], place)


def leaves(cell: Mapping[str, Any]) -> str:
    """Return the source of a cell as far as it leaves something behind."""
    return "" if LEAVES_NOTHING & set(cell["tags"]) else str(cell["source"])


def silent(cells: Mapping[int, Mapping[str, Any]]) -> list[int]:
    """Return the numbers of the cells that leave nothing behind."""
    return [number for number, cell in cells.items() if LEAVES_NOTHING & set(cell["tags"])]


def forget(app: Any, env: Any, docname: str) -> None:
    """Forget a page that is read anew, or gone."""
    store(env).pop(docname, None)


def merge(app: Any, env: Any, docnames: set[str], other: Any) -> None:
    """Take the pages that another process has read."""
    store(env).update({name: store(other)[name] for name in docnames if name in store(other)})


# ---- When pages are written ----------------------------------------------------------------------------------------


def data_of_page(app: Any, docname: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data that stand in a page."""
    data: dict[str, Any] = {
        "release": __version__,
        "page": docname,
        "root": "../" * docname.count("/"),
        "folder": str(Path(docname).parent),
        "python": python(app),
        **{name: value for name, value in kept.items() if name not in ("cells", "required")},
    }
    if formulas.is_available():
        settings = app.config.mathjax3_config or {}
        data["tex"] = {
            "folder": f"_static/{FOLDER}/mathjax-{formulas.MATHJAX_VERSION}/",
            "fonts": "_static/fonts",
            "scale": settings.get("chtml", {}).get("scale", 1),
            "macros": settings.get("tex", {}).get("macros", {}),
        }
    if "cells" in kept:
        text = json.dumps(kept["cells"], ensure_ascii=False, separators=(",", ":")).encode()
        data["cells"] = put(app, f"{docname.replace('/', '-')}.json", text)
        drawing = [int(number) for number, cell in kept["cells"]["cells"].items() if "matplotlib" in cell["packages"]]
        data["drawing"] = drawing
    return data


def put(app: Any, name: str, content: bytes) -> str:
    """Put a file beside the pages, with its checksum in its name, and return its address from the root."""
    stem, _, ending = name.rpartition(".")
    named = f"{stem}-{hashlib.sha256(content).hexdigest()[:10]}.{ending}"
    folder = Path(app.outdir, "_static", FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / named).write_bytes(content)
    return f"_static/{FOLDER}/{named}"


def python(app: Any) -> dict[str, Any] | None:
    """Return where the website has Python, and what a first run loads, or None where it has none."""
    made = distribution.distribution()
    if made is None:
        return None
    if not hasattr(app, "press_live_sources"):
        app.press_live_sources = put(app, "press.zip", shipped(places(app)))
    return {
        "folder": f"_static/{distribution.FOLDER}/",
        "lock": made.lock,
        "host": made.host,
        "packages": list(distribution.TEXT),
        "text": made.size(distribution.TEXT).sent,
        "figures": made.size(distribution.FIGURES).sent,
        "files": {"text": made.fetched(distribution.TEXT), "figures": made.fetched(distribution.FIGURES)},
        "sources": app.press_live_sources,
        "version": hashlib.sha256(b"".join(path.read_bytes() for path in ASKED_FOR)).hexdigest()[:10],
    }


def shipped(known: Mapping[str, Any]) -> bytes:
    """Return the archive of what runs in a page, the same each time."""
    files = {
        path.relative_to(HOUSE.parent).as_posix(): path.read_bytes()
        for pattern in SHIPPED
        for path in sorted(HOUSE.glob(pattern))
    }
    files["press/live/places.json"] = json.dumps(known, ensure_ascii=False, sort_keys=True).encode()
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, text in sorted(files.items()):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text)
    return content.getvalue()


def places(app: Any) -> dict[str, Any]:
    """Return where the links of outputs lead: the labels of errata, and headings that a page calls otherwise."""
    env, pattern = app.env, errata_links.labels_of(app.config)
    labels = env.get_domain("std").anonlabels
    anchors = {
        f"{docname}#{slug}": heading[1]
        for docname, metadata in env.metadata.items()
        for slug, heading in metadata.get("myst_slugs", {}).items()
        if slug != heading[1]
    }
    label = re.compile(pattern, re.IGNORECASE)
    known = {name: f"{where[0]}.html#{where[1]}" for name, where in labels.items() if label.fullmatch(name)}
    return {"labels": known, "anchors": anchors, "pattern": pattern}


def add_script(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Let a page load the script, with its data."""
    kept = store(app.env).get(pagename, {})
    if app.builder.format != "html" or not runs(kept):
        return
    data = embedded(data_of_page(app, pagename, kept))
    app.add_js_file(None, body=data, type="application/json", id="pg-live")
    app.add_js_file("live.js")


def runs(kept: Mapping[str, Any]) -> bool:
    """Tell whether a page has something to run: it requires the script, or has cells, and Python is there for them."""
    return bool(kept.get("required") or ("cells" in kept and distribution.distribution() is not None))


def finish(app: Any, exception: Exception | None) -> None:
    """Put what sets formulas beside the pages, where it was fetched."""
    asked_for = any(runs(kept) for kept in store(app.env).values())
    if exception is None and app.builder.format == "html" and formulas.is_available() and asked_for:
        target = Path(app.outdir, "_static", FOLDER, f"mathjax-{formulas.MATHJAX_VERSION}")
        for name in MATHJAX:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(formulas.VENDOR / "mathjax" / name, target / name)


def setup(app: Any) -> dict[str, bool]:
    """Register the module."""
    app.setup_extension("press.errata_links")  # a page does the same to what it shows
    app.add_node(RunPlace, html=(write_place, None), latex=(skip, None))
    app.connect("doctree-read", note_cells)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("html-page-context", add_script)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
