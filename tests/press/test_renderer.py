"""Which renderer sets the formulas of the website."""

from types import SimpleNamespace

import pytest

from press import formulas


@pytest.mark.parametrize(("available", "renderer"), [(True, "press"), (False, "mathjax")])
def test_pages_set_formulas_themselves_where_mathjax_is_not_fetched(monkeypatch, available, renderer):
    """Left alone, Sphinx takes a renderer that is not its own, and the build ends in an error."""
    monkeypatch.setattr(formulas, "is_available", lambda: available)
    config = SimpleNamespace()
    formulas.choose_renderer(None, config)
    assert config.html_math_renderer == renderer
