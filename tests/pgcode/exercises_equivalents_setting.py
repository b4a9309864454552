"""Mutants of the setting's reference answers that are as right as the reference, each with the reason."""

EQUIVALENT = {
    "softmax": {
        "weights = np.exp(shifted) → weights = -np.exp(shifted)": "the sign cancels in the quotient",
    },
    "trajectory_probability": {
        "for t in range(len(actions)): → for t in list(range(len(actions)))[::-1]:": "a product in any order",
    },
    "expected_return": {
        "values = np.zeros(mdp.n_states) → values = -np.zeros(mdp.n_states)": "minus zero is zero",
        "return mdp.initial @ values → return values @ mdp.initial": "the inner product of two vectors is symmetric",
    },
}
