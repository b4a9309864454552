"""What the pages show is what the notebooks have stored.

The build runs the cells of each notebook of the website in a kernel, as nbval does, and keeps what they show. So
`.ci/run` need not run them once more to compare.
"""

from __future__ import annotations

import functools

import nbformat
import pytest
from jupyter_cache import get_cache
from jupyter_cache.base import JupyterCacheAbstract
from notebooks import chapters
from same_outputs import ROOT, differences
from site_browser import SITE

#: Those of the solutions are on no page: nbval runs them.
NOTEBOOKS = [path.relative_to(ROOT).as_posix() for path in chapters(ROOT) if "solutions" not in path.parts]
KEPT = SITE.parent / ".jupyter_cache"


@functools.cache
def results() -> JupyterCacheAbstract:
    """Return what the build has kept, or fail."""
    if not KEPT.is_dir():
        pytest.fail(f"{KEPT} is not there: `make book` keeps the results of the cells in it")
    return get_cache(KEPT)


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_cells_show_what_is_stored(notebook: str) -> None:
    stored = nbformat.read(ROOT / notebook, as_version=4)
    tags = [cell.metadata.get("tags", []) for cell in stored.cells]
    assert not [one for one in tags if "skip-execution" in one and "nbval-skip" not in one], "nbval alone runs it"
    try:
        ran = results().get_cache_bundle(results().match_cache_notebook(stored).pk).nb
    except KeyError:
        pytest.fail(f"the build has no results of {notebook}: was it changed since, or is it on no page?")
    found = differences(notebook, [cell.outputs for cell in ran.cells if cell.cell_type == "code"])
    wrong = [told for _, told in found if told]
    assert not wrong, "\n".join(wrong)
