"""How the pages become one book in print."""

import re

import build_pdf
import pytest

from press import pdf


def test_the_link_to_the_pdf_comes_where_the_page_keeps_a_place(tmp_path, sphinx_build) -> None:
    project = 'extensions = ["myst_parser", "press.pdf", "press.placeholders"]'
    site = sphinx_build(tmp_path, project, index="# Page\n\nRead it. <!-- pdf -->\n\nNext.\n")
    page = (site / "index.html").read_text(encoding="utf-8")
    assert f"<p>Read it. {pdf.PLACE}</p>" in page
    linked = build_pdf.with_link(page, "3 pages")
    assert f'<p>Read it. The whole book is also <a href="../{build_pdf.NAME}">a PDF</a> (3 pages).</p>' in linked
    with pytest.raises(SystemExit, match="keeps no place"):
        build_pdf.with_link(linked, "3 pages")


def test_the_first_page_of_the_book_asks_for_the_link() -> None:
    assert (build_pdf.ROOT / "book" / "intro.ipynb").read_text(encoding="utf-8").count("<!-- pdf -->") == 1


def test_no_two_parts_have_the_same_label(tmp_path, sphinx_build) -> None:
    """Captions without a Latin letter leave nothing of themselves, and two captions may be the same."""
    captions = ("第一部", "第二部", "Exercises", "Exercises")
    parts = "".join(
        f"```{{toctree}}\n:caption: {caption}\npage{number}\n```\n\n" for number, caption in enumerate(captions)
    )
    pages = {f"page{number}": f"# Page {number}\n" for number in range(len(captions))}
    settings = 'extensions = ["myst_parser", "press.pdf"]\nroot_doc, latex_engine = "index", "xelatex"'
    folder = sphinx_build(tmp_path, settings, "latex", index=f"# Book\n\n{parts}", **pages)
    (text,) = folder.glob("*.tex")
    labels = re.findall(r"\\label\{\\detokenize\{index:(part[^}]*)\}\}", text.read_text(encoding="utf-8"))
    assert labels == ["part", "part-2", "part-exercises", "part-exercises-2"]


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_pdf.shutil, "which", lambda command: None)
    monkeypatch.setattr(build_pdf, "known_to_latex", lambda file: False)
    missing = build_pdf.missing_packages()
    assert {"texlive-xetex", "librsvg2-bin", "latexmk"} <= set(missing)
    monkeypatch.setattr(build_pdf.shutil, "which", lambda command: f"/usr/bin/{command}")
    monkeypatch.setattr(build_pdf, "known_to_latex", lambda file: True)
    assert build_pdf.missing_packages() == []
