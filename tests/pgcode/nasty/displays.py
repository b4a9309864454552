"""What nobody should pass to what shows itself."""

import copy
import decimal
import fractions
import pickle

import numpy as np

from pgcode import check, table

FALSE = check("one is two", [1.0, 2.0], [1.0, 3.0])


def column(entries, **options):
    return lambda: table({"x": entries}, **options)


def first(text):
    return lambda shown: shown.rows[0] == (text,)


def formatted(form, number=1.5):
    return column([number], formats={"x": form})


CASES = {
    "a comparison taken for its verdict": (lambda: bool(FALSE), "a comparison is neither true nor false"),
    "a false one in an assert": (lambda: FALSE and 1, "ask whether its .verdict is Verdict.EXACT"),
    "a comparison pickled": (lambda: pickle.loads(pickle.dumps(FALSE)), lambda one: one.finding == FALSE.finding),
    "a comparison copied": (lambda: copy.deepcopy(FALSE), lambda one: one.finding == FALSE.finding),
    "a number of 400 digits": (lambda: check("", 10**400, 1), "value holds a whole number of more than 64 bits"),
    "a fraction": (lambda: check("", fractions.Fraction(1, 3), 1 / 3), "value holds a Fraction"),
    "a generator": (lambda: check("", (i for i in range(2)), [0, 1]), "value holds a generator"),
    "complex": (lambda: check("", 1 + 0j, 1), "value holds complex128"),
    "masked": (lambda: check("", np.ma.array([1.0], mask=[True]), [1.0]), "value is a masked array"),
    "ragged": (lambda: check("", [[1], [1, 2]], 1), "value is no array, as its parts differ in length"),
    "as large as floats are": (lambda: check("", [1.7e308] * 2, [-1.7e308] * 2), lambda c: "opposite" in c.finding),
    "as small as floats are": (lambda: check("", 5e-324, 1e-323), lambda c: c.finding == "no digit is left to tell"),
    "negative standard error": (lambda: check("", 1, 2, standard_error=-1), "^standard_error has an entry"),
    "standard error NaN": (lambda: check("", 1, 2, standard_error=np.nan), "^standard_error is nan"),
    "scale of another shape": (lambda: check("", [1, 2], 2, scale=[1, 2, 3]), r"^scale has shape \(3,\)"),
    "a dictionary as a column": (column({"a": 1}), "column 'x' is {'a': 1}: pass a list"),
    "a set as a column": (column({1}), r"column 'x' is \{1\}: pass a list"),
    "bytes as a column": (column(b"abc"), "column 'x' is b'abc': pass a list"),
    "a number as a column": (column(np.array(3.0)), r"column 'x' is an array of shape \(\)"),
    "a matrix as a column": (column(np.eye(2)), r"column 'x' is an array of shape \(2, 2\)"),
    "a masked column": (column(np.ma.array([1.0, 2.0], mask=[0, 1])), "column 'x' is a masked array"),
    "a fraction in a column": (column([fractions.Fraction(1, 3)]), first("0.3333")),
    "a decimal in a column": (column([decimal.Decimal(1)]), r"column 'x' holds Decimal\('1'\)"),
    "complex in a column": (column(np.array([1j])), "column 'x' holds np.complex128"),
    "a time in a column": (column(np.array([1], dtype="m8[s]")), "column 'x' holds np.timedelta64"),
    "401 digits in a column": (column([10**400, 1.5]), "column 'x' at place 0 holds a number that no float can hold"),
    "format x": (formatted("x"), "'x' for 'x', which is no format of a number"),
    "format in braces": (formatted("{:.2f}"), "which is no format of a number"),
    "format that is a number": (formatted(2), "formats has 2 for 'x'"),
    "format d for a float": (formatted("d"), "formats has 'd' for 'x', which does not fit 1.5"),
    "formats as a list": (column([1.5], formats=["x"]), r"formats is \['x'\]: pass a dictionary"),
    "digits negative": (column([1.5], digits=-1), "digits is -1"),
    "digits True": (column([1.5], digits=True), "digits is True"),
    "digits 400": (column([1.5], digits=400), "digits is 400"),
    "caption of another type": (column([1], caption=5), "caption is 5: pass a text"),
}
