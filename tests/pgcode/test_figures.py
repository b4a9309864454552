"""Drawings follow the page, stand beside each other, and say what they show."""

import json
import re
from itertools import pairwise
from types import SimpleNamespace
from xml.etree import ElementTree

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Circle, PathPatch, Polygon, Rectangle

from pgcode import check, environments
from pgcode.derivation import Derivation, Line
from pgcode.figures import (
    COLORS,
    _arrows,
    _layout,
    _walks,
    _words,
    arrows,
    bars,
    draw_grid,
    draw_mdp,
    frame_slider,
    learning_curves,
    show,
    style,
    walks,
)

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
    assert root.get("viewBox") == "0 0 417.6 244.8"
    assert root.get("width") is None
    assert root.get("height") is None
    assert root.get("role") == "img"


@pytest.mark.parametrize("inches", [2, 4, 5.8, 9])
def test_a_phone_shows_no_word_smaller_than_9_and_a_half_pixels(inches):
    with style():
        figure, axes = plt.subplots(figsize=(inches, 3))
        axes.tick_params(labelsize=4)
        axes.text(0, 0, "small", fontsize=5)
        axes.text(0, 1, "large", fontsize=25)
    root = ElementTree.fromstring(show(figure, "Words.").svg)
    allowed = [float(re.search(rf"{bound}-width: (\d+)px", root.get("style"))[1]) for bound in ("min", "max")]
    shown = min(max(382, allowed[0]), allowed[1])  # the column of a page of 390 pixels
    width = float(root.get("viewBox").split()[2])
    written = [re.search(r"([\d.]+)px", text.get("style"))[1] for text in root.findall(".//{*}text")]
    sizes = [float(size) * shown / width for size in written]
    assert min(sizes) == pytest.approx(9.5, rel=0.01)
    assert max(sizes) == pytest.approx(25 * shown / width, rel=0.01)


@pytest.mark.parametrize("inches", [2, 4, 5.8, 9])
def test_the_website_may_set_small_words_larger_on_a_phone(inches):
    with style():
        figure, axes = plt.subplots(figsize=(inches, 3))
        axes.text(0, 0, "small", fontsize=5)
        axes.text(0, 1, "large", fontsize=25)
        axes.set_xlabel("time $t_1$", fontsize=5)
    root = ElementTree.fromstring(show(figure, "Words.").svg)
    allowed = [float(re.search(rf"{bound}-width: (\d+)px", root.get("style"))[1]) for bound in ("min", "max")]
    shown = min(max(382, allowed[0]), allowed[1])
    least = float(re.search(r"--pg-least-words: ([\d.]+)px", root.get("style"))[1])
    assert least * shown / float(root.get("viewBox").split()[2]) == pytest.approx(11.1, rel=0.01)
    words = {"".join(text.itertext()): text for text in root.findall(".//{*}text")}
    assert "max(" in words["small"].get("style")
    assert words["small"].get("style").count("var(--pg-words, 0px)") == 1
    assert "max(" not in words["large"].get("style")
    shares = [re.search(r"(0\.7 \* )?var\(--pg-words, 0px\)", run.get("style"))[1] for run in words["time\xa0t1"]]
    assert shares[0] is None
    assert shares[-1] == "0.7 * "


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


def test_many_points_are_circles_that_say_once_how_they_look():
    figure, axes = plt.subplots(figsize=(4, 3))
    points, areas = np.array([[0.2, 0.3], [0.5, 0.5], [0.6, 0.1], [0.9, 0.8], [0.1, 0.7]]), np.array([4, 9, 16, 25, 36])
    axes.scatter(*points.T, s=areas, color=COLORS["orange"], alpha=0.45, linewidths=0)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    figure.canvas.draw()
    places = axes.transData.transform(points) * 72 / figure.dpi
    root = ElementTree.fromstring(show(figure, "Five points.").svg)
    (group,) = (group for group in root.iter() if any(child.tag.endswith("}circle") for child in group))
    circles = [[float(child.get(name)) for name in ("cx", "cy", "r")] for child in group]
    expected = np.c_[places[:, 0], 3 * 72 - places[:, 1], np.sqrt(areas) / 2]
    np.testing.assert_allclose(circles, expected, atol=0.006)
    assert "fill-opacity: 0.45" in group.get("style")
    assert group.get("clip-path")
    assert not any(child.get("style") or child.get("clip-path") for child in group)


