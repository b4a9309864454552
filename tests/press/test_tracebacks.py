"""What a page shows of an error."""

import nbformat
import numpy as np
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook, new_output

from press import portable, tracebacks

SOURCE = """
import numpy as np

def row(x):
    a = 1

    return [][1]
"""


def traceback_of(*sources):
    """What a kernel says of the error of the last cell, with its colours."""
    cells = [new_code_cell(source) for source in sources]
    notebook, patience = new_notebook(cells=cells), {"startup_timeout": 900, "timeout": 900}
    ran = NotebookClient(notebook, kernel_name="python3", allow_errors=True, **patience).execute()
    return ran.cells[-1].outputs[-1].traceback


def test_an_error_is_followed_through_cells_and_through_no_file():
    rows = traceback_of(SOURCE, "np.apply_along_axis(row, 0, np.ones((2, 2)))")
    text = "\n".join(rows)
    assert np_file() in tracebacks.COLOUR.sub("", text)
    shown = tracebacks.COLOUR.sub("", tracebacks.through_cells(text))
    assert np_file() not in shown
    assert "File " not in shown
    for words in ("Traceback (most recent call last)", "np.apply_along_axis(row, 0", "return [][1]"):
        assert words in shown
    assert shown.rstrip().endswith("IndexError: list index out of range")


def np_file():
    return np.__path__[0]


def test_words_of_an_error_that_look_like_code_stay():
    said = "File /a/b.py:2, in f()\n----> 2 g()\n\nValueError: no\n 1 of these\nFile names are 2"
    assert tracebacks.through_cells(said) == said[said.index("ValueError") :]
    assert "ValueError: no" in tracebacks.through_cells("ValueError: no")


def test_the_notebook_to_take_away_shows_the_same():
    rows = ["Cell In[1]\n", "File /a/b.py:1, in f\n  1 x", "E: e"]
    cell = new_code_cell("f()", outputs=[new_output("error", ename="E", evalue="e", traceback=rows)])
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python"}}
    made = portable.portable(new_notebook(cells=[cell], metadata=metadata), None)
    nbformat.validate(made)
    assert made.cells[0].outputs[0].traceback == ["Cell In[1]", "", "E: e"]
