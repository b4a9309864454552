"""Python for the pages: wheels that pip reads, a lock file that knows what is needed, the same bytes each time."""

import base64
import csv
import hashlib
import importlib.metadata
import io
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from sphinx.errors import ExtensionError

import pgcode
from press.live import distribution
from press.live.distribution import COMPILED, CORE, FIGURES, NOTEBOOKS, TEST_WHEELS, TEXT, WHEELS, Distribution

ROOT = Path(__file__).parents[2]
INFO = {"abi_version": "2026_0", "arch": "wasm32", "platform": "emscripten", "python": "3.14.0"}
#: Packages of Pyodide as its lock file has them, few and small.
PYODIDE = {
    "numpy": [],
    "pillow": [],
    "matplotlib": ["numpy", "pillow"],
    "ipython": ["traitlets"],
    "traitlets": [],
    "jedi": [],
    "micropip": [],
    "packaging": [],
    "pygments": [],
}


def file_of(name):
    return f"{name}-1.0-py3-none-any.whl"


@pytest.fixture
def vendor(tmp_path):
    """What ``tools/vendor.py`` leaves, with contents that are short."""
    folder = tmp_path / "vendor"
    folder.mkdir()
    packages = {}
    for name, depends in PYODIDE.items():
        content = name.encode()
        (folder / file_of(name)).write_bytes(content)
        sha256 = hashlib.sha256(content).hexdigest()
        packages[name] = distribution._entry(file_of(name), sha256, [name], depends)
    packages["unneeded"] = distribution._entry("unneeded-1.0-py3-none-any.whl", "", ["unneeded"], [])
    for name in (*CORE, *(wheel.file for wheel in (*WHEELS, *TEST_WHEELS))):
        (folder / name).write_bytes(100 * name.encode())
    (folder / "pyodide-lock.json").write_text(json.dumps({"info": INFO, "packages": packages}), encoding="utf-8")
    return folder


@pytest.fixture
def made(vendor):
    return Distribution(vendor)


# ---- wheels --------------------------------------------------------------------------------------------------------


def wheels(made):
    return [(name, content) for name, content in made.files().items() if isinstance(content, bytes) and "whl" in name]


