"""The words of a website."""

from types import SimpleNamespace

from press import words
from press.live import distribution, lab


def test_words_are_those_of_pages_and_of_their_scripts(tmp_path):
    static = tmp_path / "_static"
    files = {
        "a.html": "<p class='one two-three'>four</p>",
        "below/b.html": "<i class=five&#32;six data-x='é“seven”'>",
        "_static/scripts/theme.js": 'f.classList = "eight nine_10"',
        "_static/later.mjs": "`eleven ${twelve}`",
        f"_static/{lab.FOLDER}/app.js": "aside",
        f"_static/{distribution.FOLDER}/pyodide.mjs": "aside",
        "_static/style.css": ".aside",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    found = words.words_of(tmp_path)
    assert {"one", "two-three", "four", "five", "seven", "eight", "nine_10", "eleven", "twelve"} <= found
    assert "pg-chip" in found  # which a page writes when it runs a cell
    assert "aside" not in found
    assert static.exists()


def test_what_is_no_website_is_not_read(tmp_path):
    app = SimpleNamespace(outdir=tmp_path, builder=SimpleNamespace(format="latex"))
    words.read(app, None)
    app.builder.format = "html"
    words.read(app, RuntimeError())
    assert not hasattr(app, "site_words")
