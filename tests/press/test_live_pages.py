"""Pages with something to run load one script, and their data stand in them."""

import json
import re

from press.live import pages

ASKS = """
import sys
sys.path.insert(0, {root!r})
from press.live import pages
extensions = ["press.assets", "press.live"]
def setup(app):
    app.connect("doctree-read", lambda app, doctree: ask(app.env))
def ask(env):
    if env.docname != "plain":
        pages.require(env, env.docname, words="</script> and Σ")
"""


def test_a_page_that_asks_for_it_has_the_script_and_its_data(tmp_path, sphinx_build):
    texts = {"index": "Page\n====\n", "part/other": "Other\n=====\n", "plain": "Plain\n=====\n"}
    settings = ASKS.format(root=str(pages.assets.STATIC.parents[1]))
    site = sphinx_build(
        tmp_path, settings + "exclude_patterns = []\n", **{name: f":orphan:\n\n{text}" for name, text in texts.items()}
    )
    for name in texts:
        page = (site / f"{name}.html").read_text(encoding="utf-8")
        data = re.findall(r'<script[^>]*id="pg-live"[^>]*>(.*?)</script>', page)
        assert len(re.findall(r"_static/live\.js", page)) == len(data) == (name != "plain")
        if data:
            (found,) = map(json.loads, data)
            assert found["words"] == "</script> and Σ"
            assert (found["page"], found["root"]) == (name, "../" * name.count("/"))
            assert page.index('id="pg-live"') < page.index("_static/live.js")
