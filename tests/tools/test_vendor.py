"""The scripts that the website serves itself."""

import io
import json
import tarfile
from types import SimpleNamespace

import pytest
import vendor


def test_without_npm_the_fallback_is_announced(tmp_path, monkeypatch, capsys):
    real = vendor.VENDOR
    before = sorted(real.glob("*"))
    monkeypatch.setattr(vendor, "VENDOR", tmp_path / "vendor")
    monkeypatch.setattr(vendor, "is_current", lambda: False)
    monkeypatch.setattr(vendor, "python_is_current", lambda source, python: True)
    monkeypatch.setattr(vendor.shutil, "which", lambda name: None)
    assert vendor.main([]) == 0
    assert "npm is not installed" in capsys.readouterr().err
    assert not (tmp_path / "vendor").exists()
    assert vendor.main(["--required"]) == 1
    assert sorted(real.glob("*")) == before


def test_without_python_for_the_pages_the_build_goes_on_and_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(vendor, "is_current", lambda: True)
    monkeypatch.setattr(vendor.distribution, "VENDOR", tmp_path / "python")
    monkeypatch.setenv("COURSE_PYODIDE", str(tmp_path / "nothing"))
    assert vendor.main([]) == 0
    said = capsys.readouterr().err
    assert "which holds no pyodide-lock.json" in said
    assert "Nothing will run in the pages" in said
    assert vendor.main(["--required"]) == 1
    assert not (tmp_path / "python").exists()


@pytest.fixture
def pyodide(tmp_path, monkeypatch):
    """A folder with Pyodide and its packages, and a pip that finds every wheel; all contents are short."""
    monkeypatch.setattr(vendor.distribution, "VENDOR", tmp_path / "vendor" / "python")
    folder = tmp_path / "pyodide"
    folder.mkdir()
    core, packages = {}, {}
    for name in vendor.distribution.CORE:
        (folder / name).write_text(name, encoding="utf-8")
        core[name] = vendor.hashlib.sha256(name.encode()).hexdigest()
    for name in ("numpy", "matplotlib", "ipython", "traitlets", "jedi", "micropip", "packaging", "pygments", "torch"):
        file = f"{name}-1-py3-none-any.whl"
        (folder / file).write_text(name, encoding="utf-8")
        sha256 = vendor.hashlib.sha256(name.encode()).hexdigest()
        packages[name] = {"depends": [], "file_name": file, "sha256": sha256, "imports": [name], "name": name}
    (folder / "pyodide-lock.json").write_text(json.dumps({"info": {}, "packages": packages}), encoding="utf-8")
    monkeypatch.setattr(vendor.distribution, "CORE", core)

    def fetch_wheels(wheels, made):
        for wheel in wheels:
            (made / wheel.file).touch()

    monkeypatch.setattr(vendor, "fetch_wheels", fetch_wheels)
    return folder


def test_a_folder_of_pyodide_is_copied_as_far_as_it_is_needed(pyodide):
    python = vendor.distribution.VENDOR
    assert not vendor.python_is_current(str(pyodide), python)
    vendor.build_python(str(pyodide), python)
    assert vendor.python_is_current(str(pyodide), python)
    assert vendor.python_is_current("", python)
    assert (python / "numpy-1-py3-none-any.whl").read_text(encoding="utf-8") == "numpy"
    assert not (python / "torch-1-py3-none-any.whl").exists()


def test_pyodide_without_its_packages_is_current_only_where_no_folder_is_named(pyodide):
    python = vendor.distribution.VENDOR
    vendor.build_python(str(pyodide), python)
    (python / "numpy-1-py3-none-any.whl").unlink()
    assert vendor.python_is_current("", python)
    assert not vendor.python_is_current(str(pyodide), python)


def test_formulas_and_python_do_not_remove_each_other(pyodide, monkeypatch):
    python = vendor.distribution.VENDOR
    vendor.build_python(str(pyodide), python)
    monkeypatch.setattr(vendor, "PACKAGES", ())
    vendor.build(python.parent)
    assert vendor.is_current(python.parent)
    assert vendor.python_is_current(str(pyodide), python)
    vendor.remove(python.parent)
    assert [path.name for path in python.parent.iterdir()] == ["python"]


@pytest.mark.parametrize("name", ["pyodide.mjs", "numpy-1-py3-none-any.whl"])
def test_a_file_of_pyodide_that_is_not_the_expected_one_is_refused(pyodide, name):
    (pyodide / name).write_text("another", encoding="utf-8")
    with pytest.raises(vendor.FetchError, match=f"{name} has the checksum"):
        vendor.build_python(str(pyodide), vendor.distribution.VENDOR)
    assert not vendor.distribution.VENDOR.exists()


def test_pip_compares_the_checksums_of_wheels(tmp_path, monkeypatch):
    def run(command, **options):
        (line, *_) = (vendor.Path(command[-1])).read_text(encoding="utf-8").splitlines()
        assert line.startswith("cloudpickle==")
        assert " --hash=sha256:" in line
        assert "--require-hashes" in command
        return SimpleNamespace(returncode=1, stderr="HASHES DO NOT MATCH")

    monkeypatch.setattr(vendor.subprocess, "run", run)
    with pytest.raises(vendor.FetchError, match="DO NOT MATCH"):
        vendor.fetch_wheels(vendor.distribution.WHEELS, tmp_path)


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
