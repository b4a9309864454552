"""tools/run_chapters.py: chapters run as notebooks do, each in a kernel of its own, and what they show is kept."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from jupyter_cache import get_cache
from nbformat.v4 import new_code_cell, new_notebook
from run_chapters import without_results

ROOT = Path(__file__).parents[2]
#: In a process of its own, as the build is, for the kernels are forks of one that lives as long.
RUN = """
import os, sys
from pathlib import Path
from jupyter_cache import get_cache
from run_chapters import run_chapters, without_results
if __name__ == "__main__":
    before, cache = dict(os.environ), get_cache(sys.argv[1])
    for file in run_chapters(cache, without_results(cache, [Path(name) for name in sys.argv[2:]]), timeout=300):
        print(file)
    assert dict(os.environ) == before
"""
CELLS = {
    "first": [
        "import sys, os\nname = 'only here'\nos.environ['ONLY_HERE'] = '1'",
        "print(os.path.basename(os.getcwd()))",
    ],
    "second": ["import os\nprint('name' in globals(), 'ONLY_HERE' in os.environ)"],
    "drawing": ["from matplotlib import pyplot as plt\nlines = plt.plot([0, 1])"],
    "clean": [
        "import sys\nprint([place for place in sys.path if place.endswith('tools')])\n"
        "print([name for name in ('pgcode', 'jupyter_cache', 'run_chapters') if name in sys.modules])"
    ],
    "wrong": ["1 / 0"],
}


def run(folder, files):
    """Run what has no results, and return the names of what has ended."""
    program = folder / "run.py"
    program.write_text(f"import sys\nsys.path.insert(0, {str(ROOT / 'tools')!r})\n{RUN}", encoding="utf-8")
    command = [sys.executable, program, folder / "cache", *files]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8")
    return [Path(line).stem for line in answer.stdout.splitlines()]


@pytest.fixture(scope="module")
def chapters(tmp_path_factory):
    """The folder of the notebooks, when they have been run, and the names of those that have ended."""
    folder = tmp_path_factory.mktemp("chapters")
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    for name, cells in CELLS.items():
        path = folder / "book" / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        made = [new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(cells)]
        path.write_text(nbformat.writes(new_notebook(cells=made, metadata={"kernelspec": kernel})), encoding="utf-8")
    return folder, run(folder, sorted((folder / "book").iterdir()))


@pytest.fixture(scope="module")
def kept(chapters):
    """What the cells of each notebook show, by its name; a notebook without results is missing."""
    folder, _ = chapters
    cache, results = get_cache(folder / "cache"), {}
    for file in (folder / "book").iterdir():
        try:
            record = cache.match_cache_notebook(nbformat.read(file, as_version=4))
        except KeyError:
            continue
        results[file.stem] = cache.get_cache_bundle(record.pk).nb.cells
    return results


def printed(cells):
    return "".join(output["text"] for cell in cells for output in cell.outputs if output.output_type == "stream")


def test_a_chapter_runs_in_its_folder(kept):
    assert printed(kept["first"]) == "book\n"


def test_each_chapter_has_a_kernel_of_its_own(kept):
    assert printed(kept["second"]) == "False False\n"


def test_a_figure_of_pyplot_is_shown(kept):
    assert [sorted(output.data) for output in kept["drawing"][0].outputs] == [["image/png", "text/plain"]]


def test_a_kernel_has_nothing_of_the_book_and_of_the_tools(kept):
    """What the program has loaded takes longer than all else until a kernel is there."""
    assert printed(kept["clean"]) == "[]\n[]\n"


def test_a_chapter_that_fails_has_no_results(kept):
    assert set(kept) == set(CELLS) - {"wrong"}


def test_what_has_ended_is_told_also_where_it_failed(chapters):
    assert sorted(chapters[1]) == sorted(CELLS)


def test_what_has_results_is_not_run_again_and_the_rest_in_its_order(chapters):
    folder, _ = chapters
    cache = get_cache(folder / "cache")
    new = folder / "book" / "new.ipynb"
    new.write_text((folder / "book" / "second.ipynb").read_text(encoding="utf-8").replace("name", "other"), "utf-8")
    files = [folder / "book" / f"{name}.ipynb" for name in ("wrong", "second", "new", "first")]
    assert [file.stem for file in without_results(cache, files)] == ["wrong", "new"]


def test_in_an_empty_cache_nothing_has_results(tmp_path):
    files = [tmp_path / "b.ipynb", tmp_path / "a.ipynb"]
    assert without_results(get_cache(tmp_path / "cache"), files) == files
