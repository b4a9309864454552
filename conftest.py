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


def name_the_group(item: pytest.Item) -> None:
    """Let a process of ``--dist loadgroup`` tell the group of a test behind its name, where it is looked for.

    pytest-xdist 3.8 writes it where pytest keeps the name no longer, from 9.2 on, and each test would be a group.
    """
    if getattr(item.config.option, "loadgroup", False) and hasattr(item, "_id"):
        mark = item.get_closest_marker("xdist_group")
        item._id = type(item._id).parse(f"{item.nodeid}@{mark.args[0]}")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one process run all tests of a file, but for those that go with another file, or are shared out one by one.

    And let nbval compare texts only, since ``tools/notebooks.py`` stores no data of displays.
    """
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))
        name_the_group(item)
    data = tuple(f"application/vnd.pgcode.{kind}+json" for kind in DISPLAYS)
    for notebook in {item.parent for item in items if hasattr(item.parent, "skip_compare")}:
        notebook.skip_compare += data
