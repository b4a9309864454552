"""Check the wrong answers that the tests hold, and say how many are told a name, in what time, and what has changed.

``tools/exercise_verdicts.py`` prints that for both collections, ``exercises_wrong_answers`` and
``exercises_unseen_answers``, and ends with status 1 where a verdict is another than the one that was read.

- ``--write`` writes the verdicts into ``verdicts.json``. Read each line that it prints beside what the answer's author
  did before you keep it: a name that stands there is said to be true.
- ``--rounds N`` confirms each name on the cases of N further seeds instead of the few of a check. What is named in a
  check and not by many seeds was named untruly.
- ``--aside`` prints what has changed among the answers that were kept aside too; they are counted and not read as long
  as somebody still looks for kinds of mistakes.
- ``--part NAME`` takes the answers to one part alone.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any

from pgcode.exercises import _function

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "pgcode"))


def main() -> int:
    """Check all answers; 1 where a verdict has changed and is not written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the verdicts")
    parser.add_argument("--rounds", type=int, help="confirm names on the cases of so many further seeds")
    parser.add_argument("--aside", action="store_true", help="print changes among the answers kept aside too")
    parser.add_argument("--part", help="the answers to one part alone")
    arguments = parser.parse_args()
    if arguments.write and (arguments.rounds is not None or arguments.part):
        parser.error("--write takes all answers, checked as in an exercise: leave out --rounds and --part")
    if arguments.rounds is not None:
        _function.FURTHER_ROUNDS = arguments.rounds
    changed = 0
    for collection in ("exercises_wrong_answers", "exercises_unseen_answers"):
        changed += _collection(importlib.import_module(collection), arguments)
    return 1 if changed and not arguments.write else 0


def _collection(collection: Any, arguments: argparse.Namespace) -> int:
    """Check one collection, and return how many verdicts have changed."""
    every = collection.all_wrong_answers() if hasattr(collection, "all_wrong_answers") else collection.all_answers()
    answers = [one for one in every if not getattr(one, "right", False) and arguments.part in (None, one.part)]
    before, now = collection.verdicts(), {}
    seconds = []
    for answer in answers:
        exercise = getattr(importlib.import_module(f"pgcode.exercises.{answer.part}"), answer.exercise)
        given = answer.function if hasattr(answer, "function") else answer.answer
        began = time.process_time()
        now[answer.key] = exercise.check(given).mistake
        seconds.append((time.process_time() - began, answer.key))
    aside = {one.key for one in answers if getattr(one, "number", 0) % 2}
    changed = [key for key in now if now[key] != before.get(key)]
    for key in changed:
        if key in aside and not arguments.aside:
            print(f"an answer kept aside: {_kind_of_change(before.get(key, ''), now[key])}")
            continue
        print(f"{key}\n  was: {before.get(key, 'not there')}\n  is:  {now[key]}")
    print(f"{collection.__name__}: {len(answers)} wrong answers, {len(changed)} verdicts changed")
    _shares(answers, now)
    seconds.sort()
    middle, late = (seconds[int(share * (len(seconds) - 1))][0] for share in (0.5, 0.95))
    print(f"  a check: median {1e3 * middle:.0f} ms, at 95 % {late:.2f} s, at most {seconds[-1][0]:.2f} s", end="")
    print(f" ({seconds[-1][1]}), together {sum(time for time, _ in seconds):.0f} s")
    if arguments.write:
        now = {key: now[key] for key in [*filter(now.__contains__, before), *now]}  # in the order that is there
        collection.VERDICTS.write_text(json.dumps(now, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return len(changed)


def _kind_of_change(before: str, now: str) -> str:
    return "another name" if before and now else "no name any more" if before else "a name"


def _shares(answers: list[Any], now: dict[str, str]) -> None:
    """Print how many are named: of those that were looked at and of those that were kept aside, where that is known."""
    kinds = {"all": answers}
    if answers and hasattr(answers[0], "number"):
        kinds["looked at"] = [one for one in answers if one.number % 2 == 0]
        kinds["kept aside"] = [one for one in answers if one.number % 2]
    for kind, ones in kinds.items():
        named = sum(bool(now[one.key]) for one in ones)
        longest = max((len(now[one.key]) for one in ones), default=0)
        print(f"  {kind}: {named} of {len(ones)} named, {100 * named / max(len(ones), 1):.1f} %; longest {longest}")


if __name__ == "__main__":
    sys.exit(main())
