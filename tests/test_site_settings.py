"""The settings of the website that depend on where it is built, and the scripts that it serves itself."""

import subprocess
from pathlib import Path
from types import SimpleNamespace

import formula_width
import pytest
import site_settings
import vendor
import yaml
from docutils import nodes
from sphinx.addnodes import pending_xref

ROOT = Path(__file__).parent.parent
PUBLIC = "https://github.com/someone/course"


@pytest.mark.parametrize(
    ("address", "page"),
    [
        (PUBLIC, PUBLIC),
        (f"{PUBLIC}.git\n", PUBLIC),
        (f"{PUBLIC}/", PUBLIC),
        ("https://gitlab.com/someone/course.git", "https://gitlab.com/someone/course"),
        ("git@github.com:someone/course.git", ""),
        ("https://name:secret@github.com/someone/course.git", ""),
        ("https://localhost/someone/course.git", ""),
        ("http://github.com/someone/course", ""),
        ("../course.git", ""),
        ("", ""),
    ],
)
def test_only_public_addresses_become_links(address, page):
    assert site_settings.public_address(address) == page


@pytest.mark.parametrize(
    ("environment", "page"),
    [
        ({}, ""),
        ({"COURSE_REPOSITORY_URL": PUBLIC, "GITHUB_REPOSITORY": "other/one"}, PUBLIC),
        ({"COURSE_REPOSITORY_URL": "", "GITHUB_REPOSITORY": "other/one"}, ""),
        ({"GITHUB_REPOSITORY": "someone/course", "GITHUB_SERVER_URL": "https://github.com"}, PUBLIC),
        ({"GITHUB_REPOSITORY": "someone/course", "GITHUB_SERVER_URL": "https://git.example.org"}, ""),
    ],
)
def test_address_comes_from_the_environment(tmp_path, environment, page):
    assert site_settings.repository_url(tmp_path, environment) == page


def test_address_comes_from_the_remote(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    assert site_settings.repository_url(tmp_path, {}) == ""
    subprocess.run(["git", "-C", tmp_path, "remote", "add", "origin", f"{PUBLIC}.git"], check=True)
    assert site_settings.repository_url(tmp_path, {}) == PUBLIC


def test_no_buttons_without_an_address():
    assert site_settings.launch_buttons("") == {}


def test_colab_opens_github_only():
    assert "colab_url" in site_settings.launch_buttons(PUBLIC)
    assert "colab_url" not in site_settings.launch_buttons("https://gitlab.com/someone/course")


@pytest.fixture
def config() -> SimpleNamespace:
    return SimpleNamespace(html_theme_options={"search_bar_text": "Search"})


def test_settings_without_address_and_bundles(tmp_path, config, monkeypatch):
    monkeypatch.setenv("COURSE_REPOSITORY_URL", "")
    site_settings.apply_settings(SimpleNamespace(confdir=tmp_path), config)
    assert config.html_theme_options["search_bar_text"] == "Search"
    assert config.html_theme_options["repository_url"] == ""
    assert not config.html_theme_options["use_repository_button"]
    assert config.mathjax_path.startswith(site_settings.CDN)
    assert config.nb_ipywidgets_js == {}


def test_settings_with_address_and_bundles(tmp_path, config, monkeypatch):
    monkeypatch.setenv("COURSE_REPOSITORY_URL", PUBLIC)
    mathjax = tmp_path / "assets" / "vendor" / "mathjax" / "tex-chtml.js"
    mathjax.parent.mkdir(parents=True)
    mathjax.touch()
    site_settings.apply_settings(SimpleNamespace(confdir=tmp_path), config)
    assert config.html_theme_options["repository_url"] == PUBLIC
    assert config.html_theme_options["use_repository_button"]
    assert config.mathjax_path == "vendor/mathjax/tex-chtml.js"
    assert config.nb_ipywidgets_js == {}


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


@pytest.mark.parametrize(
    ("code", "mended"),
    [
        ("policy.probabilities(theta)[s", "policy<wbr>.probabilities<wbr>(theta)<wbr>[s"),
        ("n_states", "n_<wbr>states"),
        ("_private", "_private"),
        ("2.5", "2.5"),
        ("plain", "plain"),
    ],
)
def test_inline_code_has_joints(code, mended):
    page = '<p>a_b <code class="docutils literal notranslate"><span class="pre">{}</span></code> a_b</p>'
    assert site_settings.add_joints(page.format(code)) == page.format(mended)


def test_blocks_of_code_have_no_joints():
    page = "<pre>n_states</pre><code>n_states</code>"
    assert site_settings.add_joints(page) == page


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("residual to A2 &lt; 1e-10", ["1e-10"]),
        ("value (0.6867, -0.6867)", ["0.6867", "-0.6867"]),
        ("agrees with A3 to 10⁻¹⁰", ["10⁻¹⁰"]),
    ],
)
def test_numbers_of_a_ledger_stay_whole(text, numbers):
    cell = f'<td class="ledger-value" style="text-align: left">{text}</td>'
    mended = site_settings.keep_numbers_whole(cell)
    assert [part.split("</span>")[0] for part in mended.split('<span class="pg-number">')[1:]] == numbers
    assert mended.replace('<span class="pg-number">', "").replace("</span>", "") == cell


