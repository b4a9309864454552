"""Small decision processes with known answers, each with its source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode._policy_checks import require_mdp
from pgcode.mdp import TabularMDP
from pgcode.policies import LinearSoftmaxPolicy

__all__ = [
    "aliased_chain",
    "aliased_chain_policy",
    "board",
    "cancelling_rewards",
    "corridor_optimum",
    "corridor_policy",
    "corridor_state_values",
    "fork",
    "fork_policy",
    "gridworld",
    "lone_payer",
    "loop",
    "machine",
    "machine_policy",
    "mill",
    "random_mdp",
    "restarting_chain",
    "short_corridor",
    "shuttle",
    "shuttle_policy",
    "thin_ice",
    "thin_ice_policy",
    "two_armed_bandit",
    "two_rooms",
    "two_seasons",
    "two_seasons_policy",
    "two_switches",
    "two_switches_policy",
]

#: Actions of the corridor.
LEFT, RIGHT = 0, 1

#: Actions of the mill.
RUN, REPAIR = 0, 1

#: Actions of the switches.
DOWN, UP = 0, 1

#: Moves of the gridworld as (row, column), in Gymnasium's order: left, down, right, up.
MOVES = ((0, -1), (1, 0), (0, 1), (-1, 0))


def two_armed_bandit(rewards: ArrayLike = (1.0, 2.0)) -> TabularMDP:
    """One decision between two arms that pay for sure: J(θ) = Σ_a π_θ(a) r_a.

    State 0 is the decision, state 1 the end.

    Parameters
    ----------
    rewards : array, shape (2,)
        r_a, the payment of each arm.

    Examples
    --------
    >>> two_armed_bandit((3.0, 5.0)).expected_reward[0]
    array([3., 5.])
    """
    paid = _checks.real_array("rewards", rewards)
    _checks.require_shape("rewards", paid.shape, (2,), "one payment for each of the two arms")
    transition = np.zeros((2, 2, 2))
    transition[:, :, 1] = 1
    reward = np.zeros((2, 2, 2))
    reward[0, :, 1] = paid
    return TabularMDP(transition, reward, np.array([1.0, 0.0]), discount=1.0, horizon=1)


def two_rooms(horizon: int = 4, discount: float = 0.9) -> TabularMDP:
    """Two rooms, of which the second pays more: action 0 stays, action 1 goes.

    Staying pays 1 in room 0 and 2 in room 1, and fails with probability 0.1. Going pays nothing and fails
    with probability 0.2. The start is room 0.

    Parameters
    ----------
    horizon : int
        T, the number of decisions.
    discount : float
        γ.

    Examples
    --------
    >>> two_rooms().expected_reward
    array([[1., 0.],
           [2., 0.]])
    """
    transition = np.array([[[0.9, 0.1], [0.2, 0.8]], [[0.1, 0.9], [0.8, 0.2]]])
    reward = np.array([[[1.0, 1.0], [0.0, 0.0]], [[2.0, 2.0], [0.0, 0.0]]])
    return TabularMDP(transition, reward, np.array([1.0, 0.0]), discount, horizon)


def short_corridor(horizon: int | None = None, discount: float = 1.0) -> TabularMDP:
    """The short corridor with switched actions.

    Three states in a row and the end at the right. Each step pays −1. Action 1 is right and
    action 0 is left, but in state 1 they are switched. State 3 is the end.

    Parameters
    ----------
    horizon : int, optional
        T; without it the walk goes on until it ends.
    discount : float
        γ.

    References
    ----------
    Sutton and Barto (2018), Example 13.1.

    Examples
    --------
    >>> corridor = short_corridor()
    >>> corridor.transition[:, RIGHT].argmax(axis=1)
    array([1, 0, 3, 3])
    >>> corridor.terminal
    array([False, False, False,  True])
    """
    transition = np.zeros((4, 2, 4))
    for state, left_of, right_of in ((0, 0, 1), (1, 2, 0), (2, 1, 3), (3, 3, 3)):
        transition[state, LEFT, left_of] = 1
        transition[state, RIGHT, right_of] = 1
    reward = np.full((4, 2, 4), -1.0)
    reward[3] = 0
    return TabularMDP(transition, reward, np.eye(4)[0], discount, horizon)


def corridor_policy() -> LinearSoftmaxPolicy:
    """The corridor's softmax policy: φ(s, left) = (1, 0) and φ(s, right) = (0, 1) in every state.

    θ holds the preferences for left and for right, in the order of the actions. All states look alike, so only
    p = P(right) = 1 / (1 + exp(θ₀ − θ₁)) can be learnt.

    References
    ----------
    Sutton and Barto (2018), Example 13.1.

    Examples
    --------
    >>> corridor_policy().probabilities([0.0, np.log(3)])[0]  # left, right
    array([0.25, 0.75])
    """
    features = np.zeros((4, 2, 2))
    features[:, LEFT, 0] = 1
    features[:, RIGHT, 1] = 1
    return LinearSoftmaxPolicy(features)


def corridor_state_values(p: complex) -> NDArray[np.complex128] | NDArray[np.float64]:
    """The corridor's values v(s) when every state goes right with probability p, in closed form.

    v(0) = (2p − 4) / (p (1 − p)), and the Bellman equations give v(1) = v(0) + 1/p and
    v(2) = (1 − p) v(1) − 1; no discount, no horizon. A complex p is carried through.

    Parameters
    ----------
    p : number
        P(right), strictly between 0 and 1.

    Returns
    -------
    array, shape (4,)

    References
    ----------
    Sutton and Barto (2018), Example 13.1: the graph of v(0) with its maximum; the formula follows
    from the three Bellman equations.

    Examples
    --------
    >>> corridor_state_values(0.5)
    array([-12., -10.,  -6.,   0.])
    """
    p = _one_number("p", p)
    if not 0 < p.real < 1:
        raise ValueError(f"p is {p}: the walk ends with certainty only for p strictly between 0 and 1")
    start = (2 * p - 4) / (p * (1 - p))
    switched = start + 1 / p
    return np.array([start, switched, (1 - p) * switched - 1, 0 * p])


def corridor_optimum() -> tuple[float, float]:
    """The best p and its start value: (2 − √2, −(6 + 4√2)), about (0.586, −11.66).

    References
    ----------
    Sutton and Barto (2018), Example 13.1, where both are given rounded.

    Examples
    --------
    >>> p, value = corridor_optimum()
    >>> print(round(p, 4), round(value, 4))
    0.5858 -11.6569
    """
    return 2 - np.sqrt(2), -(6 + 4 * np.sqrt(2))


def random_mdp(
    rng: np.random.Generator,
    n_states: int = 3,
    n_actions: int = 2,
    discount: float = 0.8,
    horizon: int | None = 4,
) -> TabularMDP:
    """A random MDP: p(·|s,a) and μ uniform on the simplex, r(s,a,s') standard normal.

    Parameters
    ----------
    rng : numpy.random.Generator
        The source of randomness; the same seed gives the same MDP.
    n_states, n_actions : int
        S and A.
    discount : float
        γ.
    horizon : int, optional
        T.

    Examples
    --------
    >>> random_mdp(np.random.default_rng(0), n_states=5)
    TabularMDP(n_states=5, n_actions=2, discount=0.8, horizon=4)
    """
    _checks.require_generator("rng", rng)
    n_states = _checks.require_count("n_states", n_states, "states")
    n_actions = _checks.require_count("n_actions", n_actions, "actions")
    _checks.require_memory("transition", (n_states, n_actions, n_states), "take fewer states")
    transition = rng.dirichlet(np.ones(n_states), size=(n_states, n_actions))
    reward = rng.standard_normal((n_states, n_actions, n_states))
    initial = rng.dirichlet(np.ones(n_states))
    return TabularMDP(transition, reward, initial, discount, horizon)


def restarting_chain(mdp: TabularMDP) -> TabularMDP:
    """The process that starts anew from μ with probability 1 − γ in each step, instead of discounting.

    Its dynamics are γ p(s'|s,a) + (1 − γ) μ(s'), and it pays r(s,a), the expected reward of the step in ``mdp``. For
    every policy it has one recurrent class, the stationary distribution (1 − γ) d_γ and the average reward (1 − γ) J,
    and its differential values are the discounted ones of ``mdp``, up to a constant. So the theorem for the average
    reward of this process is the discounted theorem for ``mdp``.

    Parameters
    ----------
    mdp : TabularMDP
        Without a horizon and with γ < 1. The start and γ are kept; for an average reward they play no part.

    Returns
    -------
    TabularMDP

    Raises
    ------
    ValueError
        If the MDP has a horizon or γ = 1.

    Examples
    --------
    >>> import numpy as np
    >>> from pgcode import values
    >>> from pgcode.policies import SoftmaxPolicy
    >>> mdp = random_mdp(np.random.default_rng(0), horizon=None)
    >>> policy, theta = SoftmaxPolicy(3, 2), np.zeros((3, 2))
    >>> print(round(values.average_reward(restarting_chain(mdp), policy, theta), 6))
    -0.117354
    >>> print(round((1 - mdp.discount) * values.objective(mdp, policy, theta), 6))
    -0.117354
    """
    require_mdp(mdp)
    if mdp.horizon is not None or mdp.discount == 1:
        raise ValueError(
            f"mdp has horizon {mdp.horizon} and discount {mdp.discount:g}, but a restart takes the place of a discount "
            "below 1 without a horizon: take horizon=None and a discount below 1"
        )
    transition = mdp.discount * mdp.transition + (1 - mdp.discount) * mdp.initial
    reward = np.broadcast_to(mdp.expected_reward[:, :, None], mdp.transition.shape)
    return replace(mdp, transition=transition, reward=reward)


def gridworld(
    rows: Sequence[str] = ("S..", ".#.", "..G"),
    slip: float = 0.2,
    step_reward: float = -0.1,
    discount: float = 0.95,
    horizon: int | None = None,
) -> TabularMDP:
    """A gridworld drawn in text: S start, G goal (+1), H hole (−1), # wall, . free.

    The four actions are left, down, right and up. With probability ``slip`` the move goes to one
    of the two sides instead, each equally likely. Moving into a wall or off the grid stays.
    States are numbered along the rows, walls too, so that ``state = row · columns + column``.

    Parameters
    ----------
    rows : sequence of str
        The drawing; all rows equally long; at least one S.
    slip : float
        The probability of slipping, from 0 to 1.
    step_reward : float
        What a step pays that reaches neither goal nor hole.
    discount : float
        γ.
    horizon : int, optional
        T.

    Raises
    ------
    TypeError, ValueError
        If the drawing is one string, its rows differ in length, a cell is none of these, or there is no start; if a
        number is none, or out of range.

    Examples
    --------
    >>> grid = gridworld(("S.", ".G"), slip=0.0)
    >>> grid.terminal
    array([False, False, False,  True])
    >>> left, down, right, up = range(4)
    >>> grid.transition[0, [left, down, right, up]].argmax(axis=1)
    array([0, 2, 1, 0])
    """
    if isinstance(rows, str):
        raise TypeError(f"rows is the string {rows!r}: give a sequence of rows, such as {rows.split() or [rows]!r}")
    if not isinstance(rows, Iterable) or not all(isinstance(line, str) for line in rows):
        raise TypeError("rows holds something that is no string: draw each row as a string, such as 'S.G'")
    step_reward = _number("step_reward", step_reward)
    n_columns = len(rows[0]) if len(rows) else 0
    for number, line in enumerate(rows):
        if len(line) != n_columns:
            raise ValueError(f"rows[{number}] has {len(line)} cells, but rows[0] {n_columns}: make them equally long")
        strange = set(line) - set("SGH#.")
        if strange:
            raise ValueError(f"rows[{number}] holds {sorted(strange)[0]!r}: use S, G, H, # and .")
    cells = "".join(rows)
    if "S" not in cells:
        raise ValueError("rows has no S: mark at least one start")
    slip = _checks.require_fraction("slip", slip, "a probability")

    n_states, n_rows = len(cells), len(rows)
    paid_on_entry = np.array([{"G": 1.0, "H": -1.0}.get(cell, step_reward) for cell in cells])
    transition = np.zeros((n_states, len(MOVES), n_states))
    reward = np.zeros((n_states, len(MOVES), n_states))
    for state, cell in enumerate(cells):
        if cell in "GH#":
            transition[state, :, state] = 1
            continue
        row, column = divmod(state, n_columns)
        reward[state] = paid_on_entry
        for action in range(len(MOVES)):
            for turn, probability in ((0, 1 - slip), (1, slip / 2), (-1, slip / 2)):
                step = MOVES[(action + turn) % len(MOVES)]
                to_row, to_column = row + step[0], column + step[1]
                inside = 0 <= to_row < n_rows and 0 <= to_column < n_columns
                reached = to_row * n_columns + to_column
                after = reached if inside and cells[reached] != "#" else state
                transition[state, action, after] += probability
    start = np.array([cell == "S" for cell in cells], dtype=float)
    return TabularMDP(transition, reward, start / start.sum(), discount, horizon)


def cancelling_rewards(size: float = 10.0, bonus: float = 1.0) -> TabularMDP:
    """Two decisions whose first payment is taken back by the second: reward-to-go has the higher variance.

    The start is state 0 or 1, each with probability 1/2. The first step pays +size from state 0 and
    −size from state 1, the second the opposite, and each step pays the bonus for action 1. So
    R(τ) = bonus · (number of times that action 1 was taken), which hardly varies, while
    G_1 = ∓size + bonus · a_1 varies much. States 2 and 3 hold the second decision, state 4 is the end.

    Parameters
    ----------
    size : float
        What is paid and taken back.
    bonus : float
        What action 1 pays.

    References
    ----------
    Made for this course. That reward-to-go has a lower variance is said, for example, in Spinning Up,
    part 3, without a proof; it holds often, not always.

    Examples
    --------
    >>> cancelling_rewards(size=10.0, bonus=1.0).expected_reward[:4]
    array([[ 10.,  11.],
           [-10.,  -9.],
           [-10.,  -9.],
           [ 10.,  11.]])
    """
    size, bonus = _number("size", size), _number("bonus", bonus)
    transition = np.zeros((5, 2, 5))
    reward = np.zeros((5, 2, 5))
    for state, (after, paid) in enumerate(((2, size), (3, -size), (4, -size), (4, size))):
        transition[state, :, after] = 1
        reward[state, :, after] = paid, paid + bonus
    transition[4, :, 4] = 1
    return TabularMDP(transition, reward, np.array([0.5, 0.5, 0, 0, 0]), discount=1.0, horizon=2)


def lone_payer(n_actions: int = 3) -> TabularMDP:
    """One decision between arms of which only arm 0 pays: where it is likely, V is a bad baseline.

    State 0 is the decision, state 1 the end; arm 0 pays 1, the others 0. V = π(0). The constant
    baseline with the least variance weighs the arms by π(a) |∇log π(a)|², which is small for a likely
    arm, and so it is near 0 where V is near 1.

    Parameters
    ----------
    n_actions : int
        The number of arms, two at least.

    References
    ----------
    Made for this course, after Greensmith, Bartlett and Baxter (2004), where the baseline of least
    variance is derived and is not V.

    Examples
    --------
    >>> lone_payer().expected_reward[0]
    array([1., 0., 0.])
    """
    n_actions = _checks.require_count("n_actions", n_actions, "arms")
    if n_actions < 2:
        raise ValueError("n_actions is 1: a choice needs at least 2 arms")
    transition = np.zeros((2, n_actions, 2))
    transition[:, :, 1] = 1
    reward = np.zeros((2, n_actions, 2))
    reward[0, 0, 1] = 1
    return TabularMDP(transition, reward, np.array([1.0, 0.0]), discount=1.0, horizon=1)


def aliased_chain(discount: float = 0.5, cost: float = 1.5) -> TabularMDP:
    """Two decisions that look alike: without the factor γᵗ the learner ends at the worst policy.

    Action 1 pays 1 in state 0 and −cost in state 1; action 0 pays nothing; every action leads on, and
    state 2 is the end. With ``aliased_chain_policy`` both states share one probability p of action 1,
    and J = p (1 − γ · cost). For 1 < cost < 1/γ the best policy is p = 1, but the sum of
    ∇log π(a_t|s_t) G_t without γᵗ has the mean (1 − cost) ∇p, and so it points to p = 0, the worst for
    this J. (Without a discount p = 0 would be the best.)

    Parameters
    ----------
    discount : float
        γ.
    cost : float
        What action 1 costs in state 1.

    References
    ----------
    After Nota and Thomas (2020), who show with aliased states that the update without γᵗ may reach the
    worst policy; theirs is worst with and without a discount. This chain was made for this course.

    Examples
    --------
    >>> aliased_chain().expected_reward
    array([[ 0. ,  1. ],
           [ 0. , -1.5],
           [ 0. ,  0. ]])
    """
    paid = _number("cost", cost)
    transition = np.zeros((3, 2, 3))
    reward = np.zeros((3, 2, 3))
    for state, after in enumerate((1, 2, 2)):
        transition[state, :, after] = 1
    reward[0, 1, 1], reward[1, 1, 2] = 1, -paid
    return TabularMDP(transition, reward, np.array([1.0, 0, 0]), discount, horizon=2)


def aliased_chain_policy() -> LinearSoftmaxPolicy:
    """The policy that cannot tell the states of ``aliased_chain`` apart: p = P(action 1) = 1 / (1 + exp(−θ)).

    Examples
    --------
    >>> aliased_chain_policy().probabilities([np.log(3)])
    array([[0.25, 0.75],
           [0.25, 0.75],
           [0.25, 0.75]])
    """
    features = np.zeros((3, 2, 1))
    features[:, 1] = 1
    return LinearSoftmaxPolicy(features)


def fork(discount: float = 1.0) -> TabularMDP:
    """Two rooms behind a fork, which look alike: the off-policy semi-gradient leaves the best policy for a poor one.

    State 0 is the fork: action 0 leads to room 1, action 1 to room 2. In room 1 action 0 pays 2, in room 2 action 1
    pays 1, all else pays nothing, and from both rooms the end, state 3, follows. With ``fork_policy``, which cannot
    tell the rooms apart, it is best to choose action 0 everywhere.

    Let walks be drawn by a policy that chooses action 1 three times out of four. It sees the rooms with the
    probabilities 1/4 and 3/4. Whoever weighs the rooms by this finds that action 1 pays 3/4 and action 0 pays 2/4,
    whatever is chosen at the fork, and learns action 1 in both rooms.

    Parameters
    ----------
    discount : float
        γ.

    References
    ----------
    Imani, Graves and White (2018), section 5.1: the counterexample with the states and rewards that they give it.

    Examples
    --------
    >>> fork().expected_reward
    array([[0., 0.],
           [2., 0.],
           [0., 1.],
           [0., 0.]])
    """
    transition = np.zeros((4, 2, 4))
    reward = np.zeros((4, 2, 4))
    transition[0, 0, 1] = transition[0, 1, 2] = 1
    transition[1:, :, 3] = 1
    reward[1, 0, 3], reward[2, 1, 3] = 2, 1
    return TabularMDP(transition, reward, np.array([1.0, 0, 0, 0]), discount)


def fork_policy() -> LinearSoftmaxPolicy:
    """The policy that cannot tell the rooms of ``fork`` apart.

    θ holds the preferences for action 0 at the fork and in the rooms; action 1 has none.

    Examples
    --------
    >>> fork_policy().probabilities(np.log([9, 3]))[:3]
    array([[0.9 , 0.1 ],
           [0.75, 0.25],
           [0.75, 0.25]])
    """
    features = np.zeros((4, 2, 2))
    features[0, 0, 0] = features[1:3, 0, 1] = 1
    return LinearSoftmaxPolicy(features)


def shuttle(discount: float = 0.5, pay: float = 8.0) -> TabularMDP:
    """Two stations, small enough for a napkin: wait (action 0) or go to the other one (action 1).

    It starts at station 0, and only the way back, from 1 to 0, pays. With γ = 1/2 and both actions equally
    likely, V = (2, 6), d_γ = (3/2, 1/2), and the derivative of J by the one parameter of ``shuttle_policy`` is 3/2.
    With the probability x of going, J = 16 x² / (1 + 2x).

    Parameters
    ----------
    discount : float
        γ.
    pay : float
        What the way back pays.

    References
    ----------
    Made for this course.

    Examples
    --------
    >>> from pgcode import values
    >>> values.state_values(shuttle(), shuttle_policy(), [0.0])
    array([2., 6.])
    >>> values.discounted_visitation(shuttle(), shuttle_policy(), [0.0])
    array([1.5, 0.5])
    """
    transition = np.zeros((2, 2, 2))
    reward = np.zeros((2, 2, 2))
    for station in range(2):
        transition[station, 0, station] = transition[station, 1, 1 - station] = 1
    reward[1, 1, 0] = _number("pay", pay)
    return TabularMDP(transition, reward, np.array([1.0, 0.0]), discount)


def shuttle_policy() -> LinearSoftmaxPolicy:
    """The policy of the shuttle: it goes with the probability 1 / (1 + exp(−θ)), whichever station it is at.

    Examples
    --------
    >>> shuttle_policy().probabilities([0.0])
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """
    return LinearSoftmaxPolicy([[[0], [1]], [[0], [1]]])


def loop(discount: float = 0.8, horizon: int | None = None) -> TabularMDP:
    """Four states in a circle: rest (action 0), or go on to the next one (action 1).

    Going succeeds with probability 0.9 and stays otherwise. Each rest in state 1 pays 1, and closing the loop, from
    state 3 to state 0, pays 6: who rests earns early, who goes on earns more in the long run. It starts in state 0.
    The stationary distribution is proportional to 1 / π(go|s).

    Parameters
    ----------
    discount : float
        γ.
    horizon : int, optional
        T.

    References
    ----------
    Made for this course.

    Examples
    --------
    >>> import numpy as np
    >>> from pgcode import values
    >>> from pgcode.policies import SoftmaxPolicy
    >>> values.stationary_distribution(loop(), SoftmaxPolicy(4, 2), np.zeros((4, 2))).round(9)
    array([0.25, 0.25, 0.25, 0.25])
    """
    transition, reward = np.zeros((4, 2, 4)), np.zeros((4, 2, 4))
    for state in range(4):
        transition[state, 0, state] = 1
        transition[state, 1, [state, (state + 1) % 4]] = 0.1, 0.9
    reward[1, 0, 1], reward[3, 1, 0] = 1, 6
    return TabularMDP(transition, reward, np.eye(4)[0], discount, horizon)


def machine(discount: float = 0.8, horizon: int | None = None) -> TabularMDP:
    """A machine that is new, worn or old (states 0, 1, 2): run it (action 0) or service it (action 1).

    Running pays 2, 1.5 or nothing and wears it; a service costs 1 and most often makes it as good as new. What
    is done today decides in which states it will be, so the stationary distribution has a large gradient.

    Parameters
    ----------
    discount : float
        γ.
    horizon : int, optional
        T.

    References
    ----------
    Made for this course.

    Examples
    --------
    >>> machine().expected_reward
    array([[ 2. , -1. ],
           [ 1.5, -1. ],
           [ 0. , -1. ]])
    """
    transition = np.array(
        [
            [[0.7, 0.3, 0.0], [1.0, 0.0, 0.0]],
            [[0.0, 0.6, 0.4], [0.9, 0.1, 0.0]],
            [[0.0, 0.0, 1.0], [0.8, 0.0, 0.2]],
        ]
    )
    reward = np.zeros((3, 2, 3))
    reward[:, 0] = np.array([2.0, 1.5, 0.0])[:, None]
    reward[:, 1] = -1.0
    return TabularMDP(transition, reward, np.eye(3)[0], discount, horizon)


def machine_policy() -> LinearSoftmaxPolicy:
    """The policy of the machine: the preference for a service is θ₀ + θ₁ w with the wear w = 0, 1, 2.

    The preference for running is 0. With two parameters every gradient is an arrow in the plane.

    Examples
    --------
    >>> machine_policy().probabilities([-1.0, 0.0])[:, 1].round(4)
    array([0.2689, 0.2689, 0.2689])
    """
    features = np.zeros((3, 2, 2))
    features[:, 1, 0] = 1
    features[:, 1, 1] = [0, 1, 2]
    return LinearSoftmaxPolicy(features)


def mill(breaks: float = 0.2, horizon: int | None = 2, discount: float = 1.0) -> TabularMDP:
    """A mill that works (state 0) or is broken (state 1), and is run (action 0) or repaired (action 1).

    To run it pays 1 if it works, and then it breaks with a given probability; a broken one pays 0 and stays
    broken. A repair costs 1, and the mill works afterwards. It works at the start. Two days make 8 walks.

    Parameters
    ----------
    breaks : float
        p(broken|working, run).
    horizon : int, optional
        T, in days.
    discount : float
        γ.

    Examples
    --------
    >>> from pgcode.trajectories import possible_trajectories
    >>> walks = possible_trajectories(mill())
    >>> walks.returns
    array([ 2.,  2.,  0.,  1.,  0.,  0.,  0., -2.])
    """
    chance = _number("breaks", breaks)
    if not 0 <= chance <= 1:
        raise ValueError(f"breaks is {chance:g}: pass a probability from 0 to 1")
    transition = np.array([[[1 - chance, chance], [1, 0]], [[0, 1], [1, 0]]])
    reward = np.array([[[1.0, 1.0], [-1.0, -1.0]], [[0.0, 0.0], [-1.0, -1.0]]])
    return TabularMDP(transition, reward, np.array([1.0, 0.0]), discount, horizon)


def board(discount: float = 1.0) -> TabularMDP:
    """A board of two rows and three columns, on which each move goes right (action 0) or down (action 1).

    A walk starts at the upper left, in state 0, and is over in the last column or when it leaves the lower edge, both
    state 4. States 1, 2 and 3 are the upper middle, the lower left and the lower middle place. The upper right is a
    pit and costs 2, the lower left holds a coin and brings 1, the lower right is home and brings 2. There are six
    walks.

    Parameters
    ----------
    discount : float
        γ.

    References
    ----------
    Made for this course.

    Examples
    --------
    >>> from pgcode.trajectories import possible_trajectories
    >>> sorted(possible_trajectories(board()).returns.tolist())
    [-2.0, 0.0, 1.0, 1.0, 2.0, 3.0]
    """
    pays = np.array([[0, 0, -2], [1, 0, 2], [0, 0, 0]])
    transition, reward = np.zeros((2, 5, 2, 5))
    transition[4, :, 4] = 1
    for row, column in np.ndindex(2, 2):
        for action, place in enumerate([(row, column + 1), (row + 1, column)]):
            after = 4 if max(place) == 2 else 2 * place[0] + place[1]
            transition[2 * row + column, action, after] = 1
            reward[2 * row + column, action, after] = pays[place]
    return TabularMDP(transition, reward, np.eye(5)[0], discount, horizon=3)


def two_switches() -> TabularMDP:
    """Two switches, set one after the other: both up pay 3, both down pay 2, and else nothing is paid.

    Action 0 is down and action 1 is up. State 0 is the first decision, states 1 and 2 are the second after down
    and after up, and state 3 is the end.

    Examples
    --------
    >>> two_switches().expected_reward[1:3]
    array([[2., 0.],
           [0., 3.]])
    """
    transition, reward = np.zeros((2, 4, 2, 4))
    transition[0, DOWN, 1] = transition[0, UP, 2] = 1
    transition[1:, :, 3] = 1
    reward[1, DOWN, 3], reward[2, UP, 3] = 2, 3
    return TabularMDP(transition, reward, np.eye(4)[0], discount=1.0, horizon=2)


def two_switches_policy() -> LinearSoftmaxPolicy:
    """A policy that sets the second switch without a look at the first; θ holds a preference for up at each.

    With u = 1 / (1 + exp(−θ)), the probabilities of up, J(θ) = 3 u₀u₁ + 2 (1 − u₀)(1 − u₁). The gradient is 0 at
    the saddle u₀ = u₁ = 2/5, and ascent from nearby ends at 3 or at 2.

    Examples
    --------
    >>> from pgcode import values
    >>> print(values.objective(two_switches(), two_switches_policy(), [0.0, 0.0]))  # 3/4 + 2/4
    1.25
    """
    features = np.zeros((4, 2, 2))
    features[0, UP, 0] = 1
    features[1:3, UP, 1] = 1
    return LinearSoftmaxPolicy(features)


def two_seasons(discount: float = 0.8) -> TabularMDP:
    """Two decisions and one payment after them: without the factor γᵗ the update turns away from the gradient.

    You act in spring and in autumn, and are paid for both when the year ends. Each time you may rest (0), sow (1)
    or mend (2). Sowing is worth 9 in spring and −6 in autumn, mending 0 and 1, resting nothing. State 0 is spring,
    state 1 + a is autumn after action a, and state 4 is the end.

    As all is paid at once, the discount shortens every return by γ and changes no order between policies: to sow
    twice, which pays 3, is best among those of ``two_seasons_policy``. The sum of ∇log π(a_t|s_t) G_t without γᵗ
    counts the spring γ times as much as the autumn, and below γ = 7/9 it favours mending, which pays 1.

    Parameters
    ----------
    discount : float
        γ.

    References
    ----------
    Made for this course, after Nota and Thomas (2020), whose example has a late payment and aliased states too.

    Examples
    --------
    >>> two_seasons().reward[2, :, 4]
    array([ 9.,  3., 10.])
    """
    worth = np.array([[0.0, 9.0, 0.0], [0.0, -6.0, 1.0]])  # of each action in spring, and in autumn
    transition, reward = np.zeros((5, 3, 5)), np.zeros((5, 3, 5))
    for action in range(3):
        transition[0, action, 1 + action] = transition[1 + action, :, 4] = 1
        reward[1 + action, :, 4] = worth[0, action] + worth[1]
    transition[4, :, 4] = 1
    return TabularMDP(transition, reward, np.array([1.0, 0, 0, 0, 0]), discount, horizon=2)


def two_seasons_policy() -> LinearSoftmaxPolicy:
    """The policy that does not see the season: θ holds its preference for sowing and for mending over resting.

    Examples
    --------
    >>> two_seasons_policy().probabilities([0.0, np.log(2)])[0]
    array([0.25, 0.25, 0.5 ])
    """
    features = np.zeros((5, 3, 2))
    features[:, 1, 0] = features[:, 2, 1] = 1
    return LinearSoftmaxPolicy(features)


def thin_ice(discount: float = 0.5, cost: float = 6.0) -> TabularMDP:
    """A bank and thin ice before it: stay (action 0), which ends it, or step on (action 1).

    The step from the bank (state 0) onto the ice pays 1. The next one, from the ice (state 1), breaks it, at a cost,
    and that is the end (state 2). With ``thin_ice_policy``, which steps on with the same probability u in both places,
    J = u − γ cost u², here u − 3u²: what looks good from the bank is paid for on the ice, which is hardly visited as
    long as u is small.

    Parameters
    ----------
    discount : float
        γ.
    cost : float
        What the step on the ice costs.

    References
    ----------
    Made for this course.

    Examples
    --------
    >>> from pgcode import values
    >>> mdp, policy = thin_ice(), thin_ice_policy()
    >>> values.objective(mdp, policy, [np.log(0.1 / 0.9)]).round(9), values.objective(mdp, policy, [50.0]).round(9)
    (np.float64(0.07), np.float64(-2.0))
    """
    transition = np.zeros((3, 2, 3))
    reward = np.zeros((3, 2, 3))
    transition[:, 0, 2] = transition[0, 1, 1] = transition[1, 1, 2] = transition[2, 1, 2] = 1
    reward[0, 1, 1], reward[1, 1, 2] = 1, -_number("cost", cost)
    return TabularMDP(transition, reward, np.array([1.0, 0.0, 0.0]), discount)


def thin_ice_policy() -> LinearSoftmaxPolicy:
    """The policy that does not look where it stands: it steps on with the probability 1 / (1 + exp(−θ)).

    Examples
    --------
    >>> thin_ice_policy().probabilities([np.log(1 / 9)]).round(9)
    array([[0.9, 0.1],
           [0.9, 0.1],
           [0.9, 0.1]])
    """
    features = np.zeros((3, 2, 1))
    features[:, 1] = 1
    return LinearSoftmaxPolicy(features)


def _one_number(name: str, value: ArrayLike) -> complex:
    """One finite number, which may be complex; a real one stays real."""
    array = _checks.numeric_array(name, value, "pass one number")
    _checks.require_shape(name, array.shape, (), "one number")
    _checks.require_finite(name, array)
    return array.item()


def _number(name: str, value: ArrayLike) -> float:
    array = _checks.real_array(name, value)
    _checks.require_shape(name, array.shape, (), "one number")
    _checks.require_finite(name, array)
    return float(array)
