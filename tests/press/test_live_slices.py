"""Each cell whose code a page shows gives, with what goes along with it, what its notebook has stored.

So it does where its code is folded away, too; that takes ten minutes, for most of these draw, and is not run each time:
``FOLDED=1`` runs it.
"""

import contextlib
import functools
import io
import json
import os
import pickle

import numpy as np
import pytest
from notebooks import ROOT, chapters, without_drawings

from pgcode import _checks, learning
from press.live import distribution, in_page, packages, pages

#: Exercises have buttons of their own.
RUNNABLE = [path for path in chapters() if "exercises" not in path.parts]
FOLDED = {"hide-input", "hide-cell"} if not os.environ.get("FOLDED") else set()
#: Their output is not the same twice, or is an error.
NOT_COMPARED = {"nbval-ignore-output", "raises-exception"}


def run_alone(source, known, parts):
    """Return what a cell prints and what it shows, run with its needs alone."""
    names, shown, printed = {"__name__": "__main__"}, [], io.StringIO()
    names["display"] = lambda value: shown.append(in_page.forms(value))
    with contextlib.redirect_stdout(io.StringIO()):
        for place in known["setup"]:
            in_page.execute(parts[place], f"<above {place}>", names)
    shown.clear()
    with contextlib.redirect_stdout(printed):
        value = in_page.execute(source, "<cell>", names)
    return printed.getvalue(), [*shown, *([] if value is None else [in_page.forms(value)])]


def comparable(text):
    return "\n".join(line.rstrip() for line in without_drawings("".join(text)).strip().splitlines())


@pytest.fixture
def taken(monkeypatch):
    """The packages that pgcode imports when it needs them, and needed in a test."""
    found = set()
    original = _checks.optional_import

    def noted(name, purpose):
        found.add(name.partition(".")[0])
        return original(name, purpose)

    monkeypatch.setattr(_checks, "optional_import", noted)
    monkeypatch.setenv("MPLBACKEND", "agg")
    return found


#: What learns for seconds, and does so anew for each cell that needs it.
LEARNERS = ("reinforce", "stepwise_reinforce", "train", "gradient_ascent")


@pytest.fixture
def learned_once(monkeypatch):
    """What learns with the same arguments again gives a copy of what it gave, and leaves generators as it left them.

    So the cells of a chapter need not each wait for the same training.
    """
    known = {}

    def once(learner):
        @functools.wraps(learner)
        def given_before(*args, **kwargs):
            try:
                key = learner.__name__, pickle.dumps((args, kwargs))
            except Exception:  # a function of the cell, an environment
                return learner(*args, **kwargs)
            generators = [one for one in (*args, *kwargs.values()) if isinstance(one, np.random.Generator)]
            if key not in known:
                result = learner(*args, **kwargs)
                known[key] = pickle.dumps(result), [one.bit_generator.state for one in generators]
            result, states = known[key]
            for one, state in zip(generators, states, strict=True):
                one.bit_generator.state = state
            return pickle.loads(result)

        return given_before

    for name in LEARNERS:
        monkeypatch.setattr(learning, name, once(getattr(learning, name)))


@pytest.mark.slow
@pytest.mark.usefixtures("learned_once")
@pytest.mark.parametrize("path", RUNNABLE, ids=lambda path: path.stem)
def test_each_cell_alone_gives_what_is_stored(path, taken, monkeypatch):
    monkeypatch.chdir(path.parent)
    cells = pages.read(path)
    shown = [number for number, cell in cells.items() if not (pages.NOT_HERE | FOLDED) & set(cell["tags"])]
    along = pages.along(cells, shown)
    stored = json.loads(path.read_text(encoding="utf-8"))["cells"]
    for number in shown:
        if NOT_COMPARED & set(cells[number]["tags"]):
            continue
        where = f"cell {number} of {path.relative_to(ROOT)}"
        known = along["cells"][str(number)]
        taken.clear()
        printed, displayed = run_alone(cells[number]["source"], known, along["parts"])
        outputs = stored[number]["outputs"]
        streams = ["".join(one["text"]) for one in outputs if one["output_type"] == "stream"]
        assert comparable(printed) == comparable("".join(streams)), where
        rich = [one["data"] for one in outputs if one["output_type"] != "stream"]
        assert len(displayed) == len(rich), where
        for ours, theirs in zip(displayed, rich, strict=True):
            for name in ("text/plain", "text/html", "text/markdown"):
                assert comparable(ours.get(name, "")) == comparable(theirs.get(name, "")), where
        if distribution.distribution() is not None:
            assert taken - packages.STOOD_IN <= set(known["packages"]), where


def smaller_sizes():
    """The cells that offer a smaller size."""
    for path in RUNNABLE:
        for number, cell in pages.read(path).items():
            if cell["live"]:
                yield pytest.param(path, number, id=f"{path.stem}-{number}")


@pytest.mark.slow
@pytest.mark.parametrize(("path", "number"), list(smaller_sizes()))
def test_a_smaller_size_runs(path, number, taken, monkeypatch):
    monkeypatch.chdir(path.parent)
    cells = pages.read(path)
    along = pages.along(cells, [number])
    smaller = pages.smaller(cells[number], path.stem)
    assert len(smaller) == 4
    run_alone(
        cells[number]["source"].replace(smaller["from"], smaller["to"]), along["cells"][str(number)], along["parts"]
    )
