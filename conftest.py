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

    A test without a mark goes with its file. pytest-xdist 3.8 writes the group where pytest keeps the name no longer,
    from 9.2 on, and each test would be a group.
    """
    if not any(item.iter_markers("xdist_group")):
        item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))
    if hasattr(item, "_id"):
        marks = item.iter_markers("xdist_group")
        names = sorted({mark.args[0] if mark.args else mark.kwargs.get("name", "default") for mark in marks})
        item._id = type(item._id).parse(f"{item.nodeid}@{'_'.join(names)}")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Name the groups where tests are shared out by them, and let nbval compare texts only.

    For ``tools/notebooks.py`` stores no data of displays.
    """
    if getattr(config.option, "loadgroup", False):
        for item in items:
            name_the_group(item)
    data = tuple(f"application/vnd.pgcode.{kind}+json" for kind in DISPLAYS)
    for notebook in {item.parent for item in items if hasattr(item.parent, "skip_compare")}:
        notebook.skip_compare += data
