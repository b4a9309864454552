"""How much a reader downloads: what a page asks for, as a server sends it, compressed by gzip."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from site_browser import as_sent

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Opened, Site

FIRST_PAGE, NEXT_PAGE = 400_000, 100_000


def weights(opened: Opened, site: Site, site_files: Path) -> dict[str, int]:
    """Return the bytes of each file of the site that a page asked for."""
    addresses = {address for address in opened.addresses if address.startswith(site.address)}
    names = {unquote(urlsplit(address).path).lstrip("/") for address in addresses}
    return {name: len(as_sent(site_files / name)) for name in names if (site_files / name).is_file()}


def heaviest(files: dict[str, int]) -> str:
    """Return a message: the sum, and the files that weigh most."""
    lines = [f"{sum(files.values()) / 1000:.0f} kB in {len(files)} files, of which"]
    return "\n".join(lines + [f"{files[name] / 1000:7.0f} kB  {name}" for name in sorted(files, key=files.get)[:-7:-1]])


@pytest.mark.views(holding='class="headerlink"', schemes=["light"])
def test_first_page_that_one_opens_is_light(opened: Opened, site: Site, site_files: Path) -> None:
    files = weights(opened, site, site_files)
    assert opened.name in files
    assert sum(files.values()) <= FIRST_PAGE, heaviest(files)


@pytest.fixture(scope="session")
def kept(site: Site, site_files: Path) -> set[str]:
    """Return the files that a reader's browser keeps from the first page of the course."""
    first = site.open("book/intro.html")
    names = set(weights(first, site, site_files))
    first.close()
    return names


@pytest.mark.views(holding='class="headerlink"', schemes=["light"])
def test_next_page_that_one_opens_is_lighter(opened: Opened, site: Site, site_files: Path, kept: set[str]) -> None:
    files = {name: size for name, size in weights(opened, site, site_files).items() if name not in kept}
    assert sum(files.values()) <= NEXT_PAGE, heaviest(files)
