"""The code behind "Policy Gradients, Line by Line": exact gradients, estimators and their derivations.

``import pgcode as pg`` gives the main names, such as ``pg.TabularMDP``, and every public module, such as
``pg.estimators``. Each is imported where it is first used, so that the import itself costs next to nothing.

Floor by floor, each importing only the floors below it (a test reads this list and holds the modules to it):

0. ``_checks``, ``_chi_squared``, ``_console``, ``_mime``, ``_palette``, ``_precision``, ``_sampling``, ``_tex``,
   ``_time_limit``: checks at the door, the χ² distribution, what a console can show, what shows itself, colours, sums
   in twice the precision, drawing by inversion, formulas in texts, calls that end.
1. ``mdp``, ``oracles``, ``_episodes``, ``_places``: decision processes, derivatives of any function, episodes of
   different lengths, places in the book.
2. ``_chapters``, ``_policy_checks``, ``_policy_audit``, ``derivation``: the chapters of the book, checks of policies,
   a derivation as data.
3. ``policies``, ``displays``: π_θ with its score; how comparisons and tables are shown.
4. ``environments``, ``linear_quadratic``, ``trajectories``, ``values``: named processes, one whose
   states and actions are vectors, sampling and enumeration, dynamic programming.
5. ``estimators``, ``rollouts``, ``_telescoping``, ``mistakes``: ĝ, a mean of weighted scores; stepping Gymnasium's
   environments; the programs for variances; known wrong estimators.
6. ``trajectory_form``, ``state_action_form``, ``general_form``, ``step_form``, ``moments``: the two forms of ∇J(θ)
   and their derivations, the proof on general spaces, how far a step may go, and the exact mean and covariance of
   an estimator.
7. ``baselines``, ``bias``, ``learning``, ``off_policy``, ``figures``: that variance as a function of the baseline,
   tests for bias, learning curves, other policies' data, drawings.
8. ``exercises``, ``audit``: exercises that know which mistake a wrong answer is, and the same for an estimator of
   your own.
9. ``_in_page``: what the pages of the website ask of Python in a browser.

Examples
--------
>>> import pgcode as pg
>>> mdp = pg.environments.two_armed_bandit()
>>> pg.exact_gradient(mdp, pg.SoftmaxPolicy(mdp.n_states, mdp.n_actions), [[0.0, 0.0], [0.0, 0.0]]).round(3)
array([[-0.25,  0.25],
       [ 0.  ,  0.  ]])
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pgcode import (
        audit,
        baselines,
        bias,
        derivation,
        displays,
        environments,
        estimators,
        exercises,
        figures,
        general_form,
        learning,
        linear_quadratic,
        mdp,
        mistakes,
        moments,
        off_policy,
        oracles,
        policies,
        rollouts,
        state_action_form,
        step_form,
        trajectories,
        trajectory_form,
        values,
    )
    from pgcode.bias import bias_test
    from pgcode.derivation import Derivation, Line
    from pgcode.displays import check, table
    from pgcode.estimators import policy_gradient
    from pgcode.mdp import TabularMDP
    from pgcode.oracles import complex_step
    from pgcode.policies import (
        DirectPolicy,
        GaussianPolicy,
        LinearSoftmaxPolicy,
        SoftmaxPolicy,
        TabularPolicy,
        check_policy,
    )
    from pgcode.state_action_form import exact_gradient
    from pgcode.trajectories import Trajectories, sample_trajectories
    from pgcode.values import objective

__version__ = "0.2.0"

__all__ = [
    "Derivation",
    "DirectPolicy",
    "GaussianPolicy",
    "Line",
    "LinearSoftmaxPolicy",
    "SoftmaxPolicy",
    "TabularMDP",
    "TabularPolicy",
    "Trajectories",
    "audit",
    "baselines",
    "bias",
    "bias_test",
    "check",
    "check_policy",
    "complex_step",
    "derivation",
    "displays",
    "environments",
    "estimators",
    "exact_gradient",
    "exercises",
    "figures",
    "general_form",
    "learning",
    "linear_quadratic",
    "mdp",
    "mistakes",
    "moments",
    "objective",
    "off_policy",
    "oracles",
    "policies",
    "policy_gradient",
    "rollouts",
    "sample_trajectories",
    "state_action_form",
    "step_form",
    "table",
    "trajectories",
    "trajectory_form",
    "values",
]

#: Where the main names are defined; what else is in ``__all__`` is a module.
_HOMES = {
    "Derivation": "derivation",
    "DirectPolicy": "policies",
    "GaussianPolicy": "policies",
    "Line": "derivation",
    "LinearSoftmaxPolicy": "policies",
    "SoftmaxPolicy": "policies",
    "TabularMDP": "mdp",
    "TabularPolicy": "policies",
    "Trajectories": "trajectories",
    "bias_test": "bias",
    "check": "displays",
    "check_policy": "policies",
    "complex_step": "oracles",
    "exact_gradient": "state_action_form",
    "objective": "values",
    "policy_gradient": "estimators",
    "sample_trajectories": "trajectories",
    "table": "displays",
}

if not TYPE_CHECKING:  # else a misspelled name would be any object to a type checker

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = import_module(f"{__name__}.{_HOMES.get(name, name)}")
        # Nothing is stored: what an exercise's answer asks for must not look like a change of the package.
        return getattr(module, name) if name in _HOMES else module


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
