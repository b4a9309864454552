"""What the checks at the door turn away, by the public functions behind which they stand."""

import numpy as np

from pgcode import _checks

GIBIBYTES_TOO_MANY = (2**20, 2**10)

CASES = {
    "ragged list": (lambda: _checks.real_array("reward", [[1.0], [1.0, 2.0]]), r"reward is no array.*differ in length"),
    "masked array": (
        lambda: _checks.real_array("reward", np.ma.array([1.0, 2.0], mask=[True, False])),
        r"reward is a masked array.*reward\.filled",
    ),
    "text": (lambda: _checks.real_array("reward", ["1", "2"]), r"reward holds <U1, not real numbers"),
    "objects": (lambda: _checks.real_array("reward", [1.0, None]), r"reward holds object"),
    "complex numbers": (lambda: _checks.real_array("reward", [1.0 + 0j]), r"reward holds complex128"),
    "dates": (
        lambda: _checks.real_array("reward", np.array(["2020-01-01"], "datetime64[D]")),
        r"reward holds datetime",
    ),
    "text as numbers": (lambda: _checks.numeric_array("value", ["1"]), r"value holds <U1, not numbers"),
    "one NaN deep inside": (
        lambda: _checks.require_finite("reward", np.array([[0.0, 1.0], [np.nan, 2.0]])),
        r"reward\[1, 0\] is nan: replace it",
    ),
    "an infinite scalar": (lambda: _checks.require_finite("step", np.array(np.inf)), r"^step is inf"),
    "a negative probability": (
        lambda: _checks.require_distributions("policy", np.array([[1.1, -0.1]])),
        r"policy\[0, 1\] is -0\.1: a probability is not negative",
    ),
    "a row that is almost a distribution": (
        lambda: _checks.require_distributions("policy", np.array([[0.5, 0.5], [0.5, 0.4999]])),
        r"policy\[1\] sums to 0\.9999, not 1",
    ),
    "True as a count": (lambda: _checks.require_count("n", True, "runs"), r"n is True: pass a whole number of runs"),
    "1.0 as a count": (lambda: _checks.require_count("n", 1.0, "runs"), r"n is 1\.0: pass a whole number of runs"),
    "no run": (lambda: _checks.require_count("n", 0, "runs"), r"n is 0: pass a whole number of runs, at least 1"),
    "a count in NumPy's integers": (lambda: _checks.require_count("n", np.int8(3), "runs"), lambda n: type(n) is int),
    "True as a fraction": (lambda: _checks.require_fraction("discount", True, "γ"), r"discount is True"),
    "NaN as a fraction": (lambda: _checks.require_fraction("discount", float("nan"), "γ"), r"discount is nan: γ lies"),
    "an array as a fraction": (
        lambda: _checks.require_fraction("discount", np.array([0.5]), "γ"),
        r"discount is array",
    ),
    "text as a positive number": (lambda: _checks.require_positive("scale", "1", "a scale"), r"scale is '1': pass"),
    "an infinite positive number": (lambda: _checks.require_positive("scale", np.inf, "a scale"), r"scale is inf"),
    "a seed for a generator": (lambda: _checks.require_generator("rng", 0), r"rng is 0: pass a generator with a seed"),
    "the old generator": (
        lambda: _checks.require_generator("rng", np.random.RandomState(0)),
        r"rng is RandomState.*: pass a generator with a seed",
    ),
    "a table for some of the times": (
        lambda: _checks.timed_table("baseline", np.zeros((2, 3)), 4, (3,), "one for each state"),
        r"baseline has shape \(2, 3\), but needs \(\), \(3,\) or \(4, 3\)",
    ),
    "an array that does not fit": (
        lambda: _checks.require_memory("The covariance", GIBIBYTES_TOO_MANY, "use the trace"),
        r"The covariance would have shape \(1048576, 1024\) and take 8\.0 GiB: use the trace",
    ),
    "a size beyond 64 bits": (lambda: _checks.require_memory("It", (2**40, 2**40), "use less"), r"It would have shape"),
    "a package that is missing": (
        lambda: _checks.optional_import("no_such_package.inside", "to try this"),
        r"no_such_package is needed to try this and is not installed: pip install 'pgcode\[book\]'",
    ),
}
