"""The lab: JupyterLab in the browser, with the notebooks of the book, and the page that stands before it.

JupyterLite makes it of files alone, and it runs on the Python of ``press/live/distribution.py``, beside it.
The notebooks are those of the repository: their code and what it showed stay as they are. In their texts, references
that JupyterLab cannot follow become words, as for Colab (``press/portable.py``).

It is built by ``make book`` (``COURSE_LAB``), while pages are written (``press/beside.py``), and kept until what it is
made of has changed. The page before it says how much is loaded and from where, and looks whether Python can be had
before it lets a reader in: when JupyterLab does not get it, it says nothing. Nor does it while it loads, so a note in
its page says what is on its way, until Python is there.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jupyter_core.paths import jupyter_path
from sphinx.errors import ExtensionError
from sphinx.util import logging

from press import beside
from press.embedded import embedded
from press.live import distribution
from press.live.distribution import NOTEBOOKS, Distribution
from press.portable import COMMENT, SiteReferences, role

logger = logging.getLogger(__name__)

#: The page, and the folder of the lab below ``_static``.
PAGE = "lab"
FOLDER = "jupyter"
VARIABLE = "COURSE_LAB"
EXTENSIONS = ("jupyterlab-myst", "@jupyter-widgets/jupyterlab-manager", "@jupyterlite/pyodide-kernel-extension")
#: What the Python of the lab holds before the first cell runs. It takes the rest when a cell imports it.
AT_ONCE = ("comm", "ipython", "ipywidgets", "matplotlib", "pgcode")
#: References that JupyterLab does not resolve, or only within one notebook.
REFERENCE = re.compile(r"\{(?P<name>prf:ref|ref|numref|doc)\}`(?P<content>[^`]+)`")
#: A link to a page that is no notebook, which the lab does not hold.
PAGES = re.compile(r"(?<!!)\[(?P<words>[^\]\[]+)\]\((?!\w+:)[^)\s#]+\.md(?:#[^)\s]*)?\)")


def wanted(environment: Mapping[str, str]) -> bool:
    """Tell whether a lab is to be built, and whether all is there that it takes."""
    return (
        environment.get(VARIABLE, "") not in ("", "0")
        and importlib.util.find_spec("jupyterlite_core") is not None
        and distribution.distribution() is not None
    )


# ---- the notebooks -------------------------------------------------------------------------------------------------


def notebooks(app: Any) -> list[str]:
    """Return the pages that are notebooks, in their order."""
    return [page for page in sorted(app.env.found_docs) if Path(app.env.doc2path(page)).suffix == ".ipynb"]


def readable(source: str, refer: SiteReferences) -> str:
    """Return the text of a notebook with words in the place of references that JupyterLab does not resolve.

    Comments go: they say what the website makes of a place, an answer among it, and JupyterLab shows the bare text of
    a cell until it has loaded what sets it.
    """
    document = json.loads(source)
    for cell in document["cells"]:
        if cell["cell_type"] == "markdown":
            text = PAGES.sub(r"\g<words>", COMMENT.sub("", "".join(cell["source"])))
            text = REFERENCE.sub(lambda match: role(match["name"], match["content"], refer), text)
            cell["source"] = text.splitlines(keepends=True)
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


class LabReferences(SiteReferences):
    """Where references lead in the lab: to the notebook that holds the place, and nowhere if it is no notebook."""

    def address(self, page: str, anchor: str = "") -> str:
        """Return the address of a notebook, relative to this one."""
        file = Path(self.env.doc2path(page, base=False))
        if file.suffix != ".ipynb":
            return ""
        return os.path.relpath(file, Path(self.page).parent).replace(os.sep, "/")


# ---- JupyterLite ---------------------------------------------------------------------------------------------------


def settings(made: Distribution, title: str) -> dict[str, Any]:
    """Return the settings of the lab: from where it takes Python, and that it asks nobody else for packages."""
    options = {"lockFileURL": f"../{distribution.FOLDER}/{made.lock}", "packages": list(AT_ONCE)}
    kernel = {
        # Relative to the lab, because it begins with a dot.
        "pyodideUrl": f"./../{distribution.FOLDER}/pyodide.mjs",
        "loadPyodideOptions": options,
        "disablePyPIFallback": True,
    }
    plugins = {"@jupyterlite/pyodide-kernel-extension:kernel": kernel}
    data = {"appName": title, "exposeAppInBrowser": False, "litePluginSettings": plugins}
    return {"jupyter-lite-schema-version": 0, "jupyter-config-data": data}


def labextension(name: str) -> Path:
    """Return the folder of an extension of JupyterLab that is installed."""
    for place in jupyter_path("labextensions"):
        if (folder := Path(place, name)).is_dir():
            return folder
    raise ExtensionError(f"press/live/lab.py: the extension {name!r} of JupyterLab is not installed")


def recipe(made: Distribution, title: str, files: Mapping[str, str]) -> str:
    """Return the checksum of all that a lab is made of."""
    packages = ("jupyterlite-core", "jupyterlite-pyodide-kernel", "jupyterlab-myst", "jupyterlab-widgets")
    parts = [settings(made, title), OVERRIDES, waiting(made), {name: version(name) for name in packages}, dict(files)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


#: It follows the light or dark of the reader's system.
OVERRIDES = {"@jupyterlab/apputils-extension:themes": {"adaptive-theme": True}}


def build(target: Path, made: Distribution, title: str, files: Mapping[str, str]) -> None:
    """Build a lab with some notebooks, or leave it as it is where nothing has changed."""
    stamp, now = target.with_suffix(".json"), recipe(made, title, files)
    if target.is_dir() and stamp.exists() and stamp.read_text(encoding="utf-8") == now:
        return
    stamp.unlink(missing_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in files.items():
            path = folder / "files" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        options = {
            "no_sourcemaps": True,
            "no_unused_shared_packages": True,
            "apps": ["lab"],
            "contents": ["files"],
            "output_dir": str(target),
            # Those of the environment are many, and most of them need a server.
            "ignore_sys_prefix": ["federated_extensions"],
            "federated_extensions": [str(labextension(name)) for name in EXTENSIONS],
        }
        held = {
            "jupyter_lite_config.json": {"LiteBuildConfig": options},
            "jupyter-lite.json": settings(made, title),
            "overrides.json": OVERRIDES,
        }
        for file, content in held.items():
            (folder / file).write_text(json.dumps(content), encoding="utf-8")
        command = [sys.executable, "-m", "jupyterlite_core", "build", "--config", "jupyter_lite_config.json"]
        run = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
        if run.returncode or not (target / "lab" / "index.html").is_file():
            raise ExtensionError(f"The lab was not built: {(run.stderr or run.stdout).strip()[-1000:]}")
    index = target / "lab" / "index.html"
    index.write_text(with_note(index.read_text(encoding="utf-8"), waiting(made)), encoding="utf-8")
    stamp.write_text(now, encoding="utf-8")


def with_note(index: str, note: str) -> str:
    """Return the page of JupyterLab with a note at the end of its body."""
    if index.count("</body>") != 1:
        raise ExtensionError("press/live/lab.py: the page of JupyterLab has no end at which a note could stand")
    return index.replace("</body>", f"{note}</body>")


def waiting(made: Distribution) -> str:
    """Return what JupyterLab's page says while nothing is there yet, which JupyterLab itself does not."""
    told = {"lab": megabytes(LAB_SIZE), "python": megabytes(made.size(NOTEBOOKS).sent)}
    return WAITING.replace("TOLD", embedded(told))


