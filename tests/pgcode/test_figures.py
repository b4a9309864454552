"""Drawings follow the page, stand beside each other, and say what they show."""

import re
from types import SimpleNamespace
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from pgcode.derivation import Derivation, Line
from pgcode.figures import COLORS, _decision_process, draw_grid, draw_mdp, frame_slider, show, style

LAKE = ["SFFF", "FHFH", "FFFH", "HFFG"]


def curve(slope=1.0):
    with style():
        figure, axes = plt.subplots()
        axes.plot([0, 1], [0, slope], label="line")
        axes.fill_between([0, 1], [0, 1], color=COLORS["false"], alpha=0.3)
        axes.set(xlabel="θ", ylabel="J", xlim=(0, 0.5))
        axes.legend(frameon=True)
    return figure


def process(transition, reward=None, initial=None, terminal=()):
    transition = np.asarray(transition, dtype=float)
    n_states, n_actions, _ = transition.shape
    return SimpleNamespace(
        transition=transition,
        reward=np.zeros_like(transition) if reward is None else np.asarray(reward, dtype=float),
        initial=np.eye(n_states)[0] if initial is None else np.asarray(initial, dtype=float),
        terminal=np.isin(np.arange(n_states), terminal),
        n_states=n_states,
        n_actions=n_actions,
    )


def bandit():
    return process([[[0, 1], [0, 1]], [[0, 1], [0, 1]]], [[[0, 1], [0, 0.5]], [[0, 0], [0, 0]]], terminal=[1])


def corridor():
    transition = np.zeros((4, 2, 4))
    for state, action, target in [
        (0, 0, 0),
        (0, 1, 1),
        (1, 0, 2),
        (1, 1, 0),
        (2, 0, 1),
        (2, 1, 3),
        (3, 0, 3),
        (3, 1, 3),
    ]:
        transition[state, action, target] = 1
    reward = np.where(transition > 0, -1.0, 0.0)
    reward[3] = 0
    return process(transition, reward, terminal=[3])


def random_process(n_states=3, n_actions=2):
    rng = np.random.default_rng(0)
    shape = (n_states, n_actions)
    return process(
        rng.dirichlet(np.ones(n_states), shape), rng.normal(size=(*shape, n_states)), rng.dirichlet(np.ones(n_states))
    )


def returning_chain(n_states=5):
    transition = np.zeros((n_states, 2, n_states))
    for state in range(n_states):
        transition[state, 0, 0] = 1
        transition[state, 1, min(state + 1, n_states - 1)] = 1
    return process(transition)


def ids(svg):
    return [element.get("id") for element in ElementTree.fromstring(svg).iter() if element.get("id")]


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


# ---- show ----


def test_drawing_is_one_svg_in_a_figure():
    html = show(curve(), "A line.", "The line, \\(a < b\\).")._repr_html_()
    assert html.count("<svg") == html.count("</svg>") == 1
    assert html.startswith("<figure")
    assert "<figcaption>The line, \\(a &lt; b\\).</figcaption>" in html
    ElementTree.fromstring(html)


def test_text_output_is_the_text_alternative():
    assert repr(show(curve(), "A line\n  that rises.")) == "A line that rises."


def test_text_alternative_is_escaped():
    drawing = show(curve(), 'a < b & "c"')
    assert ElementTree.fromstring(drawing.svg).get("aria-label") == 'a < b & "c"'
    assert ElementTree.fromstring(drawing._repr_html_()).find(".//*[@role='img']").get("aria-label") == 'a < b & "c"'


def test_drawing_scales_with_the_page():
    root = ElementTree.fromstring(show(curve(), "A line.").svg)
    assert root.get("viewBox") == "0 0 374.4 234"
    assert root.get("width") is None
    assert root.get("height") is None
    assert root.get("role") == "img"


def test_wide_drawing_is_reached_by_the_keyboard():
    assert "tabindex" not in show(curve(), "Narrow.")._repr_html_()
    assert 'tabindex="0"' in show(plt.figure(figsize=(9, 3)), "Wide.")._repr_html_()


