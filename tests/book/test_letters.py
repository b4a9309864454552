"""A letter has one meaning: each symbol of each formula stands in the tables of the page on notation."""

from __future__ import annotations

import ast
from collections import Counter

import pytest
from letters import (
    BOOK,
    INFORMAL,
    PAGES,
    Registry,
    Symbol,
    formulas,
    page_formulas,
    path_of,
    readings,
    registry,
    symbols,
)

REGISTRY = registry()


def unknown(found: list[str], page: str, letters: Registry = REGISTRY) -> Counter[str]:
    """The symbols of some formulas that mean nothing on a page."""
    used = [symbol for formula in found for symbol in symbols(formula)]
    return Counter(str(symbol) for symbol in used if not letters.knows(symbol, page))


@pytest.mark.parametrize(
    ("formula", "found"),
    [
        (r"\hat g_i = \sum_t \nabla\log\pi_\theta(a_t|s_t)", [r"\hat{g}_i", "t", r"\pi_\theta", "a_t", "s_t"]),
        (r"\bar\psi P_{\pi'}(s'|s)", [r"\bar{\psi}", r"P_\pi", "s", "s"]),
        (r"\int f\,d\nu + \frac{du}{d\theta}\,d_\gamma(s)", ["f", r"\nu", "u", r"\theta", r"d_\gamma", "s"]),
        (r"\operatorname{Var} x_{\text{old}} + \mathrm{i}\varepsilon \dots", ["x", r"\varepsilon"]),
        (r"\mathbb{E}_{s\sim d}[e^{-\theta}]", [r"\mathbb{E}", "s", "d", "e", r"\theta"]),
    ],
)
def test_symbols_of_a_formula(formula: str, found: list[str]) -> None:
    assert [str(symbol) for symbol in symbols(formula)] == found


def test_formulas_of_a_text() -> None:
    text = "Costs 5\\$, $a$ and\n\n$$\nb\n$$\n\n```\n$c$\n```\n\n\\(d\\)"
    assert [formula.strip() for formula in formulas(text)] == ["a", "b", "d"]


@pytest.mark.parametrize("page", PAGES)
def test_every_symbol_means_something_on_its_page(page: str) -> None:
    assert unknown(list(page_formulas(path_of(page))), page) == {}


def test_a_symbol_without_a_meaning_is_found() -> None:
    page = "one-gradient/causality"
    assert unknown([r"\sum_t \zeta_t R", r"d_\mu(s) + \tilde d_\gamma"], page) == {
        r"\zeta_t": 1,
        r"d_\mu": 1,
        r"\tilde{d}_\gamma": 1,
    }
    assert unknown([r"\kappa"], "one-gradient/baselines-and-variance") == {}
    assert unknown([r"\kappa"], page) == {r"\kappa": 1}


def test_a_letter_of_one_page_has_no_other_meaning() -> None:
    """It is no letter of the whole book, whichever way its index is read, and stands in the table once."""
    for page, symbol in REGISTRY.listed:
        everywhere = [reading for reading in readings(symbol) if reading in REGISTRY.everywhere]
        assert not everywhere, f"{symbol} of {page} is {REGISTRY.everywhere[everywhere[0]]}"
    assert [entry for entry, times in Counter(REGISTRY.listed).items() if times > 1] == []


def test_a_letter_of_one_page_is_used_there() -> None:
    for page, symbol in REGISTRY.listed:
        used = {reading for f in page_formulas(path_of(page)) for one in symbols(f) for reading in readings(one)}
        assert symbol in used, f"{symbol} is not used on {page}"


def test_two_meanings_are_found() -> None:
    text = "\n\n".join(
        [
            "## Symbols\n\n| s | in | m | c |\n| - | - | - | - |\n| $g(s)$ | | local term | [A](a.ipynb) |",
            "## Also used\n\n| s | m | c |\n| - | - | - |\n| $u$, $w_t$ | chance | [A](a.ipynb) |",
            "## Indices and free letters\n\n| l | m |\n| - | - |\n| $t$ | times |",
            "## Letters of one page\n\n| p | l |\n| - | - |\n| [B](b.ipynb) | $g$ a guess; $v$, $v_\\gamma$ values |",
        ]
    )
    small = registry(text)
    values = {Symbol("v"): "values", Symbol("v", r"\gamma"): "values"}
    assert small.of_page == {"b": {Symbol("g"): "a guess"} | values}
    assert set(small.everywhere) == {Symbol("g"), Symbol("u"), Symbol("w", "t"), Symbol("t")}
    assert [symbol for _, symbol in small.listed if symbol in small.everywhere] == [Symbol("g")]


