"""Predictions of chapters: made before the answer is shown, judged and kept in the browser, with nothing asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from .conftest import HEIGHT, SETTLE, new_context
from .test_pages import OF_COLOURS, OF_SIZES, broken_rules

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from .conftest import Opened, Site

#: A page with numbers, one with a choice, and one of which several hold.
NUMBERS, CHOICES, SEVERAL = (
    f"book/{name}.html" for name in ("trajectory-form/how-far-off", "setting/gradient-ascent", "start/both-derivations")
)


class Made:
    """A prediction on a page: its form, and what belongs to it."""

    def __init__(self, form: Locator) -> None:
        self.form = form
        self.answer = form.locator("xpath=following-sibling::details[contains(@class, 'predict-answer')]")
        self.data: list[dict[str, Any]] = json.loads(form.locator(".pg-predict-data").text_content() or "")["questions"]

    @property
    def status(self) -> Locator:
        return self.form.locator(".pg-task-status")

    @property
    def told(self) -> list[str]:
        return [" ".join(text.split()) for text in self.form.locator(".pg-predicted:visible").all_inner_texts()]

    def button(self, name: str) -> Locator:
        return self.form.get_by_role("button", name=name, exact=True)

    def give(self, rightly: bool) -> None:
        """Answer each question, by the keyboard alone."""
        for box, asked in zip(self.form.locator(".pg-question").all(), self.data, strict=True):
            inputs = box.locator("input")
            if "number" in asked:
                number = asked["number"] + (1 if rightly else 1.6) * asked["within"]
                inputs.focus()
                inputs.page.keyboard.type(repr(number))
                continue
            wanted = (
                asked["right"] if rightly else [place for place in range(inputs.count()) if place not in asked["right"]]
            )
            if inputs.first.get_attribute("type") == "radio":
                wanted = wanted[:1]
            for place in wanted or [0]:  # where all are right, one of them alone is wrong
                inputs.nth(place).press("Space")


@pytest.fixture
def open_page(site: Site) -> Iterator[Callable[..., Page]]:
    """A function that opens a page in a browser that keeps nothing of other tests."""
    contexts = []

    def open_it(name: str, **settings: Any) -> Page:
        size = {"width": settings.pop("width", 1280), "height": HEIGHT}
        context = new_context(site.browser, viewport=size, reduced_motion="reduce", **settings)
        contexts.append(context)
        page = context.new_page()
        page.goto(site.address + name)
        if settings.get("java_script_enabled", True):
            page.evaluate(SETTLE)
        return page

    yield open_it
    for context in contexts:
        context.close()


def predictions(page: Page) -> list[Made]:
    return [Made(form) for form in page.locator("form.pg-predict").all()]


@pytest.mark.views(holding='class="pg-predict"', schemes=["light"], folded=True, acts=True, kinds=True)
def test_each_prediction_is_made_wrongly_and_rightly_with_no_request(opened: Opened) -> None:
    before = list(opened.asked)
    for made in predictions(opened.page):
        assert made.answer.count() == 1
        for rightly in (False, True):
            assert made.answer.get_attribute("open") is None
            assert not made.told
            made.give(rightly)
            made.button("Predict").press("Enter")
            expect(made.answer).to_have_attribute("open", "")
            expect(made.button("Start again")).to_be_focused()
            assert made.form.locator("input:enabled").count() == 0
            assert len(made.told) == len(made.data)
            signs = {text[0] for text in made.told}
            assert signs == ({"✓"} if rightly else {"→"}), made.told
            assert made.status.inner_text()
            made.button("Start again").press("Enter")
            expect(made.answer).not_to_have_attribute("open", "")
            expect(made.form.locator("input").first).to_be_focused()
    assert opened.asked == before
    assert not opened.errors


def test_what_is_predicted_is_kept_and_forgotten(open_page: Callable[..., Page]) -> None:
    page = open_page(NUMBERS)
    (made,) = predictions(page)
    made.give(rightly=True)
    made.form.locator("input").first.fill("1/2")
    made.form.locator("input").first.press("Enter")
    expect(made.status).to_have_text("3 of 4 are as you predicted. The answer below says why.")
    page.reload()
    assert made.told[0] == "→ It is: 3/4."
    assert made.told[1] == "✓ As you predicted: 0.075."
    assert made.form.locator("input").first.input_value() == "1/2"
    expect(made.answer).not_to_have_attribute("open", "")
    made.button("Start again").click()
    page.reload()
    assert made.told == []
    assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('pg-predict'))") == []


def test_a_prediction_of_another_question_is_not_shown(open_page: Callable[..., Page]) -> None:
    page = open_page(CHOICES)
    (made,) = predictions(page)
    made.give(rightly=True)
    made.button("Predict").click()
    page.evaluate(
        """() => {
          for (const key of Object.keys(localStorage).filter((name) => name.startsWith("pg-predict"))) {
            localStorage.setItem(key, JSON.stringify({ ...JSON.parse(localStorage.getItem(key)), asks: "another" }));
          }
        }"""
    )
    page.reload()
    assert made.told == []
    assert made.form.locator(":checked").count() == 0


def test_what_is_left_open_is_told_and_nothing_at_all_is_no_prediction(open_page: Callable[..., Page]) -> None:
    page = open_page(SEVERAL)
    (made,) = predictions(page)
    made.button("Predict").click()
    expect(made.status).to_have_text("Predict something first: a guess will do.")
    expect(made.form.locator("input").first).to_be_focused()
    made.form.get_by_role("radio", name="false").check()
    made.button("Predict").click()
    assert made.told[0].startswith("→ You left it open. It is: ")
    assert made.form.locator(".pg-predicted mjx-container").count() == 3
    assert made.told[1] == "✓ As you predicted: false."


def test_what_is_no_number_is_told(open_page: Callable[..., Page]) -> None:
    (made,) = predictions(open_page(NUMBERS))
    made.form.locator("input").first.fill("much")
    made.form.locator("input").first.press("Enter")
    expect(made.status).to_contain_text("much is not read as a number")
    assert made.told == []


def test_who_has_the_answer_open_predicts_nothing(open_page: Callable[..., Page]) -> None:
    (made,) = predictions(open_page(NUMBERS))
    made.give(rightly=True)
    made.answer.locator("summary").click()
    expect(made.button("Predict")).to_be_hidden()
    expect(made.status).to_contain_text("The answer is open.")
    made.form.locator("input").first.press("Enter")
    assert made.told == []
    made.answer.locator("summary").click()
    expect(made.button("Predict")).to_be_visible()
    made.button("Predict").click()
    assert len(made.told) == 4


def test_a_browser_that_keeps_nothing_is_no_obstacle(open_page: Callable[..., Page], site: Site) -> None:
    page = open_page("book/intro.html")
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })")
    page.goto(site.address + CHOICES)
    (made,) = predictions(page)
    made.give(rightly=True)
    made.button("Predict").click()
    assert [text[0] for text in made.told] == ["✓", "✓"]


def test_without_scripts_the_page_is_as_the_notebook(open_page: Callable[..., Page]) -> None:
    page = open_page(NUMBERS, java_script_enabled=False)
    assert page.locator("form.pg-predict").is_hidden()
    block = page.locator(".predict").first
    expect(block).to_contain_text("How many pulls make this distance ten times as small?")
    block.locator("summary").click()
    assert "a hundred times as many" in block.inner_text()  # within a <noscript>


@pytest.mark.parametrize("name", [NUMBERS, CHOICES, SEVERAL])
def test_axe_finds_nothing_before_and_after(open_page: Callable[..., Page], name: str) -> None:
    """In light and dark, and on a phone. In the dark axe asks of colours: nothing moves when it gets dark."""
    page = open_page(name)
    views = [("light", 1280, None), ("dark", 1280, OF_COLOURS), ("dark", 390, OF_COLOURS), ("light", 390, OF_SIZES)]

    def check(first: int) -> None:
        for scheme, width, rules in views[:first]:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.wait_for_function("(scheme) => document.documentElement.dataset.theme === scheme", arg=scheme)
            page.evaluate(SETTLE)
            assert not broken_rules(page, rules, "form.pg-predict"), f"{scheme}, {width}"
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.set_viewport_size({"width": 1280, "height": HEIGHT})

    check(2)  # on a phone as on the page itself
    (made,) = predictions(page)
    made.give(rightly=False)
    made.button("Predict").click()
    check(4)