def test_colours_follow_the_page():
    svg = show(curve(), "A line.").svg
    assert not re.search(r"#000\b|#000000|#ffffff|\bblack\b|\bwhite\b", svg, re.IGNORECASE)
    assert "currentColor" in svg
    assert "var(--pg-blue, #0072b2)" in svg
    assert "var(--pg-vermillion, #d55e00)" in svg
    assert ElementTree.fromstring(svg).get("fill") == "currentColor"


def test_other_colours_stay():
    with style():
        figure, axes = plt.subplots()
        axes.plot([0, 1], color="#123456")
    assert "#123456" in show(figure, "A line.").svg


def test_nothing_leaks_out_of_a_drawing():
    svg = show(curve(), "A line.").svg
    assert "<style" not in svg
    assert "<metadata" not in svg
    assert "<!--" not in svg
    assert "<?xml" not in svg
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


def test_same_figure_gives_same_bytes():
    assert show(curve(), "A line.").svg == show(curve(), "A line.").svg


def test_ids_differ_between_drawings():
    first, second = show(curve(1), "A line.").svg, show(curve(2), "A line.").svg
    third = show(curve(1), "The same line, said otherwise.").svg
    assert ids(first)
    for one, other in [(first, second), (first, third)]:
        assert not set(ids(one)) & set(ids(other))


def test_every_reference_inside_a_drawing_resolves():
    svg = show(curve(), "A line.").svg
    assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg)) == set(ids(svg))


def test_hatches_are_drawn():
    with style():
        figure, axes = plt.subplots()
        axes.bar([0, 1], [1, 2], facecolor="none", edgecolor=COLORS["orange"], hatch="///")
    root = ElementTree.fromstring(show(figure, "Hatched bars.").svg)
    patterns = {element.get("id") for element in root.iter() if element.tag.endswith("pattern")}
    fills = [element.get("style", "") for element in root.iter() if "fill: url(#" in element.get("style", "")]
    assert len(patterns) == 1
    assert len(fills) == 2
    assert {re.search(r"url\(#([^)]+)\)", fill).group(1) for fill in fills} == patterns
    assert all("var(--pg-orange" in fill for fill in fills)


def test_figure_is_closed():
    before = plt.get_fignums()
    show(curve(), "A line.")
    assert plt.get_fignums() == before


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("no figure", "A line."), TypeError, "pass a matplotlib figure"),
        ((Figure(), ""), ValueError, "alt is empty"),
        ((Figure(), "  \n"), ValueError, "alt is empty"),
        ((Figure(), None), TypeError, "alt is None"),
        ((Figure(), "A line.", " "), ValueError, "caption is empty"),
    ],
)
def test_show_rejects(arguments, error, message):
    with pytest.raises(error, match=message):
        show(*arguments)


def test_style_is_left_behind():
    before = plt.rcParams["axes.spines.top"]
    with style():
        assert not plt.rcParams["axes.spines.top"]
    assert plt.rcParams["axes.spines.top"] == before


# ---- frame_slider ----


def slider(**arguments):
    return frame_slider(curve, [0.0, 0.5, 1.0], "slope", "A line", **arguments)


def parsed(result):
    """The figure of a slider, without the script that follows it."""
    return ElementTree.fromstring(
        re.sub(r" hidden(?=[ >])", ' hidden=""', result._repr_html_().partition("<script>")[0]).replace(
            'touch-action: pan-y">', 'touch-action: pan-y"/>'
        )
    )


def test_one_frame_for_each_value():
    result = slider()
    assert result.labels == ("slope = 0", "slope = 0.5", "slope = 1")
    assert len(result.frames) == 3
    for frame, label in zip(result.frames, result.labels, strict=True):
        assert f'aria-label="A line ({label})"' in frame
    every_id = [name for frame in result.frames for name in ids(frame)]
    assert len(every_id) == len(set(every_id))


