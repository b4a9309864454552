"""The settings of the website that depend on where it is built."""

import subprocess
from pathlib import Path
from types import SimpleNamespace

import jupyter_book
import pytest
import yaml
from docutils import nodes

from press import settings

PUBLIC = "https://github.com/someone/course"


@pytest.mark.parametrize(
    ("address", "page"),
    [
        (PUBLIC, PUBLIC),
        (f"{PUBLIC}.git\n", PUBLIC),
        (f"{PUBLIC}/", PUBLIC),
        ("https://gitlab.com/someone/course.git", "https://gitlab.com/someone/course"),
        ("git@github.com:someone/course.git", ""),
        ("https://name:secret@github.com/someone/course.git", ""),
        ("https://localhost/someone/course.git", ""),
        ("http://github.com/someone/course", ""),
        ("../course.git", ""),
        ("", ""),
    ],
)
def test_only_public_addresses_become_links(address, page):
    assert settings.public_address(address) == page


@pytest.mark.parametrize(
    ("environment", "page"),
    [
        ({}, ""),
        ({"COURSE_REPOSITORY_URL": PUBLIC, "GITHUB_REPOSITORY": "other/one"}, PUBLIC),
        ({"COURSE_REPOSITORY_URL": "", "GITHUB_REPOSITORY": "other/one"}, ""),
        ({"GITHUB_REPOSITORY": "someone/course", "GITHUB_SERVER_URL": "https://github.com"}, PUBLIC),
        ({"GITHUB_REPOSITORY": "someone/course", "GITHUB_SERVER_URL": "https://git.example.org"}, ""),
    ],
)
def test_address_comes_from_the_environment(tmp_path, environment, page):
    assert settings.repository_url(tmp_path, environment) == page


def test_address_comes_from_the_remote(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    assert settings.repository_url(tmp_path, {}) == ""
    subprocess.run(["git", "-C", tmp_path, "remote", "add", "origin", f"{PUBLIC}.git"], check=True)
    assert settings.repository_url(tmp_path, {}) == PUBLIC


def test_no_buttons_without_an_address():
    assert settings.launch_buttons("") == {}


def test_colab_opens_github_only():
    assert "colab_url" in settings.launch_buttons(PUBLIC)
    assert "colab_url" not in settings.launch_buttons("https://gitlab.com/someone/course")


@pytest.fixture
def config() -> SimpleNamespace:
    return SimpleNamespace(html_theme_options={"search_bar_text": "Search"})


def test_settings_without_address(tmp_path, config, monkeypatch):
    monkeypatch.setenv("COURSE_REPOSITORY_URL", "")
    settings.apply_settings(SimpleNamespace(confdir=tmp_path), config)
    assert config.html_theme_options["search_bar_text"] == "Search"
    assert config.html_theme_options["repository_url"] == ""
    assert not config.html_theme_options["use_repository_button"]
    assert config.nb_ipywidgets_js == {}


def test_settings_with_address(tmp_path, config, monkeypatch):
    monkeypatch.setenv("COURSE_REPOSITORY_URL", PUBLIC)
    settings.apply_settings(SimpleNamespace(confdir=tmp_path), config)
    assert config.html_theme_options["repository_url"] == PUBLIC
    assert config.html_theme_options["use_repository_button"]
    assert config.nb_ipywidgets_js == {}


@pytest.mark.parametrize(
    ("told", "address"),
    [
        ("https://github.com/me/mine", "https://github.com/me/mine"),
        ("https://github.com/me/mine.git/", "https://github.com/me/mine"),
        ("https://git.example.org/me/mine", "https://git.example.org/me/mine"),
        ("", PUBLIC),
        (settings.NOBODYS, PUBLIC),  # no author wrote that
    ],
)
def test_the_repository_that_the_author_names_comes_first(tmp_path, config, monkeypatch, told, address):
    monkeypatch.setenv("COURSE_REPOSITORY_URL", PUBLIC)
    config.html_theme_options["repository_url"] = told
    settings.apply_settings(SimpleNamespace(confdir=tmp_path), config)
    assert config.html_theme_options["repository_url"] == address


def test_what_nobody_named_is_the_repository_of_jupyter_book():
    default = Path(jupyter_book.__file__).with_name("default_config.yml").read_text(encoding="utf-8")
    assert yaml.safe_load(default)["repository"]["url"] == settings.NOBODYS


@pytest.mark.parametrize(
    ("environment", "branch"),
    [
        ({}, "HEAD"),
        ({"GITHUB_REF": "refs/heads/course"}, "course"),
        ({"GITHUB_REF": "refs/pull/3/merge"}, "HEAD"),
        ({"GITHUB_REF": "refs/tags/1.0"}, "HEAD"),
        ({"GITHUB_REF": "refs/heads/course", "COURSE_BRANCH": "mine"}, "mine"),
    ],
)
def test_binder_takes_the_branch_that_publishes(environment, branch):
    assert settings.launch_branch(environment) == branch


def test_launch_links_are_there_where_the_repository_is_known():
    def page(repository):
        options = {"repository_url": repository, "repository_branch": "course"}
        config = SimpleNamespace(html_theme_options=options, press_notebooks_branch="colab", root_doc="one/start")
        env = SimpleNamespace(doc2path=lambda page, base: f"{page}.ipynb")
        app = SimpleNamespace(config=config, env=env, builder=SimpleNamespace(format="html"))
        doctree = nodes.section("", nodes.paragraph("", "x"), nodes.raw("", "<!-- launch -->", format="html"))
        settings.show_launch_links(app, doctree, "page")
        return doctree

    binder, colab = (link["refuri"] for link in page(PUBLIC).findall(nodes.reference))
    assert binder == "https://mybinder.org/v2/gh/someone/course/course?urlpath=lab/tree/one/start.ipynb"
    assert colab == "https://colab.research.google.com/github/someone/course/blob/colab/one/start.ipynb"
    assert page("").astext() == "x"
