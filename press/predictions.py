r"""A Sphinx extension: a prediction that a reader makes on the page, before the answer is shown.

A chapter asks in a block of the class ``predict``, whose answer folds. What is asked stands in it as data too, in a
comment, so that a notebook is as it was::

    <!-- predict
    - ask: The mean return
      number: 1/2
    - ask: The best walk
      choices: [→→, →↓→, ↓→→]
      right: ↓→→
    -->

``number`` may be written as a quotient. An answer is near if it is off by at most ``within``, or by one part in a
hundred. ``right`` is one of the choices, or a list of some where several may be chosen. Formulas stand between ``\(``
and ``\)``. On a page this becomes a form, which ``static/predict.js`` judges and keeps in the browser; it takes no
Python and asks for nothing. Without scripts the page is as the notebook.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from html import escape
from typing import Any

import yaml  # type: ignore[import-untyped]
from docutils import nodes  # type: ignore[import-untyped]
from sphinx.errors import ExtensionError

from press.embedded import embedded
from press.outputs.base import skip, text

#: How a comment begins that says what is predicted.
START = "predict\n"
NUMBERS, SCRIPT = "numbers.js", "predict.js"
KEYS = {"ask", "number", "within", "choices", "right"}
#: A number may be off by this part of it where nothing is said; where it is 0, by this.
WITHIN = 0.01


class Prediction(nodes.General, nodes.Element):  # type: ignore[misc]
    """What a reader predicts, as a form."""


class Question(nodes.General, nodes.Element):  # type: ignore[misc]
    """One number, or some of several choices."""


class QuestionWords(nodes.General, nodes.TextElement):  # type: ignore[misc]
    """What is asked."""


class Choice(nodes.General, nodes.TextElement):  # type: ignore[misc]
    """An answer that may be chosen."""


# ---- from a comment to a form --------------------------------------------------------------------------------------


def read(comment: str) -> list[dict[str, Any]] | None:
    r"""Return what a comment asks, or None where it asks nothing.

    Examples
    --------
    >>> read("<!-- predict\n- {ask: The slope, number: -1/2}\n-->")
    [{'ask': 'The slope', 'shown': '−1/2', 'number': -0.5, 'within': 0.005}]
    >>> read("<!-- your world -->") is None
    True
    """
    written = comment.strip().removeprefix("<!--").removesuffix("-->").lstrip(" ")
    if not written.startswith(START):
        return None
    try:
        asked = yaml.safe_load(written.removeprefix(START))
    except yaml.YAMLError as error:
        raise ValueError(f"a prediction is no YAML: {error}") from None
    if not isinstance(asked, list) or not asked:
        raise ValueError(f"a prediction is a list of questions, not {asked!r}")
    return [question(one) for one in asked]


def question(asked: Any) -> dict[str, Any]:
    """Return a question in the form in which the page needs it."""
    if not isinstance(asked, Mapping) or not isinstance(asked.get("ask"), str):
        raise ValueError(f"a question has `ask`, its words: {asked!r} has none")
    name = asked["ask"]
    if unknown := set(asked) - KEYS:
        raise ValueError(f"the question {name!r} has {sorted(unknown)}: what is known is {sorted(KEYS)}")
    if ("number" in asked) == ("choices" in asked):
        raise ValueError(f"the question {name!r} has either `number`, or `choices` and what is `right`")
    if "number" in asked:
        try:
            value = float(Fraction(str(asked["number"])))
        except ValueError:
            raise ValueError(f"the number of {name!r} is {asked['number']!r}: write one such as 0.25 or 1/4") from None
        within = asked.get("within", WITHIN * (abs(value) or 1.0))
        if isinstance(within, bool) or not isinstance(within, int | float) or not 0 < within < math.inf:
            raise ValueError(f"`within` of {name!r} is {within!r}: write how far an answer may be off")
        return {"ask": name, "shown": written_number(asked["number"]), "number": value, "within": float(within)}
    choices = asked["choices"]
    if not isinstance(choices, list) or len({str(one) for one in choices}) != len(choices) or len(choices) < 2:
        raise ValueError(f"`choices` of {name!r} is a list of two or more that differ, not {choices!r}")
    if any(isinstance(one, bool) for one in choices):
        raise ValueError(f"YAML takes a choice of {name!r} for true or false: put it in quotation marks")
    right, words = asked.get("right"), [str(one) for one in choices]
    several = isinstance(right, list)
    expected = [str(one) for one in right] if isinstance(right, list) else [str(right)]
    if not expected or not set(expected) <= set(words):
        raise ValueError(f"`right` of {name!r} is {right!r}, which is none of its choices")
    return {"ask": name, "choices": words, "right": [words.index(one) for one in expected], "several": several}


def written_number(number: Any) -> str:
    """Return a number as a page shows it."""
    shown = f"{number:,}" if isinstance(number, int) else str(number)
    return shown.replace("-", "−")


def make_forms(app: Any, doctree: nodes.document) -> None:
    """Put a form in the place of each comment that asks for a prediction."""
    count = 0
    for comment in list(doctree.findall(lambda node: isinstance(node, nodes.raw | nodes.comment))):
        try:
            asked = read(comment.astext())
        except ValueError as error:
            raise ExtensionError(f"{app.env.docname}: {error}") from None
        if asked is not None:
            comment.replace_self(form(asked, count))
            count += 1


def form(asked: Sequence[Mapping[str, Any]], number: int) -> Prediction:
    """Return the form of what is asked, the first, second … of its page."""
    judged = ("shown", "number", "within", "right")
    data = [{key: one[key] for key in judged if key in one} for one in asked]
    asks = hashlib.sha256(json.dumps(list(asked), sort_keys=True).encode()).hexdigest()[:12]
    made = Prediction(data={"asks": asks, "questions": data}, number=number)
    for place, one in enumerate(asked):
        name = f"predict-{number}-{place}"
        kind = "number" if "number" in one else "several" if one["several"] else "one"
        made += Question("", QuestionWords("", "", *text(one["ask"]), kind=kind, name=name), kind=kind, name=name)
        if kind != "number":
            choices = [
                Choice("", "", *text(words), kind=kind, name=name, value=value)
                for value, words in enumerate(one["choices"])
            ]
            made[-1].extend(choices)
            made[-1]["short"] = max(len(words) for words in one["choices"]) < 24
    return made


# ---- from a form to HTML -------------------------------------------------------------------------------------------


def enter_form(translator: Any, node: Prediction) -> None:
    """Write the start of a form."""
    start = f'<form class="pg-predict" autocomplete="off" aria-label="Your prediction" data-number="{node["number"]}">'
    translator.body.append(start)


def leave_form(translator: Any, node: Prediction) -> None:
    """Write its buttons, where it says what became of it, and its data."""
    data = embedded(node["data"])
    translator.body.append(
        '<div class="pg-task-bar"><button type="submit" class="pg-task-button is-first">Predict</button>'
        '<button type="button" class="pg-task-button pg-predict-again" hidden>Start again</button>'
        '<span class="pg-task-status" role="status"></span></div>'
        f'<script type="application/json" class="pg-predict-data">{data}</script></form>\n'
    )


def enter_question(translator: Any, node: Question) -> None:
    """Write the start of a question."""
    if node["kind"] == "number":
        translator.body.append('<div class="pg-question"><p class="pg-task-field">')
    else:
        short = " is-short" if node["short"] else ""
        translator.body.append(f'<div class="pg-question"><fieldset class="pg-options{short}">')


def leave_question(translator: Any, node: Question) -> None:
    """Write the field of a number, and the place for what is said to an answer."""
    if node["kind"] == "number":
        attributes = 'type="text" inputmode="text" autocapitalize="off" spellcheck="false"'
        translator.body.append(f'<input id="{node["name"]}" {attributes}></p>')
    else:
        translator.body.append("</fieldset>")
    translator.body.append('<p class="pg-predicted" hidden></p></div>')


def enter_words(translator: Any, node: QuestionWords) -> None:
    """Write the start of what is asked."""
    if node["kind"] == "number":
        translator.body.append(f'<label for="{node["name"]}" class="pg-words">')
    else:
        translator.body.append('<legend class="pg-words">')


def leave_words(translator: Any, node: QuestionWords) -> None:
    """Write the end of what is asked."""
    if node["kind"] == "number":
        translator.body.append("</label> ")
    else:
        more = ' <span class="pg-several">(one or several)</span>' if node["kind"] == "several" else ""
        translator.body.append(f"{more}</legend>")


def enter_choice(translator: Any, node: Choice) -> None:
    """Write the start of a choice."""
    label, kind = f"{node['name']}-{node['value']}", "checkbox" if node["kind"] == "several" else "radio"
    translator.body.append(
        f'<div class="pg-option"><input type="{kind}" id="{label}" name="{escape(node["name"])}" '
        f'value="{node["value"]}"><label for="{label}"><span class="pg-words">'
    )


def leave_choice(translator: Any, node: Choice) -> None:
    """Write the end of a choice."""
    translator.body.append("</span></label></div>\n")


def add_script(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Load the scripts where something is predicted."""
    if doctree is not None and any(True for _ in doctree.findall(Prediction)):
        app.add_js_file(NUMBERS)
        app.add_js_file(SCRIPT)


def setup(app: Any) -> dict[str, bool]:
    """Register the module."""
    writers: dict[type, Any] = {
        Prediction: (enter_form, leave_form),
        Question: (enter_question, leave_question),
        QuestionWords: (enter_words, leave_words),
        Choice: (enter_choice, leave_choice),
    }
    for node, html in writers.items():
        app.add_node(node, html=html, latex=(skip, None))
    app.connect("doctree-read", make_forms)
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
