"""The chapters are in the form in which they are stored, and the table of contents names all of them."""

import re
from pathlib import Path

import nbformat
import notebooks
import pytest
import yaml

ROOT = Path(__file__).parents[2]
CHAPTERS = [path.relative_to(ROOT).as_posix() for path in notebooks.chapters()]


def in_contents(node) -> list[str]:
    """The files that a part of the table of contents names."""
    if isinstance(node, list):
        return [file for entry in node for file in in_contents(entry)]
    if isinstance(node, dict):
        own = [node[key] for key in ("root", "file") if key in node]
        return own + [file for value in node.values() if isinstance(value, list) for file in in_contents(value)]
    return []


@pytest.fixture(params=CHAPTERS)
def chapter(request) -> Path:
    return ROOT / request.param


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def tags(cell: nbformat.NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def test_there_are_chapters():
    assert CHAPTERS


def test_contents_name_every_chapter_once():
    named = in_contents(yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8")))
    assert len(named) == len(set(named))
    pages = {path.with_suffix("") for path in (ROOT / "book").rglob("*.md")}
    pages |= {ROOT / Path(path).with_suffix("") for path in CHAPTERS}
    visible = {page.relative_to(ROOT).as_posix() for page in pages if "/." not in page.as_posix()}
    # The solutions are folded into the exercise pages that are made from them.
    assert set(named) == {page for page in visible if not page.startswith("book/exercises/solutions/")}


def test_names_are_lower_case_with_hyphens():
    for path in (ROOT / "book").rglob("*"):
        name = path.relative_to(ROOT / "book").as_posix()
        if not any(part.startswith(".") for part in path.relative_to(ROOT).parts):
            assert re.fullmatch(r"([a-z0-9]+(-[a-z0-9]+)*/)*[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)?", name), name


def test_chapter_is_in_stored_form(chapter):
    assert notebooks.is_stored_form(chapter), "run `make notebooks`"


def test_every_cell_was_run_in_order(chapter):
    run = [cell.execution_count for cell in code_cells(chapter) if "skip-execution" not in tags(cell)]
    assert run == list(range(1, len(run) + 1))


def test_no_cell_stores_an_error(chapter):
    for cell in code_cells(chapter):
        if "raises-exception" not in tags(cell):
            assert not [output for output in cell.outputs if output.output_type == "error"], cell.source


def test_skipped_cells_are_skipped_by_build_and_test_alike(chapter):
    for cell in code_cells(chapter):
        # A live cell is not run for the page, where its widgets would be dead. nbval runs it.
        left_out = {"live", "nbval-skip"} & set(tags(cell))
        assert ("skip-execution" in tags(cell)) == bool(left_out), cell.source
        assert "live" not in tags(cell) or "nbval-ignore-output" in tags(cell), cell.source
