"""tools/notebooks.py: the form in which a chapter is stored, and that it is enough to tell whether outputs changed."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import notebooks
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from press import citations

ROOT = Path(__file__).parents[2]
SANITIZE = ROOT / "tests" / "nbval-sanitize.cfg"
FIGURE = """
from IPython.display import HTML
HTML('<figure><svg width="1" aria-label="{alt}"><path d="M 0 0"/><g id="{drawing}"></g></svg></figure>')
"""


def write(path: Path, *cells: str) -> Path:
    notebook = new_notebook(cells=[new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(cells)])
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    return path


def nbval(path: Path) -> subprocess.CompletedProcess[str]:
    shutil.copy(ROOT / "conftest.py", path.parent)
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", "--rootdir", path.parent]
    command += ["--nbval", "--nbval-current-env", "--nbval-sanitize-with", SANITIZE, path]
    return subprocess.run(command, cwd=path.parent, capture_output=True, encoding="utf-8", check=False)


@pytest.mark.parametrize(
    ("html", "stored"),
    [
        ("<p>no drawing</p>", "<p>no drawing</p>"),
        ('<svg viewBox="0 0 1 1">\n<path d="M 0"/>\n</svg><p>x</p>', "<svg/><p>x</p>"),
        ("<svg><a/></svg> and <svg><b/></svg>", "<svg/> and <svg/>"),
        ("<svg/> and <svg><b/></svg>", "<svg/> and <svg/>"),
        ('<svg width="1"/><p>kept</p><svg></svg>', '<svg width="1"/><p>kept</p><svg/>'),
        ('<svg role="img" aria-label="a &gt; b" fill="none">\n<g></g></svg>', '<svg aria-label="a &gt; b"/>'),
        ('<svg><g aria-label="inside"/></svg>', "<svg/>"),
        ('<img alt="kept" src="data:image/png;base64,iVBORw0+/A==">', '<img alt="kept" src="data:,">'),
    ],
)
def test_drawings_are_left_out(html, stored):
    assert notebooks.without_drawings(html) == stored
    assert notebooks.without_drawings(stored) == stored


def test_comparison_replaces_what_the_tool_replaces():
    pairs = re.findall("^regex: (.*)$\n^replace: (.*)$", SANITIZE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert dict(pairs) == notebooks.DRAWINGS


def test_stored_form_drops_what_differs_between_machines():
    cell = new_code_cell(
        "x",
        execution_count=7,
        metadata={"tags": ["hide-input"], "execution": {"iopub.status.busy": "now"}, "collapsed": True},
        outputs=[
            nbformat.v4.new_output(
                "display_data",
                data={
                    "text/plain": "<Figure>",
                    "image/png": "aaaa",
                    "image/svg+xml": "<svg></svg>",
                    "application/vnd.jupyter.widget-view+json": {"model_id": "1"},
                    "application/vnd.pgcode.figure+json": {"svg": "<svg></svg>"},
                },
                metadata={"image/png": {"width": 3}},
            ),
            nbformat.v4.new_output("error", ename="ValueError", evalue="bad", traceback=["File a/b.py"]),
        ],
    )
    notebook = new_notebook(cells=[new_markdown_cell("# Title"), cell])
    language = {"name": "python", "version": "3"}
    notebook.metadata = nbformat.from_dict({"widgets": {"state": {}}, "language_info": language})
    text = notebooks.stored_form(notebook)
    stored = nbformat.reads(text, as_version=4)
    assert stored.metadata == notebooks.NOTEBOOK_METADATA
    kept = stored.cells[1]
    assert kept.execution_count == 7
    assert kept.metadata == {"tags": ["hide-input"], "jupyter": {"source_hidden": True}}
    assert kept.outputs[0].data == {"text/plain": "<Figure>"}
    assert kept.outputs[0].metadata == {}
    assert kept.outputs[1].traceback == ["ValueError: bad"]
    assert notebooks.stored_form(stored) == text


def test_hidden_folders_hold_no_chapters(tmp_path):
    (tmp_path / "book" / ".ipynb_checkpoints").mkdir(parents=True)
    chapter = write(tmp_path / "book" / "a.ipynb")
    write(tmp_path / "book" / ".ipynb_checkpoints" / "a-checkpoint.ipynb")
    assert notebooks.chapters(tmp_path) == [chapter]


def test_code_is_folded_where_the_website_folds_it():
    cells = [new_code_cell("x", metadata={"tags": tags}) for tags in (["hide-cell"], ["live"], [])]
    cells += [new_code_cell("x", metadata={"jupyter": {"source_hidden": True}}), new_markdown_cell("x")]
    stored = nbformat.reads(notebooks.stored_form(new_notebook(cells=cells)), as_version=4)
    assert ["jupyter" in cell.metadata for cell in stored.cells] == [True, False, False, False, False]


@pytest.fixture
def book(tmp_path):
    (tmp_path / "book" / "a").mkdir(parents=True)
    (tmp_path / "book" / "b.md").write_text("(label)=\n# The page *b*\n", encoding="utf-8")
    cells = [new_code_cell("# no title"), new_markdown_cell("(label)=\n# The chapter\n\ntext")]
    nbformat.write(new_notebook(cells=cells), tmp_path / "book" / "a" / "one.ipynb")
    works = """@misc{a92, author={Ab, C.}, year={1992}} @misc{b98, author={Bo, A. and Cy, B.}, year={1998}}
    @misc{c00, author={{De Fo} and Gu, H. and Iv, J.}}"""
    (tmp_path / "book" / "references.bib").write_text(works, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("sphinx", "markdown"),
    [
        ("See {doc}`/book/a/one`.", "See [The chapter](one.ipynb)."),
        ("{doc}`some words </book/a/one>`", "[some words](one.ipynb)"),
        ("{doc}`/book/b` and {eq}`x`", "[The page *b*](../b.md) and {eq}`x`"),
        ("[words](one.ipynb)", "[words](one.ipynb)"),
        (
            "{cite:t}`b98` prove it {cite}`a92, c00`.",
            "[Bo and Cy (1998)](../reference/bibliography.md#b98) prove it "
            "([Ab, 1992](../reference/bibliography.md#a92); [De Fo et al., n.d.](../reference/bibliography.md#c00)).",
        ),
    ],
)
def test_links_become_links_that_jupyterlab_follows(book, sphinx, markdown):
    assert notebooks.with_plain_links(sphinx, book / "book" / "a" / "two.ipynb", book) == markdown


#: Links that Sphinx alone follows.
LINKS = notebooks.LINK, citations.ROLE


@pytest.mark.parametrize("path", notebooks.chapters(), ids=lambda path: path.stem)
def test_jupyterlab_follows_the_links_of_a_chapter(path):
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
    found = [match[0] for source in cells for one in LINKS for match in one.finditer(source)]
    assert not found, f"run `python tools/notebooks.py --links {path.relative_to(notebooks.ROOT)}`"
    for address in re.findall(r"\]\((?!\w+:)([^)#\s]+\.(?:ipynb|md))", "\n".join(cells)):
        assert (path.parent / address).exists(), address


#: References by a label, and what gives one.
BY_LABEL = re.compile(r"\{(?:prf:ref|ref|numref|eq)\}`(?:[^`<]*<)?([^`<>]+)>?`")
LABEL = re.compile(r"^:label: *(\S+)|^\$\$ \(([\w-]+)\)|^\(([\w-]+)\)=", re.MULTILINE)


@pytest.mark.parametrize("path", notebooks.chapters(), ids=lambda path: path.stem)
def test_jupyterlab_finds_the_labels_of_a_chapter(path):
    """It knows those of the same notebook, and warns of all others."""
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
    text = "\n".join(cells)
    known = {name for names in LABEL.findall(text) for name in names}
    elsewhere = set(BY_LABEL.findall(text)) - known
    assert not elsewhere, "write a link, such as `[the lemma on causality](causality.ipynb#ca-causality)`"


@pytest.mark.parametrize("path", notebooks.chapters(), ids=lambda path: path.stem)
def test_what_folds_is_no_html(path):
    """JupyterLab shows the TeX of formulas in HTML, and hides the sign that it opens."""
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
    assert not [cell for cell in cells if re.search("<(details|summary)", cell)]


#: JupyterLab gives what they hold no height in a wide window, and so lays it over the text.
NO_HEIGHT = re.compile(r"^[:`]{3,}\{(margin|sidebar|aside)\}", re.MULTILINE)


@pytest.mark.parametrize("path", notebooks.chapters(), ids=lambda path: path.stem)
def test_nothing_lies_over_the_text_in_jupyterlab(path):
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
    found = [match[0] for source in cells for match in NO_HEIGHT.finditer(source)]
    assert not found, "write `{admonition} Title` with `:class: aside simple`"


def test_a_link_to_nowhere_is_named(book):
    with pytest.raises(ValueError, match="there is no page book/c"):
        notebooks.with_plain_links("{doc}`/book/c`", book / "book" / "b.md", book)


@pytest.mark.slow
@pytest.mark.parametrize("option", [[], ["--check"], ["--store"], ["--links"]])
def test_a_notebook_that_is_not_there_is_named(capsys, option):
    with pytest.raises(SystemExit):
        notebooks.main([*option, "nosuch.ipynb"])
    assert "there is no such notebook: nosuch.ipynb" in capsys.readouterr().err


def test_a_second_run_stores_the_same_file(tmp_path):
    pieces = "print(1, flush=True)\nprint(2, flush=True)"
    path = write(tmp_path / "a.ipynb", pieces, FIGURE.format(alt="a line", drawing=1))
    assert notebooks.main(["--check", str(path)]) == 1
    assert notebooks.main([str(path)]) == 0
    first = path.read_bytes()
    assert len(nbformat.read(path, as_version=4).cells[0].outputs) == 1
    assert rb"<svg aria-label=\"a line\"/>" in first
    assert notebooks.main([str(path)]) == 0
    assert path.read_bytes() == first
    assert notebooks.main(["--check", str(path)]) == 0


CHECK = "from pgcode import check\ncheck('it is 1', 1.0, {})"
#: A cell as it was stored, the cell as it is now, and whether it shows the same.
CHANGES = {
    "nothing": (FIGURE.format(alt="a line", drawing=1), FIGURE.format(alt="a line", drawing=1), True),
    "a drawing": (FIGURE.format(alt="a line", drawing=1), FIGURE.format(alt="a line", drawing=2), True),
    "a text alternative": (FIGURE.format(alt="a line", drawing=1), FIGURE.format(alt="a curve", drawing=1), False),
    "nothing of a display": (CHECK.format("1.0"), CHECK.format("1.0"), True),
    "a number of a display": (CHECK.format("1.0"), CHECK.format("1.1"), False),
    "a printed number": ("print(1.5)", "print(1.6)", False),
}


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """What a notebook was stored as, and what nbval says of each of its cells, which were changed since."""
    path = write(tmp_path_factory.mktemp("compared") / "a.ipynb", *[before for before, _, _ in CHANGES.values()])
    notebooks.run(path)
    stored = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(stored, as_version=4)
    for cell, (_, now, _) in zip(notebook.cells, CHANGES.values(), strict=True):
        cell.source = now
    path.write_text(notebooks.stored_form(notebook), encoding="utf-8")
    run = nbval(path)
    outcomes = re.findall(r"^(PASSED|FAILED) .*::Cell (\d+)", run.stdout, flags=re.MULTILINE)
    assert len(outcomes) == len(CHANGES), run.stdout + run.stderr
    return stored, {list(CHANGES)[int(number)]: outcome == "PASSED" for outcome, number in outcomes}


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_comparison_sees_what_is_read_and_not_drawings(compared, change):
    assert compared[1][change] == CHANGES[change][2]


@pytest.mark.slow
def test_a_display_is_stored_without_its_data(compared):
    assert "it is 1" in compared[0]
    assert "vnd.pgcode" not in compared[0]
