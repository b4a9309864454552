"""What is committed holds nothing of the machine on which it was made, and every part has its place."""

import ast
import doctest
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import pgcode

ROOT = Path(__file__).parent.parent
# Put together here, so that this file does not hold them itself.
INDEX_ADDRESSES = ["pypi" + ".org", "python" + "hosted", "registry." + "npmjs"]
MACHINE_PATH = re.compile(r"(?<![\w.~$}/-])/(?:root|home|tmp|work|Users)/")


def text_of(file: Path) -> str:
    return file.read_bytes().decode("utf-8", errors="ignore")


def test_no_file_names_a_package_index(repository_files):
    for file in repository_files:
        for address in INDEX_ADDRESSES:
            assert address not in text_of(file), f"{file.relative_to(ROOT)} names {address}"


def test_no_file_holds_a_path_of_a_machine(repository_files):
    for file in repository_files:
        found = MACHINE_PATH.search(text_of(file))
        assert not found, f"{file.relative_to(ROOT)}: {found}"


def test_what_is_built_or_fetched_is_not_committed(repository_files):
    for file in repository_files:
        top = file.relative_to(ROOT).as_posix()
        assert not top.startswith((".venv", "_build", "assets/vendor")), top


@pytest.mark.parametrize("script", [".ci/run", "postBuild"])
def test_scripts_can_be_run(script):
    assert os.access(ROOT / script, os.X_OK)


def test_help_lists_every_target_that_says_what_it_does():
    run = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    listed = set(re.findall(r"^  make ([a-z-]+) +\w", run.stdout, flags=re.MULTILINE))
    assert listed == set(re.findall(r"^([a-z-]+):.*## ", makefile, flags=re.MULTILINE)) >= {"book", "test", "test-site"}


@pytest.mark.parametrize("python", ["no-such-python", "old-python"])
def test_a_missing_or_old_python_is_named(tmp_path, python):
    old = tmp_path / "old-python"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.10.0"\nexit 1\n', encoding="utf-8")
    old.chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    command = ["make", "check-python", f"PYTHON={python}"]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert run.returncode != 0
    assert "3.11 or newer" in run.stdout
    assert python in run.stdout


def test_the_python_of_the_environment_is_used_again(tmp_path):
    """Also where that of the system is too old."""
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    old.chmod(0o755)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHON"}
    environment["PATH"] = f"{tmp_path}:{environment['PATH']}"
    command = ["make", "-f", ROOT / "Makefile", "check-python"]
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_version_is_the_same_everywhere():
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["version"] == pgcode.__version__
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert newest
    assert newest[1] == pgcode.__version__


def encoding_left_to_the_locale(source):
    """The lines on which text is read, written or decoded without an encoding."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        given = {word.arg: ast.unparse(word.value) for word in node.keywords}
        modes = [given.get("mode", ""), *(ast.unparse(argument) for argument in node.args[1:2])]
        opened = name == "open" and isinstance(node.func, ast.Name) and not any("b" in mode for mode in modes)
        named = name in ("read_text", "write_text", "NamedTemporaryFile") and len(node.args) <= (name == "write_text")
        if (opened or named or given.get("text") == "True") and "encoding" not in given:
            yield node.lineno


def test_nothing_depends_on_the_encoding_of_the_locale(repository_files):
    """Windows writes to a file in another one."""
    for file in repository_files:
        if file.suffix == ".py":
            lines = list(encoding_left_to_the_locale(file.read_text(encoding="utf-8")))
            assert not lines, f"{file.relative_to(ROOT)}, line {lines[0]}: name the encoding"


@pytest.mark.parametrize("source", ["p.read_text()", "p.write_text('a')", "open(p)", "subprocess.run(c, text=True)"])
def test_an_encoding_that_is_left_to_the_locale_is_found(source):
    assert list(encoding_left_to_the_locale(source)) == [1]


README = ROOT / "README.md"


def test_the_readme_prints_what_it_says():
    result = doctest.testfile(str(README), module_relative=False, encoding="utf-8")
    assert result.attempted >= 5
    assert result.failed == 0


def test_what_the_readme_links_to_is_there():
    """A badge leads to a workflow of the repository that shows it, whoever's that is."""
    links = re.findall(r"\]\(([^)]+)\)", README.read_text(encoding="utf-8"))
    workflows = {match[1] for link in links if (match := re.fullmatch(r"\.\./\.\./actions/workflows/([\w.]+).*", link))}
    assert workflows == {"publish.yml", "weekly.yml"}
    files = {f".github/workflows/{name}" for name in workflows} | {link for link in links if ".." not in link}
    assert "assets/arrows.svg" in files
    assert not [file for file in files if not (ROOT / file).is_file()]


def test_the_picture_of_the_readme_is_that_of_the_first_page():
    pytest.importorskip("matplotlib")
    card = runpy.run_path(str(ROOT / "book" / "card.py"), run_name="card")
    picture = card["README_PICTURE"]
    assert picture.stat().st_size < 100_000
    assert card["digest"]() in picture.read_text(encoding="utf-8"), "run `python book/card.py`"


def test_the_citation_names_the_project():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert [author["name"] for author in citation["authors"]] == [f"The {citation['title']} project"]
