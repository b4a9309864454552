"""Is this function an unbiased policy gradient? Exactly, with the name of the mistake and a world that shows it.

`audit` takes an estimator of ∇J(θ), `audit_advantages` what computes advantages, and `audit_sequences` what weighs the
answers of a language model. Each enumerates everything that can happen in small worlds, so nothing is sampled.

What you have, and what you call:

A gradient of `Trajectories` and θ
    ``audit(gradient)``

A gradient of a list of episodes, a flat buffer, or arrays (T, N)
    ``audit(from_episodes(gradient))``, or `from_buffer`, or `from_rollout`

A loss in PyTorch, JAX or NumPy
    ``audit(from_torch_loss(loss))``, or `from_jax_loss`, or `from_numpy_loss`

Advantages, with ends and cuts
    ``audit_advantages(advantages)``

Weights of the answers of a language model
    ``audit_sequences(weights, aggregation="token mean")``

A second
    ``first_checks(gradient)`` asks what every estimator fulfils, and is what to begin with

A test
    ``assert_unbiased(gradient)``

A shell
    ``python -m pgcode.audit --help`` has an example of each

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
