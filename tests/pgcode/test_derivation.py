import json
import re

import numpy as np
import pytest

from pgcode.derivation import Derivation, Line, Verdict
from pgcode.exercises import Chapter


def ledger(second=2.0, error=None):
    return Derivation(
        "Two and two",
        [
            Line("L1", r"x", "Given.", np.array([1.0, 2.0])),
            Line("L2", r"= |y| < z", "Because.", np.array([1.0, second]), standard_error=error),
        ],
    )


def test_verdicts():
    assert ledger().checks["L1"].verdict is Verdict.START
    assert ledger(2 + 1e-11).checks["L2"].verdict is Verdict.EXACT
    assert ledger(2 + 1e-9).checks["L2"].verdict is Verdict.FALSE
    assert ledger(2.4, np.array([0.1, 0.1])).checks["L2"].verdict is Verdict.ESTIMATE
    assert ledger(2.6, np.array([0.1, 0.1])).checks["L2"].verdict is Verdict.FALSE


def test_an_estimate_without_error_must_be_right():
    assert ledger(2.0, np.zeros(2)).checks["L2"].verdict is Verdict.ESTIMATE
    assert ledger(2.1, np.zeros(2)).checks["L2"].verdict is Verdict.FALSE


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["value", "right_side", "standard_error", "scale", "condition"])
def test_what_is_not_finite_is_refused(name, number):
    arrays = {"value": np.ones(2), name: np.array([1.0, number])}
    with pytest.raises(ValueError, match=rf"{name}\[1\] of line L1 is {number}: a line is judged by finite numbers"):
        Line("L1", "", "", **arrays)


def test_a_failure_has_size_length_and_angle():
    check = Derivation(
        "Turn", [Line("L1", "", "", np.array([1.0, 0.0])), Line("L2", "", "", np.array([0.0, 3.0]))]
    ).checks["L2"]
    assert (check.residual, check.length_ratio, round(check.angle, 10)) == (3, 3, 90)


def test_a_line_can_follow_another_or_stand_alone():
    lines = [
        Line("L1", "", "", np.array([1.0])),
        Line("L2", "", "", np.array([5.0]), right_side=np.array([5.0])),
        Line("L3", "", "", np.array([1.0]), follows="L1"),
    ]
    checks = Derivation("", lines).checks
    assert [check.verdict for check in checks.values()] == [Verdict.START, Verdict.EXACT, Verdict.EXACT]
    assert checks["L3"].neighbour == "L1"


def test_a_chain_can_start_anywhere():
    lines = [Line("L1", "", "", np.array([1.0])), Line("L2", "", "", np.array([5.0, 6.0]), start=True)]
    assert Derivation("", lines).checks["L2"].verdict is Verdict.START


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([Line("L1", "", "", np.ones(1))] * 2, "'L1' twice"),
        ([Line("L1", "", "", np.ones(1)), Line("L2", "", "", np.ones(2))], r"L2 has a value of shape \(2,\)"),
        (
            [Line("p", "", "", np.ones(1), follows="q"), Line("q", "", "", np.ones(1), follows="p")],
            "line p follows q, which stands after it: name an earlier line",
        ),
        (
            [Line("p", "", "", np.ones(1)), Line("q", "", "", np.ones(1), follows="r")],
            "q follows r, which is not there",
        ),
    ],
)
def test_a_derivation_that_does_not_fit_together(lines, message):
    with pytest.raises(ValueError, match=message):
        Derivation("", lines)


def test_an_unknown_label_lists_the_known_ones():
    with pytest.raises(KeyError, match="L1, L2"):
        _ = ledger()["L9"]
    with pytest.raises(KeyError, match="L1, L2"):
        ledger().between("L1", "L9")


def test_text_has_a_mark_and_a_word_and_no_rounding_noise():
    text = str(ledger(2 + 1e-12))
    assert "✓ L2  exact " in text
    assert "agrees with L1 to 10⁻¹⁰" in text
    assert str(ledger()) == text


