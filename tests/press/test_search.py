"""What the search knows of a page."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

from docutils import nodes

from press import search

ROOT = Path(__file__).parents[2]


def test_the_index_is_fed_with_prose():
    fed = []
    builder = SimpleNamespace(format="html", index_page=lambda name, doctree, title: fed.extend([doctree, title]))
    env = SimpleNamespace(titles={"page": nodes.title("", "Title")})
    search.index_prose_only(SimpleNamespace(builder=builder, env=env))
    cell = nodes.container(
        "",
        nodes.container("", nodes.literal_block("", "import numpy"), nb_element="cell_code_source"),
        nodes.container("", nodes.paragraph("", "output"), nb_element="cell_code_output"),
        nb_element="cell_code",
    )
    prose = nodes.paragraph("", "prose of ", nodes.literal("", "loss_type"))
    doctree = nodes.section("", prose, cell, nodes.literal_block("", "code"))
    builder.index_page("page", doctree, '<span class="section-number">3. </span>Title')
    assert fed[0].astext().strip() == "prose of loss type"
    assert fed[1] == "Title"
    assert "import numpy" in doctree.astext()
    assert "loss_type" in doctree.astext()


def build(folder, words):
    (folder / "book").mkdir(exist_ok=True)
    (folder / "book" / "search-words.yml").write_text(words, encoding="utf-8")
    (folder / "conf.py").write_text('extensions = ["press.search"]\nhtml_theme = "basic"\n', encoding="utf-8")
    if not (folder / "index.rst").exists():
        text = "Start\n=====\n\nActor–critic: Q\n---------------\n\nText.\n"
        (folder / "index.rst").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", folder, folder / "html"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)


def test_phrases_lead_to_their_section(tmp_path):
    run = build(tmp_path, 'index:\n  "Actor–critic: Q": [actor critic, 42]\n')
    assert run.returncode == 0, run.stderr
    index = (tmp_path / "html" / "searchindex.js").read_text(encoding="utf-8")
    assert '"actor critic": [[0, "actorcritic-q", true]]' in index
    assert '"42": [[' in index
    # What Sphinx loads on the search page and on no other.
    assert "foldDashes" in (tmp_path / "html" / "_static" / "language_data.js").read_text(encoding="utf-8")


def test_a_section_that_is_not_there_is_a_warning(tmp_path):
    run = build(tmp_path, 'index:\n  "Critic": [actor critic]\n')
    assert run.returncode != 0
    assert "the page has no section 'Critic'" in run.stderr


def test_a_page_that_is_not_there_is_a_warning(tmp_path):
    run = build(tmp_path, 'index: {}\nbook/gone:\n  "Critic": [actor critic]\n')
    assert run.returncode != 0
    assert "names the page 'book/gone', which does not exist" in run.stderr
    assert "'index'" not in run.stderr


def test_other_phrases_are_found_after_the_next_build(tmp_path):
    assert build(tmp_path, 'index:\n  "Actor–critic: Q": [actor critic]\n').returncode == 0
    run = build(tmp_path, 'index:\n  "Actor–critic: Q": [advantage]\n')
    assert run.returncode == 0, run.stderr
    index = (tmp_path / "html" / "searchindex.js").read_text(encoding="utf-8")
    assert '"advantage": [[0, "actorcritic-q", true]]' in index
    assert "actor critic" not in index
