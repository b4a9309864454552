"""The style of the bibliography."""

from pybtex.database import parse_string

from press import bibliography

WORKS = """
@misc{c, author={{van Bo}, Al}, title={Two}, year={1998}, url={https://a.b}, doi={10.1/2}}
@misc{a, author={Ab, Cy and Di, El}, title={One}, year={1992}, doi={10.1/1}, eprint={1234}, archiveprefix={arXiv}}
@misc{b, author={Ab, Cy}, title={Three}, year={2000}}
"""


def test_works_stand_by_author_and_year_with_one_address_each():
    found = list(bibliography.AuthorYearStyle().format_entries(parse_string(WORKS, "bibtex").entries.values()))
    assert [work.label for work in found] == ["Ab, 2000", "Ab and Di, 1992", "van Bo, 1998"]
    texts = [work.text.render_as("text") for work in found]
    assert ["1234" in texts[1], "10.1/1" in texts[1]] == [True, False]
    assert ["10.1/2" in texts[2], "a.b" in texts[2]] == [True, False]
