"""A chapter's cells, run once a session: what its tests look at."""

from __future__ import annotations

import ast
import contextlib
import linecache
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import nbformat
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from pgcode.figures import _svg

BOOK = Path(__file__).parents[2] / "book"


class RunChapter(dict[str, Any]):
    """The names that a chapter's cells leave, and what its cells show."""

    def __init__(self) -> None:
        super().__init__(__name__="__main__")
        #: What the last expression of each cell gave, where it gave something.
        self.shown: list[Any] = []


def run_chapter(name: str) -> RunChapter:
    """Run the code cells of ``book/<name>.ipynb`` from the first to the last, in its folder, and draw no figure.

    nbval and the build draw all of them. Here, what is asked of a figure stands in its words.
    """
    path = BOOK / f"{name}.ipynb"
    chapter = RunChapter()
    before = Path.cwd()
    os.chdir(path.parent)
    with pytest.MonkeyPatch.context() as patch, contextlib.ExitStack() as stack:
        stack.callback(os.chdir, before)
        patch.setattr(_svg, "inline_svg", undrawn)
        for number, cell in enumerate(nbformat.read(path, as_version=4).cells):
            tags = cell.metadata.get("tags", [])
            if cell.cell_type != "code" or "skip-execution" in tags:
                continue
            try:
                run_cell(cell.source, f"{name}[{number}]", chapter)
            except Exception:
                if "raises-exception" not in tags:
                    raise
    return chapter


def undrawn(figure: Figure, alt: str, salt: str = "") -> str:
    """Close a figure, and return an empty drawing."""
    plt.close(figure)
    return "<svg></svg>"


def run_cell(source: str, where: str, chapter: RunChapter) -> None:
    """Run a cell, and keep what its last expression gives."""
    tree = ast.parse(source, where)
    linecache.cache[where] = (len(source), None, source.splitlines(keepends=True), where)  # for inspect.getsource
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, where, "exec"), chapter)
    if last is not None:
        shown = eval(compile(ast.Expression(last.value), where, "eval"), chapter)
        if shown is not None:
            chapter.shown.append(shown)


@pytest.fixture(scope="session")
def chapter() -> Callable[[str], RunChapter]:
    """A function that returns the names of a chapter, such as "trajectory-form/likelihood-ratio"."""
    mpl.use("Agg")
    known: dict[str, RunChapter] = {}

    def names(name: str) -> RunChapter:
        if name not in known:
            known[name] = run_chapter(name)
        return known[name]

    return names
