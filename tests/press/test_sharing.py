"""What others are told of a page."""

import json
import re
from types import SimpleNamespace

import pytest
from docutils import nodes
from sphinx.config import Config

from press import sharing

from .conftest import sphinx


@pytest.mark.parametrize(
    ("told", "repository", "environment", "address"),
    [
        ("", "https://github.com/Someone/course", {}, "https://someone.github.io/course/"),
        ("", "https://github.com/me/me.github.io", {}, "https://me.github.io/"),
        ("", "https://gitlab.com/someone/course", {}, ""),
        ("", "", {}, ""),
        ("", "", {"COURSE_SITE_URL": "https://course.example/pg"}, "https://course.example/pg/"),
        ("", "https://github.com/me/course", {"COURSE_SITE_URL": ""}, ""),
        ("https://mine.example/a", "https://github.com/me/b", {"COURSE_SITE_URL": "c"}, "https://mine.example/a/"),
        ("https://mine.example/a/", "", {}, "https://mine.example/a/"),
    ],
)
def test_address_of_the_site(told, repository, environment, address):
    assert sharing.site_url(told, repository, environment) == address


def page(*parts):
    return nodes.section("", nodes.title("", "Title"), *parts)


def test_description_is_the_first_sentences():
    long = "A sentence that goes on for so long that it is enough for a description of a page, which it is on its own."
    text = sharing.description(
        page(
            nodes.paragraph("", "You need chapter 1."),
            nodes.note("", nodes.paragraph("", "An aside.")),
            nodes.paragraph("", "", nodes.Text("With "), nodes.math("", "x"), nodes.Text(".")),
            nodes.paragraph("", f"First.\n{long} Third."),
        )
    )
    assert text == f"First. {long}"


def test_what_a_reader_will_be_able_to_do_is_a_sentence():
    """Its goals are a list, and those that hold a formula are left out; a sentence that opens no list is left out."""
    goals = [
        nodes.list_item("", nodes.paragraph("", "compute a value;")),
        nodes.list_item("", nodes.paragraph("", "", nodes.Text("raise "), nodes.math("", "J"))),
        nodes.list_item("", nodes.paragraph("", "say what it means.")),
    ]
    opening = nodes.paragraph("", "Here you learn. Then you can:")
    words = page(nodes.paragraph("", "Three things:"), opening, nodes.bullet_list("", *goals))
    assert sharing.description(words) == "Here you learn. Then you can compute a value; say what it means."


def test_pages_that_begin_alike_are_told_apart():
    found = {"a": "The same.", "b": "The same.", "c": "Another."}
    env = SimpleNamespace(
        metadata={page: {sharing.FOUND: text} for page, text in found.items()},
        titles={page: nodes.title("", page.upper()) for page in found},
    )
    for _ in range(2):  # a build that goes on with what an earlier one has read
        sharing.tell_apart(env)
        told = {page: metadata["description"] for page, metadata in env.metadata.items()}
        assert told == {"a": "A. The same.", "b": "B. The same.", "c": "Another."}


def test_description_ends_with_a_sentence():
    text = sharing.description(page(nodes.paragraph("", "One. " + "x" * 300 + ".")))
    assert text == "One."


@pytest.mark.parametrize(("told", "named"), [("Project name not set", "The course"), ("Mine", "Mine")])
def test_the_project_is_called_by_its_title_where_nobody_named_it(told, named):
    config = SimpleNamespace(project=told, html_title="The course")
    sharing.name_project(None, config)
    assert config.project == named


def test_sphinx_calls_what_has_no_name_as_we_think():
    assert Config().project == sharing.UNNAMED


PROJECT = """
project, author, root_doc = "Course", "Us", "index"
html_context = {"description": "All."}
extensions = ["press.sharing"]
html_theme = "basic"
html_favicon = "icon.svg"
press_card, press_licence = "card.py", "https://licence.example"
"""
CARD = """
from matplotlib.figure import Figure

ALT = "A square"

def card(title):
    return Figure(figsize=(1, 1))
"""
ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">
  <rect fill="#0000ff"/><g stroke="#fff"><path d="M0 4 8 4"/></g>
