"""Of which kind each page is."""

from types import SimpleNamespace

from docutils import nodes
from sphinx.addnodes import toctree

from press import contents


def env():
    """A book with a part without a caption, one of chapters, and one of reference with pages below a page."""
    root = nodes.section("", toctree(includefiles=["a"]), toctree(caption="Chapters", includefiles=["b"]))
    root += toctree(caption="Lists", includefiles=["c", "a"])
    return SimpleNamespace(
        config=SimpleNamespace(root_doc="index", press_parts={"Lists": "reference"}),
        get_doctree={"index": root}.__getitem__,
        toctree_includes={"c": ["d"], "d": ["c"]},
    )


def test_a_page_is_what_its_part_is_and_so_are_those_below_it():
    assert contents.kinds(env()) == {"a": "chapter", "b": "chapter", "c": "reference", "d": "reference"}


def test_parts_are_in_the_order_of_the_contents():
    assert list(contents.parts(env())) == [("", ["a"]), ("Chapters", ["b"]), ("Lists", ["c", "a"])]


def test_parts_that_are_not_there_are_told():
    assert list(contents.parts_are_there(env(), {"Lists": "reference", "Chapters": "chapter"})) == []
    (lost, unknown) = contents.parts_are_there(env(), {"List": "lists"})
    assert "names the part 'List'" in lost
    assert "'lists': it is one of" in unknown
