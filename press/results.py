"""A page is read as soon as its chapter has been run, while others are still run.

``tools/build_book.py`` runs the chapters beside the build. It names them in the environment, in the order in which they
are run, with a pipe into which it writes the page of each that has ended. Pages without a chapter are read first. Who
runs the build alone, without that, has all results or lets myst_nb make them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import IO, Any

from sphinx.errors import ExtensionError

VARIABLE = "PRESS_RESULTS"


def told(pipe: int, pages: Sequence[str]) -> str:
    """Return what the environment tells of the pages whose chapters are run beside the build."""
    return json.dumps({"pipe": pipe, "pages": list(pages)})


class Results:
    """Which pages have their results, as far as it has been told."""

    def __init__(self, pipe: IO[str], pages: Sequence[str]) -> None:
        self._pages = list(pages)
        self._missing = set(pages)
        self._pipe = pipe

    def wait_for(self, page: str) -> None:
        """Wait until the chapter of a page has been run."""
        while page in self._missing:
            line = self._pipe.readline()
            if not line:
                raise ExtensionError(f"{page}: its chapter is run no more, and has no results. Start the build again.")
            self._missing.discard(line.strip())

    def put_last(self, app: Any, env: Any, names: list[str]) -> None:
        """Let pages that wait be read after those that do not, in the order in which their chapters are run."""
        places = {page: place for place, page in enumerate(self._pages)}
        names.sort(key=lambda name: places.get(name, -1))


def setup(app: Any) -> dict[str, bool]:
    """Register the module. Where pages wait, one process reads them: what the pipe tells is told once."""
    waits = VARIABLE in os.environ
    if waits:
        found = json.loads(os.environ[VARIABLE])
        results = Results(os.fdopen(found["pipe"], encoding="utf-8"), found["pages"])
        app.connect("env-before-read-docs", results.put_last)
        app.connect("source-read", lambda app, page, source: results.wait_for(page))
    return {"parallel_read_safe": not waits, "parallel_write_safe": True}
