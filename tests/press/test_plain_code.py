"""Code has elements for what has a colour."""

import re


def test_names_and_brackets_are_text_and_keywords_are_not(tmp_path, sphinx_build):
    page = "Page\n====\n\n.. code-block:: python\n\n   for x in f(y, 2):  # why\n       pass\n"
    site = sphinx_build(tmp_path, "extensions = ['press.plain_code']", index=page)
    code = re.search("<pre>(.*?)</pre>", (site / "index.html").read_text(encoding="utf-8"), re.DOTALL)[1]
    assert re.findall('<span class="(.*?)">(.*?)</span>', code) == [
        ("k", "for"), ("ow", "in"), ("mi", "2"), ("c1", "# why"), ("k", "pass")
    ]  # fmt: skip
    assert re.sub("<.*?>", "", code) == "for x in f(y, 2):  # why\n    pass\n"
