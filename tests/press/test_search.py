"""What the search knows of a page."""

from types import SimpleNamespace

import pytest
from docutils import nodes

from press import search
from press.guide import GuideItem, GuideList

from .conftest import sphinx


def test_the_index_is_fed_with_prose():
    fed = []
    builder = SimpleNamespace(format="html", index_page=lambda name, doctree, title: fed.extend([doctree, title]))
    env = SimpleNamespace(titles={"page": nodes.title("", "Why <T> & Co")})
    search.index_prose_only(SimpleNamespace(builder=builder, env=env))
    cell = nodes.container(
        "",
        nodes.container("", nodes.literal_block("", "import numpy"), nb_element="cell_code_source"),
        nodes.container("", nodes.paragraph("", "output"), nb_element="cell_code_output"),
        nb_element="cell_code",
    )
    prose = nodes.paragraph("", "prose of ", nodes.literal("", "loss_type"))
    guide = GuideList("", GuideItem("", "20 minutes", term="Reading time"))
    doctree = nodes.section("", guide, prose, cell, nodes.literal_block("", "code"))
    builder.index_page("page", doctree, '<span class="section-number">3. </span>Why')
    assert fed[0].astext().strip() == "prose of loss type"
    assert fed[1] == "Why &lt;T&gt; &amp; Co"  # Sphinx shows it as HTML
    assert "import numpy" in doctree.astext()
    assert "loss_type" in doctree.astext()


SETTINGS = 'extensions = ["press.search"]\nhtml_theme = "basic"\npress_parts = {"Lists": "reference"}\n'
FILE = "words/of-readers.yml"


def build(folder, words):
    (folder / FILE).parent.mkdir(exist_ok=True)
    (folder / FILE).write_text(words, encoding="utf-8")
    (folder / "conf.py").write_text(f'{SETTINGS}press_search_words = "{FILE}"\n', encoding="utf-8")
    if not (folder / "index.rst").exists():
        text = "Start\n=====\n\nActor–critic: Q\n---------------\n\nText.\n\n"
        parts = ".. toctree::\n   :caption: {}\n\n   {}\n\n"
        text += "".join(parts.format(*part) for part in (("One", "chapter"), ("Lists", "list")))
        (folder / "index.rst").write_text(text, encoding="utf-8")
        (folder / "chapter.rst").write_text("Chapter\n=======\n", encoding="utf-8")
        (folder / "list.rst").write_text("List\n====\n", encoding="utf-8")
    return sphinx("-q", "-W", "-b", "html", folder, folder / "html")


def test_phrases_lead_to_their_section(tmp_path):
    run = build(tmp_path, 'index:\n  "Actor–critic: Q": [actor critic, 42]\n')
    assert run.returncode == 0, run.stderr
    index = (tmp_path / "html" / "searchindex.js").read_text(encoding="utf-8")
    assert '"actor critic": [[1, "actorcritic-q", true]]' in index
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
    assert '"advantage": [[1, "actorcritic-q", true]]' in index
    assert "actor critic" not in index


def test_the_search_page_knows_what_is_shown_first(tmp_path):
    assert build(tmp_path, "index: {}\n").returncode == 0
    page = (tmp_path / "html" / "search.html").read_text(encoding="utf-8")
    assert 'var pgShownFirst = ["index","chapter"];' in page
    assert "pgShownFirst" not in (tmp_path / "html" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            '"Lists": ',
            '"List": ',
            "press_parts in the configuration names the part 'List', which is not in the contents",
        ),
        ('"reference"', '"references"', "the part 'Lists' is 'references': it is one of chapter, exercises, reference"),
        ("of-readers", "of-others", "press_search_words in the configuration names the file 'words/of-others.yml'"),
    ],
)
def test_what_is_wrong_in_the_configuration_is_a_warning(tmp_path, old, new, told):
    assert build(tmp_path, "index: {}\n").returncode == 0
    conf = tmp_path / "conf.py"
    conf.write_text(conf.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    run = sphinx("-q", "-W", "-b", "html", tmp_path, tmp_path / "html")
    assert run.returncode != 0
    assert told in run.stderr


def test_a_letter_is_found_by_its_name_however_it_is_written():
    assert search.LETTER.findall(r"\upsilon + \varphi\Theta \nabla") == ["upsilon", "phi", "Theta", "nabla"]
    assert search.LETTER.findall(r"\museum") == []
