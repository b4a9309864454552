"""The parts of the book that have exercises, and their exercises, found and not listed."""

import importlib
import pkgutil

import pgcode.exercises
from pgcode.exercises import Exercise, FunctionExercise, Section

#: Modules of the package that hold no exercises.
NOT_PARTS = {"chapters"}


def part_names() -> list[str]:
    names = [module.name for module in pkgutil.iter_modules(pgcode.exercises.__path__)]
    return [name for name in names if not name.startswith("_") and name not in NOT_PARTS]


def exercises_of(part: str) -> list[Exercise]:
    module = importlib.import_module(f"pgcode.exercises.{part}")
    return [value for value in vars(module).values() if isinstance(value, Exercise)]


def equivalent_mutants(part: str) -> dict[str, dict[str, str]]:
    """The mutants of a part that are as right as the reference, with the reason."""
    name = f"exercises_equivalents_{part}"
    if importlib.util.find_spec(name) is None:
        return {}
    return importlib.import_module(name).EQUIVALENT


def places(exercise: Exercise) -> list[Section]:
    """Every place in the book that an exercise refers to."""
    mistakes = [misconception.mistake for misconception in exercise.misconceptions]
    mistakes += [*getattr(exercise, "wrong", {}).values(), *getattr(exercise, "decoys", {}).values()]
    return [exercise.see, *(mistake.see for mistake in mistakes if mistake.see)]


EXERCISES = [(part, exercise) for part in part_names() for exercise in exercises_of(part)]
FUNCTIONS = [(part, exercise) for part, exercise in EXERCISES if isinstance(exercise, FunctionExercise)]
