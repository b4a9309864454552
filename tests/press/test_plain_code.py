"""Code has elements for what has a colour, and for long lines."""

import re

from press.plain_code import HANGING, SHORT


def test_names_and_brackets_are_text_and_keywords_are_not(tmp_path, sphinx_build):
    page = "Page\n====\n\n.. code-block:: python\n\n   for x in f(y, 2):  # why\n       pass\n"
    site = sphinx_build(tmp_path, "extensions = ['press.plain_code']", index=page)
    code = re.search("<pre>(.*?)</pre>", (site / "index.html").read_text(encoding="utf-8"), re.DOTALL)[1]
    assert re.findall('<span class="(.*?)">(.*?)</span>', code) == [
        ("k", "for"), ("ow", "in"), ("mi", "2"), ("c1", "# why"), ("k", "pass")
    ]  # fmt: skip
    assert re.sub("<.*?>", "", code) == "for x in f(y, 2):  # why\n    pass\n"


def test_a_long_line_knows_its_indentation(tmp_path, sphinx_build):
    long = "long_name = a_function_of(many, &lt;arguments)"
    lines = ["if x:", f"    {long}", "    short = 1", "", long]
    code = "".join(f"   {line}\n" for line in lines).replace("&lt;", "<")
    page = f"Page\n====\n\n.. code-block:: text\n\n{code}"
    site = sphinx_build(tmp_path, "extensions = ['press.plain_code']", index=page)
    html = (site / "index.html").read_text(encoding="utf-8")
    assert len(long) > SHORT
    wrapped = re.findall(r'<span class="pg-long" style="--pg-hanging: (\d+)ch">(.*?)\n</span>', html)
    assert wrapped == [(str(4 + HANGING), f"    {long}"), (str(HANGING), long)]
    assert re.sub("<.*?>", "", re.search("<pre>(.*?)</pre>", html, re.DOTALL)[1]) == "\n".join(lines) + "\n"


def test_words_of_literals_and_signatures_have_no_elements_and_runs_of_spaces_stay(tmp_path, sphinx_build):
    page = "Page\n====\n\n``a b``, ``a  b`` and x\n\n.. py:function:: f(a, b=1)\n\n   Text of ``f``.\n"
    site = sphinx_build(tmp_path, "extensions = ['press.plain_code']", index=page)
    html = (site / "index.html").read_text(encoding="utf-8")
    literals = re.findall(r'<code class="docutils literal notranslate">(.*?)</code>', html)
    assert literals[0] == "a b"
    assert re.sub("<.*?>", "", literals[1]) == "a&#160; b"
    assert literals[2] == "f"
    signature = re.search(r"<dt class=\"sig.*?</dt>", html, re.DOTALL)[0]
    assert 'class="pre"' not in signature
    assert re.sub("<.*?>", "", signature).replace("¶", "").strip() == "f(a, b=1)"
