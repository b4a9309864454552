"""Links of Markdown to theorems."""

import re

SETTINGS = """
extensions = ["myst_parser", "sphinx_proof", "press.theorem_links"]
myst_enable_extensions = ["colon_fence"]
root_doc = "start"
"""
START = """# Start

```{toctree}
part/lemmas
```

By [the lemma on sums](part/lemmas.md#sums).
"""
LEMMAS = """# Lemmas

:::{prf:lemma} Sums
:label: sums

They are finite.
:::
"""


def test_a_link_leads_to_a_theorem_and_one_to_nowhere_is_a_warning(tmp_path, sphinx_build, sphinx_fails):
    pages = {"part/lemmas": LEMMAS}
    built = sphinx_build(tmp_path, SETTINGS, start=START, **pages)
    page = (built / "start.html").read_text(encoding="utf-8")
    assert re.search(r'href="part/lemmas.html#sums"><span[^>]*>the lemma on sums</span>', page)
    assert 'id="sums"' in (built / "part/lemmas.html").read_text(encoding="utf-8")
    assert "products" in sphinx_fails(tmp_path, SETTINGS, start=START.replace("#sums", "#products"), **pages)


def test_in_print_it_leads_there_too(tmp_path, sphinx_build):
    built = sphinx_build(tmp_path, SETTINGS, "latex", start=START, **{"part/lemmas": LEMMAS})
    (text,) = built.glob("*.tex")
    latex = text.read_text(encoding="utf-8")
    assert r"\label{part/lemmas:sums}" in latex
    assert r"\hyperref[\detokenize{part/lemmas:sums}]" in latex
