"""What is published says nothing of the machine that built it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from site_browser import ROOT

#: Files that hold text.
TEXT = {".html", ".js", ".mjs", ".json", ".ipynb", ".txt", ".css", ".svg", ".xml", ".md", ".py"}
#: The checkout, and where the packages are with which it was built.
FOLDERS = (ROOT, Path(np.__file__).parents[1])


def test_no_file_names_a_folder_of_the_machine_that_built_it(site_files: Path) -> None:
    files = [path for path in site_files.rglob("*") if path.suffix in TEXT and path.is_file()]
    assert len(files) > 30
    named = {
        path.relative_to(site_files).as_posix(): str(folder)
        for path in files
        for folder in FOLDERS
        if f"{folder}/".encode() in path.read_bytes()
    }
    assert named == {}
