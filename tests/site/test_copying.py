"""What a reader copies: what is seen, and a formula as its source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from .conftest import new_context

SCRIPT = Path(__file__).parents[2] / "press" / "static" / "course.js"
GLYPHS = "<mjx-container data-tex='{}'><mjx-c></mjx-c><mjx-utext>1</mjx-utext></mjx-container>"
PAGE = f"""<style>.unseen {{ display: none }}</style><article class="bd-article">
<p id="text">Let <span class="math">{GLYPHS.format("a < b")}</span> be <b>small</b><i class="unseen">, hidden</i>.</p>
<table><tr><td id="cell"><p class="unseen">Head {GLYPHS.format("h")}</p>in {GLYPHS.format("c")}</td>
<td>next</td></tr></table>
<p id="plain">No formula <span class="unseen">hidden</span> here.</p></article>"""

COPY = """
([from, to]) => {
  const end = (place, after) => {
    const [name, formula] = place.split(" ");
    const node = document.getElementById(name);
    return formula ? [node.querySelector("mjx-c"), 0] : [node, after ? node.childNodes.length : 0];
  };
  const selection = getSelection();
  selection.setBaseAndExtent(...end(from, false), ...end(to, true));
  const before = [selection.anchorNode, selection.focusNode, document.body.innerHTML];
  const event = new ClipboardEvent("copy", { clipboardData: new DataTransfer(), cancelable: true, bubbles: true });
  document.getElementById("text").dispatchEvent(event);
  const after = [selection.anchorNode, selection.focusNode, document.body.innerHTML];
  return {
    text: event.clipboardData.getData("text/plain"), html: event.clipboardData.getData("text/html"),
    taken: event.defaultPrevented, same: before.every((value, i) => value === after[i]),
  };
}
"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """A page with the script of all pages."""
    context = new_context(browser)
    page = context.new_page()
    page.set_content(PAGE)
    page.add_script_tag(path=SCRIPT)
    yield page
    context.close()


@pytest.mark.parametrize(
    ("start", "end", "text", "html"),
    [
        ("text", "text", "Let $a < b$ be small.", "<span>$a &lt; b$</span></span> be <b>small</b>."),
        ("cell", "cell", "in $c$", "in <span>$c$</span>"),
        ("text formula", "text", "$a < b$ be small.", "<span>$a &lt; b$</span></span> be <b>small</b>."),
        ("text", "text formula", "Let $a < b$", "<span>$a &lt; b$</span>"),
    ],
)
def test_formulas_are_copied_as_their_source_and_nothing_that_is_hidden(
    page: Page, start: str, end: str, text: str, html: str
) -> None:
    copied = page.evaluate(COPY, [start, end])
    assert copied["text"].strip() == text
    assert html in copied["html"]
    for hidden in ("hidden", "Head", "mjx", "data-pg"):
        assert hidden not in copied["html"]
    assert copied["taken"]
    assert copied["same"]


def test_cells_of_a_row_stay_apart(page: Page) -> None:
    assert "in $c$\tnext" in page.evaluate(COPY, ["cell", "plain"])["text"]


def test_text_without_a_formula_is_left_to_the_browser(page: Page) -> None:
    assert not page.evaluate(COPY, ["plain", "plain"])["taken"]
