"""What holds on every page of the site in light, and on a page of each kind in the dark and on a phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from .conftest import (
    View,
    covering,
    elements_and_files,
    looked_at,
    made_of,
    pages_of_each_kind,
    pages_that_ask_for_each_file,
    parts_of,
    site_pages,
    sources,
)

if TYPE_CHECKING:
    from playwright.sync_api import Page

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
  const formulas = [...document.querySelectorAll('mjx-container[role="img"][aria-label] > mjx-math')];
  const drawings = [...document.querySelectorAll('svg[role="img"][aria-label]')];
  const sizes = formulas.map((formula) => formula.getBoundingClientRect());
  window.withoutStrokes = [...code, ...formulas, ...drawings]
    .map((element) => [element, [...element.childNodes], element.getAttribute("style")]);
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
() => window.withoutStrokes.forEach(([element, nodes, style]) => {
  element.replaceChildren(...nodes);
  if (style === null) element.removeAttribute("style");
  else element.setAttribute("style", style);
})
"""


def test_what_any_page_is_made_of_stands_on_a_page_of_each_kind() -> None:
    chosen = pages_of_each_kind()
    for headed in (True, False):
        pages = [name for name in looked_at(site_pages()) if ('class="headerlink"' in sources()[name]) is headed]
        parts = [frozenset().union(*map(made_of, names)) for names in (pages, chosen.intersection(pages))]
        assert parts[0] == parts[1] != frozenset()
    assert len(chosen) < len(looked_at(site_pages())) * 2 / 3
    for kind in ("pg-task", "pg-frames", "pg-run", "pg-predict", "pg-workbench", "pg-audit-own", "ledger", "pg-table"):
        assert any(kind in made_of(name) for name in chosen), kind


def test_some_pages_ask_for_each_file_and_have_each_element() -> None:
    pages, chosen = set(site_pages('class="headerlink"')), pages_that_ask_for_each_file()
    parts = [frozenset().union(*map(elements_and_files, names)) for names in (pages, chosen)]
    assert parts[0] == parts[1]
    assert {"<mjx-container", "<svg", "<details", "_static/tasks.js", "_static/live.js", ".svg"} <= parts[0]
    assert not {"note", "ledger"} & parts[0]
    assert len(chosen) < len(pages_of_each_kind())


def test_what_a_page_is_made_of_is_more_than_its_classes() -> None:
    page = '<p class="cell-3 note"><a role="button" data-x="1" aria-label="A"></a><img src="a/b.svg?v=1"></p>'
    assert parts_of(page) == {"<p", "<a", "<img", "note", "data-x", 'role="button"', "aria-label", ".svg"}
    drawn = '<p style="margin: 0; border-color: red; fill: var(--pg-sky)"></p><path fill="#fff">'
    assert parts_of(drawn) == {"<p", "<path", "border-color: red", "fill: var(--pg-sky)", 'fill="#fff"'}


def test_pages_that_add_most_hold_all_parts_together() -> None:
    pages = {"one": {"x"}, "two": {"x", "y"}, "three": {"x", "z"}, "four": {"y"}, "five": {"w", "x", "y"}}
    assert covering({name: frozenset(parts) for name, parts in pages.items()}) == {"five", "three"}


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
    boxes = """() => [...document.querySelectorAll(".bd-article *")].map((part) => {
      const { x, y, width, height } = part.getBoundingClientRect();
      return [part.localName, x, y, width, height].join(" ");
    }).join("\\n")"""  # one text: a list of thousands takes seconds on its way
    in_light = opened.page.evaluate(boxes)
    opened.in_scheme("dark")
    in_the_dark = opened.page.evaluate(boxes)
    opened.close()
    moved = [pair for pair in zip(in_light.split("\n"), in_the_dark.split("\n"), strict=True) if pair[0] != pair[1]]
    assert not moved
    assert in_light


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


