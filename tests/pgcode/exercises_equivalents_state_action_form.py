"""Mutants of the state–action form's reference answers that are as right as the reference, each with the reason."""

EQUIVALENT = {
    "stationary_distribution": {
        "matrix = np.eye(mdp.n_states) - transition + np.ones(transition.shape) → "
        "matrix = transition - np.eye(mdp.n_states) + np.ones(transition.shape)": (
            "d (I − P) = 0 may be added or taken away"
        ),
    },
    "gradient_by_visits": {
        "return np.einsum('s,sa,sa,sa...->...', visits, pi, q, score) → "
        "return np.einsum('s,sa,sa,sa...->...', visits, q, pi, score)": "π and Q are multiplied, entry by entry",
    },
}
