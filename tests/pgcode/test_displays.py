"""Comparisons and tables: judged as a ledger judges, shown alike everywhere, refused where nothing can be said."""

import json

import numpy as np
import pytest

from pgcode import check, displays, table
from pgcode.derivation import Derivation, Line, Verdict


@pytest.mark.parametrize(
    ("value", "other", "options", "verdict", "finding"),
    [
        ([1.0, 2.0], [1.0, 2.0], {}, Verdict.EXACT, "agree to 10⁻¹⁰"),
        ([1.0, 1e-3], [1.0, 1e-3 + 1e-12], {}, Verdict.FALSE, "off by 1e-12 at most in an entry"),
        ([2.0, 0.0], [1.0, 0.0], {}, Verdict.FALSE, "2 times as long"),
        ([0.0, 1e-17], [1.0, 0.5], {}, Verdict.FALSE, "0 in every entry"),
        ([1e-5, 2e-5], [1e6, 2e6], {}, Verdict.FALSE, "1·10⁻¹¹ times as long"),
        ([-1.0, 0.0], [1.0, 0.0], {}, Verdict.FALSE, "the opposite way"),
        ([0.0, 1.0], [1.0, 0.0], {}, Verdict.FALSE, "turned by 90.0°"),
        ([1.0, 2.0], 0, {}, Verdict.FALSE, "off by 2 at most in an entry"),
        ([1.1], [1.0], {"standard_error": [0.1]}, Verdict.ESTIMATE, "1 standard error apart"),
        ([2.0], [1.0], {"standard_error": [0.1]}, Verdict.FALSE, "10.0 standard errors apart"),
        ([1e-9], [0.0], {"scale": 1e3}, Verdict.EXACT, "agree to 10⁻¹⁰"),
    ],
)
def test_the_verdict_is_that_of_a_ledger(value, other, options, verdict, finding):
    shown = check("a claim", value, other, **options)
    ledger = Derivation("", [Line("L", "", "", value, right_side=np.broadcast_to(other, np.shape(value)), **options)])
    assert shown.verdict is ledger.checks["L"].verdict is verdict
    assert shown.finding.replace("·10⁻¹²", "e-12") == finding


def test_every_form_tells_claim_verdict_and_finding():
    shown = check(r"\(\hat{g}\) is \(\nabla J\) & more", [1.0, 0.0], [1.0, 1.0])
    forms = shown._repr_mimebundle_()
    assert forms["text/plain"] == "✗ false: ĝ is ∇J & more (0.707 times as long, turned by 45.0°)"
    assert r"\(\hat{g}\) is \(\nabla J\) &amp; more" in forms["text/html"]
    assert forms["text/markdown"].startswith(r"**✗ false** $\hat{g}$ is $\nabla J$ &amp; more")
    assert json.loads(json.dumps(forms["application/vnd.pgcode.check+json"]))["finding"] == shown.finding


