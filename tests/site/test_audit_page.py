"""The editor on the page "Audit your own": code goes in, and the report that pgcode gives comes out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from pgcode.audit import audit
from pgcode.mistakes import ESTIMATORS

from .conftest import new_context
from .test_pages import broken_rules

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from .conftest import Site

NAME = "book/practice/audit-your-own.html"
#: What no browser's Python ends by itself.
ENDLESS = "def forever(batch, theta):\n    while True:\n        pass\n"


#: Seconds for code that ends by itself: what the page offers at most.
AMPLE = "120"


class Editor:
    """The page, in a browser of its own."""

    def __init__(self, site: Site) -> None:
        self.context = new_context(site.browser, viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        self.page: Page = self.context.new_page()
        self.asked: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.warned: list[str] = []
        self.page.on("console", lambda said: said.type == "warning" and self.warned.append(said.text))
        self.address = site.address
        self.page.goto(site.address + NAME, wait_until="load")
        self.fill("seconds", AMPLE)

    @property
    def tool(self) -> Locator:
        return self.page.locator(".pg-audit-own")

    @property
    def said(self) -> str:
        return self.tool.locator(".pg-said").inner_text()

    @property
    def report(self) -> str:
        return self.tool.locator(".pg-audit-report").inner_text()

    @property
    def printed(self) -> str:
        return self.tool.locator(".pg-audit-printed").inner_text()

    def fill(self, name: str, text: str) -> None:
        self.tool.locator(f'[data-option="{name}"]').fill(text)

    def choose(self, name: str, option: str) -> None:
        self.tool.locator(f'[data-choice="{name}"]').select_option(option)

    def write(self, source: str) -> None:
        """Put code in, as one pastes it."""
        self.tool.get_by_role("textbox", name="Your code").focus()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(source)

    def audit(self) -> None:
        """Press the button and wait."""
        self.tool.get_by_role("button", name="Audit it").click()
        self.wait()

    def wait(self) -> None:
        self.page.wait_for_function("() => !document.querySelector('.pg-audit-own [aria-busy]')")

    def violations(self) -> str:
        return broken_rules(self.page, within=".pg-audit-own")


@pytest.fixture(scope="module")
def editor(site: Site) -> Iterator[Editor]:
    opened = Editor(site)
    yield opened
    opened.context.close()


def test_nothing_is_asked_for_before_the_first_audit(editor: Editor) -> None:
    """The first test of the page: the others go on from here."""
    editor.choose("kind", "advantages")
    editor.choose("kind", "estimator")
    editor.choose("example", "broken: γᵗ")
    assert not [address for address in editor.asked if "/_static/python/" in address]


def calls() -> str:
    """How many calls an audit makes of an estimator that is named."""
    return f"{audit(ESTIMATORS['discount of the step left out']).calls:,}"


def test_a_broken_example_is_called_by_its_name(editor: Editor) -> None:
    editor.choose("example", "broken: γᵗ")
    editor.audit()
    assert "biased" in editor.report
    assert "discount of the step left out" in editor.report.lower()
    assert f"“reinforce” was audited: {calls()} calls in" in editor.said
    assert "stay or leave" in editor.report
    assert all(address.startswith((editor.address, "data:", "blob:")) for address in editor.asked)


def test_it_is_mended_and_audited_again(editor: Editor) -> None:
    editor.choose("example", "a right one: REINFORCE")
    editor.audit()
    assert "unbiased" in editor.report
    assert "variance" in editor.report


def test_a_report_on_other_code_says_so(editor: Editor) -> None:
    stale = editor.tool.get_by_text("You have changed the code since.")
    assert not stale.is_visible()
    mended = editor.tool.get_by_role("textbox", name="Your code").input_value()
    editor.write(mended + "# other\n")
    assert stale.is_visible()
    assert "is-stale" in str(editor.tool.locator(".pg-audit-report").get_attribute("class"))
    editor.write(mended)
    assert not stale.is_visible()


def test_other_kinds_have_their_own_audit(editor: Editor) -> None:
    editor.choose("kind", "advantages")
    editor.choose("example", "broken: cuts")
    editor.audit()
    assert "cut taken for an end" in editor.report.lower()
    formulas = editor.tool.locator(".pg-audit-report mjx-container[data-tex]")
    formulas.first.wait_for()
    assert {"r_t", "V(s_t)"} <= {formula.get_attribute("data-tex") for formula in formulas.all()}
    assert "\\(" not in editor.report
    # what a screen reader reads of a formula is not seen beside it
    seen = "(all) => all.map((one) => one.getBoundingClientRect().width)"
    assert set(editor.tool.locator(".pg-audit-report .pg-spoken").evaluate_all(seen)) <= {1}
    assert not [text for text in editor.warned if "MathJax" in text]
    editor.choose("kind", "sequences")
    assert editor.report == ""
    editor.choose("example", "a step size in disguise")
    editor.tool.locator('[data-option="aggregation"]').select_option("token mean")
    editor.audit()
    assert "biased" in editor.report
    editor.choose("kind", "estimator")


def test_a_generator_is_passed_and_what_is_printed_is_shown(editor: Editor) -> None:
    editor.choose("kind", "estimator")
    editor.write("def noisy(batch, theta, rng):\n    print('called')\n    return rng.normal(size=theta.shape)\n")
    editor.audit()
    assert "It draws random numbers. Its mean over the seeds of" in editor.report
    assert "called\ncalled\n" in editor.printed
    assert editor.printed.endswith(" characters more")


def test_numbers_are_read_as_in_the_exercises_and_what_is_none_is_told(editor: Editor) -> None:
    editor.choose("example", "a right one: REINFORCE")
    editor.fill("seconds", "")
    editor.fill("entropy", "0,1")
    editor.audit()
    assert f"was audited, with β = 0.1: {calls()} calls in" in editor.said
    assert "entropy bonus left out" in editor.report.lower()
    editor.fill("entropy", "abc")
    editor.audit()
    assert editor.said.startswith("Entropy bonus β: abc is not read as a number: write one such as 0.25")
    assert editor.tool.locator('[data-option="entropy"]').get_attribute("aria-invalid") == "true"
    assert editor.report == ""  # that of the last audit does not stand below what was refused
    editor.fill("entropy", "")
    editor.audit()
    assert "unbiased" in editor.report
    editor.fill("seconds", AMPLE)


def test_on_a_phone_in_the_dark(editor: Editor) -> None:
    """The first column is on the card's colour, long lines move sideways, and nothing lies over the report."""
    editor.page.set_viewport_size({"width": 390, "height": 900})
    editor.page.emulate_media(color_scheme="dark")
    editor.choose("kind", "sequences")
    editor.choose("example", "broken: the deviation")
    editor.audit()
    card, column = editor.tool.locator(".pg-audit"), editor.tool.locator(".pg-table tbody td").first
    # as the script of the page says of a broad table
    editor.tool.locator(".pg-table").evaluate("(one) => { one.dataset.pgMore = 'end'; }")
    colour = "(one) => getComputedStyle(one).backgroundColor"
    assert column.evaluate(colour) == card.evaluate(colour)
    assert not editor.page.locator("#pst-back-to-top").is_visible()
    box, field = editor.tool.locator(".pg-editor"), editor.tool.get_by_role("textbox", name="Your code")
    letters = "(all) => all.map((one) => [getComputedStyle(one).fontSize, getComputedStyle(one).lineHeight])"
    coloured, typed = box.locator("pre, textarea").evaluate_all(letters)
    assert coloured == typed  # the field lies over the colours
    rows = "(one) => one.clientHeight / parseFloat(getComputedStyle(one).lineHeight)"
    assert box.locator("pre").evaluate(rows) == pytest.approx(5 + 1.1, abs=0.6)  # four lines, none of which is broken
    field.focus()
    editor.page.keyboard.press("Control+Home")
    editor.page.keyboard.press("End")
    for _ in range(2):
        editor.page.keyboard.press("ArrowDown")
    editor.page.keyboard.press("End")
    editor.page.keyboard.type(" + 1")
    assert box.evaluate("(one) => one.scrollLeft") > 0  # where one types is seen
    editor.write("x = 1\n" * 60)
    sizes = box.locator("pre, textarea").evaluate_all("(all) => all.map((one) => [one.clientWidth, one.clientHeight])")
    assert sizes[0] == sizes[1]
    assert box.locator("textarea").evaluate("(one) => one.scrollHeight - one.clientHeight") == 0
    editor.page.emulate_media(color_scheme="light")
    editor.page.set_viewport_size({"width": 1280, "height": 900})
    editor.choose("kind", "estimator")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("def f(:\n    pass\n", "Your code fails before it can be audited, in line 1."),
        ("x = 1\ny = x / 0\n", "ZeroDivisionError: division by zero"),
    ],
)
def test_code_that_fails_is_told_with_its_line(editor: Editor, source: str, told: str) -> None:
    editor.choose("kind", "estimator")
    editor.write(source)
    editor.audit()
    assert told in editor.report
    assert "_in_page" not in editor.report
    assert "Nothing was audited." in editor.said


