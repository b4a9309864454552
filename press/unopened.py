"""What is folded away stays text until it is opened, so that a page does not pay for it.

The content of a fold stands in a ``<noscript>``: where scripts run it is one text for the browser, which
``static/course.js`` makes into elements when the fold is opened, when a link leads into it, on paper and before a
search in the page; where they do not run it is simply there. A ``<noscript>`` holds no other, so a fold in a fold is
part of the outer one, and one with a slider, which has words of its own for readers without scripts, stays as it is.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes  # type: ignore[import-untyped]

from press.outputs.slider import Slider

__all__ = ["begin", "end"]

START, STOP = '<noscript class="pg-unopened">', "</noscript>"


def may_wait(node: nodes.Element) -> bool:
    """Tell whether the content of a fold may stay text."""
    if any(True for _ in node.findall(Slider)):
        return False
    return not any("<noscript" in raw.astext() for raw in node.findall(nodes.raw))


def begin(translator: Any, fold: nodes.Element) -> None:
    """Write what stands before the content of a fold, after its summary."""
    outer = getattr(translator, "unopened", None)
    if outer is None and may_wait(fold):
        translator.unopened = fold
        translator.body.append(START)


def end(translator: Any, fold: nodes.Element) -> None:
    """Write what stands after the content of a fold."""
    if getattr(translator, "unopened", None) is fold:
        translator.unopened = None
        translator.body.append(STOP)