# Whether a text stands out axe finds by looking at what lies at each of its places, 1 ms an element and four fifths of
# its time. Of texts of one kind, that is of one element, class, size and colour over the same grounds, it is asked for
# the first, the middle and the last, and of none that stood out on a page before. What is placed by itself may lie on
# something else, and is a kind of its own on each page.
ONE_OF_EACH_KIND = """
([seen, within]) => {
  const before = new Set(seen);
  const known = new Map();
  const behind = (element) => {
    if (!element) return "";
    if (known.has(element)) return known.get(element);
    const { backgroundColor, backgroundImage, opacity, filter, mixBlendMode, position, transform } =
      getComputedStyle(element);
    const paint = [backgroundColor, backgroundImage, opacity, filter, mixBlendMode].join();
    const placed = transform !== "none" || !["static", "relative"].includes(position);
    let grounds = behind(element.parentElement);
    if (paint !== "rgba(0, 0, 0, 0),none,1,none,normal") grounds += ` ${paint}`;
    if (placed) grounds += ` placed ${known.size}`;
    known.set(element, grounds);
    return grounds;
  };
  const kinds = new Map();
  for (const element of document.body.querySelectorAll("*")) {
    if (within && !element.closest(within)) continue;
    const hasText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!hasText && !element.matches("input, select, textarea")) continue;
    if (!element.checkVisibility({ visibilityProperty: true })) continue;
    const { color, fontSize, fontWeight, textShadow } = getComputedStyle(element);
    const off = element.closest(":disabled, [aria-disabled=true], label:has(:disabled)") !== null;
    const kind = [element.tagName, element.className, color, fontSize, fontWeight, textShadow, off, behind(element)]
      .join(" ");
    if (!kinds.has(kind)) kinds.set(kind, []);
    kinds.get(kind).push(element);
  }
  const found = [...kinds].filter(([kind]) => !before.has(kind));
  for (const [number, [, all]] of found.entries()) {
    for (const place of [0, all.length >> 1, all.length - 1]) all[place].dataset.looked = number;
  }
  return found.map(([kind]) => kind);
}
"""
AXE = """
([options, within]) => {
  axe.configure({ rules: [{ id: "color-contrast", selector: "[data-looked]" }] });
  return axe.run(within || document, options).then(({ violations, incomplete }) => {
    const undecided = incomplete.filter((rule) => rule.id === "color-contrast").flatMap((rule) => rule.nodes)
      .map((node) => Number(document.querySelector(node.target[0]).dataset.looked));
    for (const element of document.querySelectorAll("[data-looked]")) element.removeAttribute("data-looked");
    return [violations, undecided];
  });
}
"""
#: What may change with the scheme, where nothing moves.
OF_COLOURS = ["color-contrast", "link-in-text-block"]
#: What may change with the width too, of what is seen at each width.
OF_SIZES = [*OF_COLOURS, "target-size", "scrollable-region-focusable"]
#: The kinds of texts that stood out on the pages of this process, wherever they stood. What axe cannot decide, such as
#: whether a single letter is a text, is not known.
STOOD_OUT: set[str] = set()


def violations(opened: Opened, rules: list[str] | None = None, within: str = "") -> str:
    """Return the rules that a page breaks, each with the element that breaks it.

    Of all rules, or of those that are named. In the dark these are the rules of colours: the page is the same
    otherwise, and nothing moves. Of the whole page, or of what a selector names: what a test has changed there.
    """
    if rules is None and opened.scheme == "dark":
        rules = OF_COLOURS
    return broken_rules(opened.page, rules, within)


def broken_rules(page: Page, rules: list[str] | None = None, within: str = "") -> str:
    """Return the same of a page in any tab."""
    run = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": WCAG}
    page.evaluate(WITHOUT_STROKES)
    try:
        kinds = page.evaluate(ONE_OF_EACH_KIND, [sorted(STOOD_OUT), within])
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(AXE_SCRIPT)
        options = {"runOnly": run, "resultTypes": ["violations", "incomplete"], "preload": False}
        broken, undecided = page.evaluate(AXE, [options, within])
    finally:
        page.evaluate(WITH_STROKES)
    if not broken and (rules is None or "color-contrast" in rules):
        decided = (kind for number, kind in enumerate(kinds) if number not in undecided)
        STOOD_OUT.update(kind for kind in decided if " placed " not in kind)
    return "\n".join(
        f"{rule['id']}: {node['html'][:200]} {node.get('failureSummary', '')}"
        for rule in broken
        for node in rule["nodes"]
    )


def test_axe_finds_no_violation(opened: Opened) -> None:
    assert not violations(opened)


def test_strokes_are_away_while_axe_looks_and_back_then(site: Site) -> None:
    """Of a page that has all of them. Else axe takes three times as long, which nobody would see."""
    page = site.show(View("book/one-gradient/causality.html"), acts=True).page
    strokes = page.locator("mjx-container mjx-math *, svg[role=img] *, pre span:not([role], [tabindex], :has(a))")
    whole, before = page.locator(".bd-article").inner_html(), strokes.count()
    page.evaluate(WITHOUT_STROKES)
    assert strokes.count() < before / 100
    page.evaluate(WITH_STROKES)
    assert page.locator(".bd-article").inner_html() == whole


