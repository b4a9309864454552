"""Mutants of the reference answers of practice that are as right as the reference, each with the reason."""

_ONE_LENGTH = "all arrays have one entry for each row"
_NO_ZERO = "no advantage is 0, and no ratio stands at a bound"
_EMPTY = "advantages, running = (np.zeros(len(rewards)), 0.0)"
_LOOP = "for t in range(len(rewards))[::-1]:"
_FLAT = "flat = np.where(advantages > 0, ratio > 1 + epsilon, ratio < 1 - epsilon)"

EQUIVALENT = {
    "advantages_with_cuts": {
        f"{_EMPTY} → advantages, running = (np.ones(len(rewards)), 0.0)": "every entry is written",
        f"{_EMPTY} → advantages, running = (np.zeros(len(rewards)), -0.0)": "−0 is 0",
        **{
            f"{_EMPTY} → advantages, running = (np.zeros(len({name})), 0.0)": _ONE_LENGTH
            for name in ("values", "next_values", "ended", "cut")
        },
        **{
            f"{_LOOP} → for t in range(len({name}))[::-1]:": _ONE_LENGTH
            for name in ("values", "next_values", "ended", "cut")
        },
    },
    "clipped_ratio_slope": {
        f"{_FLAT} → flat = np.where(advantages >= 0, ratio > 1 + epsilon, ratio < 1 - epsilon)": _NO_ZERO,
        f"{_FLAT} → flat = np.where(advantages > 0, ratio >= 1 + epsilon, ratio < 1 - epsilon)": _NO_ZERO,
        f"{_FLAT} → flat = np.where(advantages > 0, ratio > 1 + epsilon, ratio <= 1 - epsilon)": _NO_ZERO,
        "return np.where(flat, 0.0, ratio * advantages) → return np.where(flat, -0.0, ratio * advantages)": "−0 is 0",
    },
    "runs_of_a_seed": {
        "return np.array([run.random() for run in runs]) → return [run.random() for run in runs]": (
            "a list of numbers is taken for an array"
        ),
    },
    "scaled_step": {
        "sigma = np.exp(log_sigma) → sigma = -np.exp(log_sigma)": "σ occurs as its square",
        "return alpha * gradient * np.array([sigma ** 2, 1 / 2]) → return alpha * gradient * [sigma ** 2, 1 / 2]": (
            "an array times a list is an array"
        ),
    },
    "squashed_log_density": {
        "standard = (z - mean) / np.exp(log_sigma) → standard = -((z - mean) / np.exp(log_sigma))": "it is squared",
        "standard = (z - mean) / np.exp(log_sigma) → standard = (mean - z) / np.exp(log_sigma)": "it is squared",
    },
    "surrogate_loss": {
        "terms = np.where(mask, log_pi * weights, 0.0) → terms = np.where(mask, log_pi * weights, -0.0)": "−0 is 0",
        "return -np.sum(terms) / len(log_pi) → return -np.sum(terms) / len(weights)": "as many rows",
        "return -np.sum(terms) / len(log_pi) → return -np.sum(terms) / len(mask)": "as many rows",
    },
}
