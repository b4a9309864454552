"""What a page shows of an error: the way through the cells of the chapter, and what went wrong.

A kernel names every file that the error went through, by its place on the machine on which it ran: where the website
is built that is a folder that no reader has, and the lines are those of a package that the chapter is not about. Python
in the page leaves the same out (``press/live/in_page.py``).
"""

from __future__ import annotations

import re

#: A frame begins with one of these lines. What follows is its code, each line with its number, and what was skipped.
FRAME = re.compile(r"Cell In\s*\[\d+\]|File .*:\d+(?:,|$)")
CODE = re.compile(r"\s*(?:-+>\s*)?\d+(?:\s|$)|\s*(?:\(\.\.\.\)|\[\.\.\. skipping .*\])\s*$|\s*$")
COLOUR = re.compile(r"\x1b\[[\d;]*m")


def through_cells(traceback: str) -> str:
    r"""Return a traceback of IPython without the frames that are in files.

    Examples
    --------
    >>> shown = "Cell In[1], line 1\n----> 1 f()\n\nFile /me/f.py:2, in f()\n----> 2 1 / 0\n\nZeroDivisionError: no"
    >>> print(through_cells(shown))
    Cell In[1], line 1
    ----> 1 f()
    <BLANKLINE>
    ZeroDivisionError: no
    """
    kept, in_a_file = [], False
    for line in traceback.split("\n"):
        plain = COLOUR.sub("", line)
        if FRAME.match(plain):
            in_a_file = plain.startswith("File ")
        elif not CODE.match(plain):
            in_a_file = False
        if not in_a_file:
            kept.append(line)
    return "\n".join(kept)
