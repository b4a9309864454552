"""The heads of the columns in the cells of a table."""

from types import SimpleNamespace

import pytest
from docutils import nodes

from press import narrow_tables


def table(columns, head=("name", "form A", "")):
    def row(words):
        return nodes.row("", *(nodes.entry("", nodes.paragraph("", word)) for word in words))

    group = nodes.tgroup("", cols=columns)
    group += [nodes.thead("", row(head[:columns])), nodes.tbody("", row(["θ", "x", "y"][:columns]))]
    return nodes.section("", nodes.table("", group))


def cells(doctree, builder="html"):
    narrow_tables.add_heads(SimpleNamespace(builder=SimpleNamespace(format=builder)), doctree)
    return [entry.astext().split() for entry in doctree.next_node(nodes.tbody).findall(nodes.entry)]


def test_a_cell_holds_the_head_of_its_column():
    doctree = table(3)
    assert cells(doctree) == [["θ"], ["form", "A", "x"], ["y"]]
    assert [part["classes"] for part in doctree.findall(nodes.paragraph)][-3:] == [["pg-cell-head"], [], []]
    assert doctree.next_node(nodes.table)["classes"] == ["pg-stacked"]


@pytest.mark.parametrize(("columns", "builder"), [(2, "html"), (3, "latex")])
def test_other_tables_and_other_builders_are_left_alone(columns, builder):
    assert cells(table(columns), builder) == [["θ"], ["x"], ["y"]][:columns]


def four(last="y", side=()):
    def row(*cells):
        return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", *cell)) for cell in cells))

    head = row(*([nodes.Text(word)] for word in ("symbol", "in code", "meaning", "from")))
    body = row([nodes.Text("S")], [nodes.literal("", "n_states")], [nodes.Text("states")], [nodes.Text(last)])
    body[3]["classes"] += side
    group = nodes.tgroup("", nodes.thead("", head), nodes.tbody("", body), cols=4)
    return nodes.section("", nodes.table("", group))


def test_of_four_columns_one_of_code_stands_below_the_others():
    doctree = four()
    assert cells(doctree)[1:] == [["in", "code", "n_states"], ["meaning", "states"], ["from", "y"]]
    body = doctree.next_node(nodes.tbody)
    assert [entry["classes"] for entry in body.findall(nodes.entry)] == [[], ["pg-below"], [], []]
    assert doctree.next_node(nodes.table)["classes"] == ["pg-stacked", "pg-stacked-four"]


def test_four_columns_with_numbers_stay_a_table():
    assert cells(four("1", ["text-right"])) == [["S"], ["n_states"], ["states"], ["1"]]
