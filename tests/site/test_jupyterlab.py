"""What a reader sees in a real JupyterLab."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
CHAPTER = "book/state-action-form/the-short-derivation.ipynb"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start JupyterLab on a copy of the book, and return its address."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "book", folder / "book")
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--IdentityProvider.token=", "--ServerApp.password=", f"--ServerApp.root_dir={folder}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        address = f"http://127.0.0.1:{port}/"
        for _ in range(300):
            try:
                urlopen(address).close()
                break
            except URLError:
                time.sleep(0.2)
        yield address
        server.terminate()


@pytest.fixture
def chapter(lab: str, browser: Browser) -> Iterator[Page]:
    """Open a chapter that was not run here, at its first ledger with a false row."""
    page = browser.new_page(viewport={"width": 1300, "height": 900})
    page.set_default_timeout(60_000)
    page.goto(f"{lab}lab/tree/{CHAPTER}")
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    page.mouse.move(700, 500)
    for _ in range(200):  # cells are made when they come near the window
        if page.locator(".ledger tr.is-false").count():
            break
        page.mouse.wheel(0, 1200)
        page.wait_for_timeout(150)
    yield page
    page.close()


def test_a_false_row_is_red_before_anything_is_run(chapter: Page) -> None:
    row = chapter.locator(".ledger tr.is-false").first
    look = row.evaluate("(row) => [getComputedStyle(row).backgroundColor, getComputedStyle(row).borderLeft]")
    assert look == ["rgba(208, 71, 60, 0.18)", "6px double rgb(208, 71, 60)"]
    row.hover()
    assert row.evaluate("(row) => getComputedStyle(row).backgroundColor") == look[0]
