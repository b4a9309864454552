"""A slider: frames of which the page shows one. The others are texts until ``static/slider.js`` shows them."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]

from press.outputs import check, ledger
from press.outputs.base import Display, Part, Writers, element, latex, nothing, skip, text
from press.outputs.figure import drawing


class Slider(Display):
    """A figure with frames."""


class SliderControl(nodes.General, nodes.Element):  # type: ignore[misc]
    """What moves, and where it stands."""


class SliderFrame(nodes.General, nodes.Element):  # type: ignore[misc]
    """One frame; only the one at the start is an element of the page."""


class SliderCaption(Part):
    """The caption, with what is said where the slider does not move."""


class SliderOutcome(nodes.General, nodes.Element):  # type: ignore[misc]
    """What is compared, and what came out at the frame that is shown."""


class ScriptsNotice(nodes.General, nodes.Element):  # type: ignore[misc]
    """What a page with sliders says where scripts are blocked."""


def build(data: Mapping[str, Any]) -> list[nodes.Node]:
    """Return the nodes of a slider, with the frame at the start first."""
    labels, start = data["labels"], data["start"]
    order = sorted(range(len(labels)), key=start.__ne__)
    outcomes = data["outcomes"]
    frames = [
        frame(data["frames"][index], labels[index], index == start, outcomes[index] if outcomes else {})
        for index in order
    ]
    said = labels[start]
    if outcomes:
        said += f": {outcomes[start]['verdict']}, {outcomes[start]['finding']}"
    control = SliderControl(name=data["label"], last=len(labels) - 1, start=start, readout=labels[start], said=said)
    outcome = [SliderOutcome("", *check.build(outcomes[start]))] if outcomes else []
    words = [] if data["caption"] is None else [*text(data["caption"]), nodes.Text(" ")]
    still = f"{labels[start]}: one of {len(labels)} frames."
    return [Slider("", *outcome, control, *frames, SliderCaption("", "", *words, still=still), plays=data["plays"])]


def frame(data: Mapping[str, Any], readout: str, shown: bool, outcome: Mapping[str, str]) -> SliderFrame:
    """Return the node of a frame."""
    content = ledger.build(data) if data["kind"] == "ledger" else [drawing(data)]
    return SliderFrame("", *content, readout=readout, shown=shown, outcome=outcome)


def enter_slider(translator: Any, node: Slider) -> None:
    """Write the start of a slider."""
    plays = {} if node["plays"] is None else {"data-plays": str(node["plays"])}
    translator.body.append(translator.starttag(node, "figure", "", CLASS="pg-figure pg-frames", **plays))


def leave_slider(translator: Any, node: Slider) -> None:
    """Write the end of a slider."""
    translator.body.append("</figure>")


def write_control(translator: Any, node: SliderControl) -> None:
    """Write the browser's own slider. It tells its value to a screen reader by itself: once is enough."""
    name, readout, said = (escape(node[key]) for key in ("name", "readout", "said"))
    translator.body.append(
        f'<div class="pg-control"><input type="range" min="0" max="{node["last"]}" value="{node["start"]}" '
        f'autocomplete="off" aria-label="{name}" aria-valuetext="{said}">'
        f'<output aria-live="off">{readout}</output></div>'
    )
    raise nodes.SkipNode


def enter_frame(translator: Any, node: SliderFrame) -> None:
    """Write the start of a frame."""
    tag = 'div class="pg-frame"' if node["shown"] else 'script class="pg-frame" type="text/html"'
    words = {"readout": node["readout"], **{name: node["outcome"][name] for name in CHANGES if node["outcome"]}}
    attributes = " ".join(f'data-{name}="{escape(text)}"' for name, text in words.items())
    translator.body.append(f"<{tag} {attributes}>")


def leave_frame(translator: Any, node: SliderFrame) -> None:
    """Write the end of a frame."""
    translator.body.append("</div>" if node["shown"] else "</script>")


def enter_printed_frame(translator: Any, node: SliderFrame) -> None:
    """Print the frame at the start, and no other."""
    if not node["shown"]:
        raise nodes.SkipNode


def leave_caption(translator: Any, node: SliderCaption) -> None:
    """Write the end of a caption."""
    translator.body.append(
        f"<noscript>{escape(node['still'])} The slider that shows the others needs scripts.</noscript></figcaption>"
    )


def leave_printed_caption(translator: Any, node: SliderCaption) -> None:
    """Say in print that there are more frames."""
    words = translator.encode(f"{node['still']} The website shows the others.")
    translator.body.append(f"{words}}}\\end{{sphinxlegend}}\n")


def write_notice(translator: Any, node: ScriptsNotice) -> None:
    """Write the notice."""
    translator.body.append('<noscript><p class="pg-notice">Sliders need scripts.</p></noscript>\n')
    raise nodes.SkipNode


def give_notice(app: Any, doctree: nodes.document) -> None:
    """Put the notice under the title of a page with sliders."""
    title = next(iter(doctree.findall(nodes.title)), None)
    if title is not None and next(iter(doctree.findall(Slider)), None) is not None:
        title.parent.insert(title.parent.index(title) + 1, ScriptsNotice())


#: What changes from frame to frame in the row of what is compared.
CHANGES = ("verdict", "mark", "finding")

KINDS = {"slider": build}

WRITERS: dict[type[nodes.Element], Writers] = {
    Slider: {
        "html": (enter_slider, leave_slider),
        "latex": latex("\n\\begin{figure}[H]\n\\centering\n", "\\end{figure}\n"),
    },
    SliderOutcome: {"html": element("div", CLASS="pg-outcome"), "latex": (nothing, nothing)},
    SliderControl: {"html": (write_control, nothing), "latex": (skip, nothing)},
    SliderFrame: {"html": (enter_frame, leave_frame), "latex": (enter_printed_frame, nothing)},
    SliderCaption: {
        "html": (element("figcaption")[0], leave_caption),
        "latex": (latex("\\begin{sphinxlegend}\\emph{", "")[0], leave_printed_caption),
    },
    ScriptsNotice: {"html": (write_notice, nothing), "latex": (skip, nothing)},
}


def setup(app: Any) -> None:
    """Register what a page with sliders needs beside their nodes."""
    app.connect("doctree-read", give_notice)
