"""tools/run_chapters.py: chapters run as notebooks do, each in a kernel of its own, and what they show is kept."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from jupyter_cache import get_cache
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).parents[2]
#: In a process of its own, as the build is, for the kernels are forks of one that lives as long.
RUN = """
import os, sys
from jupyter_cache import get_cache
from run_chapters import run_chapters
if __name__ == "__main__":
    before = dict(os.environ)
    run_chapters(get_cache(sys.argv[1]), timeout=60)
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
        "import sys\nprint([place for place in sys.path if place.endswith('tools')])\nprint('pgcode' in sys.modules)"
    ],
    "wrong": ["1 / 0"],
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """What the cells of each notebook show, by its name; a notebook without results is missing."""
    folder = tmp_path_factory.mktemp("chapters")
    cache = get_cache(folder / "cache")
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    for name, cells in CELLS.items():
        path = folder / "book" / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        made = [new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(cells)]
        path.write_text(nbformat.writes(new_notebook(cells=made, metadata={"kernelspec": kernel})), encoding="utf-8")
        cache.add_nb_to_project(str(path))
    program = folder / "run.py"
    program.write_text(f"import sys\nsys.path.insert(0, {str(ROOT / 'tools')!r})\n{RUN}", encoding="utf-8")
    subprocess.run([sys.executable, program, folder / "cache"], check=True)
    results = {}
    for record in cache.list_project_records():
        try:
            notebook = cache.get_cached_project_nb(record.uri)
            results[Path(record.uri).stem] = cache.get_cache_bundle(notebook.pk).nb.cells
        except (KeyError, AttributeError):
            pass
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
    assert printed(kept["clean"]) == "[]\nFalse\n"


def test_a_chapter_that_fails_has_no_results(kept):
    assert set(kept) == set(CELLS) - {"wrong"}