def test_html_needs_no_style_sheet():
    for verdict, (word, color) in displays._COLORS.items():
        values = {
            Verdict.EXACT: ([1.0], [1.0], {}),
            Verdict.FALSE: ([1.0], [2.0], {}),
            Verdict.ESTIMATE: ([1.0], [1.1], {"standard_error": [0.1]}),
            Verdict.UNDECIDED: ([1.0], [1.0], {}),
        }[verdict]
        shown = check("x", values[0], values[1], **values[2])
        if verdict is Verdict.UNDECIDED:
            line = Line("value", "", "", [1.0], right_side=[1.0], condition=1e9)
            shown = displays.Comparison("x", Derivation("", [line]).checks["value"])
        assert shown.verdict is verdict
        assert f"color: {color}; color: var(--pg-{word}, {color})" in shown._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1.0, 1.0, 1.0), "claim is 1.0: pass a sentence"),
        (("x", [1.0, np.nan], [1.0, 1.0]), r"value\[1\] is nan: only finite numbers"),
        (("x", [1.0], [1.0, 1.0]), r"value has shape \(1,\), but other has \(2,\)"),
        (("x", True, True), "value holds bool"),
        (("x", [], []), "empty"),
    ],
)
def test_what_cannot_be_compared_is_refused(arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        check(*arguments)


# ---- tables --------------------------------------------------------------------------------------------------------


def test_a_column_has_one_format_and_numbers_stand_right():
    shown = table(
        {
            "state": ["a", "b"],
            "visits": np.array([3, 12]),
            r"\(V(s)\)": [0.5, -1.25],
            "rate": [1e-7, -2e-9],
            "empty": [None, 1.0],
        },
        digits=2,
    )
    assert shown.numeric == (False, True, True, True, True)
    assert shown.rows == (("a", "3", "0.50", "1.00·10⁻⁷", ""), ("b", "12", "−1.25", "−2.00·10⁻⁹", "1.00"))
    assert str(shown).splitlines()[0].split() == ["state", "visits", "V(s)", "rate", "empty"]
    forms = shown._repr_mimebundle_()
    assert forms["text/html"].count("text-align: right") == 3 * 4
    assert forms["text/markdown"].splitlines()[:2] == [
        "| state | visits | $V(s)$ | rate | empty |",
        "| :-- | --: | --: | --: | --: |",
    ]


@pytest.mark.parametrize(
    ("column", "right"),
    [
        ([300, 640, "—", 60], True),
        (["> 900", 176, 152], True),
        (["1.00", "−0.48", "nowhere"], True),
        (["1,234", None, "5"], True),
        ([1, "(1 − 1/m)"], False),  # as many texts as numbers
        (["5 of 9", "6 of 9", 3], False),
        ([1.0, 2.0, check("one", 1.0, 1.0)], False),
        (["", None], False),
    ],
)
def test_a_few_texts_in_a_column_of_numbers_stand_where_the_numbers_stand(column, right):
    assert table({"a": column}).numeric == (right,)


def test_columns_stand_below_each_other_also_with_accents():
    first, second, _ = str(table({r"\(\hat{R}_t\)": ["a", "b"], "x": [1, 2]})).splitlines()
    assert first == "R̂ₜ  x"
    assert second == "a   1"


def test_a_claim_that_the_table_makes_may_be_left_out():
    assert str(check("", 1.0, 1.0)) == "✓ exact (agree to 10⁻¹⁰)"


def test_no_zero_is_negative_and_infinity_is_written():
    assert table({"x": [-0.0, -0.00001, np.inf, 0.5]}).rows == (("0.0000",), ("0.0000",), ("∞",), ("0.5000",))
    assert table({"x": [-0.0, 1e-9]}).rows == (("0",), ("1.00·10⁻⁹",))


def test_a_comparison_in_a_table_shows_its_chip():
    shown = table({"line": ["A2"], "verdict": [check("x", 1.0, 2.0)]})
    assert '<span class="pg-chip is-false"' in shown._repr_mimebundle_()["text/html"]
    assert shown.data["rows"][0][1]["verdict"] == "false"
    assert str(shown).splitlines()[1] == "A2    ✗ false (off by 1)"


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([1, 2],), {}, "columns is .*: pass a dictionary"),
        (({},), {}, "columns is empty"),
        (({"x": []},), {}, "no entries"),
        (({"x": [1], "y": [1, 2]},), {}, "columns differ in length: 'x' has 1, 'y' has 2"),
        (({"x": "abc"},), {}, "column 'x' is 'abc': pass a list"),
        (({"x": [[1, 2]]},), {}, r"column 'x' holds \[1, 2\] at place 0"),
        (({"x": [True]},), {}, "column 'x' holds True at place 0"),
        (({"x": [1]},), {"formats": {"z": ".2e"}}, "formats names 'z'"),
        (({1: [1]},), {}, "a head is 1"),
    ],
)
def test_what_is_no_table_is_refused(arguments, options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        table(*arguments, **options)


@pytest.mark.parametrize(
    ("form", "numbers", "written"),
    [
        ("8.2f", [-0.0, 1.5], ("0.00", "1.50")),
        (".1%", [-0.0, -0.25], ("0.0%", "−25.0%")),
        ("+.1f", [-0.0, 2.0], ("+0.0", "+2.0")),
        (".1E", [1e-5, 0.0], ("1.0·10⁻⁵", "0")),
        (",.1f", [12345.6], ("12,345.6",)),
    ],
)
def test_a_format_is_one_of_python_with_the_signs_of_print(form, numbers, written):
    assert tuple(row[0] for row in table({"x": numbers}, formats={"x": form}).rows) == written


def test_a_cell_is_one_line_and_markdown_shows_its_signs():
    shown = table({"a|b": ["x\ny", r"\(|x|\) <b> *c*"]}, caption="5 $ & [more]\nhere")
    assert shown.rows[0] == ("x y",)
    head, _, first, second, _, caption = shown._repr_markdown_().splitlines()
    assert (head, first) == (r"| a\|b |", "| x y |")
    assert second == r"| $\vert x\vert $ &lt;b&gt; \*c\* |"
    assert caption == r"5 \$ &amp; \[more\] here"


def test_wide_signs_take_two_places():
    assert str(table({"a": ["漢字", "abc"], "b": [1, 2]})).splitlines() == ["a     b", "漢字  1", "abc   2"]


def test_numbers_of_single_precision_decide_no_more_than_they_can():
    assert check("", np.float32(0.1), 0.1).finding == "agree as far as 5 digits can tell, in single precision"
    assert check("", np.float32([0.1, 0.2]), [0.1, 0.2001]).verdict is Verdict.FALSE
    assert check("", np.float16(0.1), 0.1).verdict is Verdict.UNDECIDED


@pytest.mark.parametrize(
    ("value", "error", "verdict", "words"),
    [
        (1.0, 0.0, Verdict.ESTIMATE, "agree, and the standard error is 0"),
        (2.0, 0.0, Verdict.FALSE, "apart, and the standard error is 0"),
        (2.0, 1e-9, Verdict.FALSE, "1.00·10⁹ standard errors"),
    ],
)
def test_a_standard_error_of_nothing_is_said(value, error, verdict, words):
    shown = check("", value, 1.0, standard_error=error)
    assert shown.verdict is verdict
    assert words in shown.finding
