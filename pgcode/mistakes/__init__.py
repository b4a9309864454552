"""The catalogue of known mistakes: each wrong estimator once, with its name, what it does and where it is explained.

`ESTIMATORS` holds wrong estimators of ∇J(θ), each to be called with a batch and θ, `BONUSES` wrong ways to add an
entropy bonus, `ADVANTAGES` wrong ways to advantages, each to be called with `Steps`, `SEQUENCES` ways to weigh the
answers of a language model, and `PENALTIES` ways to keep them near a reference. The audit, the exercises and the book
take them from here.

Examples
--------
>>> from pgcode import mistakes
>>> mistakes.ESTIMATORS["own reward alone"].why
'What comes later depends on the decision too.'
"""

from pgcode.mistakes._advantages import ADVANTAGES, Steps, WrongAdvantages, right_advantages
from pgcode.mistakes._bonuses import BONUSES, WrongBonus
from pgcode.mistakes._catalogue import Catalogue, WrongEstimator
from pgcode.mistakes._estimators import ESTIMATORS
from pgcode.mistakes._penalties import PENALTIES, WrongPenalty
from pgcode.mistakes._sequences import SEQUENCES, SequenceBatch, WrongSequences, leave_one_out

__all__ = [
    "ADVANTAGES",
    "BONUSES",
    "ESTIMATORS",
    "PENALTIES",
    "SEQUENCES",
    "Catalogue",
    "SequenceBatch",
    "Steps",
    "WrongAdvantages",
    "WrongBonus",
    "WrongEstimator",
    "WrongPenalty",
    "WrongSequences",
    "leave_one_out",
    "right_advantages",
]
