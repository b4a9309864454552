"""The slider as a widget, which a kernel draws."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import ipywidgets
import numpy as np
import pytest

from pgcode import check
from pgcode.derivation import Derivation, Line
from pgcode.figures import FrameSlider, _live_slider, frame_slider
from pgcode.figures._live_slider import between, widget

WIDGET = "application/vnd.jupyter.widget-view+json"


def ledger(x: float) -> Derivation:
    if x == 1.5:
        raise ZeroDivisionError("not <here>")
    lines = Line("1", "x + x", "a sum", x + x), Line("2", "2x", "a product", 2 * x)
    return Derivation(f"Twice {x:g}", lines)


def slider(**more: Any) -> FrameSlider:
    arguments = {"values": [0.0, 1.0, 2.0], "label": "x", "alt": "Two lines", "start": 1.0, "caption": "A caption < b"}
    return frame_slider(ledger, **arguments | more)


def parts(made: FrameSlider) -> tuple[ipywidgets.IntSlider, dict[str, Any]]:
    assert made.live
    box = widget(made, made.live)
    (control,) = (child for child in box.children if isinstance(child, ipywidgets.IntSlider))
    at = box.children.index(control)
    names = ("readout", "stage", "caption")
    texts = dict(zip(names, box.children[at + 1 :], strict=True))
    return control, texts | {"outcome": box.children[0]} if at else texts


def test_it_starts_at_the_frame_of_the_page_and_stops_between_frames() -> None:
    made = slider()
    control, texts = parts(made)
    assert control.max == 20
    assert texts["readout"].value == "x = 1"
    assert texts["stage"].value == made.frames[1]._repr_html_()
    control.value += 1
    assert texts["readout"].value == "x = 1.1"
    assert texts["stage"].value == ledger(1.1)._repr_html_()
    assert texts["caption"].value == "A caption &lt; b"


def test_the_verdict_moves_with_it() -> None:
    made = slider(outcome=lambda x: check("x is 1", x, 1.0), start=0.0)
    control, texts = parts(made)
    assert "false" in texts["outcome"].value
    control.value = 10
    assert "exact" in texts["outcome"].value
    assert texts["outcome"].value == check("x is 1", 1.0, 1.0)._repr_html_()


def test_what_cannot_be_drawn_between_is_told_and_the_next_is_drawn() -> None:
    control, texts = parts(slider())
    control.value = 15
    assert texts["stage"].value == "ZeroDivisionError: not &lt;here&gt;"
    assert texts["readout"].value == "x = 1.5"
    control.value = 16
    assert texts["stage"].value == ledger(1.6)._repr_html_()


@pytest.mark.parametrize(
    ("values", "written", "expected"),
    [
        ([2, 4, 16], "{}", [2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 14, 15, 16]),
        ([0.5, 0.0], "{:g}", [0.5, 0.45, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15, 0.1, 0.05, 0.0]),
        ([0.0, 0.1, 0.2], "{:.1f}", [0.0, 0.1, 0.2]),
        ([0.0, 0.1], "{:.2f}", [0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1]),
        ([False, True], "{}", [False, True]),
        (["a", "b"], "{}", ["a", "b"]),
        (np.array([1, 3]), "{}", [1, 2, 3]),
    ],
)
def test_values_between_are_those_that_what_is_written_tells_apart(
    values: Any, written: str, expected: list[Any]
) -> None:
    finer = between(values, written.format)
    assert finer == expected
    assert len({written.format(value) for value in finer}) == len(finer)


def test_whole_numbers_stay_whole_and_given_values_stay_as_they_are() -> None:
    given = [np.float64(0.1), np.float64(0.30000000000000004)]
    assert {id(one) for one in given} <= {id(one) for one in between(given, "{:.3f}".format)}
    assert all(type(one) is int for one in between([1, 100], str))


class Shell:
    kernel = object()


def in_a_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    import IPython

    monkeypatch.setattr(IPython, "get_ipython", Shell)


def test_a_kernel_shows_the_widget_and_keeps_the_frames_for_who_opens_the_notebook_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(_live_slider.SWITCH, raising=False)
    in_a_kernel(monkeypatch)
    made = slider()
    bundle = made._repr_mimebundle_()
    assert bundle[WIDGET]["model_id"]
    assert bundle["text/html"] == made._repr_html_()
    assert bundle["text/plain"] == repr(made)


@pytest.mark.parametrize("why", ["no kernel", "baked", "no ipywidgets"])
def test_without_a_kernel_there_are_the_frames_alone(monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    monkeypatch.delenv(_live_slider.SWITCH, raising=False)
    if why != "no kernel":
        in_a_kernel(monkeypatch)
    if why == "baked":
        monkeypatch.setenv(_live_slider.SWITCH, "baked")
    if why == "no ipywidgets":
        monkeypatch.setitem(__import__("sys").modules, "ipywidgets", None)
    assert WIDGET not in slider()._repr_mimebundle_()


def test_copies_and_pickles_keep_the_frames() -> None:
    made = slider()
    for other in (copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        assert other.data == made.data
        assert other.live is None
        assert other._repr_html_() == made._repr_html_()
