"""Mutants of the trajectory form's reference answers that are as right as the reference, each with the reason."""

_SYMMETRIC = "the inner product of two vectors is symmetric, and so is Σ⁺"
_SQUARED = "the difference is squared"

EQUIVALENT = {
    "softmax_score": {
        "score = np.zeros(pi.shape) → score = -np.zeros(pi.shape)": "minus zero is zero",
    },
    "trajectory_score": {
        "score = np.zeros(pi.shape) → score = -np.zeros(pi.shape)": "minus zero is zero",
        "for t in range(len(actions)): → for t in list(range(len(actions)))[::-1]:": "a sum may be taken in any order",
    },
    "gradient_by_listing": {
        "scores[~trajectories.active] = 0 → scores[~trajectories.active] = -0": "minus zero is zero",
    },
    "estimate_and_error": {
        "scores[~trajectories.active] = 0 → scores[~trajectories.active] = -0": "minus zero is zero",
    },
    "reinforce_update": {
        "paid = rewards * discount ** np.arange(len(rewards)) → paid = rewards * discount ** np.arange(len(actions))": (
            "an episode has as many actions as rewards"
        ),
    },
    "bias_statistic": {
        "z = estimate - gradient → z = -(estimate - gradient)": "z stands on both sides",
        "z = estimate - gradient → z = gradient - estimate": "z stands on both sides",
        "return n * z @ np.linalg.pinv(covariance) @ z → return z @ (n * z @ np.linalg.pinv(covariance))": _SYMMETRIC,
        "return n * z @ np.linalg.pinv(covariance) @ z → return np.linalg.pinv(covariance) @ (n * z) @ z": _SYMMETRIC,
    },
    "error_parts": {
        (
            "noise = probability @ np.sum((g - mean) ** 2, axis=1) → "
            "noise = np.sum((g - mean) ** 2, axis=1) @ probability"
        ): (_SYMMETRIC),
        (
            "noise = probability @ np.sum((g - mean) ** 2, axis=1) → "
            "noise = probability @ np.sum((mean - g) ** 2, axis=1)"
        ): (_SQUARED),
        (
            "return (np.sum((mean - gradient) ** 2), noise / m) → return (np.sum((gradient - mean) ** 2), noise / m)"
        ): _SQUARED,
    },
}
