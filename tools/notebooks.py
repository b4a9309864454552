"""Run chapters and store them in the form in which they are committed.

``tools/notebooks.py [chapter ...]`` runs the chapters, all of them by default, and stores them with their text outputs
and without what differs from one machine to the next: drawings, widget state, timestamps, tracebacks. A display of
pgcode is stored as the HTML and the text that anybody can show; its data, of which pages are made, say the same once
more and are left out. The tests compare the stored outputs with those of a new run (``conftest.py`` lets them leave the
data out too). The website's build runs the cells and draws the figures anew.

With ``--check`` nothing is run or written; the exit status is 1 if a chapter is not in the stored form.
"""

from __future__ import annotations

import argparse
import copy
import os
import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).parent.parent

NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
KEPT_NOTEBOOK_METADATA = {"mystnb"}
KEPT_CELL_METADATA = {"tags", "mystnb"}
DROPPED_MIME_TYPES = {
    "image/jpeg",
    "image/png",
    "image/svg+xml",
    "application/vnd.jupyter.widget-view+json",
}
#: How the types of what pgcode gives to the website as data begin.
DATA = "application/vnd.pgcode."
# A drawing inside HTML, and what is stored in its place: its text alternative stays.
# tests/nbval-sanitize.cfg holds the same expressions.
DRAWINGS = {
    r'<svg\b(?:[^>]*?(\saria-label="[^"]*"))?[^>]*(?<!/)>[\s\S]*?</svg>': r"<svg\1/>",
    r"data:image/[\w.+-]+;base64,[\w+/=]*": "data:,",
}


def chapters(root: Path = ROOT) -> list[Path]:
    """Return the notebooks of the book, in the order of their paths."""
    found = sorted((root / "book").rglob("*.ipynb"))
    return [path for path in found if not any(part.startswith(".") for part in path.relative_to(root).parts)]


def without_drawings(html: str) -> str:
    """Return the HTML with each drawing replaced by an empty one."""
    for drawing, replacement in DRAWINGS.items():
        html = re.sub(drawing, replacement, html)
    return html


def store_output(output: NotebookNode) -> None:
    """Bring one output of a cell into the stored form, in place."""
    if output.output_type == "error":
        # The full one holds paths of the machine.
        output.traceback = [f"{output.ename}: {output.evalue}"]
    for mime_type in list(output.get("data", {})):
        if mime_type in DROPPED_MIME_TYPES or mime_type.startswith(DATA):
            del output.data[mime_type]
    if "text/html" in output.get("data", {}):
        output.data["text/html"] = without_drawings(output.data["text/html"])
    if "metadata" in output:
        output.metadata = {}


def stored_form(notebook: NotebookNode) -> str:
    """Return the text of the notebook's file in the stored form."""
    notebook = copy.deepcopy(notebook)
    kept = {key: value for key, value in notebook.metadata.items() if key in KEPT_NOTEBOOK_METADATA}
    notebook.metadata = nbformat.from_dict(NOTEBOOK_METADATA | kept)
    for cell in notebook.cells:
        cell.metadata = {key: value for key, value in cell.metadata.items() if key in KEPT_CELL_METADATA}
        for output in cell.get("outputs", []):
            store_output(output)
    nbformat.validate(notebook)
    return str(nbformat.writes(notebook)) + "\n"


def run(path: Path) -> None:
    """Run a notebook in its own folder and store it."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=300,
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,  # where the output is cut into pieces is a matter of chance
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute()
    path.write_text(stored_form(notebook), encoding="utf-8")


def is_stored_form(path: Path) -> bool:
    """Tell whether a notebook's file is in the stored form."""
    return path.read_text(encoding="utf-8") == stored_form(nbformat.read(path, as_version=4))


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="run and write nothing, only look at the form")
    parser.add_argument("notebooks", nargs="*", type=Path, help="the chapters; all of them if none is named")
    options = parser.parse_args(arguments)
    paths = [path.resolve() for path in options.notebooks] or chapters()
    if options.check:
        wrong = [path for path in paths if not is_stored_form(path)]
        for path in wrong:
            print(f"{path} is not in the stored form: run `make notebooks`", file=sys.stderr)
        return 1 if wrong else 0
    os.environ["OMP_NUM_THREADS"] = "1"
    for path in paths:
        print(f"running {path}", flush=True)
        run(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