def test_a_request_that_makes_no_sense_is_told(editor: Editor) -> None:
    editor.write("x = 1\n")
    editor.audit()
    assert "Your code defines no function" in editor.said


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(editor: Editor, scheme: str) -> None:
    editor.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    editor.page.wait_for_function("(scheme) => document.documentElement.dataset.theme === scheme", arg=scheme)
    editor.tool.locator("summary").first.click()
    for width in (1280, 390):
        editor.page.set_viewport_size({"width": width, "height": 900})
        assert not editor.violations()
        assert editor.page.evaluate(
            "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
    editor.page.set_viewport_size({"width": 1280, "height": 900})
    editor.tool.locator("summary").first.click()


def test_a_loop_that_nobody_stops_is_ended_when_its_seconds_are_over(editor: Editor) -> None:
    editor.choose("kind", "estimator")
    editor.write(ENDLESS)
    seconds = editor.tool.locator('[data-option="seconds"]')
    seconds.fill("2")
    editor.audit()
    assert editor.said.startswith("Python was stopped after 2 s: your code had not come back.")
    seconds.fill(AMPLE)


def test_a_loop_is_stopped_and_what_was_typed_is_there_after_a_reload(editor: Editor) -> None:
    """Stop ends Python, as its seconds did before it; the page stays, and runs again."""
    editor.choose("kind", "estimator")
    editor.write(ENDLESS)
    editor.tool.get_by_role("button", name="Audit it").click()
    editor.page.wait_for_function(
        "() => /Auditing|Running/.test(document.querySelector('.pg-audit-own .pg-said').innerText)"
    )
    stop = editor.tool.get_by_role("button", name="Stop")
    stop.focus()
    editor.page.keyboard.press("Enter")
    editor.tool.get_by_text("Stopped. Nothing was audited.").wait_for()
    assert editor.page.evaluate("() => document.activeElement.textContent") == "Audit it"
    editor.choose("example", "a right one: REINFORCE")
    editor.audit()
    assert "unbiased" in editor.report
    editor.write(ENDLESS)
    editor.page.reload()
    expect(editor.tool.get_by_role("textbox", name="Your code")).to_have_value(ENDLESS)


#: In the place of Python: it says that the reader's code runs, whether it has come back, and never ends.
STAND_IN = """
(comesBack) => {
  window.pgLive.call = (name, argument, { progress, signal }) => {
    progress({ text: "Running" });
    progress({ text: "Auditing", clock: "begins" });
    if (comesBack) progress({ text: "Comparing", clock: "ends" });
    return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("Stopped."))));
  };
}
"""


@pytest.mark.parametrize("comes_back", [True, False])
def test_only_the_seconds_of_the_readers_own_code_are_counted(site: Site, comes_back: bool) -> None:
    editor = Editor(site)
    editor.page.clock.install(time=0)
    editor.page.clock.pause_at(1000)  # from here on the clock goes as far as the test says
    editor.page.evaluate(STAND_IN, comes_back)
    editor.fill("seconds", "5")
    editor.tool.get_by_role("button", name="Audit it").click()
    editor.tool.get_by_role("button", name="Stop").wait_for()
    editor.page.clock.fast_forward(4_500)
    assert editor.said == ("Comparing …" if comes_back else "Auditing …")
    editor.page.clock.fast_forward(120_000)
    if comes_back:
        assert editor.said == "Comparing …"
        editor.tool.get_by_role("button", name="Stop").click()
        editor.tool.get_by_text("Stopped. Nothing was audited.").wait_for()
    else:
        editor.tool.get_by_text("Python was stopped after 5 s: your code had not come back.").wait_for()
    editor.context.close()


def test_without_scripts_the_page_says_what_is_missing(site: Site) -> None:
    opened = site.open(NAME, scripts=False)
    assert "call the audit on it" in opened.page.locator(".pg-audit-own").inner_text()
    opened.close()