def test_what_shines_through_is_not_made_one():
    figure, axes = plt.subplots(figsize=(4, 3))
    axes.bar(range(6), range(1, 7), width=2, color=COLORS["orange"], edgecolor=COLORS["blue"], alpha=0.45)
    svg = show(figure, "Bars that overlap.").svg
    assert len(re.findall(r"<path [^>]*(?<!-)opacity: 0.45", svg)) == 6


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
        assert f'aria-label="A line ({label})"' in frame.svg
    every_id = [name for frame in result.frames for name in ids(frame.svg)]
    assert len(every_id) == len(set(every_id))


def test_negative_values_have_a_minus_sign():
    assert frame_slider(curve, [-1.0, 1.0], "k", "A line", value_format="{:.1f}").labels == ("k = −1.0", "k = 1.0")


def test_frames_that_look_alike_share_no_id():
    first, second = (set(ids(frame.svg)) for frame in frame_slider(lambda _: curve(), [1, 2], "k", "A line").frames)
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
    assert 'aria-label="Slope 2."' in result.frames[1].svg


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
    right, wrong = (frame._repr_html_() for frame in result.frames)
    html = result._repr_html_()
    assert html.index(right) < html.index(wrong)  # both are elements of the page, which sets their formulas
    assert html.count('<div class="pg-frame"') == 2
    assert right == ledger(1.0)._repr_html_()
    assert 'class="is-false' in wrong
    assert 'class="is-false' not in right
    assert [frame["lines"][1]["verdict"] for frame in result.data["frames"]] == ["exact", "false"]


def test_a_drawing_is_data():
    drawing = show(curve(), "A line.", "Where \\(a < b\\).")
    bundle = drawing._repr_mimebundle_()
    assert list(bundle) == ["application/vnd.pgcode.figure+json", "text/html", "text/plain"]
    data = bundle["application/vnd.pgcode.figure+json"]
    assert json.loads(json.dumps(data)) == data
    assert (data["alt"], data["caption"]) == ("A line.", "Where \\(a < b\\).")
    assert f"max-width: {data['width']}px" in data["svg"]


def test_a_slider_is_data():
    data = slider(start=0.5, caption="C.").data
    assert json.loads(json.dumps(data)) == data
    assert (data["start"], data["label"], data["caption"]) == (1, "slope", "C.")
    assert [frame["kind"] for frame in data["frames"]] == ["figure"] * 3
    assert [frame["alt"] for frame in data["frames"]] == [f"A line ({label})" for label in data["labels"]]


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


def doubled(value):
    return check("it doubles", 2 * value, value + 1)


def test_a_slider_shows_what_is_compared_at_each_value():
    result = frame_slider(curve, [1.0, 2.0], "k", "A line", start=2.0, outcome=doubled, plays=1.0)
    assert result.plays == 0
    assert [one["verdict"] for one in result.data["outcomes"]] == ["exact", "false"]
    shown = result._repr_html_()
    assert shown.index("✗") < shown.index("<svg")
    assert "it doubles" in shown
    assert "agree to 10⁻¹⁰" in shown  # what stands there when the slider is moved
    assert frame_slider(curve, [1.0, 2.0], "k", "A line").data["outcomes"] == []