#: Stands at the bottom of JupyterLab's page until Python is there. The numbers of seconds are not read out.
WAITING = """
<style>
#pg-lab-wait { position: fixed; z-index: 10000; inset: auto 0 2.5rem 0; margin: 0 auto; width: fit-content;
  max-width: min(34rem, calc(100vw - 2rem)); box-sizing: border-box; padding: 0.6rem 1rem; border: 1px solid #6b7280;
  border-radius: 6px; background: #fff; color: #1a1a1a; font: 1rem/1.45 system-ui, sans-serif; }
#pg-lab-wait p { margin: 0; }
#pg-lab-wait button { margin-top: 0.3rem; min-height: 2rem; font: inherit; }
@media (prefers-color-scheme: dark) { #pg-lab-wait { background: #1f2328; color: #eee; } }
</style>
<div id="pg-lab-wait" hidden>
<p role="status"></p><p aria-hidden="true"></p><button type="button">Hide this</button>
</div>
<script>
(() => {
  const told = TOLD, box = document.getElementById("pg-lab-wait"), [words, clock] = box.querySelectorAll("p");
  let began = performance.now(), opened = 0, waiting = null, ran = false;
  const state = () => {
    if (!document.querySelector(".jp-NotebookPanel")) {
      return `JupyterLab is loading: ${told.lab}, and then Python, ${told.python} at the first visit.`;
    }
    opened ||= performance.now();
    // JupyterLab calls its Python idle before it is there. That a cell which waited has run is the first that is seen
    // of it; the other cells may have the numbers with which they were stored.
    if (waiting && !waiting.isConnected) waiting = null;
    ran = Boolean(waiting) && !waiting.textContent.includes("*");
    if (!waiting) {
      const prompts = [...document.querySelectorAll(".jp-InputArea-prompt")];
      waiting = prompts.find((one) => one.textContent.includes("*"));
      if (waiting) began = performance.now();
    }
    if (ran || (!waiting && performance.now() - opened > 30000)) return "";
    return `Python is loading, ${told.python} at the first visit. You can read already. `
      + "The first cell that you run waits for it, and shows [*].";
  };
  const look = () => {
    const seconds = Math.round((performance.now() - began) / 1000), now = state();
    box.hidden = !now;
    if (ran) end();
    if (!now) return;
    const late = seconds < 90 ? "" : " This takes long. On a slow line it may be minutes; if nothing moves, load this "
      + "page again, or go back: the page before it says where else the notebook runs.";
    if (words.textContent !== now + late) words.textContent = now + late;
    clock.textContent = `${seconds} s`;
  };
  const timer = setInterval(look, 500);
  const end = () => { clearInterval(timer); box.remove(); };
  look();
  box.querySelector("button").addEventListener("click", end);
})();
</script>
"""


