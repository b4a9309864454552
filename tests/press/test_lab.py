"""The lab: which notebooks it holds, what their texts become, where it takes Python from, and the page before it."""

import json
from types import SimpleNamespace

import pytest
from sphinx.errors import ExtensionError

from press.live import distribution, lab
from press.live.distribution import Size

LOCK = "pyodide-lock-0.json"


class Made:
    """Stands for a distribution."""

    lock = LOCK
    host = "cdn.example"
    packages = {"numpy": {"file_name": "https://cdn.example/numpy.whl"}}

    def __init__(self, foreign=()):
        self.foreign = list(foreign)

    def size(self, names):
        return Size(30_000_000, 25_100_000)

    def from_host(self, names):
        return self.foreign


def app(repository=""):
    pages = {
        "book/intro": ("book/intro.ipynb", "The first page"),
        "book/part/other": ("book/part/other.ipynb", "Another"),
        "book/glossary": ("book/glossary.md", "Glossary"),
    }
    env = SimpleNamespace(
        found_docs=set(pages),
        doc2path=lambda page, base=True: pages[page][0],
        titles={page: SimpleNamespace(astext=lambda title=title: title) for page, (_, title) in pages.items()},
    )
    options = {"repository_url": repository, "repository_branch": "HEAD"}
    config = SimpleNamespace(root_doc="book/intro", project="Course", html_theme_options=options, html_baseurl="")
    return SimpleNamespace(env=env, config=config, builder=SimpleNamespace(format="html"))


# ---- notebooks -----------------------------------------------------------------------------------------------------


def test_it_holds_the_notebooks_of_the_book():
    assert lab.notebooks(app()) == ["book/intro", "book/part/other"]


def cell(kind, *lines, **more):
    return {"cell_type": kind, "id": "x", "metadata": {}, "source": list(lines)} | more