def output(*forms):
    """The output of a cell in several forms, as MyST-NB writes it."""
    texts = [nodes.container("", nodes.literal_block("", text), mime_type=kind) for kind, text in forms]
    return nodes.container("", *texts, nb_element="mime_bundle")


WIDGET = (site_settings.WIDGET, "")
BAR = ("text/plain", "episodes:   0%|          | 0/1000 [00:00<?, ?it/s]")


@pytest.fixture
def said(monkeypatch):
    """The warnings of a build."""
    said = []
    monkeypatch.setattr(site_settings.logger, "warning", lambda text, **where: said.append(text))
    return said


def without_widgets(*outputs):
    """The outputs of a cell that are left, and the scripts that the page still carries."""
    page = nodes.section("", cell := nodes.container("", nodes.container("", *outputs), nb_element="cell_code"))
    scripts = {"ipywidgets_state": (None, {"body": "{}"}), "other": ("other.js", {})}
    env = SimpleNamespace(docname="page", nb_metadata={"page": {"js_files": scripts}})
    site_settings.leave_widgets_out(SimpleNamespace(env=env), page)
    return [out.astext() for part in cell.children for out in part.children], list(scripts)


def test_a_page_has_no_progress_bars(said):
    drawing = output(("text/html", "drawing"), ("text/plain", "text"))
    assert without_widgets(output(WIDGET, BAR), drawing) == ([drawing.astext()], ["other"])
    assert without_widgets(output(WIDGET, BAR)) == ([], ["other"])
    assert not said


def test_a_cell_with_nothing_but_a_bar_has_no_empty_output():
    cell = nodes.container("", nodes.container("", output(WIDGET, BAR)), nb_element="cell_code")
    site_settings.leave_widgets_out(SimpleNamespace(env=SimpleNamespace(docname="p")), nodes.section("", cell))
    assert not cell.children


def test_another_widget_is_a_warning(said):
    assert without_widgets(output(WIDGET, ("text/plain", "interactive(children=(…))")))[0] == []
    assert without_widgets(output(WIDGET))[0] == []
    assert ["`live`" in text for text in said] == [True, True]


def test_formulas_in_a_line_keep_their_places():
    formula = r'<span class="math notranslate nohighlight">\({}\)</span>'
    mended = site_settings.keep_places(formula.format("V &lt; Q") + formula.format("n"))
    widths = [float(part.split("em")[0]) for part in mended.split("--pg-width: ")[1:]]
    assert widths[0] == pytest.approx(site_settings.MATHJAX_SCALE * formula_width.formula_width("V < Q"), abs=0.01)
    assert widths[1] < widths[0]
    block = r'<div class="math notranslate nohighlight">\[x\]</div>'
    assert site_settings.keep_places(block) == block


def test_scale_of_formulas_is_that_of_the_configuration():
    config = yaml.safe_load((ROOT / "_config.yml").read_text())
    assert config["sphinx"]["config"]["mathjax3_config"]["chtml"]["scale"] == site_settings.MATHJAX_SCALE


