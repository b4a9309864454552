"""Another book: five pages that are about something else, built with press as an installed package would be."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jupytext
import pytest

from press.live import distribution

from .conftest import sphinx

ROOT = Path(__file__).parents[2]
BOOK = Path(__file__).with_name("another-book")
#: What only this course says, and its folders.
OURS = re.compile(r"policy.gradient|reinforce|line by line|\bbook/|\bintro\b|erratum|errata", re.IGNORECASE)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The pages of the book: where they are, and what they hold. Every warning is an error."""
    folder = tmp_path_factory.mktemp("another") / "book"
    shutil.copytree(BOOK, folder)
    for text in list(folder.glob("*.md")):
        if "{code-cell}" in text.read_text(encoding="utf-8"):  # a notebook, kept as text so that nbval does not run it
            jupytext.write(jupytext.read(text, fmt="md:myst"), text.with_suffix(".ipynb"))
            text.unlink()
    command = [Path(sys.executable).with_name("jupyter-book"), "build", "-W", "-n", "--keep-going", folder]
    published = {"COURSE_REPOSITORY_URL": "https://github.com/nobody/odd-numbers"}
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COURSE_LAB": "0"} | published
    run = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    html = folder / "_build" / "html"
    return {path.stem: path.read_text(encoding="utf-8") for path in html.glob("*.html")}


def article(page):
    """What a page says, without the theme's furniture."""
    return page.partition("<article")[2].partition("</article>")[0]


def test_its_cells_show_themselves_as_those_of_the_course(site):
    sums, lines = site["sums"], site["lines"]
    assert 'class="is-exact pg-check"' in sums
    assert 'class="pg-table"' in sums
    assert 'class="pg-predict' in sums
    assert article(lines).count('class="is-false"') == 1
    if distribution.distribution() is not None:
        assert article(sums).count('class="pg-run"') == 2


def test_its_pages_lead_to_each_other(site):
    assert '<dt>Leads to</dt><dd><a class="reference internal" href="lines.html">' in site["sums"]
    assert "<dt>Needs</dt>" in site["lines"]
    assert 'href="misprints.html#m1"' in site["lines"]
    assert 'href="works.html#ab1992"' in site["misprints"]
    assert "<dt>Leads to</dt>" not in site["lines"]  # what is looked up is no next chapter
    assert '<p class="pg-promise">' in site["start"]
    assert 'href="https://github.com/nobody/odd-numbers' in article(site["start"])
    assert "<h3>To read<span>" in site["start"]
    assert 'pgShownFirst = ["start","sums","lines"]' in site["search"]


def test_nothing_of_the_course_is_in_it(site):
    """The scripts and styles are shared; what a page itself says is its own."""
    for name, page in site.items():
        said = re.sub(r"<(script|style)\b.*?</\1>|<svg\b.*?</svg>", "", page, flags=re.DOTALL)
        assert not (found := OURS.search(said)), f"{name}: {found and said[found.start() - 80 : found.end() + 80]}"


#: A book of which the author has said no more than must be said.
SMALL = """
extensions = ["myst_nb", "sphinx_proof", "sphinx_exercise", "sphinx_design", "sphinxcontrib.bibtex", "press"]
project, author, copyright, root_doc, bibtex_bibfiles = "Small", "Nobody", "Nobody", "index", []
html_theme, nb_execution_mode = "sphinx_book_theme", "off"
"""
PAGES = {
    "index": "# Start\n\nThis book is small.\n\n```{toctree}\none\ntwo\n```\n",
    "one": "# One\n\nOne is odd.\n",
    "two": "# Two\n\n- no sentence\n",
}


@pytest.fixture
def small(tmp_path, monkeypatch, sphinx_build):
    """Build the small book with some settings and as often as one likes: its pages."""
    for name, value in {"COURSE_LAB": "0", "COURSE_REPOSITORY_URL": ""}.items():
        monkeypatch.setenv(name, value)
    html = tmp_path / "_build" / "html"

    def build(settings=""):
        if not html.exists():
            sphinx_build(tmp_path, SMALL + settings, **PAGES)
        else:
            (tmp_path / "conf.py").write_text(SMALL + settings, encoding="utf-8")
            run = sphinx("-q", "-W", "--keep-going", "-b", "html", tmp_path, html)
            assert run.returncode == 0, run.stderr
        return {name: (html / f"{name}.html").read_text(encoding="utf-8") for name in (*PAGES, "search")}

    build.folder = html
    return build


def descriptions(site):
    """What search engines are told of each page."""
    found = {name: re.findall(r'<meta name="description" content="([^"]*)"', page) for name, page in site.items()}
    return {name: " ".join(tags) for name, tags in found.items()}


def test_a_page_is_written_again_where_nothing_is_read(small):
    first = small()
    (small.folder / "one.html").unlink()
    again = small()
    (style,) = re.findall(r'href="(_static/site-[^"?]*\.css)', again["one"])
    assert (small.folder / style).exists()
    assert style in first["one"]
    assert descriptions(again) == descriptions(first)


def test_another_setting_of_the_pages_alone_writes_them_again(small):
    assert "©" in small()["one"]
    changed = small("html_show_copyright = False\nhtml_context = {'description': 'All of it.'}\n")
    assert "©" not in changed["one"]
    assert descriptions(changed) == {
        "index": "This book is small.",
        "one": "One is odd.",
        "two": "All of it.",
        "search": "All of it.",
    }


def test_a_book_without_a_description_has_those_of_its_pages_alone(small):
    site = small()
    assert descriptions(site) == {"index": "This book is small.", "one": "One is odd.", "two": "", "search": ""}
    assert '"description": ""' not in site["two"]