def put_beside_pages(app: Any) -> None:
    """Put the lab beside the pages."""
    made = distribution.distribution()
    if app.builder.format != "html" or made is None or not wanted(os.environ):
        return
    files = {}
    for page in notebooks(app):
        source = Path(app.env.doc2path(page)).read_text(encoding="utf-8")
        files[f"{page}.ipynb"] = readable(source, LabReferences(app, page))
    kept = Path(app.outdir).parent / FOLDER
    build(kept, made, app.config.project, files)
    target = Path(app.outdir, "_static", FOLDER)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(kept, target)


# ---- the page before it --------------------------------------------------------------------------------------------


def megabytes(size: int) -> str:
    """Return a size as it is told to readers."""
    return f"{size / 1e6:.0f} MB"


#: What JupyterLab itself loads until a notebook is there, compressed. tests/site/test_lab.py measures it.
LAB_SIZE = 2_700_000


def page(app: Any) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Make the page before the lab."""
    made = distribution.distribution()
    if made is None or not wanted(os.environ):
        return
    title = "The notebooks in your browser"
    yield PAGE, {"title": title, "body": body(app, made, title)}, "page.html"


def body(app: Any, made: Distribution, title: str) -> str:
    """Return what stands on the page before the lab."""
    root = f"{app.config.root_doc}.ipynb"
    size, foreign = made.size(NOTEBOOKS).sent, made.from_host(NOTEBOOKS)
    where = "All of it comes from this site."
    if foreign:
        where = f"JupyterLab comes from this site, and most of Python from {made.host}, which then knows your address."
    repository = app.config.html_theme_options.get("repository_url", "")
    path, branch = repository.removeprefix("https://github.com/"), app.config.html_theme_options["repository_branch"]
    binder = f"https://mybinder.org/v2/gh/{path}/{branch}?urlpath=lab/tree/" if path and path != repository else ""
    other = (
        f'<a id="pg-lab-binder" href="{escape(binder + root)}">Binder</a> runs the same notebook on a server. It needs '
        "no account, and takes a minute or more to start."
        if binder
        else "Download the notebook at the top of its page and run it in a Jupyter of your own."
    )
    told = {
        "lab": f"_static/{FOLDER}/lab/index.html?path=",
        "python": [f"_static/{distribution.FOLDER}/{name}" for name in ("pyodide.mjs", made.lock)],
        "foreign": [made.packages[name]["file_name"] for name in foreign][:1],
        "binder": binder,
        "otherwise": "Binder, below, runs the same notebook." if binder else "Run it in a Jupyter of your own.",
        "titles": {f"{name}.ipynb": app.env.titles[name].astext() for name in notebooks(app)},
    }
    first = f"_static/{FOLDER}/lab/index.html?path={quote(root)}"
    data = embedded(told)
    return (
        f"<section><h1>{title}</h1>"
        "<p>Here the course opens in JupyterLab, with Python in your browser: no account, no installation, no server. "
        "What you change is kept in this browser, on this device.</p>"
        f"<p>JupyterLab is {megabytes(LAB_SIZE)}, and Python with its packages {megabytes(size)}. They are loaded "
        f"once, and your browser keeps them. {where} The first result takes half a minute; later visits are faster.</p>"
        f'<p><a class="pg-lab-open" id="pg-lab-open" href="{escape(first)}">Open the notebook</a></p>'
        '<p id="pg-lab-told" role="status"></p>'
        "<h2>If it does not open</h2>"
        f"<p>{other}</p>"
        f'<script type="application/json" id="pg-lab">{data}</script><script>{SCRIPT}</script></section>'
    )


#: Names the notebook that the reader comes from, and looks whether Python can be had before it opens the lab.
SCRIPT = """
(() => {
  const told = JSON.parse(document.getElementById("pg-lab").textContent);
  const link = document.getElementById("pg-lab-open"), status = document.getElementById("pg-lab-told");
  const binder = document.getElementById("pg-lab-binder");
  const asked = new URLSearchParams(location.search).get("notebook");
  if (Object.hasOwn(told.titles, asked)) {
    link.href = told.lab + encodeURIComponent(asked).replaceAll("%2F", "/");
    link.textContent = `Open “${told.titles[asked]}”`;
    if (binder) binder.href = told.binder + asked;
  }
  const missing = () => {
    if (location.protocol === "file:")
      return "A page that was opened as a file cannot load Python: a web server must send it.";
    if (typeof WebAssembly !== "object" || typeof Worker !== "function")
      return "This browser has no WebAssembly, on which Python runs.";
    return "";
  };
  const get = async (address) => {
    const answer = await fetch(address, { signal: AbortSignal.timeout(20000) });
    if (!answer.ok) throw new Error(answer.status);
    await answer.body?.cancel();
  };
  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const why = missing();
    if (why) { status.textContent = `${why} ${told.otherwise}`; return; }
    status.textContent = "Looking for Python …";
    for (const address of [...told.python, ...told.foreign]) {
      try { await get(address); } catch {
        const host = new URL(address, location.href).host;
        status.textContent = `Python cannot be loaded from ${host}. ${told.otherwise}`;
        return;
      }
    }
    status.textContent = "Opening …";
    location.assign(link.href);
  });
  addEventListener("pageshow", () => { status.textContent = ""; });
})();
"""


def add_button(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Let the page of a notebook lead to it in the lab, beside the other places where it can be run."""
    if doctree is None or app.builder.format != "html" or not wanted(os.environ) or pagename not in notebooks(app):
        return
    button = {
        "type": "link",
        "text": "In your browser",
        "tooltip": "Run the notebook in your browser",
        "label": "launch-lab-button",
        "icon": "fas fa-flask",
        "url": f"{context['pathto'](PAGE)}?notebook={quote(pagename)}.ipynb",
    }
    groups = context["header_buttons"]
    launch = next((group for group in groups if group.get("label") == "launch-buttons"), None)
    if launch is None:
        launch = {
            "type": "group",
            "tooltip": "Launch interactive content",
            "icon": "fas fa-rocket",
            "buttons": [],
            "label": "launch-buttons",
        }
        groups.insert(0, launch)
    launch["buttons"].insert(0, button)


def setup(app: Any) -> dict[str, bool]:
    """Register the module."""
    app.connect("html-collect-pages", page)
    app.connect("html-page-context", add_button, priority=950)
    beside.connect(app, put_beside_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