def test_what_a_slider_compares_is_a_comparison_and_always_the_same():
    with pytest.raises(TypeError, match=r"outcome\(1\.0\) returned True: let it return what `check` returns"):
        frame_slider(curve, [1.0, 2.0], "k", "A line", outcome=lambda value: True)
    with pytest.raises(ValueError, match=r"outcome claims '1\.0' and '2\.0': let all make the same claim"):
        frame_slider(curve, [1.0, 2.0], "k", "A line", outcome=lambda value: check(str(value), 1, 1))
    with pytest.raises(ValueError, match="plays is 3, which is not among the values"):
        frame_slider(curve, [1.0, 2.0], "k", "A line", plays=3)


def test_frame_slider_rejects_a_start_that_is_no_value():
    with pytest.raises(ValueError, match=r"start is 0\.7, which is not among the values"):
        slider(start=0.7)


# ---- draw_mdp ----


def shaft_points(figure):
    """The points of every arrow's shaft and the corners of its head, by the name of the arrow."""
    shafts, heads = {}, {}
    for patch in figure.axes[0].patches:
        kind, _, name = (patch.get_gid() or "").partition(" ")
        if kind == "shaft":
            path = patch.get_path()
            curve = path.vertices
            t = np.linspace(0, 1, 400)[:, None, None]
            points = np.broadcast_to(curve, (400, *curve.shape))
            while points.shape[1] > 1:  # de Casteljau
                points = (1 - t) * points[:, :-1] + t * points[:, 1:]
            shafts.setdefault(name, []).append(points[:, 0])
        if kind == "head":
            corners = patch.get_xy()[:3]
            heads.setdefault(name, []).append(np.vstack([corners, corners.mean(axis=0)]))
    return shafts, heads


def collisions(figure):
    """Whatever stands on something else in a drawing of a process, in words."""
    canvas = _words.renderer(figure)
    (axes,) = figure.axes
    to_inches = axes.transData.inverted().transform
    shafts, heads = shaft_points(figure)
    circles = [patch for patch in axes.patches if isinstance(patch, Circle)]
    squares = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    states = [np.array(circle.center) for circle in circles]
    states += [np.add(square.get_xy(), square.get_width() / 2) for square in squares[::2]]
    radius = _layout.RADIUS
    found = []

    boxes = []
    for text in axes.texts:
        extent = text.get_window_extent(canvas)
        low, high = to_inches([[extent.x0, extent.y0], [extent.x1, extent.y1]])
        inside_a_state = any(np.hypot(*((low + high) / 2 - state)) < 0.1 for state in states)
        if text.get_text() and not inside_a_state:
            boxes.append((text.get_text(), (text.get_gid() or "").removeprefix("label "), low, high))
    for index, (word, name, low, high) in enumerate(boxes):
        for other_word, _, other_low, other_high in boxes[:index]:
            if (np.minimum(high, other_high) > np.maximum(low, other_low)).all():
                found.append(f"{word!r} stands on {other_word!r}")
        for state in states:
            if np.hypot(*(np.clip(state, low, high) - state)) < radius:
                found.append(f"{word!r} stands on a state")
        for arrow, curves in shafts.items():
            if arrow != name and any(((points > low) & (points < high)).all(axis=1).any() for points in curves):
                found.append(f"{word!r} stands on the arrow {arrow}")
        for arrow, corners in heads.items():
            if any(((points > low) & (points < high)).all(axis=1).any() for points in corners):
                found.append(f"{word!r} beheads the arrow {arrow}")
        for points in shafts.get(name, []):
            hidden = ((points > low) & (points < high)).all(axis=1).mean()
            if hidden > 0.7:
                found.append(f"{word!r} hides its arrow")
    for arrow, corners in heads.items():
        for points in corners:
            if any(np.hypot(*(points - state).T).min() < radius - 0.01 for state in states):
                found.append(f"a state beheads the arrow {arrow}")
    return found


