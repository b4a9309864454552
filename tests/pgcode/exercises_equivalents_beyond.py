"""Mutants of the reference answers beyond the sources that are as right as the reference, each with the reason."""

EQUIVALENT = {
    "gaussian_score": {
        "deviation = np.exp(log_deviation) → deviation = -np.exp(log_deviation)": (
            "(a − m)/σ² and (a − m)²/σ² hold the square of σ"
        ),
        "return np.stack([z / deviation, z ** 2 - 1]) → return [z / deviation, z ** 2 - 1]": "two rows in a list",
    },
    "performance_difference": {
        "return visits @ np.sum(pi_other * advantages, axis=1) "
        "→ return np.sum(pi_other * advantages, axis=1) @ visits": "a product of two vectors",
        "visits = np.linalg.solve(np.eye(len(initial)) - discount * chain.T, initial) "
        "→ visits = np.linalg.solve(np.eye(len(advantages)) - discount * chain.T, initial)": "as many rows as states",
        "visits = np.linalg.solve(np.eye(len(initial)) - discount * chain.T, initial) "
        "→ visits = np.linalg.solve(np.eye(len(transition)) - discount * chain.T, initial)": "as many rows as states",
        "visits = np.linalg.solve(np.eye(len(initial)) - discount * chain.T, initial) "
        "→ visits = np.linalg.solve(np.eye(len(pi)) - discount * chain.T, initial)": "as many rows as states",
        "visits = np.linalg.solve(np.eye(len(initial)) - discount * chain.T, initial) "
        "→ visits = np.linalg.solve(np.eye(len(pi_other)) - discount * chain.T, initial)": "as many rows as states",
    },
    "step_in_the_region": {
        "return np.sqrt(2 * radius / (gradient @ natural)) * natural "
        "→ return np.sqrt(2 * radius / (natural @ gradient)) * natural": "a product of two vectors",
    },
    "per_decision_weights": {
        (
            "paid = discount ** np.arange(len(rewards)) * np.cumprod(ratios) * rewards → "
            "paid = discount ** np.arange(len(target)) * np.cumprod(ratios) * rewards"
        ): "all three have an entry for each decision",
        (
            "paid = discount ** np.arange(len(rewards)) * np.cumprod(ratios) * rewards → "
            "paid = discount ** np.arange(len(behaviour)) * np.cumprod(ratios) * rewards"
        ): "all three have an entry for each decision",
    },
    "visits_after_the_data": {
        "identity = np.eye(len(data)) → identity = np.eye(len(chain))": "both have an entry for each state",
    },
}
