"""What stands beside the pages is made while they are written, by processes of its own: pictures, a PDF, the lab.

Such work needs what has been read, and no page that has been written. A module lets it be done by connecting a function
to ``press-beside``; like a listener to any event of Sphinx, it gets the application. When the build is finished, all of
it is there, before any other module looks at the website. A warning or an error of it is one of the build.
"""

from __future__ import annotations

from typing import Any

from sphinx.util.parallel import ParallelTasks, SerialTasks, parallel_available

EVENT = "press-beside"


def connect(app: Any, work: Any) -> None:
    """Let some work be done while pages are written."""
    app.setup_extension("press.beside")
    app.connect(EVENT, work)


def begin(app: Any, builder: Any) -> None:
    """Begin the work, each part of it in a process."""
    works = [listener.handler for listener in app.events.listeners.get(EVENT, ())]
    app.works_beside = ParallelTasks(len(works)) if parallel_available else SerialTasks()
    for work in works:
        app.works_beside.add_task(work, app)


def end(app: Any, exception: Exception | None) -> None:
    """Wait until all is done; after an error, end it."""
    tasks = getattr(app, "works_beside", None)  # where no page was to be written, nothing began
    if tasks is not None and exception is None:
        tasks.join()
    elif isinstance(tasks, ParallelTasks):
        tasks.terminate()


def setup(app: Any) -> dict[str, bool]:
    """Register the module."""
    app.add_event(EVENT)
    app.connect("write-started", begin)
    app.connect("build-finished", end, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
