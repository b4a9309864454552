"""What pytest does with notebooks, wherever it is started."""

import pytest

#: The kinds of displays that pgcode gives to the website as data. Their HTML and their text say the same.
DISPLAYS = ("audit", "check", "feedback", "figure", "ledger", "message", "slider", "table")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let nbval compare texts only, since ``tools/notebooks.py`` stores no data of displays."""
    data = tuple(f"application/vnd.pgcode.{kind}+json" for kind in DISPLAYS)
    for notebook in {item.parent for item in items if hasattr(item.parent, "skip_compare")}:
        notebook.skip_compare += data
