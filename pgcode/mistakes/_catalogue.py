"""What a known mistake is, and how one is declared."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode._places import Section
from pgcode.mistakes._pipeline import STATIONS, Batches, Station, run
from pgcode.trajectories import Trajectories

__all__ = ["Catalogue", "PickledByName", "WrongEstimator", "batches_of", "described", "known"]

Array = NDArray[np.float64]


class _Named(Protocol):
    @property
    def name(self) -> str: ...


Known = TypeVar("Known", bound=_Named, covariant=True)


def _catalogue_with(name: str) -> Any:
    """The catalogue that holds a name; an empty one, if none does."""
    from pgcode import mistakes

    catalogues = (mistakes.ESTIMATORS, mistakes.BONUSES, mistakes.ADVANTAGES, mistakes.SEQUENCES, mistakes.PENALTIES)
    return next((catalogue for catalogue in catalogues if name in catalogue), {})


def known(name: str) -> Any:
    """The mistake of a name, in whichever catalogue; None, if it is in none."""
    return _catalogue_with(name).get(name)


def described(function: Callable[..., Any]) -> tuple[str, str, str]:
    """The name of a mistake, what it does and why that is wrong, as the function that makes it says.

    The function's name with spaces is that of the mistake, the first paragraph of its docstring says what it does, and
    the rest why that is wrong.
    """
    what, _, why = inspect.cleandoc(function.__doc__ or "").partition("\n\n")
    assert what
    assert why
    return function.__name__.replace("_", " "), " ".join(what.split()), " ".join(why.split())


class PickledByName:
    """A mistake of a catalogue is pickled by its name, for its function is hidden behind it."""

    name: str

    def __reduce__(self) -> tuple[Any, ...]:
        if known(self.name) is self:
            return known, (self.name,)
        return type(self), tuple(getattr(self, field.name) for field in fields(self))  # type: ignore[arg-type]


@dataclass(frozen=True)
class WrongEstimator(PickledByName):
    r"""A known wrong estimator of ∇J(θ) for a softmax policy with logits θ.

    Called with a batch and θ it gives its estimate, so that it can be tried.

    Attributes
    ----------
    name : str
        In words, such as "discount of the step left out".
    what : str
        What it does, in a sentence.
    why : str
        Why that is wrong.
    see : Section
        Where in the book it is explained.
    reports : tuple of str
        Where it was met: public reports.
    station : str
        Where in the estimator it happens: data, weights, baseline, scores, mean or after.

    Examples
    --------
    >>> import numpy as np
    >>> from pgcode import Trajectories, mistakes
    >>> wrong = mistakes.ESTIMATORS["downhill"]
    >>> wrong.what
    'The gradient has the opposite sign.'
    >>> batch = Trajectories([[0, 1]], [[1]], [[2.0]], discount=1.0, terminal=[False, True])
    >>> wrong(batch, np.zeros((2, 2)))[0]
    array([ 1., -1.])
    """

    name: str
    what: str
    why: str
    see: Section
    reports: tuple[str, ...] = ()
    station: str = "weights"
    change: Station = field(repr=False, compare=False, default=run)

    def __call__(self, trajectories: Trajectories, theta: ArrayLike) -> Array:
        """Return the wrong estimate, shape (S, A)."""
        return np.asarray(run(batches_of(trajectories, theta), {self.station: self.change})[0])


def batches_of(trajectories: Trajectories, theta: ArrayLike) -> Batches:
    """One batch as the stack of one that the pipeline takes."""
    if not isinstance(trajectories, Trajectories):
        raise TypeError(f"trajectories is a {type(trajectories).__name__}: pass Trajectories")
    logits = _checks.real_array("theta", theta)
    _checks.require_finite("theta", logits)
    highest = int(trajectories.states.max()), int(trajectories.actions.max())
    if logits.ndim != 2 or highest[0] >= logits.shape[0] or highest[1] >= logits.shape[1]:
        raise ValueError(
            f"theta has shape {logits.shape}, but trajectories hold state {highest[0]} and action {highest[1]}: "
            "pass the logits of all states and actions, shape (S, A)"
        )
    return Batches(
        trajectories.states[None].astype(np.intp),
        trajectories.actions[None].astype(np.intp),
        trajectories.rewards[None],
        trajectories.active[None],
        trajectories.discount,
        logits,
    )


class Catalogue(Mapping[str, Known]):
    """Mistakes by their names, in the order in which they are declared. It cannot be changed.

    Examples
    --------
    >>> from pgcode import mistakes
    >>> len(mistakes.ESTIMATORS) >= 60
    True
    """

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}

    def __getitem__(self, name: str) -> Known:
        try:
            return self._known[name]
        except KeyError:
            raise KeyError(f"no mistake is called {name!r}: list(mistakes) has the names") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def __repr__(self) -> str:
        return f"<{len(self)} mistakes>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _catalogue_with, (next(iter(self)),)

    def _add(self, mistake: Known) -> Known:  # type: ignore[misc]
        """Put in a mistake under its name, where it is declared."""
        assert mistake.name not in self._known
        self._known[mistake.name] = mistake
        return mistake


class EstimatorCatalogue(Catalogue[WrongEstimator]):
    """The mistakes that change one station of an estimator."""

    def declare(self, station: str, see: Section, *reports: str) -> Callable[[Station], WrongEstimator]:
        """Declare a mistake by the station that it changes, see ``described``."""
        assert station in STATIONS

        def register(change: Station) -> WrongEstimator:
            return self._add(WrongEstimator(*described(change), see, reports, station, change))

        return register
