"""The page "Your world": edited, judged, sent on, and computed by Python in the browser."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from readers_worlds import BROKEN, ERRAND, SHUTTLE, SOUND

from pgcode import state_action_form, values
from pgcode._in_page import world as in_python

from .conftest import new_context
from .test_pages import broken_rules

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

    from .conftest import Site

NAME = "book/start/your-world.html"
PARTS = ("name", "states", "actions", "rows", "start", "discount", "horizon", "theta")


def link_to(world: dict[str, Any]) -> str:
    """The part of a link that holds a world."""
    text = json.dumps([world[part] for part in PARTS])
    return "#world=1." + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


class Reader:
    """Somebody with the page open, in a browser."""

    def __init__(
        self, context: BrowserContext, site: Site, fragment: str = "", scheme: str = "light", width: int = 1280
    ) -> None:
        self.context = context
        self.page = context.new_page()
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.address = site.address + NAME
        self.page.goto(self.address + fragment, wait_until="load")
        self.settle()

    def settle(self) -> None:
        """Wait for the drawing."""
        self.page.locator(".pg-world-drawing svg").wait_for()
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def field(self, at: str) -> Any:
        return self.page.locator(f'[data-at="{at}"]')

    def fill(self, at: str, text: str) -> None:
        self.field(at).fill(text)
        self.field(at).blur()

    def turn_to(self, world: dict[str, Any]) -> None:
        """Follow a link to another world on the same page."""
        self.page.evaluate("(hash) => { location.hash = hash; }", link_to(world))
        self.page.wait_for_function(
            "(name) => document.querySelector('.pg-world-title').value === name", arg=world["name"]
        )

    @property
    def objective(self) -> float:
        return float(self.page.locator(".pg-world-objective").get_attribute("data-value") or "nan")

    @property
    def messages(self) -> str:
        return " ".join(self.page.locator("[data-says]:visible").all_inner_texts())

    def numbers(self, form: str) -> dict[str, float]:
        """The entries of the gradient, by state and action."""
        boxes = self.page.locator(f"[data-{form}]").all()
        return {box.get_attribute(f"data-{form}"): float(box.get_attribute("data-value")) for box in boxes}

    def wait(self) -> None:
        """Wait until Python has ended."""
        self.page.wait_for_function("() => !document.querySelector('.pg-world .pg-runner[aria-busy]')")

    def violations(self) -> str:
        # What the header of a scrolled page covers a part of would be taken for too small a target.
        self.page.evaluate("() => window.scrollTo({ top: 0, behavior: 'instant' })")
        return broken_rules(self.page, within=".pg-world")


@pytest.fixture
def visit(site: Site) -> Iterator[Callable[..., Reader]]:
    """A function that opens the page: first in the browser of all tests, in which nothing is kept, then in others."""
    shared, readers = site.context(scripts=True), list[Reader]()

    def open_page(*arguments: Any, **options: Any) -> Reader:
        context = new_context(site.browser, reduced_motion="reduce") if readers else shared
        readers.append(Reader(context, site, *arguments, **options))
        return readers[-1]

    yield open_page
    shared.unroute_all()
    shared.clear_permissions()
    for reader in readers:
        reader.page.evaluate("() => localStorage.clear()")
        reader.page.close()
        if reader.context is not shared:
            reader.context.close()
    assert not [error for reader in readers for error in reader.errors]


@pytest.fixture(scope="module")
def ran(site: Site) -> Iterator[Reader]:
    """The page after a run in Python, on a world with an end."""
    reader = Reader(new_context(site.browser, reduced_motion="reduce"), site, link_to(SHUTTLE))
    reader.page.get_by_role("button", name="Run in Python").click()
    reader.page.locator('[data-result="learn"]').wait_for()
    reader.wait()
    yield reader
    assert not reader.errors
    reader.context.close()


# ---- at once, without Python ---------------------------------------------------------------------------------------


def test_an_edit_is_answered_at_once_with_the_numbers_of_pgcode(visit: Callable[..., Reader]) -> None:
    reader = visit(link_to(SHUTTLE))
    reader.fill("row 4 reward", "−3.5")
    reader.fill("row 1 probability", "2/3")
    reader.fill("row 2 probability", "1/3")
    reader.fill("discount", "0.7")
    rows = [*SHUTTLE["rows"][:1], [0, 1, 1, 2 / 3, 0], [0, 1, 0, 1 / 3, -0.5], SHUTTLE["rows"][3], [1, 1, 0, 1, -3.5]]
    read = in_python.read({**SHUTTLE, "rows": rows, "discount": 0.7})
    assert reader.objective == pytest.approx(float(values.objective(read.mdp, read.policy, read.theta)), abs=1e-10)
    gradient = state_action_form.exact_gradient(read.mdp, read.policy, read.theta)
    for form in ("walks", "states"):
        for pair, number in reader.numbers(form).items():
            s, a = map(int, pair.split())
            assert number == pytest.approx(gradient[s, a], abs=1e-10)
    shown = reader.page.locator('[data-states="0 1"]').inner_text().replace("−", "-")
    assert shown == f"{gradient[0, 1]:.4f}"
    assert reader.field("row 1 probability").input_value() == "2/3"
    assert not [address for address in reader.asked if "/_static/python/" in address]


def test_a_slider_moves_the_policy_and_j(visit: Callable[..., Reader]) -> None:
    reader = visit()
    slider = reader.page.get_by_role("slider", name="Probability of go in away")
    before, entry = reader.objective, reader.numbers("states")["0 1"]
    for _ in range(20):
        slider.press("ArrowRight")
    assert slider.input_value() == "0.7"
    assert reader.objective > before
    assert reader.numbers("states")["0 1"] > entry  # as the page says of the entry at home
    assert re.fullmatch(r"0\.700, J is \d\.\d{3}", slider.get_attribute("aria-valuetext"))
    assert reader.page.get_by_role("slider", name="Probability of wait in away").input_value() == "0.3"
    reader.page.get_by_role("radio", name="θ(s,a)").check()
    theta = reader.page.get_by_role("slider", name="θ of go in away")
    theta.press("End")
    assert theta.input_value() == "6"


def test_uphill_goes_up_and_savings_ends_at_the_lower_top(visit: Callable[..., Reader]) -> None:
    reader = visit()
    before = reader.objective
    reader.page.get_by_role("button", name="One step uphill").click()
    assert reader.objective > before
    reader.page.get_by_label("Begin with a world").select_option("savings")
    assert reader.objective < 2
    for _ in range(8):
        reader.page.get_by_role("button", name="50 steps").click()
    assert reader.objective == pytest.approx(2, abs=0.02)
    reader.page.get_by_role("button", name="All actions alike").click()
    for _ in range(8):
        reader.page.get_by_role("button", name="50 steps").click()
    assert reader.objective == pytest.approx(3, abs=0.02)


@pytest.mark.parametrize("step", ["0", "x"])
def test_a_step_that_is_none_is_told(visit: Callable[..., Reader], step: str) -> None:
    reader = visit()
    reader.field("alpha").fill(step)
    reader.page.get_by_role("button", name="One step uphill").click()
    assert "above 0" in reader.page.locator(".pg-world").inner_text()


def test_what_is_wrong_is_said_beside_the_field(visit: Callable[..., Reader]) -> None:
    """Of each broken world that a table can hold."""
    reader = visit(link_to(SHUTTLE))
    told = 0
    for number, (name, (broken, _, message)) in enumerate(BROKEN.items()):
        if name in ("an unknown state", "an unknown action", "a policy that does not fit"):
            continue  # no table can hold them: told of a link, below
        reader.turn_to({**broken, "name": f"broken {number}"})
        where = reader.messages if name != "no rows" else reader.page.locator(".pg-world-wrong").inner_text()
        assert re.search(message, where), (name, where)
        assert np.isnan(reader.objective), name
        assert reader.page.get_by_role("button", name="Run in Python").is_disabled()
        assert reader.page.get_by_role("button", name="Copy a link").is_disabled()
        for field in reader.page.locator("[aria-invalid]").all():
            ids = (field.get_attribute("aria-describedby") or "").split()
            assert ids, name
            assert all(reader.page.locator(f"#{said}").inner_text().strip() for said in ids)
            told += 1
    assert told > 15
    reader.turn_to({**SHUTTLE, "name": "sound"})
    assert reader.page.locator("[aria-invalid], [data-says]:visible").count() == 0


def test_probabilities_are_scaled_by_a_button(visit: Callable[..., Reader]) -> None:
    reader = visit(link_to(SHUTTLE))
    reader.fill("row 1 probability", "0.4")
    assert "sum to 0.5, not 1" in reader.messages
    reader.page.get_by_role("button", name="Scale them to 1").press("Enter")
    assert reader.field("row 1 probability").input_value() == "0.8"
    assert reader.field("row 2 probability").input_value() == "0.2"
    assert reader.messages == ""
    assert reader.page.evaluate("() => document.activeElement.dataset.at") == "row 1 probability"
    reader.page.get_by_role("button", name="Undo").click()
    assert reader.field("row 1 probability").input_value() == "0.4"


def test_a_list_of_what_is_wrong_leads_to_the_fields(visit: Callable[..., Reader]) -> None:
    reader = visit(link_to(SHUTTLE))
    reader.fill("discount", "2")
    reader.fill("row 0 reward", "much")
    told = reader.page.locator(".pg-world-wrong")
    assert "2 things are to be mended" in told.inner_text()
    assert told.get_by_role("listitem").all_inner_texts() == ["row 1", "the discount γ"]
    assert reader.messages.count("γ is 2") == 1, "what is wrong is said once, beside its field"
    told.get_by_role("button", name="the discount γ").click()
    assert reader.page.evaluate("() => document.activeElement.dataset.at") == "discount"


def test_a_world_is_built_by_keyboard_alone(visit: Callable[..., Reader]) -> None:
    """A third station: its name, the ways to it and back, and what they pay."""
    reader = visit()
    keys = reader.page.keyboard

    def at() -> str:
        return reader.page.evaluate(
            "() => document.activeElement.dataset.at ?? document.activeElement.dataset.act ?? ''"
        )

    reader.page.locator('[data-act="add-state"]').focus()
    keys.press("Enter")
    assert at() == "states 2"
    keys.press("Control+A")
    keys.type("harbour")
    reader.page.locator('[data-act="add-row"]').focus()
    keys.press("Enter")
    assert at() == "row 4 state"
    assert reader.field("row 4 state").evaluate("(field) => field.selectedOptions[0].text") == "harbour"
    for place in ("action", "next", "probability", "reward"):
        keys.press("Tab")
        assert at() == f"row 4 {place}"
    keys.press("Control+A")
    keys.type("5")
    keys.press("Tab")
    keys.press("Tab")
    assert at() == "add-row"
    reader.field("row 1 next").focus()
    keys.type("harbour")
    assert reader.field("row 1 next").evaluate("(field) => field.selectedOptions[0].text") == "harbour"
    assert at() == "row 1 next"
    reader.page.get_by_role("button", name="Remove row 1", exact=True).focus()
    keys.press("Enter")
    assert at() == "row 0 state"
    assert not np.isnan(reader.objective)


def test_removing_a_state_takes_its_rows_along(visit: Callable[..., Reader]) -> None:
    reader = visit()
    reader.page.get_by_label("Begin with a world").select_option("machine")
    reader.page.get_by_role("button", name="Remove the state old").click()
    assert reader.page.locator(".pg-row:not(.is-head)").count() == 6
    assert "“run” in “worn” sum to 0.6" in reader.messages
    reader.page.get_by_role("button", name="Remove the action service").click()
    assert reader.page.locator(".pg-row:not(.is-head)").count() == 3


# ---- the link, and the code ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ends, no discount", "no horizon"])
def test_a_world_travels_by_its_link(visit: Callable[..., Reader], name: str) -> None:
    reader = visit(link_to(SOUND[name]))
    here = reader.page.context
    here.grant_permissions(["clipboard-read", "clipboard-write"])
    reader.fill("row 0 reward", "0.125")
    reader.page.get_by_role("button", name="Copy a link to this world").click()
    reader.page.get_by_text("Copied.").wait_for()
    address = reader.page.evaluate("() => navigator.clipboard.readText()")
    assert address.startswith(reader.address + "#world=1.")
    friend = visit(address.removeprefix(reader.address))
    assert friend.objective == pytest.approx(reader.objective, abs=1e-5)  # θ travels with six digits
    assert friend.field("row 0 reward").input_value() == "0.125"
    assert f"“{SOUND[name]['name']}”, from the link." in friend.page.locator(".pg-world-bar").inner_text()


@pytest.mark.parametrize(
    ("fragment", "said"),
    [
        ("#world=1.abc", "holds no world, or only a part of one"),
        ("#world=7.abc", "another release"),
        (link_to(BROKEN["an unknown state"][0]), "Row 1 names the next state 7, which is not there"),
        (link_to(BROKEN["a policy that does not fit"][0]), "θ does not fit"),
    ],
)
def test_a_broken_link_is_told_and_the_page_works(visit: Callable[..., Reader], fragment: str, said: str) -> None:
    reader = visit(fragment)
    told = reader.page.locator(".pg-world-bar").inner_text()
    assert said in told
    assert "“Shuttle” is shown instead." in told
    assert reader.objective == 2


def test_what_was_edited_is_there_again_and_a_link_does_not_overwrite_it(visit: Callable[..., Reader]) -> None:
    reader = visit()
    reader.fill("row 3 reward", "12")
    mine = reader.objective
    reader.page.reload()
    reader.settle()
    assert reader.objective == mine
    reader.page.goto("about:blank")
    reader.page.goto(reader.address + link_to(ERRAND))
    reader.settle()
    assert reader.objective != mine
    reader.page.goto("about:blank")
    reader.page.goto(reader.address)
    reader.settle()
    assert reader.objective == mine


def test_the_code_is_saved_and_runs(visit: Callable[..., Reader], tmp_path: Path) -> None:
    reader = visit(link_to(ERRAND))
    with reader.page.expect_download() as download:
        reader.page.get_by_role("button", name="Save your_world.py").click()
    assert download.value.suggested_filename == "your_world.py"
    download.value.save_as(tmp_path / "your_world.py")
    names: dict[str, Any] = {"__name__": "saved"}
    exec((tmp_path / "your_world.py").read_text(encoding="utf-8"), names)
    found = float(values.objective(names["world"], names["policy"], names["theta"]))
    assert found == pytest.approx(reader.objective, abs=1e-10)


# ---- every reader --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_nothing_whole_or_broken(visit: Callable[..., Reader], scheme: str, width: int) -> None:
    reader = visit(link_to(ERRAND), scheme=scheme, width=width)
    assert not reader.violations()
    reader.fill("row 0 probability", "0.2")
    reader.fill("start 0", "−1")
    assert len(reader.messages) > 20
    assert not reader.violations()
    assert reader.page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_large_world_stays_on_a_phone(visit: Callable[..., Reader]) -> None:
    n = in_python.LIMITS["states"]
    large = {
        "name": "Large",
        "states": [f"a long name {s}" for s in range(n)],
        "actions": [f"a long action {a}" for a in range(4)],
        "rows": [[s, a, (s + a + k) % n, 0.5, s - a] for s in range(n) for a in range(2) for k in (1, 2)],
        "start": [1, *[0] * (n - 1)],
        "discount": 0.9,
        "horizon": 20,
        "theta": [[0, 0, 0, 0]] * n,
    }
    reader = visit(link_to(large), width=390)
    assert not np.isnan(reader.objective)
    assert reader.page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    svg = reader.page.locator(".pg-world-drawing svg").bounding_box()
    assert svg["width"] <= 390


def test_without_scripts_the_page_says_what_is_missing(site: Site) -> None:
    opened = site.open(NAME, scripts=False)
    assert "needs scripts" in opened.page.locator(".pg-world").inner_text()
    opened.close()


def test_from_a_file_all_but_python_works(site_as_files: Site) -> None:
    opened = site_as_files.open(NAME)
    opened.page.locator('[data-at="row 3 reward"]').fill("16")
    assert opened.page.locator(".pg-world-objective").get_attribute("data-value") == "4"
    assert "opened as a file" in opened.page.locator(".pg-runner").first.inner_text()
    assert opened.page.get_by_role("button", name="Run in Python").is_disabled()
    opened.close()


# ---- with Python ---------------------------------------------------------------------------------------------------


def test_python_computes_the_same_in_the_page_and_here(ran: Reader) -> None:
    here = in_python.exact({"world": SHUTTLE})
    there = json.loads(ran.page.locator('[data-result="exact"]').get_attribute("data-answer"))
    assert there["objective"] == pytest.approx(here["objective"], abs=1e-12)
    np.testing.assert_allclose(there["trajectory"], here["trajectory"], atol=1e-12)
    np.testing.assert_allclose(there["stateAction"], here["state_action"], atol=1e-12)
    assert "All 21 walks were listed." in ran.page.locator('[data-result="exact"]').inner_text()


def test_nothing_comes_from_elsewhere(ran: Reader) -> None:
    python = [address for address in ran.asked if "/_static/python/" in address]
    assert python
    assert all(address.startswith((ran.address.split("/book/")[0], "data:", "blob:")) for address in ran.asked)


def test_what_python_found_is_set_as_a_cell_sets_it(ran: Reader) -> None:
    exact = ran.page.locator('[data-result="exact"]')
    exact.locator('mjx-container[data-tex="\\\\nabla J"]').first.wait_for()
    text = exact.inner_text()
    assert "\\(" not in text
    assert "0e+0" not in text
    assert re.search(r"differ from Python's by (nothing|\de−\d+)\.", text)


def test_the_ledgers_of_the_world_open(ran: Reader) -> None:
    folds = ran.page.locator('[data-result="ledgers"] details')
    assert folds.count() == 3
    assert [chip.inner_text() for chip in ran.page.locator('[data-result="ledgers"] summary .pg-chip').all()] == [
        "none false",
        "3 false",
        "none false",
    ]
    folds.nth(0).locator("summary").press("Enter")
    folds.nth(0).get_by_text("A15", exact=True).first.wait_for()
    folds.nth(0).locator("summary").press("Enter")


def test_sampled_walks_and_others(ran: Reader) -> None:
    block = ran.page.locator('[data-result="sample"]')
    first = block.locator(".pg-walks").inner_text()
    here = in_python.sample({"world": SHUTTLE, "m": 400, "seed": 0})
    there = json.loads(block.get_attribute("data-answer"))
    np.testing.assert_allclose(there["reward-to-go"]["mean"], here["estimates"]["reward-to-go"]["mean"], atol=1e-12)
    block.get_by_role("button", name="Draw others").click()
    ran.page.wait_for_function("(old) => document.querySelector('.pg-walks').innerText !== old", arg=first)
    ran.wait()


def test_learning_is_drawn_and_taken_over(ran: Reader) -> None:
    block = ran.page.locator('[data-result="learn"]')
    assert "The best policy" in block.inner_text()
    label = block.locator("svg[role=img]").get_attribute("aria-label")
    reached = float(re.search(r"Exact ascent goes from [\d.]+ to ([\d.]+)", label)[1])
    before = ran.objective
    block.get_by_role("button", name="Take the learned policy").click()
    assert ran.objective == pytest.approx(reached, abs=1e-3)
    assert ran.objective > before
    assert "You have changed the world since" in ran.page.locator(".pg-world").inner_text()


def test_a_number_that_is_none_is_told(ran: Reader) -> None:
    block = ran.page.locator('[data-result="sample"]')
    block.locator('[data-option="m"]').fill("1")
    block.get_by_role("button", name="Draw others").click()
    block.get_by_text("give a whole number from 2 to 20,000").wait_for()
    block.locator('[data-option="m"]').fill("400")
    ran.wait()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_after_a_run(ran: Reader, scheme: str) -> None:
    for width in (1280, 390) if scheme == "light" else (390,):
        ran.page.set_viewport_size({"width": width, "height": 900})
        ran.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        ran.page.wait_for_function("(scheme) => document.documentElement.dataset.theme === scheme", arg=scheme)
        ran.settle()
        assert not ran.violations()
        assert ran.page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_stop_ends_python_and_keeps_the_page(visit: Callable[..., Reader]) -> None:
    reader = visit()
    reader.context.route("**/pyodide.asm.wasm*", lambda route: None)  # it does not end by itself before it is stopped
    reader.page.get_by_role("button", name="Run in Python").click()
    reader.page.get_by_role("button", name="Stop").click()
    reader.page.get_by_text("Stopped. What was there before stands.").wait_for()
    assert reader.page.get_by_role("button", name="Run in Python").is_enabled()
    assert reader.objective == 2