def test_the_records_of_the_wheels_are_right(made):
    assert len(wheels(made)) == 2
    for _, content in wheels(made):
        archive = zipfile.ZipFile(io.BytesIO(content))
        (record,) = (name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
        rows = list(csv.reader(io.TextIOWrapper(archive.open(record), encoding="utf-8")))
        assert {row[0] for row in rows} == set(archive.namelist())
        for name, checksum, size in rows:
            if name != record:
                digest = hashlib.sha256(archive.read(name)).digest()
                assert checksum == "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
                assert int(size) == len(archive.read(name))


@pytest.mark.slow
def test_pip_installs_them(made, tmp_path):
    made.write(tmp_path / "python")
    files = [tmp_path / "python" / name for name, _ in wheels(made)]
    target = tmp_path / "installed"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", target]
    run = subprocess.run([*command, *files], capture_output=True, encoding="utf-8", check=False)
    assert run.returncode == 0, run.stderr
    (installed,) = importlib.metadata.distributions(name="pgcode", path=[str(target)])
    assert installed.version == pgcode.__version__
    assert [text.split(">")[0] for text in installed.requires] == ["numpy"]
    assert installed.metadata["License-Expression"] == "BSD-3-Clause"


def test_our_wheel_holds_every_module_and_no_more(made):
    (content,) = (content for name, content in wheels(made) if name.startswith("pgcode"))
    held = {name for name in zipfile.ZipFile(io.BytesIO(content)).namelist() if name.startswith("pgcode/")}
    package = ROOT / "pgcode"
    files = {path.relative_to(ROOT).as_posix() for path in package.rglob("*") if path.is_file()}
    assert held == {name for name in files if "__pycache__" not in name}


def test_a_change_of_the_package_changes_both_names_and_nothing_else_does(vendor, tmp_path):
    package = tmp_path / "copy" / "pgcode"
    shutil.copytree(ROOT / "pgcode", package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, package.parent)
    first, second = Distribution(vendor, package).files(), Distribution(vendor, package).files()
    assert first == second
    assert set(first) == set(Distribution(vendor).files())
    (package / "values.py").write_text("# changed\n", encoding="utf-8")
    changed = set(Distribution(vendor, package).files()) ^ set(first)
    assert sorted(name.split("-")[0] for name in changed) == ["pgcode", "pgcode", "pyodide", "pyodide"]


def test_the_stub_can_be_imported_and_starts_nothing():
    script = distribution.STUB_SOURCE + (
        "for call in (SemLock, lambda: sem_unlink('name')):\n"
        "    try:\n        call()\n    except OSError as error:\n        print(error.errno == errno.ENOSYS)\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True)
    assert run.stdout.split() == ["True", "True"]


# ---- the lock file -------------------------------------------------------------------------------------------------


def test_the_lock_file_names_what_is_there(made, vendor, tmp_path):
    made.write(tmp_path / "python")
    text = (tmp_path / "python" / made.lock).read_text(encoding="utf-8")
    lock = json.loads(text)
    assert lock["info"] == INFO
    assert set(lock["packages"]) == set(made.packages)
    assert "unneeded" not in lock["packages"]
    for entry in lock["packages"].values():
        assert set(entry["depends"]) <= set(lock["packages"])
        content = (tmp_path / "python" / entry["file_name"]).read_bytes()
        if entry["name"] in PYODIDE | {"pgcode": [], "no-multiprocessing": []}:
            assert hashlib.sha256(content).hexdigest() == entry["sha256"]


def test_a_package_stands_after_what_it_needs(made):
    assert made.closure(["matplotlib", "pgcode"]) == ["numpy", "pillow", "matplotlib", "pgcode"]
    order = made.closure(["gymnasium"])
    assert order.index("no-multiprocessing") < order.index("gymnasium")
    assert made.closure(["Pillow", "typing_extensions"]) == ["pillow", "typing-extensions"]


def test_a_need_that_is_missing_is_named():
    with pytest.raises(ExtensionError, match="'pillow', which matplotlib needs"):
        distribution.closure({"matplotlib": {"depends": ["pillow"]}}, ["matplotlib"])
    with pytest.raises(ExtensionError, match="no package 'torch'"):
        distribution.closure({"matplotlib": {"depends": ["pillow"]}}, ["torch"])


def test_modules_find_their_packages(made):
    asked = ["pgcode.figures", "matplotlib.pyplot", "numpy", "os", "_multiprocessing"]
    assert made.providing(asked) == ["matplotlib", "no-multiprocessing", "numpy", "pgcode"]


def test_tests_have_packages_that_the_website_has_not(vendor, made):
    assert set(Distribution(vendor, tests=True).packages) - set(made.packages) >= {"pytest", "hypothesis"}


# ---- sizes and the third party -------------------------------------------------------------------------------------


def test_the_sizes_are_those_of_what_is_loaded(made, vendor, tmp_path):
    made.write(tmp_path / "python")
    files = [*CORE, made.lock, *(made.packages[name]["file_name"] for name in ("numpy", "pgcode"))]
    assert made.size(TEXT).files == sum((tmp_path / "python" / name).stat().st_size for name in files)
    modules = sum((tmp_path / "python" / name).stat().st_size for name in files if name.endswith(".mjs"))
    assert made.fetched(TEXT) == made.size(TEXT).files - modules
    assert made.size(TEXT).sent < made.size(TEXT).files
    assert made.size(TEXT).files < made.size(FIGURES).files < made.size(NOTEBOOKS).files
    assert made.host == ""
    assert made.from_host(NOTEBOOKS) == []


def test_what_is_not_here_comes_from_the_host_that_is_named(vendor, monkeypatch):
    monkeypatch.setitem(COMPILED, file_of("numpy"), 3_000_000)
    (vendor / file_of("numpy")).unlink()
    made = Distribution(vendor)
    assert made.host == "cdn.jsdelivr.net"
    assert made.packages["numpy"]["file_name"] == distribution.CDN + file_of("numpy")
    assert made.from_host(TEXT) == ["numpy"]
    assert made.from_host(["tqdm"]) == []
    assert file_of("numpy") not in made.files()
    assert made.size(TEXT).sent > 3_000_000
    assert made.lock != Distribution(vendor, tests=True).lock


@pytest.mark.skipif(not distribution.VENDOR.is_dir(), reason="Pyodide was not fetched: `make vendor` does it")
def test_the_sizes_that_are_told_of_the_host_are_those_of_its_files():
    files = {name: distribution.VENDOR / name for name in COMPILED}
    assert {name: file.stat().st_size for name, file in files.items() if file.is_file()}.items() <= COMPILED.items()
    stored = json.loads((distribution.VENDOR / "pyodide-lock.json").read_text(encoding="utf-8"))["packages"]
    ours = {wheel.name for wheel in WHEELS} | set(distribution.OWN)
    needed = set(Distribution().closure(NOTEBOOKS)) - ours
    assert {stored[name]["file_name"] for name in needed} == set(COMPILED)


# ---- the folder ----------------------------------------------------------------------------------------------------


def test_what_is_there_is_left_alone_and_what_is_strange_goes(made, tmp_path):
    folder = tmp_path / "python"
    made.write(folder)
    times = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    (folder / "pgcode-0-py3-none-any.whl").write_bytes(b"of an older build")
    (folder / "pyodide.mjs").write_bytes(b"broken")
    made.write(folder)
    now = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert {name for name in now if now[name] != times[name]} == {"pyodide.mjs"}
    assert set(now) == set(times) == set(made.files())


class App:
    """Stands for Sphinx at the end of a build."""

    def __init__(self, folder, output="html"):
        self.outdir = folder
        self.builder = type("Builder", (), {"format": output})


def test_python_stands_beside_the_pages(vendor, tmp_path, monkeypatch):
    monkeypatch.setattr(distribution, "distribution", lambda: Distribution(vendor))
    distribution.put_beside_pages(App(tmp_path / "site"), None)
    assert (tmp_path / "site" / "_static" / "python" / "pyodide.mjs").exists()
    distribution.put_beside_pages(App(tmp_path / "pdf", "latex"), None)
    distribution.put_beside_pages(App(tmp_path / "failed"), ValueError())
    assert {path.name for path in tmp_path.iterdir()} == {"vendor", "site"}


def test_without_pyodide_nothing_is_left_beside_the_pages(tmp_path, monkeypatch):
    assert distribution.distribution(tmp_path / "nothing") is None
    monkeypatch.setattr(distribution, "distribution", lambda: None)
    (tmp_path / "_static" / "python").mkdir(parents=True)
    distribution.put_beside_pages(App(tmp_path), None)
    assert not (tmp_path / "_static" / "python").exists()


# ---- versions ------------------------------------------------------------------------------------------------------


def test_chapters_run_with_the_versions_of_the_lock_file():
    """What is of pure Python is the same there and in the environment in which chapters are run."""
    locked = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    for wheel in WHEELS:
        assert f"\n{wheel.name}=={wheel.version}" in locked
        assert wheel.sha256 in locked
    for wheel in TEST_WHEELS:
        assert wheel.sha256 in locked or wheel.name == "hypothesis"
