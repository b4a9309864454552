"""Run chapters and store them in the form in which they are committed.

``tools/notebooks.py [chapter ...]`` runs the chapters, all of them by default, and stores them with their text outputs
and without what differs from one machine to the next: drawings, widget state, timestamps, tracebacks. A display of
pgcode is stored as the HTML and the text that anybody can show; its data, of which pages are made, say the same once
more and are left out. The tests compare the stored outputs with those of a new run (``conftest.py`` lets them leave the
data out too). The website's build runs the cells and draws the figures anew.

A cell whose code the website folds is stored folded for JupyterLab too.

With ``--check`` nothing is run or written; the exit status is 1 if a chapter is not in the stored form. With
``--store`` it is brought into that form without being run. With ``--links`` a link of Sphinx to another page, or to a
work in the bibliography, which JupyterLab cannot follow, becomes one of Markdown, which leads there in both.
"""

from __future__ import annotations

import argparse
import copy
import os
import re
import sys
from functools import cache
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from pybtex.backends.markdown import Backend  # type: ignore[import-untyped]
from pybtex.database import BibliographyData, parse_file  # type: ignore[import-untyped]

from press import bibliography, citations

ROOT = Path(__file__).parent.parent

NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
KEPT_NOTEBOOK_METADATA = {"mystnb"}
KEPT_CELL_METADATA = {"tags", "mystnb", "live"}
#: The website folds the code of cells with these tags, or leaves it out.
FOLDED = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
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
        if cell.cell_type == "code" and FOLDED & set(cell.metadata.get("tags", [])):
            cell.metadata["jupyter"] = {"source_hidden": True}
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


LINK = re.compile(r"\{doc\}`(?:(?P<words>[^`<]+?)\s*<)?/(?P<page>[\w/-]+)>?`")


def page_file(page: str, root: Path = ROOT) -> Path:
    """Return the file that a page is made of."""
    found = [path for path in (root / f"{page}.ipynb", root / f"{page}.md") if path.exists()]
    if not found:
        raise ValueError(f"there is no page {page}: neither {page}.ipynb nor {page}.md")
    return found[0]


def title(path: Path) -> str:
    """Return the title of a page: its first heading."""
    cells = nbformat.read(path, as_version=4).cells if path.suffix == ".ipynb" else []
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"] or [path.read_text(encoding="utf-8")]
    heading = re.search(r"^# (.+)$", "\n".join(texts), flags=re.MULTILINE)
    if heading is None:
        raise ValueError(f"{path} has no title: let it begin with a line '# …'")
    return heading[1].strip()


#: The page that holds the list of works, for JupyterLab too.
BIBLIOGRAPHY = Path("book", "reference", "bibliography.md")


@cache
def works(root: Path = ROOT) -> BibliographyData:
    """Return the entries of the bibliography."""
    return parse_file(root / "book" / "references.bib")


def with_plain_links(source: str, path: Path, root: Path = ROOT) -> str:
    """Return the text of a Markdown cell with the links of Sphinx, to pages and to works, as links of Markdown."""

    def link(match: re.Match[str]) -> str:
        there = page_file(match["page"], root)
        address = os.path.relpath(there, path.parent).replace(os.sep, "/")
        return f"[{match['words'] or title(there)}]({address})"

    return with_plain_citations(LINK.sub(link, source), path, root)


def with_plain_citations(source: str, path: Path, root: Path = ROOT) -> str:
    """Return the text of a page with its citations as links of Markdown."""
    if not citations.ROLE.search(source):
        return source
    page = os.path.relpath(root / BIBLIOGRAPHY, path.parent).replace(os.sep, "/")
    return citations.with_links(source, page, works(root))


#: The place for the list of works that JupyterLab shows.
LISTED = re.compile(rf"(?<=:::\{{div\}} {citations.ELSEWHERE}\n\n)(?:- .*\n)*(?=\n:::$)", re.MULTILINE)

#: What pybtex escapes though it means nothing in these items.
ESCAPED = re.compile(r"\\(?=[-.()!])")


def with_list(source: str, root: Path = ROOT) -> str:
    """Return the text of the bibliography with its list of works, for who does not read it on the website."""
    entries = bibliography.AuthorYearStyle().format_entries(works(root).entries.values())
    listed = ""
    for one in entries:
        text = " ".join(one.text.render(Backend("utf-8")).split())
        listed += f"- **{one.label}.** {ESCAPED.sub('', text)}\n"
    return LISTED.sub(lambda match: listed, source)


def store(path: Path) -> None:
    """Bring a notebook's file into the stored form without running it."""
    path.write_text(stored_form(nbformat.read(path, as_version=4)), encoding="utf-8")


def mend_links(path: Path) -> None:
    """Turn the links of Sphinx in a notebook into links of Markdown, and store it; in another page its citations."""
    if path.suffix == ".md":
        text = with_plain_citations(path.read_text(encoding="utf-8"), path)
        path.write_text(with_list(text) if path == ROOT / BIBLIOGRAPHY else text, encoding="utf-8")
        return
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = with_plain_links(cell.source, path)
    path.write_text(stored_form(notebook), encoding="utf-8")


def is_stored_form(path: Path) -> bool:
    """Tell whether a notebook's file is in the stored form."""
    return path.read_text(encoding="utf-8") == stored_form(nbformat.read(path, as_version=4))


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="run and write nothing, only look at the form")
    what.add_argument("--store", action="store_true", help="run nothing, only bring into the stored form")
    what.add_argument("--links", action="store_true", help="run nothing, make links that JupyterLab can follow, store")
    parser.add_argument("notebooks", nargs="*", type=Path, help="the chapters; all of them if none is named")
    options = parser.parse_args(arguments)
    paths = [path.resolve() for path in options.notebooks] or chapters()
    if gone := [str(path) for path in options.notebooks if not path.is_file()]:
        parser.error(f"there is no such notebook: {', '.join(gone)}")
    if options.check:
        wrong = [path for path in paths if not is_stored_form(path)]
        for path in wrong:
            print(f"{path} is not in the stored form: run `make notebooks`", file=sys.stderr)
        return 1 if wrong else 0
    if options.store or options.links:
        for path in paths:
            (mend_links if options.links else store)(path)
        return 0
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["PGCODE_SLIDERS"] = "baked"  # no widget is stored
    for path in paths:
        print(f"running {path}", flush=True)
        run(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
