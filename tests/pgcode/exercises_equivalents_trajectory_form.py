"""Mutants of the trajectory form's reference answers that are as right as the reference, each with the reason."""

EQUIVALENT = {
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
}
