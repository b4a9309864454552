"""Mutants of the reference answers of one gradient that are as right as the reference, each with the reason."""

_SIGN_IN_A_SQUARE = "all estimates or deviations change their sign, and a variance holds their squares"
_SQUARED_SCORES = "only the squares of the scores are used"
_AS_MANY = "there are as many rewards as arms"

EQUIVALENT = {
    "reward_to_go_weights": {
        "weights = np.zeros(len(rewards)) → weights = np.ones(len(rewards))": "every entry is overwritten",
        "weights = np.zeros(len(rewards)) → weights = -np.zeros(len(rewards))": "every entry is overwritten",
        "end = 0 → end = -0": "minus zero is zero",
    },
    "one_step_variance": {
        "scores = np.eye(len(pi)) - pi → scores = pi - np.eye(len(pi))": _SIGN_IN_A_SQUARE,
        "scores = np.eye(len(pi)) - pi → scores = -(np.eye(len(pi)) - pi)": _SIGN_IN_A_SQUARE,
        "scores = np.eye(len(pi)) - pi → scores = np.eye(len(rewards)) - pi": _AS_MANY,
        "estimates = scores * (rewards - baseline)[:, None] → estimates = scores * (baseline - rewards)[:, None]": (
            _SIGN_IN_A_SQUARE
        ),
        "estimates = scores * (rewards - baseline)[:, None] → estimates = -(scores * (rewards - baseline)[:, None])": (
            _SIGN_IN_A_SQUARE
        ),
        "return pi @ (estimates - mean) ** 2 → return pi @ (mean - estimates) ** 2": _SIGN_IN_A_SQUARE,
    },
    "best_constant": {
        "scores = np.eye(len(pi)) - pi → scores = pi - np.eye(len(pi))": _SQUARED_SCORES,
        "scores = np.eye(len(pi)) - pi → scores = -(np.eye(len(pi)) - pi)": _SQUARED_SCORES,
        "scores = np.eye(len(pi)) - pi → scores = np.eye(len(rewards)) - pi": _AS_MANY,
        "weights = pi * np.sum(scores ** 2, axis=1) → weights = pi * np.mean(scores ** 2, axis=1)": (
            "all weights are divided by the number of arms, which cancels in the quotient"
        ),
        "weights = pi * np.sum(scores ** 2, axis=1) → weights = -(pi * np.sum(scores ** 2, axis=1))": (
            "the sign cancels in the quotient"
        ),
    },
    "gradient_estimate": {
        "scores[~trajectories.active] = 0 → scores[~trajectories.active] = -0": "minus zero is zero",
    },
    "claimed_gain": {
        (
            "return sum((field(here) @ (there - here) for here, there in zip(path, after, strict=True))) → "
            "return sum(((there - here) @ field(here) for here, there in zip(path, after, strict=True)))"
        ): "the inner product of two vectors is symmetric",
        (
            "return sum((field(here) @ (there - here) for here, there in zip(path, after, strict=True))) → "
            "return sum((field(here) @ (there - here) for here, there in zip(path, after, strict=False)))"
        ): "both rows are equally long",
        (
            "return sum((field(here) @ (there - here) for here, there in zip(path, after, strict=True))) → "
            "return sum((field(here) @ (there - here) for here, there in zip(path, after)))"
        ): "both rows are equally long",
    },
    "field_without_power": {
        (
            "return np.einsum('s,sa,sa,sa...->...', visits, pi, q, score) → "
            "return np.einsum('s,sa,sa,sa...->...', visits, q, pi, score)"
        ): "the factors of a product in another order",
    },
    "mean_over_steps": {
        (
            "return np.einsum('ij,ijk->k', pairs / steps, totals[:, None] + totals) → "
            "return np.einsum('ij,ijk->k', pairs / steps, totals[None, :] + totals)"
        ): "the weights of the pairs are symmetric in i and j, so that each G counts as much",
    },
}
