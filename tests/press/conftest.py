"""Small projects of Sphinx, built as the book is: with every warning an error."""

import functools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).parents[2]


@functools.cache
def sphinx_server() -> subprocess.Popen[str]:
    """The process of which builds are forks, started with the first."""
    command = [sys.executable, Path(__file__).with_name("sphinx_server.py")]
    pipe, environment = subprocess.PIPE, os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, encoding="utf-8")


def pytest_unconfigure() -> None:
    """End it."""
    if sphinx_server.cache_info().currsize:
        sphinx_server().communicate()
        sphinx_server.cache_clear()


def sphinx(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """What ``python -m sphinx`` does with some arguments, in this environment with some changes."""
    server = sphinx_server()
    assert server.stdin is not None
    assert server.stdout is not None
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder, name) for name in ("stdout", "stderr")}
        request = {
            "arguments": [str(argument) for argument in arguments],
            "environment": os.environ | {"PYTHONPATH": str(ROOT)} | environment,
            **{name: str(file) for name, file in files.items()},
        }
        server.stdin.write(json.dumps(request) + "\n")
        server.stdin.flush()
        status = json.loads(server.stdout.readline())
        said = {name: file.read_text(encoding="utf-8") for name, file in files.items()}
    return subprocess.CompletedProcess(request["arguments"], status, **said)


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
    return target, sphinx("-q", "-W", "--keep-going", "-b", builder, folder, target)


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
