"""press/results.py: a page waits for its chapter, and for no other."""

import os

import pytest
from sphinx.errors import ExtensionError

from press.results import Results


@pytest.fixture
def pipe():
    """The two ends of a pipe: a file to read, and a function that writes and may be called until it ends."""
    reads, writes = os.pipe()
    with os.fdopen(reads, encoding="utf-8") as file, os.fdopen(writes, "w", encoding="utf-8", buffering=1) as told:
        yield file, told


def test_a_page_waits_until_its_own_chapter_is_told(pipe):
    file, told = pipe
    results = Results(file, ["book/a", "book/b"])
    told.write("book/b\nbook/a\n")
    results.wait_for("book/a")
    results.wait_for("book/b")  # it was told before
    results.wait_for("book/a")


def test_a_page_whose_chapter_is_not_run_waits_for_nothing(pipe):
    Results(pipe[0], ["book/a"]).wait_for("book/other")  # else it would never end


def test_when_chapters_are_run_no_more_the_build_ends(pipe):
    file, told = pipe
    results = Results(file, ["book/a", "book/b"])
    told.write("book/a\n")
    told.close()
    results.wait_for("book/a")
    with pytest.raises(ExtensionError, match="book/b: its chapter is run no more"):
        results.wait_for("book/b")


def test_pages_that_wait_are_read_last_in_the_order_of_the_runs(pipe):
    names = ["book/a", "book/b", "book/c", "book/d"]
    Results(pipe[0], ["book/d", "book/b"]).put_last(None, None, names)
    assert names == ["book/a", "book/c", "book/d", "book/b"]
