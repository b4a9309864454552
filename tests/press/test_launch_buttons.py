"""The buttons that run a chapter elsewhere: where they lead, and where there are none."""

import re
from pathlib import Path

import nbformat
import pytest
import sphinx_book_theme  # type: ignore[import-untyped]

from press.assets import STATIC

from .conftest import sphinx

SETTINGS = """
extensions = ["myst_nb", "sphinx_book_theme", "press.settings"]
html_theme = "sphinx_book_theme"
html_theme_options = {"path_to_docs": ""}
nb_execution_mode = "off"
root_doc = "book/intro"
"""
BUTTONS = ("mybinder.org", "colab.research.google.com", "github.com", "gitlab.com")


@pytest.fixture(scope="module")
def links(tmp_path_factory):
    """Build a website of one chapter and one plain page for a repository: the links of each that leave the website."""

    def build(repository: str) -> dict[str, list[str]]:
        folder = tmp_path_factory.mktemp("course")
        (folder / "book").mkdir()
        (folder / "conf.py").write_text(SETTINGS, encoding="utf-8")
        cells = [nbformat.v4.new_markdown_cell("# Chapter"), nbformat.v4.new_code_cell("1 + 1")]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "book" / "chapter.ipynb")
        (folder / "book" / "intro.md").write_text("# Start\n\n```{toctree}\nchapter\n```\n", encoding="utf-8")
        told = {"COURSE_REPOSITORY_URL": repository, "GITHUB_REF": ""}
        run = sphinx("-q", "-b", "html", folder, folder / "html", **told)
        assert run.returncode == 0, run.stderr
        build.folder = folder
        found = {}
        for name in ("intro", "chapter"):
            text = (folder / "html" / "book" / f"{name}.html").read_text(encoding="utf-8")
            addresses = set(re.findall(r'href="(https://[^"]+)"', text))
            found[name] = sorted(address for address in addresses if address.split("/")[2] in BUTTONS)
        return found

    return build


def test_a_chapter_of_a_public_repository_is_run_by_binder_and_colab(links):
    here = "https://github.com/someone/course"
    found = links(f"{here}.git")
    assert found["chapter"] == sorted(
        [
            here,
            *(address for address in found["chapter"] if address.startswith(f"{here}/issues/new")),
            "https://mybinder.org/v2/gh/someone/course/HEAD?urlpath=lab/tree/book/chapter.ipynb",
            "https://colab.research.google.com/github/someone/course/blob/notebooks/book/chapter.ipynb",
        ]
    )
    assert not [address for address in found["intro"] if "github.com" not in address.split("/")[2]]


def test_colab_is_not_offered_where_it_cannot_read(links):
    hosts = {address.split("/")[2] for address in links("https://gitlab.com/someone/course")["chapter"]}
    assert hosts == {"mybinder.org", "gitlab.com"}


def test_where_no_repository_is_known_there_are_no_buttons(links):
    assert links("") == {"intro": [], "chapter": []}


def test_a_logo_is_not_loaded_before_its_menu_opens(links):
    """A style draws it, and a browser loads the picture of a style when it shows it."""
    links("https://github.com/someone/course")
    page = (links.folder / "html" / "book" / "chapter.html").read_text(encoding="utf-8")
    assert not re.findall(r"<img[^>]*logo_", page)
    logos = re.findall(r'<i class="fa-fw pg-(logo-\w+)"', page)
    assert logos == ["logo-binder", "logo-colab"]
    style = (STATIC / "course.css").read_text(encoding="utf-8")
    pictures = Path(sphinx_book_theme.__file__).parent / "theme" / "sphinx_book_theme" / "static"
    for logo in logos:
        (picture,) = re.findall(rf"\.pg-{logo} \{{\s*background-image: url\((\S+)\)", style)
        assert (pictures / picture).exists()