@pytest.mark.parametrize(
    ("source", "width"),  # in em, as MathJax sets it
    [
        (r"\hat Q", 0.79),
        (r"\theta", 0.47),
        (r"H + 1", 2.61),
        (r"Q = r + \gamma \sum p V", 6.99),
        (r"\frac{\nabla f}{f} = \nabla \log f", 5.74),
        (r"d_\gamma(s) = \sum_t \gamma^t p_t(s)", 7.81),
        (r"V_{t+1}(s_{t+1})", 4.15),
        (r"\nabla\log\pi(a_t|s_t)\,Q(s_t,a_t)", 9.25),
        (r"\operatorname{line}/(1-\gamma)", 5.26),
    ],
)
def test_width_of_a_formula(source, width):
    assert formula_width.formula_width(source) == pytest.approx(width, rel=0.1)


def folded(block, builder="html"):
    doctree = nodes.section("", block)
    site_settings.fold_blocks(SimpleNamespace(builder=SimpleNamespace(format=builder)), doctree)
    return doctree[0]


def test_a_dropdown_is_folded_under_its_title():
    link = nodes.reference("", "Exercise 1", refuri="#ex")
    title = nodes.title("", "", nodes.Text("Solution to "), link)
    block = folded(nodes.admonition("", title, nodes.paragraph("", "Yes."), classes=["dropdown"], ids=["sol"]))
    assert isinstance(block, site_settings.FoldedBlock)
    assert block["ids"] == ["sol"]
    assert block["classes"] == ["admonition", "dropdown"]
    assert block[0].astext() == "Solution to Exercise 1"
    assert not list(block[0].findall(nodes.reference))
    assert block[1].astext() == "Yes."


def test_a_dropdown_without_a_title_has_one_of_its_kind():
    assert folded(nodes.note("", nodes.paragraph("", "n"), classes=["dropdown"]))[0].astext() == "Note"
    assert folded(nodes.admonition("", nodes.paragraph("", "p"), classes=["proof", "dropdown"]))[0].astext() == "Proof"


def test_other_blocks_and_other_builders_are_left_alone():
    title = nodes.title("", "T")
    assert isinstance(folded(nodes.admonition("", title)), nodes.admonition)
    assert isinstance(folded(nodes.admonition("", title, classes=["dropdown"]), "latex"), nodes.admonition)


def test_ids_that_every_block_of_a_kind_has_are_dropped():
    assert folded(nodes.section("", ids=["proof-content", "own"]))["ids"] == ["own"]


def page(body, name="book/notation", **context):
    context = {"body": body, "docstitle": "Course", **context}
    site_settings.mend_page(SimpleNamespace(config=SimpleNamespace(root_doc="book/intro")), name, "", context, None)
    return context


def test_a_page_says_that_it_needs_scripts():
    assert "<noscript>" in page('<span class="math">x</span>')["body"]
    assert "<noscript>" not in page("<p>x</p>")["body"]


def test_the_name_of_a_toggle_is_its_text():
    assert "aria-label" not in page('<summary aria-label="Toggle hidden content">')["body"]


def test_title_of_the_root_is_not_doubled():
    assert page("", "book/intro")["docstitle"] == ""
    assert page("")["docstitle"] == "Course"


def test_description_is_in_the_head():
    assert '<meta name="description" content="a &quot;b&quot;">' in page("", description='a "b"')["metatags"]
    assert "metatags" not in page("")


def test_the_index_is_fed_with_prose():
    fed = []
    builder = SimpleNamespace(format="html", index_page=lambda name, doctree, title: fed.extend([doctree, title]))
    site_settings.index_prose_only(SimpleNamespace(builder=builder))
    cell = nodes.container(
        "",
        nodes.container("", nodes.literal_block("", "import numpy"), nb_element="cell_code_source"),
        nodes.container("", nodes.paragraph("", "output"), nb_element="cell_code_output"),
        nb_element="cell_code",
    )
    doctree = nodes.section("", nodes.paragraph("", "prose"), cell, nodes.literal_block("", "code"))
    builder.index_page("page", doctree, '<span class="section-number">3. </span>Title')
    assert fed[0].astext().strip() == "prose"
    assert fed[1] == "Title"
    assert "import numpy" in doctree.astext()


