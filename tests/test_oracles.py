import numpy as np
import pytest

from pgcode.oracles import complex_step, finite_difference


def test_complex_step_is_exact_where_differences_cancel():
    def function(x):
        return np.exp(x[0]) / np.sqrt(np.sin(x[0]) ** 3 + np.cos(x[0]) ** 3)

    exact = 4.053427893898621  # the example of Squire and Trapp at x = 1.5
    assert abs(complex_step(function, [1.5])[0] - exact) < 1e-14
    error = abs(finite_difference(function, [1.5])[0] - exact)
    assert 1e-13 < error < 1e-8


def test_shapes_are_those_of_the_function_then_those_of_theta():
    theta = np.arange(6.0).reshape(2, 3)
    jacobian = complex_step(lambda x: x[:, :2] ** 2, theta)
    assert jacobian.shape == (2, 2, 2, 3)
    assert jacobian[1, 0, 1, 0] == 2 * theta[1, 0]
    assert np.count_nonzero(jacobian) == 3  # of four diagonal entries one is 2 · 0
    assert np.allclose(finite_difference(lambda x: x[:, :2] ** 2, theta), jacobian, atol=1e-9)


def test_a_constant_has_derivative_zero():
    assert complex_step(lambda x: np.array([1.0, 2.0]), [0.5]).tolist() == [[0], [0]]


@pytest.mark.parametrize("drop", [np.abs, np.real, lambda x: np.abs(x) ** 2])
def test_a_function_that_drops_the_imaginary_part_is_told(drop):
    with pytest.raises(TypeError, match="keep the complex part"):
        complex_step(lambda x: drop(x), [0.5])
