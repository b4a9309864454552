"""The card is one sheet of A4, front and back: the page as a browser prints it, and the PDF beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Site

CARD = "book/start/card.html"
A4 = (210, 297)


def pages_of(pdf: bytes) -> list[tuple[int, int]]:
    """The sizes of the pages of a PDF, in millimetres."""
    boxes = [[float(number) for number in box.split()] for box in re.findall(rb"/MediaBox\s*\[([^]]*)\]", pdf)]
    assert len(boxes) == len(re.findall(rb"/Type\s*/Page\b", pdf))
    return [(round(right / 72 * 25.4), round(high / 72 * 25.4)) for _, _, right, high in boxes]


def test_a_browser_prints_the_card_on_two_pages(site: Site) -> None:
    opened = site.open(CARD)
    assert pages_of(opened.page.pdf(prefer_css_page_size=True)) == [A4, A4]
    opened.close()


def test_the_pdf_beside_it_has_two_pages(site: Site, site_files: Path) -> None:
    opened = site.open(CARD)
    link = opened.page.get_by_role("link", name="Download the PDF.")
    pdf = (site_files / CARD).parent / str(link.get_attribute("href"))
    assert pages_of(pdf.read_bytes()) == [A4, A4]
    opened.close()


def test_every_chapter_leads_to_it(site_files: Path) -> None:
    parts = [folder for folder in (site_files / "book").iterdir() if folder.is_dir()]
    chapters = [page for part in parts if part.name not in ("exercises", "reference") for page in part.glob("*.html")]
    assert len(chapters) > 10
    for page in chapters:
        if page != site_files / CARD:
            guide = re.search(r'<dl class="pg-guide">.*?</dl>', page.read_text(encoding="utf-8"), re.DOTALL)
            assert guide, page
            assert 'start/card.html"' in guide[0] or 'href="card.html"' in guide[0], page