</svg>
"""


def test_head_of_a_page_and_map_of_the_site(tmp_path):
    (tmp_path / "conf.py").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "index.rst").write_text(
        "Start\n=====\n\nA <word> & more.\n\n.. toctree::\n\n   other\n", encoding="utf-8"
    )
    (tmp_path / "icon.svg").write_text(ICON, encoding="utf-8")
    (tmp_path / "card.py").write_text(CARD, encoding="utf-8")
    (tmp_path / "other.rst").write_text("Other\n=====\n\n* only a list\n", encoding="utf-8")
    told = {"COURSE_SITE_URL": "https://course.example/pg"}
    run = sphinx("-q", "-W", "-b", "html", tmp_path, tmp_path / "html", **told)
    assert run.returncode == 0, run.stderr
    start, other = ((tmp_path / "html" / f"{name}.html").read_text(encoding="utf-8") for name in ("index", "other"))
    assert start.count('<meta name="description"') == 1
    assert '<meta name="description" content="A &lt;word&gt; &amp; more.">' in start
    assert '<meta property="og:url" content="https://course.example/pg/other.html"' in other
    assert '<link rel="canonical" href="https://course.example/pg/other.html"' in other
    assert 'content="All."' in other
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', start)[1])
    assert data["@type"] == ["Course", "LearningResource"]
    assert data["description"] == "A <word> & more."
    assert "https://course.example/pg/other.html" in (tmp_path / "html" / "sitemap.xml").read_text(encoding="utf-8")
    assert "Sitemap: https://course.example/pg/sitemap.xml" in (tmp_path / "html" / "robots.txt").read_text(
        encoding="utf-8"
    )
    assert '<meta property="og:image" content="https://course.example/pg/_static/cards/other.png"' in other
    assert data["image"] == "https://course.example/pg/_static/cards/index.png"
    assert 'content="A square"' in other
    assert 'content="summary_large_image"' in other
    assert (tmp_path / "html" / "_static" / "cards" / "other.png").is_file()
    assert data["license"] == "https://licence.example"
    assert '<link rel="apple-touch-icon" href="_static/touch-icon.png">' in other
    lost = (tmp_path / "html" / "404.html").read_text(encoding="utf-8")
    assert lost.index('<base href="/pg/">') < lost.index("<link")
    assert '<a href="index.html">' in lost
    assert '<a href="other.html">' in lost  # where the contents begin
    assert lost.index("XMLHttpRequest") < lost.index('<noscript><base href="/pg/">')  # a script looks first
    assert "404" not in (tmp_path / "html" / "sitemap.xml").read_text(encoding="utf-8")


def test_the_address_that_the_author_names_comes_before_that_of_the_environment(tmp_path, monkeypatch, sphinx_build):
    monkeypatch.setenv("COURSE_SITE_URL", "https://course.example/")
    named = f"{PROJECT}\nhtml_baseurl = 'https://mine.example/book'\n"
    (tmp_path / "icon.svg").write_text(ICON, encoding="utf-8")
    (tmp_path / "card.py").write_text(CARD, encoding="utf-8")
    site = sphinx_build(tmp_path, named, index="Start\n=====\n\nA sentence.\n")
    start = (site / "index.html").read_text(encoding="utf-8")
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', start)[1])
    assert data["url"] == "https://mine.example/book/index.html"
    assert data["image"] == "https://mine.example/book/_static/cards/index.png"
    assert '<link rel="canonical" href="https://mine.example/book/index.html"' in start
    assert '<meta property="og:image" content="https://mine.example/book/_static/cards/index.png"' in start
    assert "<loc>https://mine.example/book/index.html</loc>" in (site / "sitemap.xml").read_text(encoding="utf-8")
    told = (site / "robots.txt").read_text(encoding="utf-8")
    assert told == "User-agent: *\nAllow: /\nSitemap: https://mine.example/book/sitemap.xml\n"


@pytest.mark.parametrize("favicon", ["", "icon.png", "https://course.example/icon.svg"])
def test_without_an_icon_that_is_drawn_in_lines_telephones_are_told_of_none(tmp_path, sphinx_build, favicon):
    (tmp_path / "icon.png").write_bytes(b"\x89PNG")
    project = PROJECT.replace("icon.svg", favicon).replace("card.py", "")
    site = sphinx_build(tmp_path, project, index="Start\n=====\n\nA sentence.\n")
    assert "apple-touch-icon" not in (site / "index.html").read_text(encoding="utf-8")


def test_robots_are_told_of_no_map_where_there_is_none(tmp_path):
    config = SimpleNamespace(html_baseurl="https://mine.example/", sitemap_filename="sitemap.xml")
    sharing.write_robots(SimpleNamespace(builder=SimpleNamespace(format="html"), config=config, outdir=tmp_path), None)
    assert (tmp_path / "robots.txt").read_text(encoding="utf-8") == "User-agent: *\nAllow: /\n"


def test_the_icon_of_telephones_is_that_of_the_browser(tmp_path):
    image = pytest.importorskip("matplotlib.image")
    (tmp_path / "icon.svg").write_text(ICON, encoding="utf-8")
    sharing.draw_touch_icon(tmp_path / "icon.svg", tmp_path / "icon.png")
    pixels = image.imread(tmp_path / "icon.png")
    assert pixels.shape[:2] == (180, 180)
    assert pixels[10, 10, :3].tolist() == [0, 0, 1]
    assert pixels[90, 90, :3].tolist() == [1, 1, 1]


def test_the_time_of_the_course_is_data():
    guides = {"index": SimpleNamespace(longest=10), "a": SimpleNamespace(longest=35)}
    app = SimpleNamespace(reading_guides=guides)
    assert sharing.minutes(app, ["a", "index", "gone"]) == "PT45M"
    assert sharing.minutes(app, []) == sharing.minutes(SimpleNamespace(), ["a"]) == ""
