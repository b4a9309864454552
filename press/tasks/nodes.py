"""The parts of a task on a page, as nodes."""

from __future__ import annotations

from docutils import nodes  # type: ignore[import-untyped]


class Task(nodes.General, nodes.Element):  # type: ignore[misc]
    """A task: its form, its hints, and what its answers are told."""


class TaskForm(nodes.General, nodes.Element):  # type: ignore[misc]
    """Where the answer is given and checked."""


class TaskCode(nodes.General, nodes.Element):  # type: ignore[misc]
    """The cell that an editor takes the place of."""


class TaskCells(nodes.General, nodes.Element):  # type: ignore[misc]
    """Cells of the notebook that only a page without scripts shows."""


class TaskOptions(nodes.General, nodes.Element):  # type: ignore[misc]
    """The lines of which one is chosen."""


class TaskOption(nodes.General, nodes.TextElement):  # type: ignore[misc]
    """A line that can be chosen."""


class TaskLines(nodes.General, nodes.Element):  # type: ignore[misc]
    """The lines that are put in order."""


class TaskLine(nodes.General, nodes.TextElement):  # type: ignore[misc]
    """A line that can be moved."""


class TaskHint(nodes.General, nodes.Element):  # type: ignore[misc]
    """A hint, which opens. The next one is there when it is open."""


class TaskData(nodes.General, nodes.Element):  # type: ignore[misc]
    """What a script needs. The links in it are those of the verdicts."""


class TaskPlace(nodes.General, nodes.TextElement):  # type: ignore[misc]
    """A link of a verdict."""


class TaskOverview(nodes.General, nodes.Element):  # type: ignore[misc]
    """How many tasks of the page are solved, and which."""
