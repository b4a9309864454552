"""What holds on every page of the site, in light and in dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from .conftest import Opened, Site

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

UNTYPESET = r"""
() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.parentElement.closest("script, style, pre, code, textarea, noscript, mjx-container")) continue;
    if (/\\\(|\\\[|\$\$|\\begin\{/.test(node.data)) found.push(node.data.trim().slice(0, 100));
  }
  return found;
}
"""

WITHOUT_ALTERNATIVE = """
() => {
  const named = (element) => element && (element.textContent.trim() || element.getAttribute("aria-label"));
  const silent = (element) => element.closest('[aria-hidden="true"], [hidden], mjx-container')
    || named(element.closest("a, button, label, summary"));
  const isNamed = (svg) => svg.getAttribute("role") === "img" && (svg.getAttribute("aria-label") || "").trim();
  const wrong = [
    ...document.querySelectorAll("img:not([alt]), .bd-article img[alt='']"),
    ...[...document.querySelectorAll("svg")].filter((svg) => !silent(svg) && !isNamed(svg)),
  ];
  return wrong.map((element) => element.parentElement.outerHTML.slice(0, 300));
}
"""

# The contrast of two colours, and the ground behind an element.
COLOURS = """
  const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    paint.clearRect(0, 0, 1, 1);
    paint.fillStyle = color;
    paint.fillRect(0, 0, 1, 1);
    return [...paint.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => [r, g, b]
    .map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const contrast = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const ground = (element) => {
    for (; element; element = element.parentElement) {
      const color = rgba(getComputedStyle(element).backgroundColor);
      if (color[3] > 250) return color;
    }
    return [255, 255, 255, 255];
  };
"""

# The text of each drawing, and each of its colours, before the ground behind it.
CONTRASTS = f"""
() => {{
  {COLOURS}
  const result = [];
  for (const svg of document.querySelectorAll(".pg-drawing svg")) {{
    const behind = ground(svg);
    const name = svg.getAttribute("aria-label");
    result.push([name, "text", contrast(rgba(getComputedStyle(svg).color), behind), 4.5]);
    for (const variable of ["blue", "vermillion", "green", "purple", "orange", "sky"]) {{
      const color = getComputedStyle(svg).getPropertyValue(`--pg-${{variable}}`).trim();
      result.push([name, variable, contrast(rgba(color), behind), 3]);
    }}
  }}
  return result;
}}
"""

# Each colour of code before each ground, once. Where something is see-through, its colour is mixed with the ground.
CODE_CONTRASTS = f"""
() => {{
  {COLOURS}
  const result = new Map();
  for (const part of document.querySelectorAll("pre, pre *")) {{
    if (![...part.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim())) continue;
    if (!part.checkVisibility()) continue;
    const behind = ground(part);
    const color = rgba(getComputedStyle(part).color);
    let opacity = color[3] / 255;
    for (let box = part; box; box = box.parentElement) opacity *= Number(getComputedStyle(box).opacity);
    const seen = color.slice(0, 3).map((c, i) => opacity * c + (1 - opacity) * behind[i]);
    const key = [...seen, ...behind].join();
    if (!result.has(key)) result.set(key, [part.className, part.textContent, contrast(seen, behind)]);
  }}
  return [...result.values()];
}}
"""

# Highlighted code, formulas and drawings consist of thousands of elements, on each of which axe would spend a
# millisecond. It sees the same code plain, with the links and boxes in it; the colours of code and of drawings have
# tests of their own. Of formulas and drawings it sees what a screen reader does, in their size.
WITHOUT_STROKES = """
() => {
  const code = [...document.querySelectorAll("pre")];
  const formulas = [...document.querySelectorAll('mjx-container > mjx-math[aria-hidden="true"]')];
  const drawings = [...document.querySelectorAll('svg[role="img"][aria-label]')];
  const sizes = formulas.map((formula) => formula.getBoundingClientRect());
  window.withoutStrokes = [...code, ...formulas, ...drawings].map((element) => [element, [...element.childNodes]]);
  for (const block of code) {
    const plain = block.cloneNode(true);
    for (const span of plain.querySelectorAll("span:not(:has(:not(span)), [role], [tabindex], [aria-label])")) {
      span.replaceWith(span.textContent);
    }
    plain.normalize();
    block.replaceChildren(...plain.childNodes);
  }
  formulas.forEach((formula, index) => {
    const { width, height } = sizes[index];
    formula.style.cssText = `display: inline-block; width: ${width}px; height: ${height}px`;
  });
  for (const element of [...formulas, ...drawings]) element.replaceChildren();
}
"""
WITH_STROKES = """
() => window.withoutStrokes.forEach(([element, nodes]) => {
  element.replaceChildren(...nodes);
  if (element.matches("mjx-math")) element.removeAttribute("style");
})
"""


def test_nothing_is_asked_of_third_parties(opened: Opened) -> None:
    assert not opened.foreign


def test_no_errors(opened: Opened) -> None:
    assert not opened.failed + opened.errors


def test_every_formula_is_typeset(opened: Opened) -> None:
    assert not opened.page.evaluate(UNTYPESET)
    assert opened.page.locator("mjx-merror, merror, [data-mjx-error]").count() == 0


@pytest.mark.views(schemes=["light"], widths=[390, 320])
def test_no_sideways_scroll_on_a_phone(opened: Opened) -> None:
    wide = opened.page.evaluate(
        """() => document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
            [`the page is ${document.documentElement.scrollWidth} px wide`, ...[...document.querySelectorAll("body *")]
                .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
                .filter((element) => {
                    const boxes = [];
                    while ((element = element.parentElement) !== document.body) boxes.push(element);
                    return boxes.every((box) => getComputedStyle(box).overflowX === "visible");
                })
                .slice(0, 10).map((element) => element.outerHTML.slice(0, 150))]"""
    )
    assert not wide


@pytest.mark.parametrize("name", ["book/intro.html", "book/state-action-form/the-theorem.html"])
def test_nothing_moves_when_it_gets_dark(site: Site, name: str) -> None:
    """So what is tested of places and sizes in light holds in the dark."""
    opened = site.open(name, width=390)
    boxes = "() => [...document.querySelectorAll('.bd-article *')].map((part) => part.getBoundingClientRect().toJSON())"
    in_light = opened.page.evaluate(boxes)
    opened.in_scheme("dark")
    in_the_dark = opened.page.evaluate(boxes)
    opened.close()
    assert in_light == in_the_dark


def test_every_figure_has_a_text_alternative(opened: Opened) -> None:
    assert not opened.page.evaluate(WITHOUT_ALTERNATIVE)


def test_ids_are_unique(opened: Opened) -> None:
    twice = opened.page.evaluate(
        """() => {
            const ids = [...document.querySelectorAll(".pg-drawing [id]")].map((element) => element.id);
            return ids.filter((id, index) => ids.indexOf(id) !== index);
        }"""
    )
    assert not twice


def test_drawings_stand_out(opened: Opened) -> None:
    scheme = opened.page.evaluate("() => document.documentElement.dataset.theme")
    assert scheme == opened.scheme
    faint = [row for row in opened.page.evaluate(CONTRASTS) if row[2] < row[3]]
    assert not faint


def test_code_stands_out(opened: Opened) -> None:
    faint = [row for row in opened.page.evaluate(CODE_CONTRASTS) if row[2] < 4.5]
    assert not faint


def violations(opened: Opened) -> str:
    """Return the rules that a page breaks, each with the element that breaks it."""
    options = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"], "preload": False}
    opened.page.evaluate(WITHOUT_STROKES)
    try:
        broken = Axe().run(opened.page, options=options).response["violations"]
    finally:
        opened.page.evaluate(WITH_STROKES)
    return "\n".join(
        f"{rule['id']}: {node['html'][:200]} {node.get('failureSummary', '')}"
        for rule in broken
        for node in rule["nodes"]
    )


def test_axe_finds_no_violation(opened: Opened) -> None:
    assert not violations(opened)


# The listings of the source code, which have no headings to link to, hold nothing that changes on a phone.
@pytest.mark.views(holding='class="headerlink"', schemes=["light"], widths=[390])
def test_axe_finds_no_violation_on_a_phone(opened: Opened) -> None:
    assert not violations(opened)