def test_negative_values_have_a_minus_sign():
    assert frame_slider(curve, [-1.0, 1.0], "k", "A line", value_format="{:.1f}").labels == ("k = −1.0", "k = 1.0")


def test_frames_that_look_alike_share_no_id():
    first, second = (set(ids(frame)) for frame in frame_slider(lambda _: curve(), [1, 2], "k", "A line").frames)
    assert not first & second


def test_slider_is_the_browsers_own_and_has_a_name_and_a_value():
    figure = parsed(slider(start=0.5))
    (control,) = figure.findall(".//input")
    assert control.get("type") == "range"
    assert (control.get("min"), control.get("max"), control.get("value")) == ("0", "2", "1")
    assert control.get("aria-label") == "slope"
    assert control.get("aria-valuetext") == figure.find(".//output").text == "slope = 0.5"
    assert figure.find(".//output").get("aria-live") == "off"


def test_jupyterlab_leaves_the_arrow_keys_to_the_slider():
    assert parsed(slider()).find(".//input").get("data-lm-suppress-shortcuts") == "true"


def test_without_scripts_there_is_one_frame_and_no_slider():
    figure = parsed(slider(start=0.5))
    assert figure.find("*[@class='pg-control']").get("hidden") is not None
    stage, *others = figure.findall("*[@class='pg-frame']")
    assert (stage.tag, stage.get("hidden"), stage.get("data-readout")) == ("div", None, "slope = 0.5")
    # The others are texts until they are shown.
    assert {frame.tag for frame in others} == {"script"}
    assert {frame.get("type") for frame in others} == {"text/html"}
    assert [frame.get("data-readout") for frame in others] == ["slope = 0", "slope = 1"]
    assert figure.find(".//figcaption/noscript").text.startswith("slope = 0.5: one of 3 frames.")
    assert "needs scripts" in figure.find(".//figcaption/noscript").text


def test_each_slider_brings_its_script():
    html = slider()._repr_html_()
    assert html.count("<script>") == 1
    assert html.count("</script>") == html.count("<script") == 3


def test_slider_starts_where_it_is_told():
    result = slider(start=0.5)
    assert result.start == 1
    assert result.alt == "A line (slope = 0.5)"


def test_start_may_be_off_by_rounding():
    assert frame_slider(curve, np.linspace(0, 1, 11), "k", "A line", start=0.3).start == 3


def test_text_alternative_may_depend_on_the_value():
    result = frame_slider(curve, [1, 2], "k", lambda value: f"Slope {value}.")
    assert 'aria-label="Slope 2."' in result.frames[1]


def test_text_output_of_a_slider_says_what_it_shows():
    assert repr(slider()) == "A line (slope = 0) [3 frames, from slope = 0 to slope = 1]"


def test_same_slider_gives_same_bytes():
    assert slider()._repr_html_() == slider()._repr_html_()


def test_slider_has_a_caption_with_and_without_scripts():
    caption = parsed(slider(caption="Where \\(a < b\\).")).find("figcaption")
    assert caption.text.strip() == "Where \\(a < b\\)."
    assert parsed(slider()).find("figcaption").text is None


def test_readout_says_more_than_the_value():
    result = slider(readout=lambda value: f"slope {value:.1f} · J {value - 6:.2f}, x-axis")
    assert result.labels[0] == "slope 0.0 · J −6.00, x-axis"
    assert "(slope 0.0 · J −6.00, x-axis)" in result.alt


def test_texts_of_a_slider_are_escaped():
    result = frame_slider(curve, [1, 2], 'a "b"', "A line", readout=lambda value: f'"{value}" < 3')
    figure = parsed(result)
    assert figure.find(".//input").get("aria-label") == 'a "b"'
    assert figure.find("*[@class='pg-frame']").get("data-readout") == '"1" < 3'