BOOK = {
    "two_armed_bandit": environments.two_armed_bandit(),
    "short_corridor": environments.short_corridor(),
    "cancelling_rewards": environments.cancelling_rewards(),
    "lone_payer": environments.lone_payer(),
    "aliased_chain": environments.aliased_chain(),
    "shuttle": environments.shuttle(),
    "fork": environments.fork(),
    "loop": environments.loop(),
    "machine": environments.machine(),
    "mill": environments.mill(),
    "two_switches": environments.two_switches(),
    "restarting_chain": environments.restarting_chain(environments.machine()),
}


@pytest.mark.parametrize("name", BOOK)
def test_nothing_stands_on_anything_in_the_processes_of_the_book(name):
    figure = draw_mdp(BOOK[name])
    assert not collisions(figure)
    assert sum((text.get_gid() or "").startswith("label") for text in figure.axes[0].texts) > 0


@pytest.mark.parametrize("n_actions", [1, 2, 3])
@pytest.mark.parametrize("n_states", [2, 3, 4, 5, 6])
def test_nothing_stands_on_anything_in_a_random_process(n_states, n_actions):
    for seed in range(2):
        mdp = environments.random_mdp(np.random.default_rng(seed), n_states, n_actions)
        figure = draw_mdp(mdp)
        assert not collisions(figure)
        assert len(shaft_points(figure)[1]) >= n_states * n_actions * n_states


def test_small_random_processes_have_their_numbers():
    for n_actions in (1, 2, 3):
        labels = texts(draw_mdp(random_process(3, n_actions)))
        assert sum("," in label or "\n" in label for label in labels) == 9 * n_actions


def test_a_crowded_process_has_a_panel_for_each_action_and_thick_arrows():
    mdp = random_process(6, 2)
    figure = draw_mdp(mdp, action_labels=["left", "right"])
    assert {"left", "right"} <= set(texts(figure))
    widths = {
        patch.get_gid().removeprefix("shaft "): patch.get_linewidth()
        for patch in figure.axes[0].patches
        if (patch.get_gid() or "").startswith("shaft") and "-1" not in patch.get_gid()[:8]
    }
    likely = np.unravel_index(mdp.transition.argmax(), mdp.transition.shape)
    assert max(widths, key=widths.get) == "-".join(str(part) for part in likely)


@pytest.mark.parametrize("draw", [bandit, corridor, random_process, returning_chain])
def test_nothing_stands_on_anything_in_a_small_process(draw):
    figure = draw_mdp(draw())
    assert not collisions(figure)
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.width for _, box in boxes_of(figure))
    assert all(box.y0 >= 0 and box.y1 <= figure.bbox.height for _, box in boxes_of(figure))


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
        canvas = _words.renderer(figure)
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


# ---- opening figures ----


def boxes_of(figure):
    canvas = _words.renderer(figure)
    artists = [*figure.texts, *(text for axes in figure.axes for text in axes.texts)]
    return [(text.get_text(), text.get_window_extent(canvas)) for text in artists if text.get_text()]


def assert_words_stand_alone(figure):
    """No word leaves the canvas or touches another."""
    boxes = boxes_of(figure)
    for index, (word, box) in enumerate(boxes):
        assert box.x0 >= -1, word
        assert box.x1 <= figure.bbox.width + 1, word
        assert box.y0 >= -1, word
        assert box.y1 <= figure.bbox.height + 1, word
        for other_word, other in boxes[:index]:
            assert not box.shrunk(0.97, 0.9).overlaps(other.shrunk(0.97, 0.9)), (word, other_word)


@pytest.mark.parametrize("figure", ["curve", "arrows", "walks", "learning_curves", "bars"])
def test_opening_figures_are_as_wide_as_the_column(figure):
    drawn = {
        "curve": curve,
        "arrows": lambda: arrows({"a": [1, 0], "b": [0, 1]}),
        "walks": lambda: walks([[0, 1], [0, 0]], [0.5, 0.5]),
        "learning_curves": lambda: learning_curves({"a": [0.0, 1.0]}),
        "bars": lambda: bars(["a"], {"before": [1.0]}),
    }[figure]()
    assert "max-width: 704px" in show(drawn, "As wide as the column.").svg


