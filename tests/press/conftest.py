"""Small projects of Sphinx, built as the book is: with every warning an error."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).parents[2]


def run_sphinx(
    folder: Path, settings: str, builder: str, pages: dict[str, str]
) -> tuple[Path, subprocess.CompletedProcess[str]]:
    (folder / "conf.py").write_text(settings, encoding="utf-8")
    for name, text in pages.items():
        ending = "ipynb" if text.startswith("{") else "md" if "myst" in settings else "rst"
        path = folder / f"{name}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    target = folder / "_build" / builder
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", builder, folder, target]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return target, subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)


@pytest.fixture(scope="session")
def sphinx_build() -> Callable[..., Path]:
    """A function that builds a project and returns the folder of its pages."""

    def build(folder: Path, settings: str, builder: str = "html", **pages: str) -> Path:
        target, run = run_sphinx(folder, settings, builder, pages)
        assert run.returncode == 0, run.stderr
        return target

    return build


@pytest.fixture(scope="session")
def sphinx_fails() -> Callable[..., str]:
    """A function that builds a project which is wrong, and returns what Sphinx says."""

    def build(folder: Path, settings: str, builder: str = "html", **pages: str) -> str:
        _, run = run_sphinx(folder, settings, builder, pages)
        assert run.returncode != 0
        return run.stderr

    return build


@pytest.fixture(scope="session")
def notebook() -> Callable[..., str]:
    """A function that makes the text of a notebook of a title and cells: code with its metadata, or what it shows."""

    def make(*cells: Any) -> str:
        made = [new_markdown_cell("# Page", id="title")]
        for number, cell in enumerate(cells):
            name = f"cell-{number}"
            if isinstance(cell, str):
                made.append(new_markdown_cell(cell, id=name))
            elif isinstance(cell, tuple):
                made.append(new_code_cell(cell[0], metadata=cell[1], id=name))
            else:
                output = new_output("execute_result", data=cell._repr_mimebundle_(), execution_count=1)
                made.append(new_code_cell("shown", outputs=[output], execution_count=1, id=name))
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        return str(nbformat.writes(new_notebook(cells=made, metadata={"kernelspec": kernel})))

    return make
