"""Mutants of the reference answers beyond the sources that are as right as the reference, each with the reason."""

EQUIVALENT = {
    "gaussian_score": {
        "deviation = np.exp(log_deviation) → deviation = -np.exp(log_deviation)": (
            "(a − m)/σ² and (a − m)²/σ² hold the square of σ"
        ),
        "return np.stack([z / deviation, z ** 2 - 1]) → return [z / deviation, z ** 2 - 1]": "two rows in a list",
    },
}
