"""What a page has left in memory is not looked through again for garbage.

While Sphinx reads, it keeps all that it has read: millions of objects. Python's collector of cycles would go through
all of them each time that a quarter has been added, which took a quarter of Sphinx's own time. So before a page is
read, and before pages are written, what there is then is put aside, until the build is finished.
"""

from __future__ import annotations

import gc
from typing import Any


def put_aside(*_: Any) -> None:
    """Leave all objects that there are now out of the search for garbage."""
    gc.freeze()


def take_back(app: Any, exception: Exception | None) -> None:
    """Search all objects again: a program may go on after a build."""
    gc.unfreeze()


def setup(app: Any) -> dict[str, bool]:
    """Register the module."""
    app.connect("source-read", put_aside)
    app.connect("env-updated", put_aside)
    app.connect("build-finished", take_back, priority=990)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