def test_a_letter_is_used_from_the_chapter_on_that_introduces_it() -> None:
    place = {page: number for number, page in enumerate(PAGES)}
    early = []
    for page in PAGES:
        if page in INFORMAL:
            continue
        for symbol in {symbol for formula in page_formulas(path_of(page)) for symbol in symbols(formula)}:
            known = next((reading for reading in readings(symbol) if reading in REGISTRY.introduced), None)
            if known is not None and place[page] < place[REGISTRY.introduced[known]]:
                early.append(f"{symbol} on {page}, from {REGISTRY.introduced[known]}")
    assert early == []


def test_the_chapter_that_introduces_a_letter_uses_it() -> None:
    for symbol, page in REGISTRY.introduced.items():
        used = {one.letter for formula in page_formulas(path_of(page)) for one in symbols(formula)}
        assert symbol.letter in used, f"{symbol} is not used on {page}"


#: Letters of the package that the book has not: the part of it that uses them, and what they are there.
OF_CODE = {
    "χ": {"bias", "_chi_squared", "__init__", "exercises/trajectory_form"},  # χ², the distribution
    # moments; weight of a bonus; a step size, and how slowly Adam forgets; the behaviour
    "β": {
        "bias",
        "off_policy",
        "exercises/beyond",
        "audit",
        "_in_page/audit",
        "mistakes",
        "exercises/state_action_form",
        "exercises/practice",
        "learning",
    },
    "κ": {"bias", "_telescoping", "derivation", "baselines", "estimators", "exercises/one_gradient"},  # factors
    "ν": {"derivation", "general_form"},  # what rounding may do; a measure of actions
    "η": {"derivation"},  # what may be missing from an exact line
    "Φ": {"_telescoping"},  # numbers near the values
    "Γ": {"_chi_squared"},  # the gamma function
}
GREEK_LETTERS = {
    "α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "ε": r"\varepsilon", "ζ": r"\zeta", "η": r"\eta",
    "θ": r"\theta", "κ": r"\kappa", "λ": r"\lambda", "μ": r"\mu", "ν": r"\nu", "ξ": r"\xi", "π": r"\pi", "ρ": r"\rho",
    "σ": r"\sigma", "τ": r"\tau", "φ": r"\phi", "χ": r"\chi", "ψ": r"\psi", "ω": r"\omega", "Γ": r"\Gamma",
    "Δ": r"\Delta", "Θ": r"\Theta", "Λ": r"\Lambda", "Ξ": r"\Xi", "Φ": r"\Phi", "Ψ": r"\Psi", "Ω": r"\Omega",
}  # fmt: skip


def docstrings() -> dict[str, str]:
    """The docstrings of each file of the package."""
    package = BOOK.parent / "pgcode"
    found = {}
    for path in package.rglob("*.py"):
        nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        documented = (node for node in nodes if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef))
        texts = [ast.get_docstring(node) or "" for node in documented]
        found[path.relative_to(package).with_suffix("").as_posix()] = "\n".join(texts)
    return found


def test_greek_letters_of_docstrings_are_those_of_the_book() -> None:
    everywhere = {symbol.letter for symbol in REGISTRY.everywhere}
    used: dict[str, set[str]] = {}
    for name, text in docstrings().items():
        for letter in set(text) & set(GREEK_LETTERS):
            used.setdefault(letter, set()).add(name)
    assert {"γ", "θ", "π"} < set(used)
    for letter, names in used.items():
        if GREEK_LETTERS[letter] not in everywhere:
            own = {part for part in OF_CODE.get(letter, set()) if any(name.startswith(part) for name in names)}
            assert own == OF_CODE.get(letter, set()), f"{letter} is listed for more than uses it"
            strange = [name for name in names if not name.startswith(tuple(own))]
            assert strange == [], f"{letter} in {strange}"
