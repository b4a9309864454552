"""Is this function an unbiased policy gradient? Exactly, with the name of the mistake and a world that shows it.

`audit` takes an estimator of ∇J(θ), `audit_advantages` what computes advantages, and `audit_sequences` what weighs the
answers of a language model. Each enumerates everything that can happen in small worlds, so nothing is sampled.
`first_checks` asks what every estimator fulfils, on a handful of batches, and is what to begin with.
`from_episodes` and the other adapters take code as it is, `assert_unbiased` is for tests, and
``python -m pgcode.audit module:function`` for a shell.

Examples
--------
>>> from pgcode import mistakes
>>> from pgcode.audit import audit
>>> audit(mistakes.ESTIMATORS["own reward left out"]).verdict
'biased'
"""

from pgcode.audit._adapters import (
    LossBatch,
    StepArrays,
    from_buffer,
    from_episodes,
    from_jax_loss,
    from_numpy_loss,
    from_rollout,
    from_torch_loss,
)
from pgcode.audit._advantages import audit_advantages
from pgcode.audit._audit import assert_unbiased, audit
from pgcode.audit._first_checks import FirstChecks, first_checks
from pgcode.audit._report import Counterexample, Report
from pgcode.audit._sequences import audit_sequences

__all__ = [
    "Counterexample",
    "FirstChecks",
    "LossBatch",
    "Report",
    "StepArrays",
    "assert_unbiased",
    "audit",
    "audit_advantages",
    "audit_sequences",
    "first_checks",
    "from_buffer",
    "from_episodes",
    "from_jax_loss",
    "from_numpy_loss",
    "from_rollout",
    "from_torch_loss",
]
