"""A Sphinx extension: the last touches to the HTML of a page.

Names in code may break at their joints and nowhere else, numbers never. Links of ledgers and verdicts lead to pages. A
page that needs scripts says so to readers who block them.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

from docutils import nodes  # type: ignore[import-untyped]

INLINE_CODE = re.compile(r'(<code class="[^"]*\bliteral\b[^"]*">)(.*?)(</code>)', re.DOTALL)
TAG_OR_TEXT = re.compile(r"(<[^>]*>)")
JOINT = re.compile(r"(?<=[\w)\]])(?=\.\D|[(\[])|(?<=\w[_/=])(?=\w)")
LEDGER_VALUE = re.compile(r'(<td class="ledger-value"[^>]*>)(.*?)(</td>)', re.DOTALL)
NUMBER = re.compile(r"(?<!\w)[-−]?\d[\d.⁻⁰¹²³⁴⁵⁶⁷⁸⁹]*(?:e[-+]?\d+)?")


def add_joints(body: str) -> str:
    """Let inline code break before a dot or a bracket and after an underscore."""

    def mend(match: re.Match[str]) -> str:
        parts = TAG_OR_TEXT.split(match[2])
        return match[1] + "".join(p if p.startswith("<") else JOINT.sub("<wbr>", p) for p in parts) + match[3]

    return INLINE_CODE.sub(mend, body)


def keep_numbers_whole(body: str) -> str:
    """Keep each number in a ledger on one line."""

    def mend(match: re.Match[str]) -> str:
        if "<" in match[2]:
            return match[0]
        return match[1] + NUMBER.sub(r'<span class="pg-number">\g<0></span>', match[2]) + match[3]

    return LEDGER_VALUE.sub(mend, body)


SHOWN_BY_CODE = re.compile(r'<div class="(?:ledger|exercise-verdict)\b.*?</div>', re.DOTALL)
NOTEBOOK_LINK = re.compile(r'(<a href="[^":]+)\.ipynb(?:#([^"]*))?"')


def link_to_pages(body: str) -> str:
    """Turn the links to notebooks of ledgers and verdicts, which lead on in Jupyter, into links to pages."""

    def mend(link: re.Match[str]) -> str:
        # Jupyter names a heading by its text, a page by its letters and digits.
        place = f"#{nodes.make_id(unquote(link[2]))}" if link[2] else ""
        return f'{link[1]}.html{place}"'

    return SHOWN_BY_CODE.sub(lambda box: NOTEBOOK_LINK.sub(mend, box[0]), body)


NEEDS_SCRIPTS = "pg-frames"
NOTICE = '<noscript><p class="pg-notice">Sliders need scripts.</p></noscript>\n'


def mark_first_page(app: Any, doctree: nodes.document, docname: str) -> None:
    """Mark the promise and the ways in, the first paragraph and the first list of the first page, for its style."""
    if docname == app.config.root_doc:
        for kind, name in ((nodes.paragraph, "pg-promise"), (nodes.bullet_list, "pg-ways")):
            first = next(iter(doctree.findall(kind)), None)
            if first is not None:
                first["classes"].append(name)


def mend_page(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Mend the HTML of a page."""
    body = context.get("body", "")
    if body:
        # The text of the bar is its name: "Show the code" or "Hide the code".
        body = body.replace('<summary aria-label="Toggle hidden content">', "<summary>")
        body = link_to_pages(keep_numbers_whole(add_joints(body)))
        context["body"] = NOTICE + body if NEEDS_SCRIPTS in body else body
    if pagename == app.config.root_doc:
        context["docstitle"] = ""  # it is the page's own title


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    app.connect("doctree-resolved", mark_first_page)
    app.connect("html-page-context", mend_page, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
