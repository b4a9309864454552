"""Small projects of Sphinx, built as the book is: with every warning an error."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def sphinx_build() -> Callable[..., Path]:
    """A function that builds a project and returns the folder of its pages."""

    def build(folder: Path, settings: str, builder: str = "html", **pages: str) -> Path:
        (folder / "conf.py").write_text(settings, encoding="utf-8")
        for name, text in pages.items():
            ending = "ipynb" if text.startswith("{") else "md" if "myst" in settings else "rst"
            (folder / f"{name}.{ending}").write_text(text, encoding="utf-8")
        target = folder / "_build" / builder
        command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", builder, folder, target]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        run = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
        assert run.returncode == 0, run.stderr
        return target

    return build
