"""tools/build_book.py: what is built anew, and that a failing chapter fails the build."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import build_book
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).parents[2]


#: The settings that name parts and files of this book, which a single chapter has not.
PLACES = re.compile(r"^ +press_(parts|sheet|card|search_words): .*\n", re.MULTILINE)


@pytest.fixture
def tiny_book(tmp_path: Path) -> Path:
    """The settings and tools of this book, around a single chapter."""
    settings, found = PLACES.subn("", (ROOT / "_config.yml").read_text(encoding="utf-8"))
    assert found == 4
    (tmp_path / "_config.yml").write_text(settings, encoding="utf-8")
    shutil.copy(ROOT / "requirements.lock", tmp_path)
    for folder in ("tools", "assets", "pgcode"):  # press imports pgcode, and finds this one first
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "vendor"))
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "references.bib").touch()
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/intro\n", encoding="utf-8")
    return tmp_path


def write_chapter(folder: Path, text: str, code: str) -> None:
    notebook = new_notebook(
        cells=[new_markdown_cell(text, id="text"), new_code_cell(code, id="code")],
        metadata={"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
    )
    (folder / "book" / "intro.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, folder / "tools" / "build_book.py"]
    environment = os.environ | {"COURSE_REPOSITORY_URL": "", "COURSE_LAB": "0"}
    return subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)


def changes(folder: Path, path: str) -> set[str]:
    """Which inputs change with a file."""
    before = build_book.inputs(folder)
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text("changed", encoding="utf-8")
    after = build_book.inputs(folder)
    return {name for name in after if after[name] != before[name]}


@pytest.mark.parametrize("path", ["pgcode/__init__.py", "pgcode/new/module.py", "requirements.lock"])
def test_package_and_environment_change_the_results(tiny_book, path):
    assert changes(tiny_book, path) == {"results"}


@pytest.mark.parametrize(
    "path", ["book/intro.ipynb", "book/part/chapter.md", "assets/course.css", "_config.yml", "_toc.yml", "tools/a.py"]
)
def test_chapters_and_settings_change_the_pages(tiny_book, path):
    assert changes(tiny_book, path) == {"pages"}


@pytest.mark.parametrize("path", ["README.md", "book/.ipynb_checkpoints/a.ipynb", "pgcode/__pycache__/a.pyc"])
def test_other_files_change_nothing(tiny_book, path):
    assert changes(tiny_book, path) == set()


def test_where_all_is_offered_as_an_archive_every_file_that_git_keeps_changes_the_pages(tiny_book, monkeypatch):
    for command in (["init", "-q"], ["add", "README.md"]):
        (tiny_book / "README.md").write_text("before", encoding="utf-8")
        subprocess.run(["git", "-C", tiny_book, *command], check=True)
    monkeypatch.setenv("COURSE_REPOSITORY_URL", "")
    assert changes(tiny_book, "README.md") == {"pages"}
    assert changes(tiny_book, "notes of mine.md") == set()
    monkeypatch.setenv("COURSE_REPOSITORY_URL", "https://github.com/someone/course")
    (tiny_book / "README.md").write_text("before", encoding="utf-8")
    assert changes(tiny_book, "README.md") == set()


def test_removed_and_renamed_files_are_seen(tiny_book):
    (tiny_book / "book" / "a.md").touch()
    before = build_book.inputs(tiny_book)
    (tiny_book / "book" / "a.md").rename(tiny_book / "book" / "b.md")
    renamed = build_book.inputs(tiny_book)
    (tiny_book / "book" / "b.md").unlink()
    assert len({before["pages"], renamed["pages"], build_book.inputs(tiny_book)["pages"]}) == 3


@pytest.mark.parametrize("name", ["COURSE_LAB", "COURSE_SITE_URL"])
def test_what_the_environment_tells_changes_the_pages(tiny_book, monkeypatch, name):
    monkeypatch.delenv(name, raising=False)
    before = build_book.inputs(tiny_book)
    monkeypatch.setenv(name, "0")
    after = build_book.inputs(tiny_book)
    assert after["results"] == before["results"]
    assert after["pages"] != before["pages"]


@pytest.mark.slow
def test_build_follows_its_inputs(tiny_book):
    module = tiny_book / "pgcode" / "__init__.py"
    package = module.read_text(encoding="utf-8")
    page = tiny_book / "_build" / "html" / "book" / "intro.html"
    write_chapter(tiny_book, "# Title", "import sys\nsys.path.insert(0, '..')\nfrom pgcode import x\nprint('x is', x)")
    module.write_text(f"{package}\nx = 1\n", encoding="utf-8")
    first = build(tiny_book)
    assert first.returncode == 0, first.stdout + first.stderr
    assert "x is 1" in page.read_text(encoding="utf-8")
    second = build(tiny_book)
    assert second.returncode == 0
    assert "up to date" in second.stdout
    module.write_text(f"{package}\nx = 22\n", encoding="utf-8")
    assert build(tiny_book).returncode == 0
    assert "x is 22" in page.read_text(encoding="utf-8")


WARNS = "import warnings\nwarnings.warn('from a cell')"
LEADS_NOWHERE = "# Title\n\n{ref}`nowhere`\n\n{py:func}`pgcode.nothing`"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "code", "reports"),
    [
        ("# Title", "1 / 0", ["ZeroDivisionError"]),
        (LEADS_NOWHERE, WARNS, ["undefined label: 'nowhere'", "target not found: pgcode.nothing", "stderr was found"]),
    ],
    ids=["an error", "warnings"],
)
def test_a_wrong_chapter_fails_the_build(tiny_book, text, code, reports):
    write_chapter(tiny_book, text, code)
    run = build(tiny_book)
    assert run.returncode != 0
    assert [report for report in reports if report not in run.stdout + run.stderr] == []
    assert not (tiny_book / "_build" / "inputs.json").exists()  # it does not count as built
    assert "Start the build again" not in run.stdout + run.stderr


def test_the_longest_chapters_are_chapters():
    assert [name for name in build_book.LONGEST if not (ROOT / f"{name}.ipynb").exists()] == []