@pytest.mark.parametrize("turn", range(0, 360, 20))
@pytest.mark.parametrize("ratio", [0.05, 0.6, 3.0])
def test_words_at_arrows_stand_alone(turn, ratio):
    angle = np.deg2rad(turn + 7)
    update = ratio * np.array([np.cos(angle), np.sin(angle)])
    assert_words_stand_alone(arrows({"the gradient": [1.0, 0.2], "the update": update}, coordinates=["θ₁", "θ₂"]))
    assert_words_stand_alone(arrows({"the gradient": [1.0, 0.2], "the update": update}, reach=3.2))


def test_arrows_say_how_much_longer_and_how_far_turned():
    figure = arrows({"∇J": [[3.0, 0.0], [0.0, 4.0]], "g": [[-3.0, 0.0], [0.0, -4.0]], "h": np.zeros((2, 2))})
    assert texts(figure) == [
        "∇J\nlength 5",
        "g\n1 times as long, turned by 180°",
        "h\nzero: it points nowhere",
    ]


def test_arrows_of_many_components_keep_length_and_angle():
    first, second = np.array([1.0, 2.0, -1.0]), np.array([0.5, 0.0, 3.0])
    flat = _arrows._in_a_plane(np.array([first, second]))
    assert np.allclose(flat @ flat.T, [[first @ first, first @ second], [first @ second, second @ second]])


def test_arrows_are_drawn_to_one_scale():
    def tip(vector):
        figure = arrows({"a": vector, "b": [0.0, 1.0]}, reach=2.0)
        (axes,) = figure.axes
        head = next(patch for patch in axes.patches if isinstance(patch, Polygon))
        return head.get_xy()[0][0] - axes.get_xlim()[1] / 2

    assert tip([2.0, 0.0]) == pytest.approx(2 * tip([1.0, 0.0]))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (({},), "at least one name"),
        (({"a": [1.0]},), "two or more"),
        (({"a": [1, 0], "b": [1, 0, 0]},), r"vectors\['b'\] has 3 components"),
        (({"a": [1, np.nan]},), r"vectors\['a'\]\[1\] is nan"),
        (({str(k): [1, 0] for k in range(9)},), "at most 5"),
    ],
)
def test_arrows_rejects(arguments, message):
    with pytest.raises(ValueError, match=message):
        arrows(*arguments)


def bands(figure, panel):
    """The height of each band where it starts, in the order in which the bands were drawn."""
    ribbons = [patch for patch in figure.axes[panel].patches if isinstance(patch, PathPatch)]
    return sorted(patch.get_path().vertices[0][1] - patch.get_path().vertices[-2][1] for patch in ribbons)


def test_bands_are_as_broad_as_probable():
    states = [[0, 1, 2], [0, 1, 0], [0, 0, 1]]
    figure = walks(states, [0.25, 0.25, 0.5], [0.45, 0.2, 0.3], returns=[2, 0, 1])
    assert np.allclose(bands(figure, 0), np.array([0.25, 0.25, 0.5]) * _walks._WHOLE)
    assert np.allclose(bands(figure, 1), np.array([0.2, 0.3, 0.45]) * _walks._WHOLE)
    assert_words_stand_alone(figure)
    spoken = " ".join(texts(figure))
    assert "0.45 ↑ R = 2" in spoken
    assert "0.20 ↓ R = 0" in spoken  # with the decimals of the others


