"""Exercises that know what a wrong answer means.

Each part of the book has a folder of exercises here, one module each: ``from pgcode.exercises import setting as
exercises``. An exercise answers four questions:

- ``exercises.discounted_return.check(answer)``: is the answer right, and if not, which mistake is it?
- ``exercises.discounted_return.case()``: in which case did the answer fail?
- ``exercises.discounted_return.hint()``: a hint, and the next one each time you ask;
- ``exercises.discounted_return.solution()``: an answer, and what it shows.

An exercise is declared by its reference answer, a function under one of the decorators below. Its wrong answers
are functions too, registered by its method ``misconception``, or changes of one part of the answer, by ``made_of`` and
``variation``, which can be made together. They are in ``exercises.discounted_return.mistakes``. The engine, in the
private modules beside this file, knows no exercise. An exercise uses the names below, and ``_catalogues`` where it
asks for an estimator.
"""

from pgcode._places import Chapter, Section
from pgcode.exercises._choice import ChoiceExercise, SignExercise, choice_exercise, sign_exercise
from pgcode.exercises._exercise import Exercise, Mistake
from pgcode.exercises._function import FunctionExercise, function_exercise
from pgcode.exercises._number import NumberExercise, number_exercise
from pgcode.exercises._order import OrderExercise, order_exercise
from pgcode.exercises._verdict import Feedback, Outcome

__all__ = [
    "Chapter",
    "ChoiceExercise",
    "Exercise",
    "Feedback",
    "FunctionExercise",
    "Mistake",
    "NumberExercise",
    "OrderExercise",
    "Outcome",
    "Section",
    "SignExercise",
    "choice_exercise",
    "function_exercise",
    "number_exercise",
    "order_exercise",
    "sign_exercise",
]
