"""What pytest does with notebooks, wherever it is started."""

import importlib.util

import pytest

#: The kinds of displays that pgcode gives to the website as data. Their HTML and their text say the same.
DISPLAYS = ("audit", "check", "feedback", "figure", "ledger", "message", "slider", "table")


def pytest_configure(config: pytest.Config) -> None:
    """Let the kernels of nbval be forks, as those of the build are: to load one takes as long as many a chapter.

    Where this file stands in another folder, without the tools, they are what they are.
    """
    if config.getoption("nbval", default=False) and importlib.util.find_spec("run_chapters"):
        import nbval.kernel
        from run_chapters import BlockingForkManager

        nbval.kernel.KernelManager = BlockingForkManager


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let nbval compare texts only, since ``tools/notebooks.py`` stores no data of displays."""
    data = tuple(f"application/vnd.pgcode.{kind}+json" for kind in DISPLAYS)
    for notebook in {item.parent for item in items if hasattr(item.parent, "skip_compare")}:
        notebook.skip_compare += data