def test_words_at_walks_stand_in_columns():
    """Whatever the names, probabilities begin at one place, names at another and returns at a third."""
    names = ["a", "a long name", "b"]
    figure = walks([[0, 1], [0, 0], [1, 1]], [0.25, 0.25, 0.5], returns=[2, 0, 1], names=names)
    places = {text.get_text(): text.get_position()[0] for text in figure.axes[0].texts}
    assert places["0.25"] == places["0.50"]
    assert len({places[name] for name in names}) == len({places[f"R = {pay}"] for pay in (0, 1, 2)}) == 1
    assert places["0.25"] < places["a"] < places["R = 0"]
    tiny = walks([[0, 1], [0, 0]], [1e-6, 0.5])
    assert {"1e−6", "0.5"} <= {text.get_text() for text in tiny.axes[0].texts}


def test_good_walks_are_blue_and_bad_ones_orange():
    figure = walks([[0, 1], [0, 0], [1, 1]], [0.25, 0.25, 0.5], returns=[2, 0, 1])
    ribbons = [patch for patch in figure.axes[0].patches if isinstance(patch, PathPatch)]
    breadth = {0.25: [], 0.5: []}
    for ribbon in ribbons:
        points = ribbon.get_path().vertices
        breadth[round((points[0][1] - points[-2][1]) / _walks._WHOLE, 6)].append(to_hex(ribbon.get_edgecolor()))
    assert sorted(breadth[0.25]) == sorted([COLORS["blue"], COLORS["orange"]])
    assert breadth[0.5] == [COLORS["foreground"]]


def test_words_at_many_walks_stand_alone():
    rng = np.random.default_rng(3)
    states = rng.integers(0, 4, (30, 5))
    assert_words_stand_alone(
        walks(states, rng.dirichlet(np.ones(30)), rng.dirichlet(np.ones(30)), returns=rng.normal(size=30))
    )


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([[0.5, 1]], [1.0]), TypeError, "states holds float64"),
        (([[0]], [1.0]), ValueError, "states has shape"),
        (([[0, -1]], [1.0]), ValueError, "negative"),
        (([[0, 1]], [1.0, 0.0]), ValueError, "probabilities has shape"),
        (([[0, 1]], [1.5]), ValueError, "at most 1"),
        (([[0, 1]], [1.0], [-0.1]), ValueError, "after has a negative entry"),
    ],
)
def test_walks_rejects(arguments, error, message):
    with pytest.raises(error, match=message):
        walks(*arguments)


def test_curves_are_medians_and_their_bands_hold_the_middle_half():
    runs = np.array([[0.0, 1.0], [0.0, 2.0], [0.0, 3.0], [0.0, 4.0], [0.0, 100.0]])
    figure = learning_curves({"none": runs}, [0, 10])
    (axes,) = figure.axes
    assert axes.lines[0].get_ydata().tolist() == [0.0, 3.0]
    band = axes.collections[0].get_paths()[0].vertices
    assert (band[:, 1].min(), band[:, 1].max()) == (0.0, 4.0)


def test_curves_that_end_together_have_words_that_do_not():
    runs = {name: [0.0, 1.0 + 0.001 * index] for index, name in enumerate(["none", "V", "b*", "leave-one-out"])}
    figure = learning_curves(runs, levels={"the best": 1.0})
    assert_words_stand_alone(figure)
    heights = [text.get_window_extent(_words.renderer(figure)).y0 for text in figure.axes[0].texts]
    assert all(low < high for low, high in pairwise(heights[:4]))


