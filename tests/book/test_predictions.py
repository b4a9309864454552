"""Every prediction of a chapter can be made on its page, and the form says what the answer says."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import nbformat
import pytest

from press import predictions

BOOK = Path(__file__).parents[2] / "book"
#: A block that asks for a prediction, up to the one with the answer, and the answer.
BLOCK = re.compile(
    r"^::::\{admonition\} Predict\n(.*?)^:::\{admonition\} Answer\n(.*?)^:::\n::::$", re.DOTALL | re.MULTILINE
)
COMMENT = re.compile(r"<!-- predict\n.*?-->", re.DOTALL)


def blocks() -> list:
    found = []
    for path in sorted(BOOK.rglob("*.ipynb")):
        for number, cell in enumerate(nbformat.read(path, as_version=4).cells):
            if cell.cell_type == "markdown" and "{admonition} Predict" in cell.source:
                name = f"{path.relative_to(BOOK).as_posix()}-{number}"
                found += [pytest.param(*match.groups(), id=name) for match in BLOCK.finditer(cell.source)]
    return found


BLOCKS = blocks()
each = pytest.mark.parametrize(("question", "answer"), BLOCKS)
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
QUOTIENTS = {"½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3", "⅛": "1/8"}


def numbers_in(text: str) -> set[float]:
    """The numbers that a text names, without their signs."""
    text = re.sub(r"\\t?frac(\d)(\d)|\\t?frac\{?(\d+)\}?\{(\d+)\}", lambda m: f" {m[1] or m[3]}/{m[2] or m[4]} ", text)
    for sign, quotient in QUOTIENTS.items():
        text = text.replace(sign, f" {quotient} ")
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    written = re.findall(r"\d+/\d+|\d+\.\d+|\d+", text)
    named = {float(WORDS.index(word)) for word in re.findall(r"[a-z]+", text.lower()) if word in WORDS}
    return {float(Fraction(one)) for one in written} | named


def test_all_blocks_are_found():
    asked = sum(path.read_text(encoding="utf-8").count("{admonition} Predict") for path in BOOK.rglob("*.ipynb"))
    assert len(BLOCKS) == asked > 20


@each
def test_a_prediction_can_be_made_and_the_answer_names_it(question, answer):
    comments = COMMENT.findall(question)
    assert len(comments) == 1
    named = numbers_in(answer)
    for asked in predictions.read(comments[0]):
        if "number" in asked:
            assert any(abs(abs(asked["number"]) - one) < 1e-9 for one in named), asked
        number = re.match(r"(\d)\. ", asked["ask"])
        if number:
            assert f"\n{number[1]}. " in question, "the question has another number"


@each
def test_what_is_asked_stands_after_the_question(question, answer):
    """So that whoever reads the notebook, where the comment is not seen, has the whole question before the answer."""
    assert question[COMMENT.search(question).end() :].strip() == ""
