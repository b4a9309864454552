"""What nobody should pass to an audit."""

import numpy as np

from pgcode.audit import audit, audit_advantages, audit_sequences
from pgcode.mistakes import ESTIMATORS, leave_one_out, right_advantages

WRONG = ESTIMATORS["own reward alone"]


def of(sizes):
    return lambda: audit(WRONG, n_trajectories=sizes)


def within(seconds):
    return lambda: audit(WRONG, max_seconds=seconds)


def is_biased(report):
    return report.verdict == "biased"


CASES = {
    "one size": (of(1), is_biased),
    "sizes of NumPy": (of(np.array([1])), is_biased),
    "a size of True": (of([True]), "n_trajectories is True"),
    "a size of 1.0": (of([1.0]), "n_trajectories is 1.0"),
    "a size that is a list": (of([[1]]), r"n_trajectories is \[1\]"),
    "sizes as a text": (of("12"), "n_trajectories is '12': pass the sizes of batches"),
    "sizes None": (of(None), "n_trajectories is None: pass the sizes of batches"),
    "no seconds": (within(0), "max_seconds is 0"),
    "seconds NaN": (within(np.nan), "max_seconds is nan"),
    "seconds as a text": (within("x"), "max_seconds is 'x'"),
    "entropy True": (lambda: audit(WRONG, entropy=True), "entropy is True: pass one number"),
    "entropy negative": (lambda: audit(WRONG, entropy=-1), "entropy is -1: pass β"),
    "advantages without seconds": (lambda: audit_advantages(right_advantages, max_seconds=-1), "max_seconds is -1"),
    "aggregation as a list": (lambda: audit_sequences(leave_one_out, aggregation=["a"]), r"aggregation is \['a'\]"),
    "kl as a list": (lambda: audit_sequences(leave_one_out, kl=[0.1, 0.2]), r"kl is \[0.1, 0.2\]: pass one number"),
    "kl NaN": (lambda: audit_sequences(leave_one_out, kl=np.nan), "kl is nan: pass β"),
    "kl complex": (lambda: audit_sequences(leave_one_out, kl=1j), "kl is 1j: pass one number"),
}