def test_names_of_curves_stand_where_they_are_put_whatever_the_axis_becomes():
    runs = {"slow": [0.0, 0.1, 1.0], "fast": [0.0, 0.9, 1.0]}
    places = {"slow": (100.0, 0.2), "fast": (2.0, 0.8), "the best": (2.0, 0.95)}
    figure = learning_curves(runs, [1, 10, 1000], levels={"the best": 1.0}, places=places)
    (axes,) = figure.axes
    axes.set_xscale("log")
    at_ends = learning_curves(runs, [1, 10, 1000], levels={"the best": 1.0}).axes[0]
    assert axes.get_position().width > at_ends.get_position().width
    assert_words_stand_alone(figure)
    for text, place in zip(axes.texts, places.values(), strict=True):
        box = text.get_window_extent(_words.renderer(figure))
        x, y = axes.transData.transform(place)
        assert box.x0 == pytest.approx(x + 0.4 * figure.dpi, abs=2)
        assert (box.y0 + box.y1) / 2 == pytest.approx(y, abs=4)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (({},), {}, "at least one name"),
        (({"a": [1.0]},), {}, "two points or more"),
        (({"a": [1.0, 2.0], "b": [1.0, 2.0, 3.0]},), {}, r"curves\['b'\] has 3 points"),
        (({"a": [1.0, 2.0]}, [0.0]), {}, "x has shape"),
        (({"a": [1.0, 2.0]},), {"quantiles": (0.7, 0.2)}, "two increasing numbers"),
        (({str(k): [1.0, 2.0] for k in range(5)},), {}, "at most 4"),
        (({"a": [1.0, 2.0]},), {"places": {"b": (0.0, 1.0)}}, "places holds 'b': pass names among 'a'"),
        (({"a": [1.0, 2.0]},), {"places": {"a": (0.0,)}}, r"places\['a'\] has shape"),
        (({"a": [1.0, 2.0]},), {"places": {"a": (0.0, np.inf)}}, r"places\['a'\]\[1\] is inf"),
        (({1: [1.0, 2.0]},), {"places": {1: (0.0, np.nan)}}, r"places\[1\]\[1\] is nan"),
        (({"a": [1.0, 2.0]},), {"places": ["a"]}, r"places is \['a'\]: pass names, each with its x and y"),
    ],
)
def test_learning_curves_rejects(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        learning_curves(*arguments, **options)


def test_bars_end_at_their_numbers():
    figure = bars(["good", "bad"], {"before": [0.25, -0.5], "after": [1.0, -0.25]}, xlabel="change of P(τ)")
    assert [bar.get_width() for bar in figure.axes[0].patches] == [0.25, 1.0, -0.5, -0.25]
    assert texts(figure) == ["0.25 before", "1.00 after", "−0.50", "−0.25"]
    assert_words_stand_alone(figure)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], {"a": []}), "at least one text"),
        ((["x"], {}), "at least one name"),
        ((["x"], {"a": [1.0, 2.0]}), r"groups\['a'\] has shape"),
        ((["x"], {str(k): [1.0] for k in range(5)}), "at most 4"),
    ],
)
def test_bars_rejects(arguments, message):
    with pytest.raises(ValueError, match=message):
        bars(*arguments)


@pytest.mark.parametrize("seed", range(20))
def test_spread_keeps_order_distance_and_bounds(seed):
    rng = np.random.default_rng(seed)
    wished = rng.normal(0.5, 0.3, rng.integers(1, 9))
    placed = _words.spread(wished, 0.1, 0.0, 1.0)
    assert (placed >= -1e-12).all()
    assert (placed <= 1 + 1e-12).all()
    ranked = placed[np.argsort(wished, kind="stable")]
    assert (np.diff(ranked) >= 0.1 - 1e-12).all()


def test_spread_moves_nothing_that_has_room():
    assert _words.spread([0.9, 0.1, 0.5], 0.2, 0.0, 1.0).tolist() == pytest.approx([0.9, 0.1, 0.5])


def test_long_names_stay_inside_their_states():
    figure = draw_mdp(bandit(), state_labels=["a long name", "end"])
    (axes,) = figure.axes
    (name,) = (text for text in axes.texts if text.get_text() == "a long name")
    extent = name.get_window_extent(_words.renderer(figure))
    assert extent.width / figure.dpi < 2 * _layout.RADIUS


def test_a_drawing_has_no_group_that_says_nothing():
    root = ElementTree.fromstring(show(curve(), "A line.").svg)
    parts = [(part.tag.rpartition("}")[2], part) for part in root.iter()]
    assert all(part.attrib for tag, part in parts if tag == "g")
    assert [tag for tag, _ in parts].count("path") > 3
