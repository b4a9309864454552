"""Chapters for hosts that know no directives."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell
from sphinx.errors import ExtensionError

from press import portable

BOOK = Path(__file__).parents[2] / "book"
SITE = "https://course.example/"


def refer(role, target):
    known = {
        ("eq", "eq-a"): ("(2.3)", ""),
        ("page", "../b/two.ipynb#part"): ("", f"{SITE}b/two.html#part"),
        ("page", "../b/works.md#w92"): ("", f"{SITE}b/works.html#w92"),
        ("doc", "/b/two"): ("Two", f"{SITE}b/two.html"),
        ("prf:ref", "thm"): ("Theorem 2.1", ""),
        ("prf:theorem", "thm"): ("Theorem 2.1", ""),
    }
    return known.get((role, target), ("", "") if role in ("page", "file", "exercise") else (target, ""))


@pytest.fixture
def said(caplog, monkeypatch):
    """What is warned of. Once Sphinx runs, its loggers let nothing through to others, so this one is asked itself."""
    logger = portable.logger.logger
    monkeypatch.setattr(logger, "propagate", False)
    logger.addHandler(caplog.handler)
    yield caplog
    logger.removeHandler(caplog.handler)


FOLD = "<details>\n<summary><b>Answer</b></summary>\n\n1\n\n</details>"


@pytest.mark.parametrize(
    ("chapter", "plain"),
    [
        ("By {eq}`eq-a`, see {doc}`/b/two`.", f"By (2.3), see [Two]({SITE}b/two.html)."),
        ("{doc}`the *other* </b/two>`", f"[the *other*]({SITE}b/two.html)"),
        ("([Ab, 1992](../b/works.md#w92))", f"([Ab, 1992]({SITE}b/works.html#w92))"),
        ("`{eq}` is code, {prf:ref}`thm` is none", "`{eq}` is code, Theorem 2.1 is none"),
        ("[its part](../b/two.ipynb#part) [here](#part) [there](https://a.b)",
         f"[its part]({SITE}b/two.html#part) [here](#part) [there](https://a.b)"),
        ("| a | b |\n|---|---|\n| {eq}`eq-a` | {prf:ref}`thm` |", "| a | b |\n|---|---|\n| (2.3) | Theorem 2.1 |"),
        ("$$\nx\n$$ (eq-a)", "$$\nx\n\\tag{2.3}\n$$"),
        ("(label)=\n## Heading", "## Heading"),
        (":::{note}\nA $x$.\n:::", "> **Note**\n>\n> A $x$."),
        (":::{admonition} In {eq}`eq-a`\n:class: in-the-source\n\n$$\nx\\\\\ny\n$$\n:::",
         "> **In (2.3)**\n>\n> $$x\\\\ y$$"),
        (":::{admonition} Answer\n:class: dropdown predict-answer\n\n- one\n- two\n:::",
         "<details>\n<summary><b>Answer</b></summary>\n\n- one\n- two\n\n</details>"),
        ("::::{admonition} Predict\n\nWhich?\n\n:::{admonition} Answer\n:class: dropdown\n\n1\n:::\n::::",
         "> **Predict**\n>\n> Which?\n>\n> <details>\n> <summary><b>Answer</b></summary>\n>\n> 1\n>\n> </details>"),
        (":::{prf:theorem} The name\n:label: thm\n\nTrue.\n:::", "> **Theorem 2.1 (The name).**\n>\n> True."),
        (":::{prf:proof}\nClear.\n:::", "**Proof.** Clear. ∎"),
        (":::{exercise} Try\n:label: ex\n\nDo.\n:::\n\n:::{solution} ex\n:class: dropdown\n\nDone.\n:::",
         "> **Exercise (Try).**\n>\n> Do.\n\n<details>\n<summary><b>Solution</b></summary>\n\nDone.\n\n</details>"),
        (":::{margin}\nAn aside.\n:::", "> An aside."),
        (":::{admonition} Another name\n:class: aside simple\n\nAn aside.\n:::", "> **Another name**\n>\n> An aside."),
        ("Exact\n: A3.\n\nFalse\n: Nothing\n  here.", "- **Exact**: A3.\n- **False**: Nothing\n  here."),
        ("::::{tab-set}\n:::{tab-item} NumPy\nx\n:::\n::::", "**NumPy**\n\nx"),
        (":::{figure} a.png\n:alt: A line\n\nThe caption.\n:::", "![A line](a.png)\n\nThe caption."),
        ("```python\n:::{note}\n```", "```python\n:::{note}\n```"),
        ("Run it. <!-- source --> With `<!-- a -->`.", "Run it. With `<!-- a -->`."),
        ("One.\n\n<!-- tabs -->\n\nTwo.\n\n<!-- end of tabs -->", "One.\n\nTwo."),
        ("<!-- of two\nlines -->\n\nText.", "Text."),
        # Roles keep their words.
        ("The {math}`x^2` of {kbd}`Ctrl` and {sub}`i` and {term}`agent` and {abbr}`MDP (Markov)` end.",
         "The $x^2$ of Ctrl and <sub>i</sub> and agent and MDP (Markov) end."),
        ("{math}`0<x<1` and {math}`x<y`", "$0<x<1$ and $x<y$"),
        ("x{superscript}`a<b`, {strong}`all` and {emphasis}`some`", "x<sup>a&lt;b</sup>, **all** and *some*"),
        ("{term}`the agents <agent>`, {code}`a<b>` and {code}``a`b``", "the agents, `a<b>` and ``a`b``"),
        ("{ref}`no-label`", "no-label"),
        ("> {abbr}`MDP\n> (Markov)`", "> MDP (Markov)"),
        ("| a |\n|---|\n| {math}`P(a \\| b)` |", "| a |\n|---|\n| $P(a \\| b)$ |"),
        # So does what stands behind the name of a directive.
        (":::{note} Never divide by zero.\n:::", "> **Note**\n>\n> Never divide by zero."),
        (":::{warning} Of {eq}`eq-a`\n:class: dropdown\n\nMore.\n:::",
         "<details>\n<summary><b>Warning</b></summary>\n\nOf (2.3)\n\nMore.\n\n</details>"),
        (":::{tip} One\nsentence.\n:::", "> **Tip**\n>\n> One\n> sentence."),
        (":::{seealso} [This](https://a.b)\n:::", "> **See also**\n>\n> [This](https://a.b)"),
        (":::{epigraph} To be.\n:::", "> To be."),
        (":::{prf:proof} Clear.\n:::", "**Proof.** Clear. ∎"),
        (":::{card} The *title*\nThe text.\n:::", "**The *title***\n\nThe text."),
        (":::{math} a = b\n:label: eq-a\n:::", "$$\na = b\n\\tag{2.3}\n$$"),
        # Options are read as Sphinx reads them.
        (":::{admonition} Answer\n---\nclass: dropdown\n---\n1\n:::", FOLD),
        (":::{admonition} Answer\n---\nname: a\nclass: >\n  simple\n  dropdown\n---\n\n1\n:::", FOLD),
        ("```{admonition} Answer\n:name: \"a\"\n:class: \"dropdown\"\n1\n```", FOLD),
        ("::::{admonition} Answer\n:class: dropdown\n\n:::{margin}\n1\n:::\n::::", FOLD.replace("1", "> 1")),
        ("::::{div}\n:::{margin}\n1\n:::\n::::", "> 1"),
        (":::{margin}\nOne.\n\n---\n\nTwo.\n:::", "> One.\n>\n> ---\n>\n> Two."),
        (":::{note}\n:class: [\n\nOne.\n:::", "> **Note**\n>\n> One."),
        # Directives in lists and quotations stay there.
        ("- One.\n\n  :::{note}\n  Two.\n\n  Three.\n  :::\n- Four.",
         "- One.\n\n  > **Note**\n  >\n  > Two.\n  >\n  > Three.\n- Four."),
        ("1. :::{admonition} Answer\n   :class: dropdown\n\n   2\n   :::",
         "1. <details>\n   <summary><b>Answer</b></summary>\n\n   2\n\n   </details>"),
        ("> - :::{note}\n>   Two.\n>   :::", "> - > **Note**\n>   >\n>   > Two."),
        ("- One.\n\n  $$\n  x\n  $$ (eq-a)\n- Two.", "- One.\n\n  $$\n  x\n  \\tag{2.3}\n  $$\n- Two."),
        ("```{.python #listing}\nx\n```", "```{.python #listing}\nx\n```"),
        (":::aside\n{eq}`eq-a`\n:::", "(2.3)"),
        ("A\u2028line.\n\n:::{note}\nTwo.\n:::", "A\u2028line.\n\n> **Note**\n>\n> Two."),
    ],
)  # fmt: skip
def test_plain_markdown(chapter, plain, said):
    assert portable.plain(chapter, portable.Chapter(refer)) == plain
    assert not said.records


def test_a_role_that_is_not_known_keeps_its_words_with_a_warning(said):
    chapter = portable.Chapter(refer, "book/a")
    assert portable.plain("See {download}`the data <a.csv>`.", chapter) == "See the data."
    (warning,) = said.records
    assert (warning.location, warning.type, warning.subtype) == ("book/a", "press", "portable")
    assert "'download'" in warning.getMessage()


@pytest.mark.parametrize(
    ("chapter", "plain"),
    [
        (":::{list-table} Two\n:header-rows: 1\n\n* - a {eq}`eq-a`\n  - b\n:::", "**Two**\n\n* - a (2.3)\n  - b"),
        ("```{c++:thing}\nx\n```", "x"),
    ],
)  # fmt: skip
def test_a_directive_that_is_not_known_keeps_what_it_holds_with_a_warning(chapter, plain, said):
    assert portable.plain(chapter, portable.Chapter(refer, "book/a")) == plain
    (warning,) = said.records
    assert (warning.location, warning.type, warning.subtype) == ("book/a", "press", "portable")
    assert re.search(r"'(list-table|c\+\+:thing)'", warning.getMessage())


FIGURE = {"svg": '<svg style="display: block; width: 9px"><path fill="currentColor"/></svg>', "alt": "A line"}


def test_the_first_cell_installs_code_folds_and_figures_are_pictures():
    shown = {
        "application/vnd.pgcode.slider+json": {"frames": [{}, FIGURE], "start": 1},
        "text/html": "<figure><svg/></figure>",
        "text/plain": "A line",
    }
    check = {"application/vnd.pgcode.check+json": {}, "text/html": "<div/>", "text/plain": "✓"}
    cells = [
        new_markdown_cell("# Title"),
        new_code_cell("import numpy", metadata={"tags": ["hide-input"]}),
        new_code_cell("draw()", outputs=[new_output("display_data", shown), new_output("display_data", check)]),
    ]
    chapter = new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "P"}})
    made = portable.portable(chapter, refer, ["pgcode @ x"])
    install, title, imports, figure = made.cells
    assert '%pip install --quiet "pgcode @ x"' in install.source
    assert title.source == "# Title"
    assert imports.source == "# @title Imports\nimport numpy"
    assert imports.metadata == {"cellView": "form", "jupyter": {"source_hidden": True}}
    assert set(figure.outputs[0].data) == {"image/svg+xml", "text/plain"}
    picture = figure.outputs[0].data["image/svg+xml"]
    assert picture.startswith('<svg xmlns="http://www.w3.org/2000/svg" style="background: #ffffff"')
    assert '<path fill="#000000"/>' in picture
    assert figure.outputs[1].data == {"text/html": "<div/>", "text/plain": "✓"}


def test_an_older_notebook_without_ids_and_kernel_is_converted():
    cells = [new_markdown_cell("# A", id="x"), new_code_cell("1", id="y"), new_markdown_cell("B", id="cell-0")]
    chapter = new_notebook(cells=cells)
    chapter.nbformat_minor = 4
    for cell in cells[:2]:
        del cell["id"]
    made = [portable.portable(chapter, refer, ["pgcode"]) for _ in range(2)]
    assert made[0] == made[1]
    assert [cell.id for cell in made[0].cells] == ["install-pgcode", "cell-0-0", "cell-1", "cell-0"]
    assert made[0].nbformat_minor == 5
    assert made[0].metadata.kernelspec == {"display_name": "Python 3", "language": "python", "name": "python3"}
    chapter.metadata.kernelspec = {"name": "ir"}
    assert portable.portable(chapter, refer).metadata.kernelspec == {"name": "ir", "display_name": "ir"}


def test_raw_cells_and_pictures_within_a_cell_are_kept():
    picture = {"a.png": {"image/png": "iVBORw0KGgo="}}
    cells = [
        new_raw_cell("<b>raw</b>", metadata={"raw_mimetype": "text/html"}),
        new_markdown_cell("![A](attachment:a.png)", attachments=picture),
    ]
    raw, text = portable.portable(new_notebook(cells=cells), refer).cells
    assert (raw.cell_type, raw.source, raw.metadata) == ("raw", "<b>raw</b>", {"raw_mimetype": "text/html"})
    assert text.attachments == picture


def test_a_notebook_that_is_not_valid_is_named():
    chapter = new_notebook(cells=[new_markdown_cell("A")])
    chapter.cells[0].id = "a b"
    with pytest.raises(ExtensionError, match=r"book/a: .*'a b'"):
        portable.portable(chapter, refer, page="book/a")


EMPTIED = {"text/html": '<figure><svg aria-label="A line"/></figure>'}, {"text/html": '<img src="data:," alt="A">'}


@pytest.mark.parametrize("data", EMPTIED)
def test_a_figure_without_its_drawing_is_an_error(data):
    full = {"text/html": '<figure><svg aria-label="A line"><path/></svg></figure>'}
    cells = [new_markdown_cell("# A"), new_code_cell("draw()", outputs=[new_output("display_data", full)])]
    portable.require_drawings(new_notebook(cells=cells), "book/a")
    cells[1].outputs = [new_output("display_data", data)]
    with pytest.raises(ExtensionError, match=r"book/a: cell 1 shows a figure without its drawing"):
        portable.require_drawings(new_notebook(cells=cells), "book/a")


CACHED = """
project, author, root_doc = "Course", "Us", "index"
extensions = ["myst_nb", "press.outputs", "press.portable"]
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
html_theme = "basic"
exclude_patterns = ["_build"]
"""
DATA = FIGURE | {"width": 9, "wide": False, "caption": ""}
DRAWS = f"""from IPython.display import display
display({{{portable.FIGURE!r}: {DATA!r}, "text/html": "<svg/>", "text/plain": "A line"}}, raw=True)"""


def test_figures_are_there_when_results_come_from_where_they_are_kept(tmp_path, sphinx_build, notebook):
    page = nbformat.reads(notebook((DRAWS, {})), as_version=4)
    page.cells[1].outputs = [new_output("display_data", {"text/html": '<svg aria-label="A line"/>'})]
    for _ in range(2):  # the second time, the cell is not run
        folder = sphinx_build(tmp_path, CACHED, index=nbformat.writes(page))
        for copy in (folder / "_sources", folder.parent / "notebooks"):
            made = nbformat.read(copy / "index.ipynb", as_version=4)
            (output,) = made.cells[-1].outputs
            assert '<path fill="#000000"/>' in output.data["image/svg+xml"]
        shutil.rmtree(folder)


OTHERS = """
project, author, root_doc = "Course", "Us", "index"
extensions = ["myst_nb", "press.portable"]
nb_execution_mode = "off"
html_theme = "basic"
exclude_patterns = ["_build"]
myst_enable_extensions = ["dollarmath", "substitution"]
myst_substitutions = {"name": "*REINFORCE* of {{ year }}", "year": "1992", "again": "{{ again }}"}
suppress_warnings = ["myst.substitution"]
"""


def test_the_syntax_is_that_of_the_configuration(tmp_path, sphinx_build):
    texts = [
        "# A",
        "By {{ name }}.\n\n{{ year }}\n\n{{ again }} and {{ name | upper }}",
        ":::{note}\nA.\n:::\n\n$\\frac{{year}}{2}$",
    ]
    page = new_notebook(cells=[new_markdown_cell(text) for text in texts])
    page.nbformat_minor = 4
    for cell in page.cells:
        del cell["id"]
    made = nbformat.read(
        sphinx_build(tmp_path, OTHERS, index=nbformat.writes(page)).parent / "notebooks" / "index.ipynb", as_version=4
    )
    assert [cell.id for cell in made.cells] == ["cell-0", "cell-1", "cell-2"]
    _, names, colons = [cell.source for cell in made.cells]
    assert names == "By *REINFORCE* of 1992.\n\n1992\n\n{{ again }} and {{ name | upper }}"
    assert colons == texts[2]


def test_a_page_may_set_its_own_syntax(tmp_path, sphinx_build):
    metadata = {"myst": {"enable_extensions": ["colon_fence"], "substitutions": {"year": "1993"}}}
    page = new_notebook(cells=[new_markdown_cell("# A\n\n:::{note}\nA.\n:::", id="a")], metadata=metadata)
    folder = sphinx_build(tmp_path, OTHERS, index=nbformat.writes(page))
    made = nbformat.read(folder.parent / "notebooks" / "index.ipynb", as_version=4)
    assert made.cells[0].source == "# A\n\n> **Note**\n>\n> A."


def test_a_warning_of_the_build_names_the_page(tmp_path, sphinx_fails, notebook):
    said = sphinx_fails(tmp_path, OTHERS, index=notebook("```{list-table}\n* - a\n```"))
    assert re.search(r"index\.ipynb: WARNING: the notebook for Colab has only the text of 'list-table'", said)


def test_where_no_repository_is_known_nothing_is_installed():
    needed = ["pgcode @ {repository}", "other<2"]
    assert portable.requirements("", {}, needed) == []
    found = portable.requirements("https://github.com/me/course", {"GITHUB_SHA": "1a2b"}, needed)
    assert found == ["pgcode @ git+https://github.com/me/course@1a2b", "other<2"]
    made = portable.portable(
        new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python"}}), refer, found
    )
    assert 'find_spec("pgcode") is None' in made.cells[0].source
    assert made.cells[0].source.endswith(f'%pip install --quiet "{found[0]}" "other<2"\n')


class Words(HTMLParser):
    """Collects the text of a page that is no code, and what folds."""

    def __init__(self):
        super().__init__()
        self.text, self.code, self.folds = [], 0, 0

    def handle_starttag(self, tag, attributes):
        self.code += tag in ("pre", "code", "style", "script")
        self.folds += tag == "details"

    def handle_endtag(self, tag):
        self.code -= tag in ("pre", "code", "style", "script")

    def handle_data(self, data):
        if not self.code:
            self.text.append(data)


#: It compiles its templates where it is used first.
EXPORTER = HTMLExporter()
CHAPTERS = [path for path in sorted(BOOK.rglob("*.ipynb")) if "solutions" not in path.parts]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.relative_to(BOOK).as_posix())
def test_a_plain_host_shows_no_directive_and_no_answer(path):
    chapter = nbformat.read(path, as_version=4)
    notebook = portable.portable(chapter, refer, ["pgcode"])
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = ""  # the colours of code, which is not looked at, take most of the time
    page = Words()
    page.feed(EXPORTER.from_notebook_node(notebook)[0])
    text = "".join(page.text)
    assert not re.search(r":::|\{[a-z]+(:[a-z]+)?\}\s*`|^\([\w-]+\)=|^:\w+:", text, flags=re.MULTILINE)
    source = "\n".join(cell.source for cell in chapter.cells if cell.cell_type == "markdown")
    assert page.folds >= len(re.findall(r"^:class:.*\bdropdown\b|<details", source, flags=re.MULTILINE))
    assert page.folds >= len(re.findall(r"^:+\{solution\}|<details", source, flags=re.MULTILINE))
