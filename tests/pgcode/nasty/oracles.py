"""Functions that drop the imaginary part, hidden as well as they can be; and honest ones that look suspicious."""

import numpy as np

from pgcode.oracles import complex_step

POINT = [3.0, -4.0]
NOT_CARRIED = "function does not carry complex numbers through"


def dropped(function, point=POINT):
    return lambda: complex_step(function, point), NOT_CARRIED


def right(function, slope, point=POINT):
    return lambda: complex_step(function, point), lambda found: bool(np.allclose(found, slope, rtol=1e-12, atol=1e-15))


def writes_into_floats(x):
    out = np.zeros(2)
    out[:] = x
    return out


def forgets_one(x):
    y = 2 * x
    y[1] = y[1].real
    return y


CASES = {
    "beside a large output": dropped(lambda x: np.array([1e6 * x[0], np.abs(x[1])])),
    "beside a huge output": dropped(lambda x: np.array([1e12 * x[0], np.abs(x[1])])),
    "small": dropped(lambda x: 1e-8 * np.abs(x)),
    "tiny": dropped(lambda x: 1e-200 * np.abs(x)),
    "hidden in a sum": dropped(lambda x: x + 1e-8 * np.abs(x)),
    "one input hidden by another": dropped(lambda x: 1e6 * x[0] + np.abs(x[1])),
    "hidden in a large sum": dropped(lambda x: 100 * np.exp(x).sum() + np.abs(x - 0.01).sum()),
    "maximum of real parts": dropped(lambda x: np.maximum(x.real, 0)),
    "larger of two": dropped(lambda x: max(x[0].real, x[1].real)),
    "conjugate": dropped(np.conj),
    "array of floats written to": dropped(writes_into_floats),
    "one component forgotten": dropped(forgets_one),
    "hypotenuse of real parts": dropped(lambda x: np.hypot(x[0].real, x[1].real)),
    "kink at the point": dropped(lambda x: np.sqrt((x[0] - 3) ** 2)),
    "root of a square": right(lambda x: np.sqrt(x**2), np.diag([1.0, -1.0])),
    "pieces": right(lambda x: np.where(x.real > 0, x**2, -x), np.diag([6.0, -1.0])),
    "constant": right(lambda x: np.ones(2), np.zeros((2, 2))),
    "fast waves": right(lambda x: np.sin(1000 * x), np.diag(1000 * np.cos(1000 * np.array(POINT)))),
    "near a pole": right(lambda x: 1 / (x[0] - 3 + 1e-6), [-1e12, 0.0]),
    "lost digits": (
        lambda: complex_step(lambda x: (x[0] + 1e10) - 1e10, [0.3]),
        lambda found: found.tolist() == [1.0],
    ),
    "steep": right(lambda x: np.exp(50 * x[0]), [50 * np.exp(150.0), 0.0]),
    "infinite value": (lambda: complex_step(lambda x: [np.inf], [1.0]), r"what function returns\[0\] is "),
    "shape that changes": (
        lambda: complex_step(lambda x: x if x.imag.any() else x[:1], [1.0, 2.0]),
        r"function returns shapes \(1,\) and \(2,\)",
    ),
    "no parameters": (lambda: complex_step(lambda x: 1.0, []), lambda found: found.shape == (0,)),
    "exp, near the largest float": right(np.exp, np.diag(np.exp([709.0, 3.0])), [709.0, 3.0]),
}
