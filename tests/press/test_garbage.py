"""press/garbage.py: what pages have left is not looked through again."""

SETTINGS = """
import gc, pathlib
extensions = ["press.garbage"]

held = []

def hold(app, page, source):
    held.append([[] for _ in range(100_000)])

def say_how_much_is_searched(app, exception):
    pathlib.Path(app.outdir, "told").write_text(str(len(gc.get_objects())))

def setup(app):
    app.connect("source-read", hold, priority=400)
    app.connect("build-finished", say_how_much_is_searched, priority=WHEN)
"""
PAGE = "Title\n=====\n\nText.\n"


def test_what_was_there_before_a_page_was_read_is_not_searched(tmp_path, sphinx_build):
    site = sphinx_build(tmp_path, SETTINGS.replace("WHEN", "500"), index=PAGE)
    assert int((site / "told").read_text(encoding="utf-8")) < 100_000


def test_after_the_build_all_is_searched_again(tmp_path, sphinx_build):
    site = sphinx_build(tmp_path, SETTINGS.replace("WHEN", "991"), index=PAGE)
    assert int((site / "told").read_text(encoding="utf-8")) > 100_000
