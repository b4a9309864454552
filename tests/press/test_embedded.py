"""Data within a page, for its scripts to read."""

import json

import pytest

from press.embedded import embedded


@pytest.mark.parametrize("text", ["</script>", "<!-- <script>", "a < b", "\u2028 γ", 'a "quoted" \\ one'])
def test_no_text_ends_the_script_and_all_of_it_is_read(text):
    data = {text: [text, 1.5, None]}
    assert "<" not in embedded(data)
    assert json.loads(embedded(data)) == data