def test_a_frame_may_be_a_ledger():
    def ledger(value):
        return Derivation("Two lines", [Line("A1", "x", "Given.", 1.0), Line("A2", "= y", "So.", value)])

    result = frame_slider(ledger, [1.0, 2.0], "y", "Line A2")
    right, wrong = result.frames
    html = result._repr_html_()
    assert html.index(right) < html.index(wrong)  # both are elements of the page, which sets their formulas
    assert html.count('<div class="pg-frame"') == 2
    assert right == ledger(1.0)._repr_html_()
    assert 'class="is-false' in wrong
    assert 'class="is-false' not in right


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"caption": " "}, ValueError, "caption is empty"),
        ({"caption": 1}, TypeError, "caption is 1"),
        ({"readout": lambda value: "same"}, ValueError, "let readout tell them apart"),
        ({"readout": lambda value: value}, TypeError, "readout is 0.0"),
    ],
)
def test_frame_slider_rejects_texts(arguments, error, message):
    with pytest.raises(error, match=message):
        slider(**arguments)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((curve, [1], "k", "A line"), ValueError, "values holds 1 values"),
        ((curve, range(41), "k", "A line"), ValueError, "values holds 41 values"),
        ((curve, [1, 2], "", "A line"), ValueError, "label is empty"),
        ((curve, [1, 2], "k", ""), ValueError, "alt is empty"),
        ((curve, [1.0, 1.0000001], "k", "A line"), ValueError, "give value_format more digits"),
        ((lambda _: None, [1, 2], "k", "A line"), TypeError, "let it return the matplotlib figure"),
    ],
)
def test_frame_slider_rejects(arguments, error, message):
    with pytest.raises(error, match=message):
        frame_slider(*arguments)


def test_frame_slider_rejects_a_start_that_is_no_value():
    with pytest.raises(ValueError, match=r"start is 0\.7, which is not among the values"):
        slider(start=0.7)


# ---- draw_mdp ----


@pytest.mark.parametrize("mdp", [bandit(), corridor(), random_process(), returning_chain()], ids=str)
def test_labels_of_a_process_do_not_overlap(mdp):
    figure = draw_mdp(mdp)
    canvas = _decision_process._renderer(figure)
    boxes = [text.get_window_extent(canvas) for axes in figure.axes for text in axes.texts]
    for index, box in enumerate(boxes):
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= figure.bbox.width
        assert box.y1 <= figure.bbox.height
        for other in boxes[:index]:
            assert not box.shrunk(0.98, 0.98).overlaps(other.shrunk(0.98, 0.98))


def test_process_is_labelled_from_its_arrays():
    labels = texts(draw_mdp(bandit(), state_labels=["s", "end"]))
    assert sorted(labels) == sorted(["s", "end", "+1", "+0.5", "start"])
    assert sorted(texts(draw_mdp(corridor()))) == sorted(["0", "1", "2", "3", "start"] + ["−1"] * 6)


def test_probabilities_are_labelled():
    labels = texts(draw_mdp(process([[[0.25, 0.75]], [[0, 1]]], [[[1, -2.5]], [[0, 0]]], [0.5, 0.5], terminal=[1])))
    assert {"0.25, +1", "0.75, −2.5", "start 0.5"} <= set(labels)


def test_small_probability_is_not_called_zero():
    labels = texts(draw_mdp(process([[[0.001, 0.999]], [[0, 1]]], terminal=[1])))
    assert "<0.01, 0" in labels


def test_terminal_state_has_no_arrows():
    assert len(texts(draw_mdp(process([[[0, 1]], [[0, 1]]], terminal=[1])))) == 4


def test_drawing_of_a_process_is_deterministic():
    assert show(draw_mdp(random_process()), "p").svg == show(draw_mdp(random_process()), "p").svg


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"positions": [[0, 0]]}, "positions has shape"),
        ({"positions": [[0, 0], [0.1, 0]]}, "move them apart"),
        ({"state_labels": ["s"]}, "state_labels holds 1 texts: pass 2"),
    ],
)
def test_draw_mdp_rejects(arguments, message):
    with pytest.raises(ValueError, match=message):
        draw_mdp(bandit(), **arguments)


