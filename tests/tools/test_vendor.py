"""The scripts that the website serves itself."""

import io
import tarfile
from types import SimpleNamespace

import pytest
import vendor


def test_without_npm_the_fallback_is_announced(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(vendor, "VENDOR", tmp_path / "vendor")
    monkeypatch.setattr(vendor, "is_current", lambda: False)
    monkeypatch.setattr(vendor.shutil, "which", lambda name: None)
    assert vendor.main([]) == 0
    assert "npm is not installed" in capsys.readouterr().err
    assert not (tmp_path / "vendor").exists()
    assert vendor.main(["--required"]) == 1


def test_a_wrong_checksum_is_refused(tmp_path, monkeypatch):
    def pack(command, cwd, **options):
        (cwd / "package.tgz").write_bytes(b"something else")
        return SimpleNamespace(returncode=0, stderr="")

    monkeypatch.setattr(vendor.shutil, "which", lambda name: name)
    monkeypatch.setattr(vendor.subprocess, "run", pack)
    with pytest.raises(vendor.FetchError, match="checksum"):
        vendor.fetch(vendor.PACKAGES[0], tmp_path)


@pytest.fixture
def archive(tmp_path):
    """An archive as npm packs it."""
    path = tmp_path / "package.tgz"
    with tarfile.open(path, "w:gz") as tar:
        for name in (
            "package/es5/main.js",
            "package/es5/fonts/a.woff",
            "package/es5/fonts/old/b.woff",
            "package/main.js",
        ):
            member = tarfile.TarInfo(name)
            member.size = len(name)
            tar.addfile(member, io.BytesIO(name.encode()))
    return path


def package(*patterns):
    return vendor.Package("mathjax", "3", "", "mathjax", "package/es5", patterns)


def test_what_the_patterns_name_is_copied_and_no_more(archive, tmp_path):
    vendor.unpack(archive, package("main.js", "fonts/*"), tmp_path / "copy")
    copied = {path.relative_to(tmp_path / "copy").as_posix(): path for path in (tmp_path / "copy").rglob("*.*")}
    assert set(copied) == {"main.js", "fonts/a.woff"}
    assert copied["main.js"].read_text(encoding="utf-8") == "package/es5/main.js"


def test_a_pattern_without_a_file_is_an_error(archive, tmp_path):
    with pytest.raises(vendor.FetchError, match="mathjax@3 holds no speech"):
        vendor.unpack(archive, package("speech/*"), tmp_path / "copy")


def test_bundles_of_another_recipe_are_not_current(tmp_path):
    assert not vendor.is_current(tmp_path)
    (tmp_path / "recipe.json").write_text(vendor.recipe(), encoding="utf-8")
    assert vendor.is_current(tmp_path)
    (tmp_path / "recipe.json").write_text("[]", encoding="utf-8")
    assert not vendor.is_current(tmp_path)
