"""What a book tells press, and what is wrong with it.

Most of what press knows of a book it finds in the book. The rest are values of Sphinx's configuration whose names begin
with ``press_``; the module that works with a value registers it here, with its type and with what it means. A page, a
part or a file that a value names and that is not there is a warning, as a dead link is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sphinx.util import logging

logger = logging.getLogger(__name__)

#: Returns what is wrong with a value of the configuration, in words that follow its name.
Complaints = Callable[[Any, Any], Iterator[str]]
#: What looks at the values, by their names. They are the same in every build of a process.
CHECKS: dict[str, Complaints] = {}


def add_value(app: Any, name: str, default: Any, check: Complaints | None = None) -> None:
    """Register a value, whose pages are read anew when it changes; its type is that of its default."""
    app.setup_extension("press.config")
    app.add_config_value(name, default, "env", types=frozenset({type(default)}))
    if check is not None:
        CHECKS[name] = check


def page_is_there(env: Any, page: str) -> Iterator[str]:
    """Complain of a page that the book does not have. A section may be named behind it."""
    if page and page.partition("#")[0] not in env.found_docs:
        yield f"names the page {page.partition('#')[0]!r}, which is not in the contents"


def file_is_there(env: Any, file: str) -> Iterator[str]:
    """Complain of a file that is not there."""
    if file and not Path(env.srcdir, file).is_file():
        yield f"names the file {file!r}, which is not there"


def report(app: Any, env: Any) -> None:
    """Warn of what is wrong, once all pages are known."""
    for name, check in sorted(CHECKS.items()):
        value = getattr(app.config, name, None)
        for complaint in check(env, value) if value else ():
            logger.warning("%s in the configuration %s", name, complaint, type="press", subtype="config")


def setup(app: Any) -> dict[str, bool]:
    """Register the module."""
    app.connect("env-check-consistency", report)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