def test_draw_mdp_rejects_many_actions():
    with pytest.raises(ValueError, match="at most 4"):
        draw_mdp(random_process(2, 5))


# ---- draw_grid ----


def test_grid_shows_its_cells():
    assert texts(draw_grid(LAKE)) == list("".join(LAKE))
    assert texts(draw_grid(np.array([[b"S", b"F"], [b"H", b"G"]]))) == list("SFHG")


def test_grid_shows_values_where_one_acts():
    labels = texts(draw_grid(["SF", "HG"], values=[0.5, -0.25, 9, 9]))
    assert "0.50" in labels
    assert "−0.25" in labels
    assert "9.00" not in labels


def test_grid_explains_its_signs():
    def key(*arguments):
        figure = draw_grid(["SF"], *arguments)
        canvas = _decision_process._renderer(figure)
        for text in figure.texts:
            extent = text.get_window_extent(canvas)
            assert extent.x0 >= 0
            assert extent.x1 <= figure.bbox.width
            assert extent.y0 >= 0
        return " ".join(text.get_text() for text in figure.texts)

    policy = [[0.25, 0.25, 0.25, 0.25]] * 2
    assert key() == key([0.0, 0.0]) == ""
    assert "blue above 0" in key([1.0, -1.0])
    assert "arrow" not in key([1.0, -1.0])
    assert "length of an arrow" in key(None, policy)
    assert "colour" not in key(None, policy)


def test_tints_of_a_grid_are_faint():
    (axes,) = draw_grid(["SF"], [1.0, -2.0]).axes
    tints = [patch.get_alpha() for patch in axes.patches if patch.get_alpha()]
    assert len(tints) == 2
    assert tints[0] < tints[1] < 0.3


def test_policy_arrows_are_as_long_as_probable():
    figure = draw_grid(["SG"], policy=[[0.25, 0, 0.75, 0], [1, 0, 0, 0]])
    (axes,) = figure.axes
    heads = [patch for patch in axes.patches if isinstance(patch, Polygon)]
    left, right = sorted(head.get_xy()[0][0] - 0.5 for head in heads)
    assert left < 0 < right
    assert right > -left


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((["SF", "H"],), r"desc\[1\] has 1 cells"),
        (([],), "desc is empty"),
        ((["SF"], [1.0]), "values has shape"),
        ((["SF"], None, [[1.0, 0.0]]), "policy has shape"),
        ((["SF"], None, [[1, 0, 0, 0], [0.5, 0, 0, 0]]), "policy.* sums to 0.5"),
    ],
)
def test_draw_grid_rejects(arguments, message):
    with pytest.raises(ValueError, match=message):
        draw_grid(*arguments)


# ---- words in a drawing ----


def words_of(figure):
    root = ElementTree.fromstring(show(figure, "A drawing.").svg)
    return root.findall(".//{http://www.w3.org/2000/svg}text") or root.findall(".//text")


def test_words_are_text_in_the_font_of_the_page():
    words = words_of(curve())
    assert {"θ", "J", "line", "0.0"} <= {"".join(text.itertext()) for text in words}
    assert not any("font-family" in part.get("style", "") for text in words for part in text.iter())


def test_a_formula_flows_in_any_font():
    with style():
        figure, axes = plt.subplots()
        axes.set_xlabel("size $|x_1|$ & < more")
    (formula,) = (text for text in words_of(figure) if "size" in "".join(text.itertext()))
    runs = list(formula)
    assert [run.text.replace("\xa0", " ") for run in runs] == ["size |", "x", "1", "| & < more"]
    assert not any(run.get("x") or run.get("y") for run in runs)
    below, back = (float(run.get("dy")) for run in runs[2:])
    assert below > 0
    assert abs(below + back) < 0.02
