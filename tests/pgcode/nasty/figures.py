"""What drawings and sliders are given."""

import numpy as np
from matplotlib.figure import Figure

from pgcode import environments, figures
from pgcode.mdp import TabularMDP

BANDIT = environments.two_armed_bandit()
GRID = ["SF", "HG"]
HALVES = [[0.5, 0.5]] * 4


def one_state(reward):
    return TabularMDP(np.ones((1, 1, 1)), np.full((1, 1, 1), reward), [1.0], 0.5)


def labels(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def slider(values=(0.0, 1.0), label="x", alt="A grid", **options):
    return figures.frame_slider(lambda value: figures.draw_grid(GRID), values, label, alt, **options)


CASES = {
    "no process": (lambda: figures.draw_mdp(None), r"mdp is NoneType, which has no transition: pass a TabularMDP"),
    "arrays for a process": (
        lambda: figures.draw_mdp(BANDIT.transition),
        r"mdp is ndarray, which has no transition: pass",
    ),
    "a forbidden action": (
        lambda: figures.draw_mdp(
            TabularMDP([[[0, 1], [0, 0]], [[0, 1], [0, 1]]], np.zeros((2, 2, 2)), [1, 0], 0.9, allowed=[[1, 0], [1, 1]])
        ),
        lambda figure: "0" in labels(figure),
    ),
    "five actions": (
        lambda: figures.draw_mdp(environments.random_mdp(np.random.default_rng(0), 3, 5)),
        r"mdp has 5 actions: at most 4",
    ),
    "a position that is NaN": (
        lambda: figures.draw_mdp(BANDIT, [[0, 0], [np.nan, 1]]),
        r"positions\[1, 0\] is nan: replace it",
    ),
    "ragged positions": (lambda: figures.draw_mdp(BANDIT, [[0, 0], [1]]), r"positions is no array"),
    "two states in one place": (
        lambda: figures.draw_mdp(BANDIT, np.zeros((2, 2))),
        r"positions\[0\] and positions\[1\]",
    ),
    "a text for a list of texts": (lambda: figures.draw_mdp(BANDIT, state_labels="ab"), r"state_labels is 'ab': pass"),
    "a number of labels": (lambda: figures.draw_mdp(BANDIT, state_labels=2), r"state_labels is 2: pass a list of 2"),
    "a label too many": (
        lambda: figures.draw_mdp(BANDIT, action_labels=["a", "b", "c"]),
        r"action_labels holds 3 texts",
    ),
    "labels that come one by one": (
        lambda: figures.draw_mdp(BANDIT, state_labels=(name for name in "ab")),
        lambda figure: {"a", "b"} <= set(labels(figure)),
    ),
    "labels that are mathematics to matplotlib": (
        lambda: figures.show(figures.draw_mdp(BANDIT, state_labels=["$", "$x^"]), "Two states."),
        lambda drawing: drawing.svg.startswith("<svg"),
    ),
    "digits below 0": (lambda: figures.draw_mdp(BANDIT, digits=-1), r"digits is -1: pass a whole number of digits"),
    "half a digit": (lambda: figures.draw_mdp(BANDIT, digits=1.5), r"digits is 1\.5: pass a whole number"),
    "a huge reward": (lambda: figures.draw_mdp(one_state(1e150)), lambda figure: "+1e+150" in labels(figure)),
    "a tiny reward": (lambda: figures.draw_mdp(one_state(1e-300)), lambda figure: "0" in labels(figure)),
    "one terminal state": (lambda: figures.draw_mdp(one_state(0.0)), lambda figure: "+0" not in labels(figure)),
    "a text for rows": (lambda: figures.draw_grid("SG"), r"desc is 'SG': pass a list of rows"),
    "no grid": (lambda: figures.draw_grid(None), r"desc is None: pass a list of rows"),
    "an empty grid": (lambda: figures.draw_grid([]), r"desc is empty: pass rows"),
    "an empty row": (lambda: figures.draw_grid([""]), r"desc is empty: pass rows"),
    "ragged rows": (lambda: figures.draw_grid([["S"], ["F", "G"]]), r"desc\[1\] has 2 cells, but desc\[0\] has 1"),
    "words for letters": (
        lambda: figures.draw_grid([["start", "goal"]]),
        r"desc\[0\]\[0\] is 'start': pass one letter",
    ),
    "a cube": (lambda: figures.draw_grid([[["S"]]]), r"desc\[0\]\[0\] is .*: pass one letter"),
    "bytes, as Gymnasium has them": (
        lambda: figures.draw_grid(np.array([[b"S", b"G"]])),
        lambda figure: labels(figure) == ["S", "G"],
    ),
    "a value that is NaN": (lambda: figures.draw_grid(GRID, [0, 1, 2, np.nan]), r"values\[3\] is nan"),
    "values as a grid": (lambda: figures.draw_grid(GRID, np.zeros((2, 2))), r"values has shape \(2, 2\), but needs"),
    "masked values": (lambda: figures.draw_grid(GRID, np.ma.zeros(4)), r"values is a masked array"),
    "subnormal values": (lambda: figures.draw_grid(GRID, [5e-324, 0, 0, 0]), lambda figure: "0.00" in labels(figure)),
    "values at the end of what is finite": (
        lambda: figures.draw_grid(GRID, [1e308, -1e308, 0, 0], value_format="{:.0e}"),
        lambda figure: "−1e+308" in labels(figure),
    ),
    "a negative probability": (
        lambda: figures.draw_grid(GRID, policy=[[1.5, -0.5, 0, 0]] * 4),
        r"policy\[0, 1\] is -0\.5",
    ),
    "a policy of other actions": (
        lambda: figures.draw_grid(GRID, policy=HALVES),
        r"policy has shape \(4, 2\), but needs",
    ),
    "a direction that leads nowhere": (
        lambda: figures.draw_grid(GRID, policy=HALVES, directions=[(1, 0), (0, 0)]),
        r"directions is \[\(1, 0\), \(0, 0\)\]: pass a move",
    ),
    "a direction for a pair": (
        lambda: figures.draw_grid(GRID, policy=HALVES, directions=[(1, 0), 1]),
        r"directions is no array",
    ),
    "a format for whole numbers": (
        lambda: figures.draw_grid(GRID, [0, 1, 2, 3], value_format="{:d}"),
        r"value_format is '\{:d\}', which does not write the value 0\.0",
    ),
    "a format with two places": (
        lambda: figures.draw_grid(GRID, [0, 1, 2, 3], value_format="{} {}"),
        r"value_format is '\{\} \{\}', which does not write",
    ),
    "digits for a format": (
        lambda: figures.draw_grid(GRID, [0, 1, 2, 3], value_format=2),
        r"value_format is 2, which does not write",
    ),
    "axes for a figure": (lambda: figures.show(Figure().add_subplot(), "A."), r"figure is <Axes.*: pass a matplotlib"),
    "no text alternative": (lambda: figures.show(Figure(), None), r"alt is None: pass a sentence"),
    "a blank text alternative": (lambda: figures.show(Figure(), " \n"), r"alt is empty: say in a sentence"),
    "a control character": (lambda: figures.show(Figure(), "a\x00b"), r"alt holds the control character '\\x00'"),
    "markup in a caption": (
        lambda: figures.show(Figure(), "A.", "<script>alert(1)</script>")._repr_html_(),
        lambda html: "<script" not in html,
    ),
    "markup in a text alternative": (
        lambda: figures.show(Figure(), '"><script>alert(1)</script>')._repr_html_(),
        lambda html: "<script" not in html,
    ),
    "no value": (lambda: slider([]), r"values holds 0 values: pass 2 to 40"),
    "41 values": (lambda: slider(range(41)), r"values holds 41 values"),
    "a number of values": (lambda: slider(3), r"values is 3: pass a list of values"),
    "values written alike": (
        lambda: slider([0.1, 0.1000001]),
        r"values\[0\] and values\[1\] are both written 'x = 0\.1'",
    ),
    "arrays as values": (lambda: slider(np.eye(2)), r"value_format is '\{:g\}', which does not write the value array"),
    "a start that is NaN": (lambda: slider(start=np.nan), r"start is nan, which is not among the values"),
    "a start in words": (lambda: slider(start="0"), r"start is '0', which is not among the values"),
    "a start that is an array": (lambda: slider(start=np.zeros(2)), r"start is array.*not among the values"),
    "a start off by rounding": (lambda: slider([0.0, 0.3], start=0.1 + 0.2), lambda made: made.start == 1),
    "a label that is a number": (lambda: slider(label=3), r"label is 3: pass a sentence"),
    "a text alternative that says nothing": (lambda: slider(alt=lambda value: None), r"alt is None: pass a sentence"),
    "a readout that does not change": (
        lambda: slider(readout=lambda value: "same"),
        r"both written 'same': let readout",
    ),
    "a text for a readout": (lambda: slider(readout="same"), r"readout is 'same': pass a function of a value"),
    "nothing that draws": (
        lambda: figures.frame_slider(None, [0, 1], "x", "A grid"),
        r"draw is None: pass a function of a value",
    ),
    "a drawing that is none": (
        lambda: figures.frame_slider(lambda value: value, [0, 1], "x", "A grid"),
        r"draw\(0\) returned 0: let it return the matplotlib figure",
    ),
}
