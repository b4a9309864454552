"""Every notebook of the book runs in the browser's Python, and each of its cells shows what is stored.

Outputs are compared as nbval compares them natively: after the replacements of ``tests/nbval-sanitize.cfg``, by the
kind of what is shown, and without what ``conftest.py`` of the repository leaves out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from notebooks import chapters

ROOT = Path(__file__).parents[2]
NOTEBOOKS = [path.relative_to(ROOT).as_posix() for path in chapters(ROOT)]
REPLACEMENTS = re.findall(
    "^regex: (.*)$\n^replace: (.*)$",
    (ROOT / "tests" / "nbval-sanitize.cfg").read_text(encoding="utf-8"),
    flags=re.MULTILINE,
)
#: Displays as data, which are not stored, and what nbval does not compare.
LEFT_OUT = re.compile(r"application/vnd\.|text/latex|image/(png|jpeg)")


def sanitized(text: str | list[str]) -> str:
    """Return a text as nbval compares it."""
    whole = "".join(text)
    for pattern, replacement in REPLACEMENTS:
        whole = re.sub(pattern, replacement, whole)
    return whole.strip()


def shown(outputs: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return what a cell shows: by its kind, all of that kind in their order; pieces of a stream are put together."""
    kinds: dict[str, list[str]] = {}
    for output in outputs:
        if output["output_type"] == "stream":
            before = kinds.get(output["name"], [""])
            kinds[output["name"]] = [before[0] + "".join(output["text"])]
        elif output["output_type"] == "error":
            kinds.setdefault("error", []).append(f"{output['ename']}: {output['evalue']}")
        else:
            for kind, content in output["data"].items():
                if not LEFT_OUT.match(kind):
                    kinds.setdefault(kind, []).append(content)
    return {kind: [sanitized(content) for content in contents] for kind, contents in kinds.items()}


def difference(stored: Iterable[Mapping[str, Any]], now: Iterable[Mapping[str, Any]]) -> str:
    """Return the first difference between two lists of outputs in a few words, or "" where there is none."""
    before, after = shown(stored), shown(now)
    for kind in sorted(before.keys() | after.keys()):
        one, other = before.get(kind, []), after.get(kind, [])
        if len(one) != len(other):
            return f"{kind}: {len(one)} stored, {len(other)} now: {(other or one)[0][:600]}"
        for old, new in zip(one, other, strict=True):
            if old != new:
                place = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), -1)
                place = min(len(old), len(new)) if place < 0 else place
                around = slice(max(place - 80, 0), place + 80)
                return f"{kind}, at {place}: stored …{old[around]!r}…, now …{new[around]!r}…"
    return ""


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_cells_show_what_is_stored(notebook, interpreter):
    cells = json.loads((ROOT / notebook).read_text(encoding="utf-8"))["cells"]
    cells = [cell for cell in cells if cell["cell_type"] == "code"]
    answer = interpreter.call("run_notebook", notebook)
    print(f"{answer.seconds:.1f} s, {answer.megabytes:.0f} MB")
    wrong = []
    for number, (cell, outputs) in enumerate(zip(cells, answer.value, strict=True), start=1):
        tags = cell["metadata"].get("tags", [])
        raised = next((output for output in outputs if output["output_type"] == "error"), None)
        if "nbval-ignore-output" in tags:
            told = f"{raised['ename']}: {raised['evalue']}" if raised and "raises-exception" not in tags else ""
        else:
            told = difference(cell["outputs"], outputs)
        if told:
            wrong.append(f"cell {number}, {''.join(cell['source'])[:60]!r}: {told}")
    assert not wrong, "\n".join(wrong)


# ---- the comparison itself, which needs no interpreter -------------------------------------------------------------


def result(text, **more):
    return {"output_type": "execute_result", "data": {"text/plain": text} | more}


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


DIFFERENT = {
    "a digit": ([result("0.12")], [result("0.13")]),
    "a kind": ([result("a")], [result("a", **{"text/html": "<p>a</p>"})]),
    "one more": ([result("a")], [result("a"), result("a")]),
    "nothing": ([result("a")], []),
    "an error": ([], [{"output_type": "error", "ename": "ValueError", "evalue": "no"}]),
    "a warning": ([], [stream("Warning", "stderr")]),
    "words of a figure": (
        [result("", **{"text/html": '<svg aria-label="One."/>'})],
        [result("", **{"text/html": '<svg aria-label="Two."><path/></svg>'})],
    ),
}
EQUAL = {
    "pieces of a stream": ([stream(["a\n", "b\n"])], [stream("a\n"), stream("b\n")]),
    "a drawing": (
        [result("", **{"text/html": '<svg aria-label="One."/>'})],
        [result("", **{"text/html": '<svg width="1" aria-label="One."><path d="M0"/></svg>'})],
    ),
    "data of a display": ([result("a")], [result("a", **{"application/vnd.pgcode.ledger+json": {}})]),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_a_difference_is_seen(name):
    assert difference(*DIFFERENT[name])


@pytest.mark.parametrize("name", EQUAL)
def test_what_may_differ_may(name):
    assert difference(*EQUAL[name]) == ""
