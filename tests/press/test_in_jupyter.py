"""What only readers in Jupyter need."""

SETTINGS = "extensions = ['myst_parser', 'press.placeholders', 'press.in_jupyter']\nsource_suffix = {'.md': 'markdown'}"
PAGE = "# Task\n\nIs it positive?\n\n<!-- in Jupyter -->\n\nAnswer with a word.\n\nThe hint says more.\n"


def test_the_website_leaves_it_out(tmp_path, sphinx_build):
    page = (sphinx_build(tmp_path, SETTINGS, index=PAGE) / "index.html").read_text(encoding="utf-8")
    assert "Is it positive?" in page
    assert "The hint says more." in page
    assert "Answer with a word." not in page
    assert "in Jupyter" not in page


def test_on_paper_it_stays(tmp_path, sphinx_build):
    folder = sphinx_build(tmp_path, SETTINGS, builder="latex", index=PAGE)
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.tex"))
    assert "Answer with a word." in text


def test_a_comment_without_a_paragraph_is_a_warning(tmp_path, sphinx_fails):
    assert "in Jupyter" in sphinx_fails(tmp_path, SETTINGS, index="# Task\n\n<!-- in Jupyter -->\n\n- a list\n")
