"""The picture that others show beside a link to a page."""

from types import SimpleNamespace

import pytest
from sphinx.errors import ExtensionError

from press import cards


def app(folder, file="card.py", address="https://course.example/"):
    return SimpleNamespace(srcdir=folder, config=SimpleNamespace(press_card=file, html_baseurl=address))


def test_where_the_site_has_no_address_or_the_book_no_card_there_are_no_pictures(tmp_path):
    (tmp_path / "card.py").write_text("raise ValueError", encoding="utf-8")  # and the file is not run
    assert cards.cards(app(tmp_path, address="")) is None
    assert cards.cards(app(tmp_path, file="")) is None


def test_a_file_is_run_once(tmp_path):
    count = "from pathlib import Path\nPath(__file__).with_name('runs').mkdir()\n"  # a second time is an error
    (tmp_path / "card.py").write_text(f"{count}ALT = 'A.'\ncard = str\n", encoding="utf-8")
    one = app(tmp_path)
    assert [cards.cards(one).alt, cards.cards(one).card("x")] == ["A.", "x"]
    assert (tmp_path / "runs").exists()


@pytest.mark.parametrize("text", ["ALT = 'A.'", "def card(title): ...", "card = ALT = 'A.'"])
def test_a_file_that_draws_no_card_is_an_error(tmp_path, text):
    (tmp_path / "card.py").write_text(text, encoding="utf-8")
    with pytest.raises(ExtensionError, match=r"press_card: card\.py defines no function card"):
        cards.cards(app(tmp_path))


def test_the_file_of_a_page_has_no_folders():
    assert cards.file_of("book/one", ["book/one", "book/two"]) == "_static/cards/book-one.png"


def test_pages_whose_names_differ_in_a_folder_alone_have_two_files():
    pages = ["a-b", "a/b", "c"]
    files = ["_static/cards/a-b.png", "_static/cards/a/b.png", "_static/cards/c.png"]
    assert [cards.file_of(page, pages) for page in pages] == files
