"""Ways to add an entropy bonus that are not the gradient of an objective with one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode._chapters import LOSS
from pgcode._places import Section
from pgcode.mistakes._catalogue import Catalogue, PickledByName, batches_of, described
from pgcode.mistakes._pipeline import RIGHT, Batches, Station, log_softmax, run
from pgcode.trajectories import Trajectories

__all__ = ["BONUSES", "RIGHT_BONUSES", "WrongBonus"]

Array = NDArray[np.float64]
Stations = Mapping[str, Station]

_SECTION = LOSS.section("The entropy bonus")


def _no_bonus(entropy: float) -> Stations:
    """No station is another."""
    return {}


@dataclass(frozen=True)
class WrongBonus(PickledByName):
    r"""A known wrong way to add an entropy bonus, to REINFORCE with the reward-to-go.

    What is asked for is ∇ of E[Σ_t γᵗ (r_t + β H(π(·|s_t)))]. Called with a batch, θ and β it gives its estimate.

    Attributes
    ----------
    name, what, why : str
    see : Section
        Where in the book it is explained.
    reports : tuple of str

    Examples
    --------
    A batch of one decision, between two actions of probability ½.

    >>> import numpy as np
    >>> from pgcode import Trajectories, mistakes
    >>> batch = Trajectories([[0, 1]], [[1]], [[0.0]], discount=1.0, terminal=[False, True])
    >>> mistakes.BONUSES["sampled entropy bonus"](batch, np.zeros((2, 2)), 0.5)[0]
    array([ 0.25, -0.25])
    """

    name: str
    what: str
    why: str
    see: Section
    reports: tuple[str, ...] = ()
    stations: Callable[[float], Stations] = field(repr=False, compare=False, default=_no_bonus)

    def __call__(self, trajectories: Trajectories, theta: ArrayLike, entropy: float) -> Array:
        """Return the wrong estimate, shape (S, A)."""
        weight = float(_checks.real_array("entropy", entropy))
        return np.asarray(run(batches_of(trajectories, theta), self.stations(weight))[0])


#: The known ones, by name.
BONUSES: Catalogue[WrongBonus] = Catalogue()


def _wrong(*reports: str) -> Callable[[Callable[[float], Stations]], WrongBonus]:
    def register(stations: Callable[[float], Stations]) -> WrongBonus:
        return BONUSES._add(WrongBonus(*described(stations), _SECTION, reports, stations))

    return register


@_wrong("pg-is-all-you-need 37")
def sampled_entropy_bonus(entropy: float) -> Stations:
    """−β log π(a_t|s_t) of the actions taken is added to what is differentiated.

    Its value is the entropy in the mean, but the mean of its gradient is zero: it is a constant baseline, and no bonus.
    """

    def after(batches: Batches, gradient: Array) -> Array:
        decided = np.where(batches.active, 1.0, 0.0)
        return np.asarray(gradient - entropy * RIGHT["mean"](batches, decided, RIGHT["scores"](batches)))

    return {"after": after}


@_wrong()
def entropy_bonus_left_out(entropy: float) -> Stations:
    """There is no bonus.

    This is the gradient of J alone.
    """
    return {}


@_wrong("CleanRL, ppo: ent_coef")
def entropy_of_the_visited_states_alone(entropy: float) -> Stations:
    """β ∇H(π(·|s_t)) is added for the states of the batch, and the entropies to come are not in the returns.

    An action that leads to states with more entropy is not made more probable: the bonus sees its own state alone.
    """
    return {"after": lambda batches, gradient: gradient + entropy * _slopes(batches, batches.powers)}


@_wrong()
def entropy_of_the_visited_states_without_discount(entropy: float) -> Stations:
    """β ∇H(π(·|s_t)) is added for the states of the batch without γᵗ, and the entropies are not in the returns.

    Late states count too much, and what an action leads to is left out.
    """
    return {"after": lambda batches, gradient: gradient + entropy * _slopes(batches, np.ones_like(batches.powers))}


@_wrong()
def entropy_as_a_reward_alone(entropy: float) -> Stations:
    """β H(π(·|s_t)) is added to the rewards and not differentiated.

    H depends on θ itself. What an action leads to counts, what it costs in its own state does not.
    """
    return {"data": lambda batches: _paid(batches, entropy * _entropies(batches.theta)[batches.states[..., :-1]])}


@_wrong()
def entropy_bonus_with_the_opposite_sign(entropy: float) -> Stations:
    """β H is subtracted.

    A loss is lowered: in it the entropy stands with a minus. Otherwise the policy is made less random.
    """
    return _as_reward_and_slope(-entropy)


def _entropies(theta: Array) -> Array:
    logs = log_softmax(theta)
    return np.asarray(-(np.exp(logs) * logs).sum(axis=1))


def _paid(batches: Batches, more: Array) -> Batches:
    return batches.changed(rewards=np.where(batches.active, batches.rewards + more, 0.0))


def _slopes(batches: Batches, powers: Array) -> Array:
    """(1/m) Σ_i Σ_t w_t ∇H(π(·|s_t)), shape (B, S, A)."""
    logs = log_softmax(batches.theta)
    slope = -np.exp(logs) * (logs + _entropies(batches.theta)[:, None])
    states = np.equal.outer(batches.states[..., :-1], np.arange(len(logs))) & batches.active[..., None]
    visits = np.einsum("bmts,t->bs", states, powers)
    return np.asarray(visits[..., None] * slope / batches.episodes)


def _as_reward_and_slope(entropy: float) -> Stations:
    """Right: β H(π(·|s_t)) as a reward, and its gradient in the states of the batch."""
    return {
        "data": lambda batches: _paid(batches, entropy * _entropies(batches.theta)[batches.states[..., :-1]]),
        "after": lambda batches, gradient: gradient + entropy * _slopes(batches, batches.powers),
    }


def _as_sampled_reward(entropy: float) -> Stations:
    """Right too: −β log π(a_t|s_t) as a reward, which is a number and not differentiated."""

    def data(batches: Batches) -> Batches:
        logs = log_softmax(batches.theta)[batches.states[..., :-1], batches.actions]
        return _paid(batches, -entropy * logs)

    return {"data": data}


#: The right ways, by name.
RIGHT_BONUSES: Mapping[str, Callable[[float], Stations]] = {
    "entropy as a reward and its gradient": _as_reward_and_slope,
    "sampled entropy as a reward": _as_sampled_reward,
}
