"""How the pages become one book in print."""

import build_pdf
import pytest
from docutils import nodes

from press import pdf


def test_what_is_folded_away_has_its_title():
    bar = nodes.raw("", '<details class="exercise-solution">\n<summary>Show the solution</summary>', format="html")
    document = nodes.section("", bar, nodes.paragraph("", "x = 1"))
    pdf.show_titles(document)
    assert [part.astext() for part in document] == ["Solution", "x = 1"]


def test_the_link_to_the_pdf_is_put_in_once() -> None:
    page = "<p><strong>Read it.</strong> Every page can be read.</p><p>Next.</p>"
    linked = build_pdf.with_link(page, "3 pages")
    assert linked.count(f'href="../{build_pdf.NAME}"') == 1
    assert linked.endswith("</p><p>Next.</p>")
    assert build_pdf.with_link(linked, "3 pages") == linked
    with pytest.raises(SystemExit, match="Read it"):
        build_pdf.with_link("<p>Another page.</p>", "3 pages")


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_pdf.shutil, "which", lambda command: None)
    monkeypatch.setattr(build_pdf, "known_to_latex", lambda file: False)
    missing = build_pdf.missing_packages()
    assert {"texlive-xetex", "librsvg2-bin", "latexmk"} <= set(missing)
    monkeypatch.setattr(build_pdf.shutil, "which", lambda command: f"/usr/bin/{command}")
    monkeypatch.setattr(build_pdf, "known_to_latex", lambda file: True)
    assert build_pdf.missing_packages() == []