def chapter(*needs):
    """A chapter that opens with "You need …" and links to other pages in and after that sentence."""
    paragraph = nodes.paragraph("", "", nodes.Text("You need "))
    for page in needs:
        paragraph += [pending_xref("", reftype="doc", reftarget=f"/{page}"), nodes.Text(" and ")]
    paragraph += [nodes.Text("numbers. See also "), pending_xref("", reftype="doc", reftarget="/other")]
    return nodes.section("", paragraph)


def test_a_chapter_needs_what_its_first_sentence_links_to():
    assert site_settings.needed_pages(chapter("a", "b", "a"), "c") == ["a", "b"]
    assert site_settings.needed_pages(nodes.section("", nodes.paragraph("", "We need nothing.")), "c") == []


def test_a_chapter_leads_to_the_next_one_and_to_those_that_need_it():
    pages = {"a": chapter("notation"), "notation": nodes.section(), "b": chapter(), "c": chapter("b", "a")}
    guides = site_settings.reading_guides(pages, list(pages))
    assert list(guides) == ["a", "b", "c"]
    assert [guides[name].needs for name in guides] == [(), (), ("b", "a")]
    assert [guides[name].leads_to for name in guides] == [("b", "c"), ("c",), ()]


def test_reading_takes_longer_with_more_to_read():
    def minutes(*parts):
        return site_settings.reading_minutes(nodes.section("", *parts))

    words = nodes.paragraph("", "word " * 2000)
    assert minutes(words) == 10
    assert minutes(words, *[nodes.math_block("", "x y z") for _ in range(15)]) == 15
    code = nodes.literal_block("", "\n".join("x" * 200))
    shown = nodes.container("", code.deepcopy(), nb_element="cell_code")
    hidden = nodes.container("", code.deepcopy(), nb_element="cell_code", classes=["tag_hide-input"])
    assert minutes(words, shown) == 20
    assert minutes(words, hidden) == 10
    assert minutes() == 5


def test_the_guide_stands_under_the_title():
    app = SimpleNamespace(
        config=SimpleNamespace(root_doc="book/intro"),
        builder=SimpleNamespace(get_relative_uri=lambda page, name: f"{name}.html"),
        env=SimpleNamespace(titles={"a": nodes.title("", "A & B"), "c": nodes.title("", "C")}),
        reading_guides={"b": site_settings.Guide(20, ("a",), ("c",))},
    )
    context = {"body": "<h1>B</h1><p>x</p>"}
    site_settings.mend_page(app, "b", "", context, None)
    assert context["body"].startswith('<h1>B</h1><dl class="pg-guide">')
    assert '<dt>Needs</dt><dd><a href="a.html">A &amp; B</a></dd>' in context["body"]
    assert '<dt>Leads to</dt><dd><a href="c.html">C</a></dd>' in context["body"]
    assert "<dd>about 20 minutes</dd>" in context["body"]
    other = {"body": "<h1>D</h1>"}
    site_settings.mend_page(app, "d", "", other, None)
    assert other["body"] == "<h1>D</h1>"


def test_code_may_stand_below_its_output():
    def cell(*classes):
        parts = nodes.paragraph("", "code"), nodes.paragraph("", "output")
        return nodes.container("", *parts, nb_element="cell_code", classes=list(classes))

    doctree = nodes.section("", cell("cell", "tag_code-below"), cell("cell"))
    site_settings.put_code_below(None, doctree)
    assert [part.astext().split() for part in doctree] == [["output", "code"], ["code", "output"]]


def test_the_first_page_has_a_promise_and_ways_in():
    def classes(name):
        parts = [nodes.paragraph("", "p"), nodes.bullet_list(), nodes.paragraph("", "q"), nodes.bullet_list()]
        app = SimpleNamespace(config=SimpleNamespace(root_doc="book/intro"))
        site_settings.mark_first_page(app, nodes.section("", *parts), name)
        return [part["classes"] for part in parts]

    assert classes("book/intro") == [["pg-promise"], ["pg-ways"], [], []]
    assert classes("book/notation") == [[], [], [], []]


def test_launch_links_are_there_where_the_repository_is_known():
    def body(repository):
        return page(site_settings.LAUNCH, theme_repository_url=repository)["body"]

    assert "https://mybinder.org/v2/gh/someone/course/main" in body(PUBLIC)
    assert "https://colab.research.google.com/github/someone/course/blob/main" in body(PUBLIC)
    assert body("") == ""