def test_only_references_of_texts_change():
    notebook = {
        "cells": [
            cell(
                "markdown",
                "See {doc}`part/other`.\n",
                "And [a link](part/other.ipynb), {eq}`one`, `code`.\n",
                "([Ab, 1992](part/works.md#w92), [a](https://b.c/d.md))",
                "\n\n<!-- predict\n- {ask: how many, number: 7}\n-->\n",
            ),
            cell("code", 'print("{doc}`part/other`")', outputs=[{"output_type": "stream", "text": ["x"]}]),
        ],
        "metadata": {"kernelspec": {}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    text = json.dumps(notebook)
    made = json.loads(lab.readable(text, lab.LabReferences(app(), "book/intro")))
    told = "".join(made["cells"][0].pop("source"))
    plain = "See [Another](part/other.ipynb).\nAnd [a link](part/other.ipynb), {eq}`one`, `code`.\n"
    assert told == f"{plain}(Ab, 1992, [a](https://b.c/d.md))\n\n\n"
    notebook["cells"][0].pop("source")
    assert made == notebook


def test_a_page_that_is_no_notebook_is_named_without_a_link():
    references = lab.LabReferences(app(), "book/part/other")
    assert references("doc", "/book/glossary") == ("Glossary", "")
    assert references("doc", "../intro") == ("The first page", "../intro.ipynb")


# ---- JupyterLite ---------------------------------------------------------------------------------------------------


def test_python_comes_from_beside_the_lab_and_packages_from_nowhere_else():
    data = lab.settings(Made(), "Course")["jupyter-config-data"]
    kernel = data["litePluginSettings"]["@jupyterlite/pyodide-kernel-extension:kernel"]
    assert kernel["pyodideUrl"] == "./../python/pyodide.mjs"
    assert kernel["loadPyodideOptions"]["lockFileURL"] == f"../python/{LOCK}"
    assert kernel["disablePyPIFallback"] is True
    assert set(lab.AT_ONCE) <= set(distribution.NOTEBOOKS)


@pytest.fixture
def built(monkeypatch, tmp_path):
    """A function that builds a lab with a JupyterLite that writes its settings, and the calls of that."""
    calls = []

    def run(command, cwd, **options):
        calls.append(command)
        config = json.loads((cwd / "jupyter_lite_config.json").read_text(encoding="utf-8"))["LiteBuildConfig"]
        target = tmp_path / "lab"
        assert config["output_dir"] == str(target)
        (target / "lab").mkdir(parents=True)
        (target / "lab" / "index.html").write_text("<html><body>JupyterLab</body></html>", encoding="utf-8")
        (target / "held").write_text(" ".join(p.name for p in (cwd / "files").rglob("*.ipynb")), encoding="utf-8")
        return SimpleNamespace(returncode=0, stderr="", stdout="")

    monkeypatch.setattr(lab.subprocess, "run", run)
    monkeypatch.setattr(lab, "labextension", lambda name: tmp_path / name)
    monkeypatch.setattr(lab, "version", lambda name: "1")

    def build(files, made=None):
        lab.build(tmp_path / "lab", made or Made(), "Course", files)

    return SimpleNamespace(calls=calls, folder=tmp_path, build=build)


def test_it_is_built_again_only_when_something_has_changed(built):
    built.build({"a.ipynb": "{}"})
    built.build({"a.ipynb": "{}"})
    assert len(built.calls) == 1
    built.build({"a.ipynb": "{}", "b/c.ipynb": "{}"})
    assert len(built.calls) == 2
    assert set((built.folder / "lab" / "held").read_text(encoding="utf-8").split()) == {"a.ipynb", "c.ipynb"}
    other = Made()
    other.lock = "pyodide-lock-1.json"
    built.build({"a.ipynb": "{}", "b/c.ipynb": "{}"}, other)
    assert len(built.calls) == 3


def test_jupyterlabs_page_says_what_is_on_its_way(built):
    built.build({"a.ipynb": "{}"})
    page = (built.folder / "lab" / "lab" / "index.html").read_text(encoding="utf-8")
    assert page.startswith("<html><body>JupyterLab\n<style>")
    assert page.endswith("</script>\n</body></html>")
    assert '"lab": "3 MB", "python": "25 MB"' in page.replace('":"', '": "').replace(",\"", ", \"")
    with pytest.raises(ExtensionError, match="no end"):
        lab.with_note("<html>", "")


def test_what_jupyterlite_says_is_told_where_it_fails(built, monkeypatch):
    monkeypatch.setattr(
        lab.subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=1, stderr="no such thing", stdout="")
    )
    with pytest.raises(ExtensionError, match="no such thing"):
        built.build({})
    assert not (built.folder / "lab.json").exists()


def test_an_extension_that_is_missing_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(lab, "jupyter_path", lambda name: [str(tmp_path)])
    with pytest.raises(ExtensionError, match="'jupyterlab-myst'"):
        lab.labextension("jupyterlab-myst")


def test_it_is_built_where_it_is_asked_for_and_can_run(monkeypatch):
    monkeypatch.setattr(lab.importlib.util, "find_spec", lambda name: object())
    monkeypatch.setattr(distribution, "distribution", Made)
    assert lab.wanted({"COURSE_LAB": "1"})
    assert not lab.wanted({"COURSE_LAB": "0"})
    assert not lab.wanted({})
    monkeypatch.setattr(distribution, "distribution", lambda: None)
    assert not lab.wanted({"COURSE_LAB": "1"})


# ---- the page before it --------------------------------------------------------------------------------------------


def test_the_page_tells_what_is_loaded_and_names_binder():
    page = lab.body(app("https://github.com/someone/course"), Made(), "Title")
    assert "Python with its packages 25 MB" in page
    assert "All of it comes from this site." in page
    assert 'href="https://mybinder.org/v2/gh/someone/course/HEAD?urlpath=lab/tree/book/intro.ipynb"' in page
    assert 'href="_static/jupyter/lab/index.html?path=book/intro.ipynb"' in page


def test_a_third_party_is_named_before_it_is_asked():
    page = lab.body(app(), Made(["numpy"]), "Title")
    assert "most of Python from cdn.example" in page
    assert '"foreign":["https://cdn.example/numpy.whl"]' in page
    assert "mybinder" not in page
    assert "run it in a Jupyter of your own" in page


@pytest.mark.parametrize("groups", [[], [{"label": "launch-buttons", "buttons": [{"text": "Binder"}]}]])
def test_each_notebook_leads_there_by_an_address_that_is_relative(monkeypatch, groups):
    monkeypatch.setattr(lab, "wanted", lambda environment: True)
    context = {"header_buttons": groups, "pathto": lambda page: f"../../{page}.html"}
    for page in ("book/part/other", "book/glossary"):
        lab.add_button(app(), page, "page.html", context, object())
    (group,) = context["header_buttons"]
    assert group["label"] == "launch-buttons"
    assert [button["url"] for button in group["buttons"] if "url" in button] == [
        "../../lab.html?notebook=book/part/other.ipynb"
    ]
