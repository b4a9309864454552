"""What a page runs, in the Firefox of this machine: a cell, Stop, tasks, and a world in Python.

    make test-firefox

The other browser tests have a Chromium. This one asks whether Firefox does the same, by WebDriver BiDi, which it speaks
by itself: nothing else is installed. It is left out where there is no Firefox, and no part of ``.ci/run``.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import websocket
from site_browser import NO_SITE, SITE, served

#: Seconds for what is waited for, on a machine that does much else.
PATIENCE = 300
FIREFOX = os.environ.get("FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")
pytestmark = [
    pytest.mark.skipif(FIREFOX is None, reason="Firefox was not found: install it, or set FIREFOX to its path"),
    pytest.mark.skipif(not (SITE / "_static" / "python").is_dir(), reason=f"{NO_SITE}; it needs Python in its pages"),
]


class Firefox:
    """A tab of Firefox."""

    def __init__(self, address: str) -> None:
        self._socket = websocket.create_connection(f"{address}/session", timeout=PATIENCE, suppress_origin=True)
        self._number = 0
        self.errors: list[str] = []
        self.ask("session.new", capabilities={})
        self.ask("session.subscribe", events=["log.entryAdded"])
        self._tab = self.ask("browsingContext.getTree")["contexts"][0]["context"]

    def close(self) -> None:
        """End the conversation."""
        self._socket.close()

    def ask(self, method: str, **params: Any) -> Any:
        """Ask for something, and return what is answered; errors of the page are noted on the way."""
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("method") == "log.entryAdded" and message["params"]["level"] == "error":
                text = str(message["params"]["text"])
                self.errors += [] if text.startswith("downloadable font") else [text]  # one that was left on its way
            if message.get("id") == self._number:
                assert message["type"] == "success", message
                return message["result"]

    def open(self, address: str) -> None:
        """Open a page."""
        self.ask("browsingContext.navigate", context=self._tab, url=address, wait="complete")

    def run(self, expression: str) -> Any:
        """Return the value of an expression of the page."""
        target = {"context": self._tab}
        code = f"JSON.stringify({expression}) ?? 'null'"
        answer = self.ask("script.evaluate", expression=code, target=target, awaitPromise=True, userActivation=True)
        assert answer["type"] == "success", answer
        return json.loads(answer["result"]["value"])

    def wait(self, expression: str) -> Any:
        """Return the value of an expression once it is true."""
        end = time.monotonic() + PATIENCE
        while not (value := self.run(expression)):
            assert time.monotonic() < end, f"{expression} is {value!r}"
            time.sleep(0.2)
        return value


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(SITE) as address:
        yield address


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    profile = tmp_path_factory.mktemp("profile")
    (profile / "user.js").write_text('user_pref("network.proxy.type", 0);\n', encoding="utf-8")
    log = profile / "log"
    command = [str(FIREFOX), "--headless", "--remote-debugging-port=0", "--profile", str(profile), "about:blank"]
    with log.open("w") as written, subprocess.Popen(command, stdout=written, stderr=written) as process:
        try:
            with contextlib.closing(Firefox(listening(log))) as firefox:
                yield firefox
        finally:
            process.terminate()


def listening(log: Path) -> str:
    """Return where Firefox listens, which it says once it does."""
    end = time.monotonic() + PATIENCE
    while not (found := re.search(r"WebDriver BiDi listening on (ws://\S+)", log.read_text(encoding="utf-8"))):
        assert time.monotonic() < end, log.read_text(encoding="utf-8")
        time.sleep(0.2)
    return found[1]


def pressing(label: str, box: str) -> str:
    """The expression that presses a button in a part of the page."""
    buttons = f"[...document.querySelectorAll('{box} button')]"
    return f"{buttons}.find((one) => one.textContent === '{label}' && !one.hidden).click()"


def writing(box: str, text: str) -> str:
    """The expression that puts a text in the place of what an editor holds."""
    return (
        f"(() => {{ const field = document.querySelector('{box} textarea'); field.value = {json.dumps(text)}; "
        "field.dispatchEvent(new Event('input')); })()"
    )


def test_a_cell_runs_and_is_edited_and_stopped(firefox: Firefox, address: str) -> None:
    firefox.open(f"{address}book/setting/gradient-ascent.html")
    cell = '.cell:has(.pg-run[data-cell="5"])'
    status = f"document.querySelector('{cell} .pg-status').textContent"
    shown = f"document.querySelector('{cell} .cell_output').innerText"
    firefox.wait(f"document.querySelector('{cell} .pg-run button') !== null")
    before = firefox.run(shown)
    firefox.run(pressing("Run", cell))
    firefox.wait(f"{status}.startsWith('Done')")
    assert firefox.run(shown) == before, "a run shows what the page shows"
    firefox.run(pressing("Edit", cell))
    firefox.run(writing(cell, "print(6 * 7)"))
    firefox.run(pressing("Run", cell))
    firefox.wait(f"{shown}.trim() === '42' && {status}.startsWith('Done')")
    firefox.run(writing(cell, "while True:\n    pass"))
    firefox.run(pressing("Run", cell))
    firefox.wait(f"{status}.startsWith('Running')")
    firefox.run(pressing("Stop", cell))
    firefox.wait(f"{status}.startsWith('Stopped')")
    firefox.run(pressing("Reset", cell))
    assert firefox.run(shown) == before
    assert firefox.errors == []


def test_tasks_are_answered(firefox: Firefox, address: str) -> None:
    firefox.open(f"{address}book/exercises/setting.html")
    choice, function = '.pg-task[data-kind="choice"]', '.pg-task[data-name="discounted_return"]'
    heading = "document.querySelector('{} .exercise-verdict strong')?.textContent"
    firefox.run(f"document.querySelector('{choice} input').click()")
    firefox.run(pressing("Check", choice))
    assert firefox.run(heading.format(choice)).split()[0] in ("Right:", "Wrong")
    firefox.run(pressing("Edit", function))
    head = "def discounted_return(rewards, discount):\n    return "
    for answer, words in ((f"{head}sum(rewards)", "Wrong (no discount"), (f"{head}...", "Not attempted")):
        firefox.run(writing(function, answer))
        firefox.run(pressing("Check", function))
        firefox.wait(f"({heading.format(function)} ?? '').startsWith('{words}')")
    right = f"{head}sum(discount**t * reward for t, reward in enumerate(rewards))"
    firefox.run(writing(function, right))
    firefox.run(pressing("Check", function))
    firefox.wait(f"({heading.format(function)} ?? '').startsWith('Right')")
    firefox.run("localStorage.clear()")
    assert firefox.errors == []


def test_a_world_is_sampled_and_learns_in_python(firefox: Firefox, address: str) -> None:
    firefox.open(f"{address}book/start/your-world.html")
    firefox.wait("document.querySelector('.pg-workbench .pg-world-objective')?.textContent === '2.0000'")
    firefox.run(pressing("Run in Python", ".pg-workbench"))
    for result in ("sample", "learn"):
        firefox.wait(f"document.querySelector('[data-result=\"{result}\"] svg') !== null")
    firefox.run("localStorage.clear()")
    assert firefox.errors == []
