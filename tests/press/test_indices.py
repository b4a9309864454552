"""Formulas of docstrings on the pages of the reference."""

import inspect
import re
from types import SimpleNamespace

import pytest
from docutils import nodes

from press import api, indices

APP = SimpleNamespace(env=SimpleNamespace(temp_data={api.IN_REFERENCE: True}))


def shown(words):
    """A text with what stands below a line in ⟨⟩, and what stands above it in ⟪⟫."""
    marks = {"subscript": "⟨{}⟩", "superscript": "⟪{}⟫"}
    return "".join(marks.get(part.tagname, "{}").format(part.astext()) for part in indices.with_indices(words))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("R(τ) = Σ_t γᵗ r_t.", "R(τ) = Σ⟨t⟩ γᵗ r⟨t⟩."),
        ("Σ_{k≥t} γ^{k−t} r_k", "Σ⟨k≥t⟩ γ⟪k−t⟫ r⟨k⟩"),
        ("∇log π_θ(a_t|s_t)", "∇log π⟨θ⟩(a⟨t⟩|s⟨t⟩)"),
        ("E[ĝ_k] = Σ_batches P", "E[ĝ⟨k⟩] = Σ⟨batches⟩ P"),
        ("d_γ, d_π and π_ref", "d⟨γ⟩, d⟨π⟩ and π⟨ref⟩"),
        ("φ_t(s)ᵀ, y_i,<t", "φ⟨t⟩(s)ᵀ, y⟨i⟩,<t"),
        # names of code stay
        ("array, shape (n_trajectories, T, n_a_b)", "array, shape (n_trajectories, T, n_a_b)"),
        ("discounted_visitation and log_pi", "discounted_visitation and log_pi"),
    ],
)
def test_what_is_below_and_above_the_line(words, expected):
    assert shown(words) == expected


RAW = re.compile(r"[^\x00-\u036f\s]_|\b[a-zA-Z]_[a-zA-Z0-9{]\b|\^\{")


def test_no_formula_of_a_public_docstring_stays_raw():
    raw, read = [], 0
    for module in api.public_modules("pgcode"):
        for name in api.members(module):
            thing = getattr(__import__(module, fromlist=[name]), name)
            if inspect.isroutine(thing) or inspect.isclass(thing):
                words = re.sub(r"``.*?``|`[^`]*`|^ *>>>.*$", "", inspect.getdoc(thing) or "", flags=re.MULTILINE)
                read += bool(RAW.search(words))
                left = [part.astext() for part in indices.with_indices(words) if isinstance(part, nodes.Text)]
                raw += [f"{module}.{name}: {found}" for part in left for found in RAW.findall(part)]
    assert raw == []
    assert read > 50


def page(*content):
    return nodes.section("", nodes.title("", "π_θ"), *content)


def test_a_formula_that_is_set_in_is_no_code():
    doctree = page(nodes.literal_block("", "least_k = Σ_t b_t\n        + κ_tk"))
    indices.set_indices(APP, doctree)
    (formula,) = doctree.findall(nodes.line_block)
    assert formula["classes"] == ["pg-formulas"]
    assert [line.astext() for line in formula] == ["leastk = Σt bt", "        + κtk"]
    assert [part.astext() for part in formula.findall(nodes.subscript)] == ["k", "t", "t", "tk"]


@pytest.mark.parametrize("code", [">>> π_θ = 1", "theta_1 == Σ_t", "x = y_t"])
def test_code_stays_code(code):
    doctree = page(nodes.literal_block("", code), nodes.paragraph("", "", nodes.literal("", "π_θ")))
    indices.set_indices(APP, doctree)
    assert not list(doctree.findall(nodes.subscript))


def test_other_pages_are_left_alone():
    doctree = page(nodes.paragraph("", "Σ_t"))
    indices.set_indices(SimpleNamespace(env=SimpleNamespace(temp_data={})), doctree)
    assert not list(doctree.findall(nodes.subscript))
