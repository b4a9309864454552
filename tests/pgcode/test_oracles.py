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


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("x", [1.0, 1e4, 1e7, 1e10])
@pytest.mark.parametrize("step", [1e-5, 1e-3])
def test_a_difference_is_divided_by_the_distance_of_its_points(sign, x, step):
    """Beside a large θ the points are rounded, and their distance is not 2h. The slope of a line is exact."""
    assert finite_difference(lambda at: 3 * at[0], [sign * x], step)[0] == pytest.approx(3, abs=6e-16 * 3 * x / step)
    assert finite_difference(lambda at: at[0], [sign * x], step)[0] == 1


@pytest.mark.parametrize("x", [0.5, 3.0, 1e3, 1e6])
@pytest.mark.parametrize("step", [1e-5, 1e-4, 1e-2])
def test_a_difference_is_as_wrong_as_its_docstring_says(x, step):
    formula, subtracting, rounded = step**2 * abs(np.cos(x)) / 6, 3e-16 / step, 2.3e-16 * x
    error = abs(finite_difference(lambda at: np.sin(at[0]), [x], step)[0] - np.cos(x))
    assert error <= formula * 1.001 + subtracting + rounded
    assert formula * 0.999 <= error + subtracting + rounded


def test_shapes_are_those_of_the_function_then_those_of_theta():
    theta = np.arange(6.0).reshape(2, 3)
    jacobian = complex_step(lambda x: x[:, :2] ** 2, theta)
    assert jacobian.shape == (2, 2, 2, 3)
    assert jacobian[1, 0, 1, 0] == 2 * theta[1, 0]
    assert np.count_nonzero(jacobian) == 3  # of four diagonal entries one is 2 · 0
    assert np.allclose(finite_difference(lambda x: x[:, :2] ** 2, theta), jacobian, atol=1e-9)


def test_a_constant_has_derivative_zero():
    assert complex_step(lambda x: np.array([1.0, 2.0]), [0.5]).tolist() == [[0], [0]]


@pytest.mark.parametrize(
    "function",
    [
        np.abs,
        np.real,
        lambda x: np.abs(x) ** 2,
        lambda x: x * np.abs(x),
        lambda x: (x * np.conj(x)).sum(),
        lambda x: np.linalg.norm(x) * x[0],
    ],
)
def test_a_function_that_is_not_analytic_is_told(function):
    with pytest.raises(TypeError, match="keep the complex part"):
        complex_step(function, [3.0, 4.0])


@pytest.mark.parametrize("x", [1e-9, 1e-6, 1e-3, 1.0, 1e6])
def test_a_derivative_near_a_singularity_is_no_mistake(x):
    assert complex_step(np.log, [x])[0, 0] == pytest.approx(1 / x, rel=1e-14)


def test_a_zero_up_to_rounding_is_no_mistake():
    assert abs(complex_step(lambda x: (1 + x) ** 2 - 1 - 2 * x - x * x, [0.3])[0, 0]) < 1e-15


def test_a_function_that_is_complex_at_real_points_is_told():
    with pytest.raises(TypeError, match="complex at a real theta"):
        complex_step(lambda x: (1 + 1j) * x, [0.5])


@pytest.mark.parametrize("derivative", [complex_step, finite_difference])
class TestBothOracles:
    @pytest.mark.parametrize("step", [0, 0.0, -1e-5, np.nan, np.inf])
    def test_a_step_is_positive_and_finite(self, derivative, step):
        with pytest.raises(ValueError, match=f"step is {step}: the length of the step is a finite number above 0"):
            derivative(np.sin, [0.5], step)

    @pytest.mark.parametrize("step", ["1e-5", None, True, 1j])
    def test_a_step_is_a_number(self, derivative, step):
        with pytest.raises(TypeError, match="pass a number above 0"):
            derivative(np.sin, [0.5], step)

    @pytest.mark.parametrize(("value", "found"), [(None, "object"), ("1", "<U1"), (True, "bool")])
    def test_a_function_returns_numbers(self, derivative, value, found):
        with pytest.raises(TypeError, match=f"what function returns holds {found}, not numbers: return a number"):
            derivative(lambda x: value, [0.5])

    def test_an_imaginary_function_is_told(self, derivative):
        with pytest.raises(TypeError, match="complex at a real theta"):
            derivative(lambda x: 1j * x, [0.5])

    def test_numbers_of_any_kind_will_do(self, derivative):
        """A list, and complex numbers whose imaginary part is 0 at real points."""
        assert derivative(lambda x: [x[0] + 0j, 3 * x[0]], [0.5])[:, 0] == pytest.approx([1, 3], rel=1e-9)


def test_whole_numbers_without_sign_do_not_wrap_around():
    slope = finite_difference(lambda x: np.uint8(10 if x[0] < 0 else 7), [0.0], 1.0)
    assert slope.tolist() == [-1.5]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_step_of_half_the_spacing_is_lost_in_one_direction(sign):
    with pytest.raises(ValueError, match="step is 1e-16, which is lost beside theta"):
        finite_difference(np.sin, [sign * 1.0], 1e-16)


def test_a_step_that_is_lost_beside_theta_is_told():
    with pytest.raises(
        ValueError, match=r"step is 1e-12, which is lost beside theta\[1\] = 1e\+06: take a longer step"
    ):
        finite_difference(np.sin, [0.5, 1e6], 1e-12)
