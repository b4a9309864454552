"""Ways to fool a ledger: each is refused, or not called exact."""

import copy
import dataclasses
import pickle

import numpy as np

from pgcode.derivation import Derivation, Line, Verdict


def ledger(value, other, **options):
    return Derivation("Two lines", [Line("L1", "", "", other), Line("L2", "", "", value, **options)])


def verdict(value, other, **options):
    return ledger(value, other, **options).checks["L2"].verdict


class Sneaky(Line):
    """A line that skips its own checks."""

    def __post_init__(self):
        pass


def written(change):
    """Whether an attack on what was judged is turned away."""
    derivation = ledger([1.0, 2.0], [1.0, 2.0])
    try:
        change(derivation)
    except (ValueError, TypeError, AttributeError):
        return derivation.checks["L2"].verdict is Verdict.EXACT
    return False


def read_only(line):
    return not any(array.flags.writeable for array in (line.value, line.scale, line.condition))


LINE = Line("L1", "x", "Given.", [1.0, 2.0])
BIG, SMALL = np.array([1e6, 1e-3]), np.array([1e6, -1e-3])

CASES = {
    "infinite value": (lambda: Line("L1", "", "", np.inf), "value of line L1 is inf: a line is judged by finite"),
    "one NaN": (lambda: Line("L1", "", "", [1.0, np.nan]), r"value\[1\] of line L1 is nan"),
    "infinite other side": (lambda: Line("L1", "", "", 1.0, right_side=-np.inf), "right_side of line L1 is -inf"),
    "infinite scale": (lambda: Line("L1", "", "", 1.0, scale=np.inf), "scale of line L1 is inf"),
    "negative scale": (lambda: Line("L1", "", "", 1.0, scale=-1.0), "scale of line L1 .* not at least 0"),
    "infinite standard error": (
        lambda: Line("L1", "", "", 1.0, standard_error=np.inf),
        "standard_error of line L1 is inf",
    ),
    "infinite condition": (lambda: Line("L1", "", "", 1.0, condition=np.inf), "condition of line L1 is inf"),
    "condition below one": (lambda: Line("L1", "", "", 1.0, condition=0.5), "condition of line L1 .* not at least 1"),
    "long double that does not fit": (
        lambda: Line("L1", "", "", np.longdouble("1e4000")),
        "value of line L1 is inf",
    ),
    "integer that no float holds": (lambda: Line("L1", "", "", 10**400), "value of line L1 holds object"),
    "scale of another shape": (lambda: Line("L1", "", "", [1.0, 2.0], scale=[1.0] * 3), "does not broadcast"),
    "scale that would widen the value": (lambda: Line("L1", "", "", [1.0], scale=[1.0] * 3), "does not broadcast"),
    "nothing to compare": (lambda: Line("L1", "", "", []), "value of line L1 is empty: .* certifies nothing"),
    "label that is a number": (lambda: Line(1, "", "", 1.0), "label of a line is 1: pass a text"),
    "follows a number": (lambda: Line("L1", "", "", 1.0, follows=1), "follows of line L1 is 1: pass the label"),
    "no lines": (lambda: Derivation("Empty", []), "lines is empty"),
    "lines alone": (lambda: Derivation([LINE], [LINE]), "title is .*: pass a text"),
    "one line for a list": (lambda: Derivation("", LINE), "lines is one Line: pass a list"),
    "text among lines": (lambda: Derivation("", [LINE, "L2"]), r"lines\[1\] is 'L2': pass a Line"),
    "subclass of a line": (
        lambda: Derivation("", [Sneaky("L1", "", "", np.inf)]),
        r"lines\[0\] is of a subclass of Line",
    ),
    "flipped sign of a small entry": (lambda: verdict(SMALL, BIG), lambda found: found is Verdict.FALSE),
    "flipped sign that its scale hides": (
        lambda: verdict(SMALL, BIG, scale=[1e6, 1e9]),
        lambda found: found is Verdict.EXACT,
    ),
    "and says so": (
        lambda: str(ledger([-1.0], [1.0], scale=1e11)),
        lambda text: "0 beside them" in text,
    ),
    "huge condition": (lambda: verdict([1.0], [1.0], condition=1e300), lambda found: found is Verdict.UNDECIDED),
    "nothing is decided beside it": (
        lambda: str(ledger([1.0], [5.0], condition=1e300)),
        lambda text: "decides nothing" in text and "exact" not in text,
    ),
    "condition that is enough": (
        lambda: verdict([1.001], [1.0], condition=1e10),
        lambda found: found is Verdict.FALSE,
    ),
    "condition of the neighbour": (
        lambda: Derivation("", [Line("L1", "", "", 1.0, condition=1e9), Line("L2", "", "", 1.0)]).undecided_lines,
        lambda found: found == ["L2"],
    ),
    "standard error that covers everything": (
        lambda: str(ledger([5.0], [1.0], standard_error=[1e300])),
        lambda text: "1e+300 times its length" in text,
    ),
    "opposite ends of the floats": (lambda: verdict([1.7e308], [-1.7e308]), lambda found: found is Verdict.FALSE),
    "lengths that would overflow": (
        lambda: ledger([2e300, 0.0], [0.0, 1e300]).checks["L2"],
        lambda check: (check.length_ratio, round(check.angle)) == (2, 90),
    ),
    "lengths that would underflow": (
        lambda: ledger([2e-300, 0.0], [0.0, 1e-300]).checks["L2"],
        lambda check: (check.length_ratio, round(check.angle)) == (2, 90),
    ),
    "smallest numbers": (lambda: verdict([5e-324], [1e-323]), lambda found: found is Verdict.UNDECIDED),
    "zeros": (lambda: verdict([0.0], [-0.0]), lambda found: found is Verdict.EXACT),
    "scalars": (lambda: verdict(1.0, 1.0), lambda found: found is Verdict.EXACT),
    "integers beyond 2^53": (lambda: verdict(2**60 + 2**30, 2**60), lambda found: found is Verdict.FALSE),
    "check replaced": (lambda: written(lambda d: d.checks.update(L2=None)), lambda safe: safe),
    "check assigned": (lambda: written(lambda d: setattr(d, "checks", {})), lambda safe: safe),
    "lines assigned": (lambda: written(lambda d: setattr(d, "lines", ())), lambda safe: safe),
    "value written": (lambda: written(lambda d: d["L2"].value.__setitem__(0, 9.0)), lambda safe: safe),
    "value made writable": (lambda: written(lambda d: d["L2"].value.setflags(write=True)), lambda safe: safe),
    "copies stay read-only": (
        lambda: [copy.copy(LINE), copy.deepcopy(LINE), pickle.loads(pickle.dumps(LINE)), dataclasses.replace(LINE)],
        lambda lines: all(map(read_only, lines)),
    ),
    "copies are judged": (
        lambda: [
            make(ledger([1.0], [2.0])) for make in (copy.copy, copy.deepcopy, lambda d: pickle.loads(pickle.dumps(d)))
        ],
        lambda copies: all(one.false_lines == ["L2"] and read_only(one["L2"]) for one in copies),
    ),
    "tiny entry that is wrong beside the largest floats": (
        lambda: [verdict([1e300, wrong], [1e300, 1e-30]) for wrong in (5e-30, 0.0, -1e-30)],
        lambda found: found == [Verdict.FALSE] * 3,
    ),
    "tiny entry that is right beside the largest floats": (
        lambda: verdict([1e300, 1e-30], [1e300, 1e-30]),
        lambda found: found is Verdict.EXACT,
    ),
    "tiny estimate that is wrong beside the largest floats": (
        lambda: ledger([1e300, 5e-30], [1e300, 1e-30], standard_error=[1e290, 1e-32]).checks["L2"],
        lambda check: check.verdict is Verdict.FALSE and round(check.standard_errors) == 400,
    ),
    "tiny estimate with a standard error beyond its units": (
        lambda: verdict([1e300, 1e-300], [1e300, 3e-300], standard_error=[1e290, 1e300]),
        lambda found: found is Verdict.ESTIMATE,
    ),
    "label that is blank": (lambda: Line(" ", "", "", 1.0), "label of a line is blank"),
    "start that is a word": (
        lambda: Line("L1", "", "", 1.0, start="no"),
        "start of line L1 is 'no': pass True or False",
    ),
    "start that follows": (lambda: Line("L1", "", "", 1.0, follows="L0", start=True), "begins a chain, .* has follows"),
    "start beside another side": (lambda: Line("L1", "", "", 1.0, right_side=1.0, start=True), "has right_side"),
    "start with a standard error": (
        lambda: Line("L1", "", "", 1.0, standard_error=1.0, start=True),
        "has standard_error",
    ),
    "slice that cuts the neighbour of an estimate": (
        lambda: ledger([1.0], [2.0], standard_error=[0.1])[1:].checks["L2"].verdict,
        lambda found: found is Verdict.START,
    ),
    "slice": (lambda: ledger([1.0], [2.0])[0:2], lambda part: part.false_lines == ["L2"]),
    "slice that cuts the neighbour": (lambda: ledger([1.0], [2.0])[1:], lambda part: part.false_lines == []),
    "slice with gaps": (lambda: ledger([1.0], [2.0])[::2], "the slice has the step 2"),
    "empty slice": (lambda: ledger([1.0], [2.0])[5:], "the slice holds none of the 2 lines"),
    "place that is no number": (lambda: ledger([1.0], [2.0])[1.5], "1.5 is no label, place or slice"),
}