def test_html_escapes_and_marks_the_row():
    html = ledger(3.0)._repr_html_()
    assert r"\(\displaystyle = |y| &lt; z\)" in html
    # Red wherever it is shown, not only under the style sheet of the website.
    (row,) = re.findall(r'<tr class="is-false" style="([^"]*)"', html)
    assert row.startswith("border-left: 6px double #d0473c; border-left: var(--pg-mark-width, 6px) ")
    assert "; background-color: rgba(208, 71, 60, 0.18); background-color: var(--pg-mark-tint, " in row
    assert "1.41 times as long as L1, turned by 8.1°; off by 1 at most in an entry" in html
    assert 'role="region"' in html


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([2.0, 4.0], "2 times as long as L1, in the same direction; off by 2 at most in an entry"),
        ([-1.0, -2.0], "as long as L1, in the opposite direction; off by 4 at most in an entry"),
        ([0.0, 0.0], "0 in every entry, and L1 is not; off by 2 at most in an entry"),
        ([1e-11, 2e-11], "1e-11 times as long as L1, in the same direction; off by 2 at most in an entry"),
    ],
)
def test_a_false_line_says_how_long_it_is_and_where_it_leads(value, words):
    derivation = Derivation("", [Line("L1", "", "", np.array([1.0, 2.0])), Line("L2", "", "", np.array(value))])
    assert str(derivation).splitlines()[3].endswith(words)


def test_numbers_have_a_minus_and_not_a_hyphen():
    assert "value (0.5, −1.25)" in str(Derivation("", [Line("L1", "", "", np.array([0.5, -1.25]))]))


def test_a_line_that_rests_on_a_false_one_says_so():
    values = {"L1": 1.0, "L2": 2.0, "L3": 2.0, "L4": 2.0}
    lines = [Line(label, "", "", np.array([value])) for label, value in values.items()]
    lines.append(Line("L5", "", "", np.array([1.0]), follows="L1"))
    derivation = Derivation("", lines)
    assert {label: check.rests_on for label, check in derivation.checks.items()} == {
        "L1": "", "L2": "", "L3": "L2", "L4": "L2", "L5": ""
    }  # fmt: skip
    assert "exact step  agrees with L3 to 10⁻¹⁰, but L2 is false" in str(derivation)
    assert '<tr class="is-exact is-after-false" style="' in derivation._repr_html_()
    assert "| ✓ exact step |" in derivation.to_markdown()


def test_a_derivation_is_data():
    bundle = ledger(3.0)._repr_mimebundle_()
    assert list(bundle) == ["application/vnd.pgcode.ledger+json", "text/html", "text/plain"]
    data = bundle["application/vnd.pgcode.ledger+json"]
    assert json.loads(json.dumps(data)) == data
    line = data["lines"][1]
    assert (line["label"], line["formula"]) == ("L2", "= |y| < z")
    assert (line["verdict"], line["mark"], line["word"], line["after_false"]) == ("false", "✗", "false", False)
    assert line["finding"] == "1.41 times as long as L1, turned by 8.1°; off by 1 at most in an entry"


def test_links_of_lines_are_fields_and_links(monkeypatch, tmp_path):
    for name in ("setting/start", "reference/errata"):
        path = tmp_path / "book" / f"{name}.ipynb"
        path.parent.mkdir(parents=True)
        path.touch()
    monkeypatch.chdir(tmp_path / "book" / "reference")
    place = Chapter("book/setting/start", "Start").section("L1: the <start>")
    linked = ledger().linked({"L1": place}, {"L2": ["EA1", "EA2"]})
    first, second = linked.data["lines"]
    assert first["place"] == {"page": "book/setting/start", "title": "Start", "heading": "L1: the <start>"}
    assert second["errata"] == ["EA1", "EA2"]
    assert "errata" not in first
    html = linked._repr_html_()
    assert '<a href="../setting/start.ipynb#L1%3A-the-%3Cstart%3E">L1</a></th>' in html
    assert '<a href="errata.ipynb#ea1">EA1</a>, <a href="errata.ipynb#ea2">EA2</a></td>' in html
    assert repr(linked) == repr(ledger())
    assert ledger().linked({"L7": place}, {"L7": ["EA3"]}).data == ledger().data


