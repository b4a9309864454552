"""press/beside.py: what is made beside the pages is there when the build is finished, or the build fails."""

import pytest

SETTINGS = """
import os, pathlib
from press import beside
extensions = ["press.beside"]

def made(app):
    pathlib.Path(app.outdir, "made").write_text(str(os.getpid()))

def say_who_wrote(app, exception):
    if exception is None:
        made = pathlib.Path(app.outdir, "made").read_text()
        pathlib.Path(app.outdir, "told").write_text("another" if made != str(os.getpid()) else "the same")

def wrong(app):
    WRONG

def setup(app):
    beside.connect(app, made)
    beside.connect(app, wrong)
    app.connect("build-finished", say_who_wrote, priority=101)
"""
PAGE = "Title\n=====\n\nText.\n"


def test_it_is_there_when_others_look_at_the_website(tmp_path, sphinx_build):
    site = sphinx_build(tmp_path, SETTINGS.replace("WRONG", "pass"), index=PAGE)
    assert (site / "told").read_text(encoding="utf-8") == "another"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("raise ValueError('no room')", "ValueError: no room"),
        ("from sphinx.util import logging; logging.getLogger('x').warning('no room')", "WARNING: no room"),
    ],
    ids=["an error", "a warning"],
)
def test_what_is_wrong_fails_the_build(tmp_path, sphinx_fails, wrong, told):
    assert told in sphinx_fails(tmp_path, SETTINGS.replace("WRONG", wrong), index=PAGE)
