"""A Sphinx extension: what a page shows of the cells of its notebook.

No page loads the manager of Jupyter's widgets: progress bars are left out, and any other widget is a warning. What an
exercise says to an answer that nobody has given is left out too. A cell whose code is folded shows its output first,
and so does one with the tag ``code-below``. The bar that shows or hides code is called by what it does. An error is
shown without the files that it went through.
"""

from __future__ import annotations

import os
import re
from html import escape
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from myst_nb.sphinx_ import HideCodeCellNode  # type: ignore[import-untyped]
from sphinx.util import logging

from press import tracebacks, unopened
from press.outputs.feedback import Feedback
from press.portable import SHOWN, heading

logger = logging.getLogger(__name__)


WIDGET = "application/vnd.jupyter.widget-view+json"
PROGRESS_BAR = re.compile(r"\d+%\|.*\| \d+/\d+ \[")  # what tqdm writes where there are no widgets


def leave_widgets_out(app: Any, doctree: nodes.document) -> None:
    """Leave the progress bars of finished cells out of a page, and warn of other widgets.

    In a notebook they are alive. In a page they would need 0.6 MB of scripts to show nothing.
    """
    for bundle in list(doctree.findall(nodes.container)):
        forms = {form.get("mime_type"): form for form in bundle.children if isinstance(form, nodes.container)}
        if bundle.get("nb_element") != "mime_bundle" or WIDGET not in forms:
            continue
        if "text/plain" not in forms or not PROGRESS_BAR.search(forms["text/plain"].astext()):
            logger.warning(
                "a widget that no page can show: use a slider of pgcode.figures, or give its cell the tags `live`, "
                "`skip-execution` and `nbval-ignore-output`",
                location=bundle,
            )
        remove_output(bundle)
    page = getattr(app.env, "nb_metadata", {}).get(app.env.docname, {})
    page.get("js_files", {}).pop("ipywidgets_state", None)


def remove_output(bundle: nodes.container) -> None:
    """Take an output out of its cell, and its box too where nothing else is in it."""
    outputs = bundle.parent
    outputs.remove(bundle)
    if not outputs.children:
        outputs.parent.remove(outputs)


def leave_out_what_is_not_attempted(app: Any, doctree: nodes.document) -> None:
    """Leave out of a page what the checks of its exercises say to an answer that nobody has given."""
    for verdict in list(doctree.findall(Feedback)):
        if verdict["outcome"] == "not-attempted":
            remove_output(verdict.parent.parent)


def shorten_errors(app: Any, doctree: nodes.document) -> None:
    """Leave out of an error the frames that are in files of the machine that runs the cells."""
    for shown in doctree.findall(nodes.literal_block):
        if "traceback" in shown.get("classes", ()):
            shown.rawsource = text = tracebacks.through_cells(shown.astext())
            shown.children = []
            shown += nodes.Text(text)


def put_code_below(app: Any, doctree: nodes.document, docname: str = "") -> None:
    """Put code that is folded, or has the tag ``code-below``, below what it shows, and say what code shows nothing."""
    for cell in list(doctree.findall(nodes.container)):
        if cell.get("nb_element") != "cell_code":
            continue
        classes = cell.get("classes", ())
        folded = [part for part in cell if isinstance(part, HideCodeCellNode) and "tag_hide-input" in classes]
        if folded or "tag_code-below" in classes:
            cell.children.reverse()
        for bar in folded:
            name = heading(bar.astext())
            if name != SHOWN:
                name = name[0].lower() + name[1:]
                bar["prompt_show"], bar["prompt_hide"] = f"Show the {name}", f"Hide the {name}"


def enter_hidden(translator: Any, node: HideCodeCellNode) -> None:
    """Write the start of a cell that opens, with its bar: "Show the code", or "Hide the code" where it is open."""
    translator.body.append(translator.starttag(node, "details", "", CLASS="admonition hide"))
    bars = (("collapsed", node["prompt_show"]), ("expanded", node["prompt_hide"]))
    words = "".join(f'<p class="{name} admonition-title">{escape(prompt)}</p>' for name, prompt in bars)
    translator.body.append(f"<summary>{words}</summary>")
    unopened.begin(translator, node)


def leave_hidden(translator: Any, node: HideCodeCellNode) -> None:
    """Write the end of a cell that opens."""
    unopened.end(translator, node)
    translator.body.append("</details>")


def setup(app: Any) -> dict[str, bool]:
    """Register the extension. The kernels that run the chapters see the environment: no page has widgets."""
    os.environ["PGCODE_SLIDERS"] = "baked"
    app.add_node(HideCodeCellNode, override=True, html=(enter_hidden, leave_hidden))
    app.connect("doctree-read", leave_widgets_out)
    app.connect("doctree-read", leave_out_what_is_not_attempted)
    app.connect("doctree-read", shorten_errors)
    app.connect("doctree-resolved", put_code_below)  # after the code is folded
    return {"parallel_read_safe": True, "parallel_write_safe": True}
