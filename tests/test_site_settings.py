"""The settings of the website that depend on where it is built, and the scripts that it serves itself."""

import subprocess
from types import SimpleNamespace

import pytest
import site_settings
import vendor

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
    assert site_settings.public_address(address) == page


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
    assert site_settings.repository_url(tmp_path, environment) == page


def test_address_comes_from_the_remote(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    assert site_settings.repository_url(tmp_path, {}) == ""
    subprocess.run(["git", "-C", tmp_path, "remote", "add", "origin", f"{PUBLIC}.git"], check=True)
    assert site_settings.repository_url(tmp_path, {}) == PUBLIC


def test_no_buttons_without_an_address():
    assert site_settings.launch_buttons("") == {}


def test_colab_opens_github_only():
    assert "colab_url" in site_settings.launch_buttons(PUBLIC)
    assert "colab_url" not in site_settings.launch_buttons("https://gitlab.com/someone/course")


@pytest.fixture
def config() -> SimpleNamespace:
    return SimpleNamespace(html_theme_options={"search_bar_text": "Search"})


def test_settings_without_address_and_bundles(tmp_path, config, monkeypatch):
    monkeypatch.setenv("COURSE_REPOSITORY_URL", "")
    site_settings.apply_settings(SimpleNamespace(confdir=tmp_path), config)
    assert config.html_theme_options["search_bar_text"] == "Search"
    assert config.html_theme_options["repository_url"] == ""
    assert not config.html_theme_options["use_repository_button"]
    assert config.mathjax_path.startswith(site_settings.CDN)
    assert all(address.startswith(site_settings.CDN) for address in config.nb_ipywidgets_js)


def test_settings_with_address_and_bundles(tmp_path, config, monkeypatch):
    monkeypatch.setenv("COURSE_REPOSITORY_URL", PUBLIC)
    for file in ("vendor/mathjax/tex-chtml.js", "vendor/widgets/embed.js"):
        (tmp_path / "assets" / file).parent.mkdir(parents=True)
        (tmp_path / "assets" / file).touch()
    site_settings.apply_settings(SimpleNamespace(confdir=tmp_path), config)
    assert config.html_theme_options["repository_url"] == PUBLIC
    assert config.html_theme_options["use_repository_button"]
    assert config.mathjax_path == "vendor/mathjax/tex-chtml.js"
    assert config.nb_ipywidgets_js == {"vendor/widgets/embed.js": {}}


def test_without_npm_the_fallback_is_announced(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(vendor, "VENDOR", tmp_path / "vendor")
    monkeypatch.setattr(vendor, "is_current", lambda: False)
    monkeypatch.setattr(vendor.shutil, "which", lambda name: None)
    assert vendor.main() == 0
    assert "npm is not installed" in capsys.readouterr().err
    assert not (tmp_path / "vendor").exists()


def test_a_wrong_checksum_is_refused(tmp_path, monkeypatch):
    def pack(command, cwd, **options):
        (cwd / "package.tgz").write_bytes(b"something else")
        return SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setattr(vendor.shutil, "which", lambda name: name)
    monkeypatch.setattr(vendor.subprocess, "run", pack)
    with pytest.raises(vendor.FetchError, match="checksum"):
        vendor.fetch(vendor.PACKAGES[0], tmp_path)


def test_bundles_of_another_recipe_are_not_current(tmp_path):
    assert not vendor.is_current(tmp_path)
    (tmp_path / "recipe.json").write_text(vendor.recipe())
    assert vendor.is_current(tmp_path)
    (tmp_path / "recipe.json").write_text("[]")
    assert not vendor.is_current(tmp_path)
