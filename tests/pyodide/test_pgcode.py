"""The tests of pgcode pass in the browser's Python too, but for those that ``not_there.py`` names with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from not_there import FAILS, NOT_STARTED

#: What the cells of nearly every page stand on, and what answers in a page. The tests of all else, which learn, audit,
#: draw and mutate for minutes there, are left to ``make test-pyodide``.
CORE = {
    "test_baselines.py",
    "test_chi_squared.py",
    "test_derivation.py",
    "test_displays.py",
    "test_environments.py",
    "test_estimators.py",
    "test_in_page.py",
    "test_in_page_exercise.py",
    "test_mdp.py",
    "test_oracles.py",
    "test_policies.py",
    "test_state_action_form.py",
    "test_tex.py",
    "test_trajectories.py",
    "test_values.py",
}
FILES = sorted(path.name for path in (Path(__file__).parents[1] / "pgcode").glob("test_*.py"))


def listed(test: str, names: dict[str, str]) -> str:
    """Return the name under which a test is listed, or ""."""
    return next((name for name in (test, test.partition("[")[0], test.partition("::")[0]) if name in names), "")


@pytest.mark.parametrize(
    "file",
    [pytest.param(file, marks=[] if file in CORE else pytest.mark.whole) for file in FILES if file not in NOT_STARTED],
)
def test_a_file_of_tests_passes(file, interpreter):
    answer = interpreter.call("run_tests", {"file": f"tests/pgcode/{file}", "left_out": list(NOT_STARTED)})
    outcomes = answer.value["outcomes"]
    print(f"{len(outcomes)} tests in {answer.seconds:.1f} s, {answer.megabytes:.0f} MB")
    assert outcomes, answer.value["said"]
    known = {test: listed(test, FAILS) for test in outcomes}
    failed = [test for test, outcome in outcomes.items() if outcome == "failed" and not known[test]]
    assert not failed, f"{failed} failed:\n{answer.value['said'][-8000:]}"
    passed = {known[test] for test, outcome in outcomes.items() if outcome == "passed"}
    passed -= {known[test] for test, outcome in outcomes.items() if outcome == "failed"} | {""}
    assert not passed, f"not_there.py says that these fail: {sorted(passed)}"
    used = {*known.values(), *(listed(test, NOT_STARTED) for test in answer.value["left_out"])}
    stale = {name for name in (*FAILS, *NOT_STARTED) if name.startswith(f"{file}::")} - used
    assert not stale, f"not_there.py names what is not there: {sorted(stale)}"


def test_what_is_listed_is_in_a_file_of_tests_and_has_a_reason():
    assert not CORE - set(FILES)
    assert not {name.partition("::")[0] for name in (*FAILS, *NOT_STARTED)} - set(FILES)
    assert not FAILS.keys() & NOT_STARTED.keys()
    assert all((FAILS | NOT_STARTED).values())
