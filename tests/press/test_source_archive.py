"""The way from the first page to what the book is made of."""

import subprocess
import zipfile
from types import SimpleNamespace

import pytest
from docutils import nodes

from press import source_archive


@pytest.fixture
def repository(tmp_path):
    """A repository with a file that is given to git, some that are not and one that git ignores."""
    root = tmp_path / "repository"
    (root / "book").mkdir(parents=True)
    subprocess.run(["git", "init", "-q", root], check=True)
    for name, text in {".gitignore": "*.log\n", "book/intro.ipynb": "{}", "grades.csv": "n", "run.log": "l"}.items():
        (root / name).write_text(text, encoding="utf-8")
    subprocess.run(["git", "-C", root, "add", "book"], check=True)
    return root


def shown(root, tmp_path, address="", project="A Course, in Lines"):
    """The links and the text that stand in the place of the comment."""
    config = SimpleNamespace(html_theme_options={"repository_url": address}, project=project)
    app = SimpleNamespace(confdir=root, outdir=tmp_path / "html", config=config, builder=SimpleNamespace(format="html"))
    paragraph = nodes.paragraph("", "", nodes.raw("", "<!-- source -->", format="html"))
    source_archive.show_source(app, nodes.section("", paragraph), "book/intro")
    return [link["refuri"] for link in paragraph.findall(nodes.reference)], paragraph.astext()


def test_where_the_repository_is_known_the_page_leads_there(repository, tmp_path):
    address = "https://github.com/someone/course"
    assert shown(repository, tmp_path, address) == ([address], "Open the repository.")
    assert not (tmp_path / "html").exists()


def test_elsewhere_it_leads_to_an_archive_of_what_git_keeps(repository, tmp_path):
    links, text = shown(repository, tmp_path)
    assert links == ["../a-course-in-lines.zip"]
    assert text.startswith("Download it as an archive (0.0 MB).")
    with zipfile.ZipFile(tmp_path / "html" / "a-course-in-lines.zip") as packed:
        names = [name.removeprefix("a-course-in-lines/") for name in packed.namelist()]
        assert packed.testzip() is None
    assert names == ["book/intro.ipynb"]


def test_a_title_without_a_latin_letter_names_no_archive(repository, tmp_path):
    assert shown(repository, tmp_path, project="強化学習")[0] == ["../source.zip"]
    assert (tmp_path / "html" / "source.zip").exists()


def test_outside_of_a_repository_nothing_is_promised(tmp_path):
    assert shown(tmp_path, tmp_path) == ([], "")
