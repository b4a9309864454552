"""A cell with what it needs from above gives what it gives in its notebook, and needs no more than that."""

import ast
import contextlib
import io
from pathlib import Path

import pytest

from press.live.needs import needed, statements


def notebooks():
    """The notebooks of ``live_needs.txt``: their cells, and words that stand in nothing that the last of them needs."""
    text = Path(__file__).with_name("live_needs.txt").read_text(encoding="utf-8")
    for part in text.split("\n== ")[1:]:
        name, _, rest = part.partition("\n")
        cells, *spared = rest.rstrip("\n").split("\n!! ")
        yield name, (cells.split("\n--\n"), [ast.literal_eval(words) for words in spared])


NOTEBOOKS = dict(notebooks())


def printed(*sources):
    names, shown = {}, io.StringIO()
    for source in sources[:-1]:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(source, names)
    with contextlib.redirect_stdout(shown):
        exec(sources[-1], names)
    return shown.getvalue()


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_cell_with_its_needs_prints_what_it_prints_in_its_notebook(name):
    cells, spared = NOTEBOOKS[name]
    parts = [one.source for one in needed(cells, len(cells) - 1)]
    assert printed(*parts, cells[-1]) == printed(*cells)
    for words in spared:
        assert not any(words in part for part in parts), parts


def test_what_is_needed_is_named_by_its_place():
    assert [(one.cell, one.number) for one in needed(["a = 1\nb = 2", "c = b", "print(c)"], 2)] == [(0, 1), (1, 0)]


def test_statements_are_the_text_of_their_cell():
    source = "@print\n# why\ndef f():\n    return 1  # one\n\n\na = f(\n    # no\n)"
    parts = [one.source for one in statements(source)]
    assert parts == ["@print\n# why\ndef f():\n    return 1  # one", "a = f(\n    # no\n)"]


def test_a_cell_below_is_not_looked_at():
    assert needed(["a = 1", "print(a)", "this is no Python"], 1)[0].source == "a = 1"
    with pytest.raises(SyntaxError):
        needed(["this is no Python", "print(1)"], 1)


def test_imports_that_are_not_needed_load_nothing():
    imports = "import numpy as np\nfrom matplotlib import pyplot as plt\nfrom pgcode import figures, values"
    parts = needed([imports, "print(np.pi)"], 1)
    assert [ast.unparse(ast.parse(one.source)) for one in parts] == ["import numpy as np"]