# What is written on a page changes nothing of it: that no page scrolls sideways there, and that what does scroll is
# reached by the keyboard, is tested of all pages.
@pytest.mark.views(schemes=["light"], widths=[390], kinds=True)
def test_axe_finds_no_violation_on_a_phone(opened: Opened) -> None:
    """Of any rule, since some elements are seen on a phone alone."""
    assert not violations(opened)


# Each makes one thing faint that stands among many: a link, a word in a table, a paragraph.
FAINT = {
    "a kind": ".bd-article p > a { color: TEXT !important }",
    "one element": "section:nth-of-type(2) > p:nth-of-type(1) { color: TEXT !important }",
    "a ground": ".ledger td { background: GROUND !important }",
    "one ground": ".bd-article section:nth-of-type(2) { background: GROUND !important }",
    "a word that sees through": ".bd-article strong { opacity: 0.3 !important }",
}


@pytest.mark.parametrize(("name", "scheme"), [*((name, "light") for name in FAINT), ("one element", "dark")])
def test_what_is_faint_is_seen_though_one_of_each_kind_is_looked_at(site: Site, name: str, scheme: str) -> None:
    """On a page that was looked at before too. Which elements are looked at does not hang on the scheme."""
    opened = site.show(View("book/one-gradient/causality.html", scheme), acts=True)
    assert not violations(opened, OF_COLOURS)
    text, ground = ("#bbb", "#444") if scheme == "light" else ("#444", "#bbb")
    sheet = opened.page.add_style_tag(content=FAINT[name].replace("TEXT", text).replace("GROUND", ground))
    for _ in ("at first", "and again: what was faint is not known to stand out"):
        assert "color-contrast" in violations(opened, OF_COLOURS)
    sheet.evaluate("(sheet) => sheet.remove()")


def test_within_a_part_what_is_faint_there_is_seen_and_nothing_else(site: Site) -> None:
    """Though the first, the middle and the last text of that kind may stand outside of it."""
    opened = site.show(View("book/one-gradient/causality.html"), acts=True)
    part = ".ledger, .pg-predict"
    faint = ["section > p", ".ledger *", ".pg-predict *"]
    seen = []
    for texts in faint:
        sheet = opened.page.add_style_tag(content=f".bd-article :is({texts}) {{ color: #bbb !important }}")
        seen.append("color-contrast" in violations(opened, OF_COLOURS, part))
        sheet.evaluate("(sheet) => sheet.remove()")
    assert seen == [False, True, True]


def test_a_letter_that_axe_leaves_undecided_is_not_known_to_stand_out(site: Site) -> None:
    opened = site.show(View("book/one-gradient/causality.html"), acts=True)
    add = "(words) => { const p = document.createElement('p'); p.className = 'faint-one'; p.textContent = words; "
    add += "p.style.color = '#ddd'; document.querySelector('.bd-article').prepend(p); }"
    opened.page.evaluate(add, "x")
    assert not violations(opened, OF_COLOURS)
    opened.page.evaluate("() => document.querySelector('.faint-one').remove()")
    opened.page.evaluate(add, "A long and faint sentence.")
    assert "color-contrast" in violations(opened, OF_COLOURS)
    opened.page.evaluate("() => document.querySelector('.faint-one').remove()")


#: Each breaks a rule on a phone alone: a target is too small, and a box scrolls that the keyboard does not reach.
ON_A_PHONE = {
    "target-size": ".prev-next-footer a { position: fixed; top: 300px; left: 150px; width: 9px; height: 9px } "
    ".prev-next-footer a.right-next { left: 160px }",
    "scrollable-region-focusable": ".bd-article section > p { overflow: scroll; height: 9px }",
}


@pytest.mark.parametrize("rule", ON_A_PHONE)
def test_what_is_wrong_on_a_phone_alone_is_seen(site: Site, rule: str) -> None:
    opened = site.show(View("book/one-gradient/causality.html"), acts=True)
    sheet = opened.page.add_style_tag(content=f"@media (max-width: 500px) {{ {ON_A_PHONE[rule]} }}")
    assert rule not in violations(opened, OF_SIZES)
    opened.at_width(390)
    assert rule in violations(opened, OF_SIZES)
    sheet.evaluate("(sheet) => sheet.remove()")