def test_formulas_of_reasons_are_signs_in_text():
    derivation = Derivation("", [Line("L1", "x", r"As \(\nabla J\) is.", 1.0)])
    assert str(derivation).endswith("As ∇J is.")
    assert r"| As $\nabla J$ is. |" in derivation.to_markdown()
    assert r"As \(\nabla J\) is." in derivation._repr_html_()


def test_markdown_is_one_table_with_whole_cells():
    rows = ledger().to_markdown().splitlines()
    assert len(rows) == 4
    assert all(row.count("|") == 6 for row in rows)


def test_a_part_starts_where_its_neighbour_is_cut_off():
    lines = [
        Line("L1", "", "", np.array([1.0])),
        Line("L2", "", "", np.array([1.0])),
        Line("L3", "", "", np.array([1.0]), follows="L1"),
        Line("L4", "", "", np.array([2.0])),
    ]
    part = Derivation("", lines).between("L2", "L4")
    assert [check.verdict for check in part.checks.values()] == [Verdict.START, Verdict.START, Verdict.FALSE]


def test_a_part_leaves_out_a_neighbour_that_is_not_asked():
    """A line that is an identity of its own is compared with its other side, whatever it says it follows."""
    lines = [
        Line("L1", "", "", np.array([1.0])),
        Line("L2", "", "", np.array([5.0]), right_side=np.array([5.0]), follows="L1"),
        Line("L3", "", "", np.array([5.0])),
    ]
    part = Derivation("", lines).between("L2", "L3")
    assert [check.verdict for check in part.checks.values()] == [Verdict.EXACT, Verdict.EXACT]


@pytest.mark.parametrize(
    ("value", "found"), [(["1.0"], "<U3"), ([1 + 2j], "complex128"), ([True], "bool"), (None, "object")]
)
def test_a_line_holds_real_numbers(value, found):
    with pytest.raises(TypeError, match=f"value of line L7 holds {found}, not real numbers"):
        Line("L7", "", "", value)
    if value is not None:
        for other in ("right_side", "standard_error"):
            with pytest.raises(TypeError, match=f"{other} of line L7 holds {found}, not real numbers"):
                Line("L7", "", "", np.ones(1), **{other: value})


def test_a_line_is_not_changed_through_the_array_it_was_made_from():
    value = np.array([1.0])
    line = Line("L1", "", "", value)
    value[0] = 2
    assert line.value.tolist() == [1]


def test_scaled_gives_lines_the_size_of_what_they_sum():
    """A difference of 1e-7 is false beside numbers near 2, and rounding where they come from terms near 1e4."""
    derivation = ledger(2 + 1e-7)
    assert derivation.false_lines == ["L2"]
    assert derivation.scaled(1e4).false_lines == []
    assert derivation.scaled(1e4, {"L1"}).false_lines == ["L2"]
    assert [line.scale for line in derivation.scaled(1e4, {"L2"})] == [0, 1e4]
    with pytest.raises(KeyError, match="no line 'L9'"):
        derivation.scaled(1e4, {"L9"})


def test_with_value_changes_one_line():
    changed = ledger().with_value("L2", [1.0, 7.0])
    assert changed.false_lines == ["L2"]
    assert ledger().false_lines == []


def test_a_place_that_is_not_there():
    with pytest.raises(IndexError, match="there is no line number 7: the derivation has 2 lines"):
        _ = ledger()[7]


def test_last_digits_do_not_decide_what_is_shown():
    """0.06525 lies in the middle of 0.0652 and 0.0653, and its last digits differ from one machine to the next."""
    shown = {str(Derivation("", [Line("L1", "x", "", 0.06525 + off)])) for off in (-1e-16, 0.0, 1e-16)}
    assert len(shown) == 1
