"""The scripts that the website serves itself."""

from types import SimpleNamespace

import pytest
import vendor


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
