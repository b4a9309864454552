"""Text for a console that may know fewer signs than this package uses: Windows, redirected to a file, has 256."""

from __future__ import annotations

import re
import sys
import unicodedata

__all__ = ["printable"]

_SIGNS = {
    "✓": "+",
    "✗": "x",
    "≈": "~",
    "−": "-",
    "∇": "grad ",
    "Σ": "sum ",
    "∂": "d",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "→": "->",
    "√": "sqrt ",
    "∈": " in ",
    "·": "*",
    "•": "-",
    "“": '"',
    "”": '"',
    "’": "'",
    "…": "...",
    "–": "-",
}

_POWER = re.compile("[⁰¹²³⁴-⁹⁺⁻ᵃ-ᵡⁿ]+")


def printable(text: str) -> str:
    """Return a text as it is where standard output can show it; else the signs that it cannot show in ASCII.

    Examples
    --------
    >>> printable("∇J(θ) ≈ 0.5")
    '∇J(θ) ≈ 0.5'
    """
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    if _fits(text, encoding):
        return text
    # A power is written in one way from its first sign to its last.
    text = _POWER.sub(lambda power: power[0] if _fits(power[0], encoding) else f"^{_in_ascii(power[0])}", text)
    return "".join(sign if _fits(sign, encoding) else _in_ascii(sign) for sign in text)


def _fits(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _in_ascii(text: str) -> str:
    """Signs by their looks, Greek letters by their names, an index or a power by its digits."""
    return "".join(_sign_in_ascii(part) for part in unicodedata.normalize("NFKD", text))


def _sign_in_ascii(sign: str) -> str:
    if sign.isascii() or sign in _SIGNS:
        return _SIGNS.get(sign, sign)
    kind, *named = re.split(" LETTER (?:FINAL )?", unicodedata.name(sign, ""))
    if kind in ("GREEK SMALL", "GREEK CAPITAL"):
        name = named[0].split()[0]
        return name.lower() if kind == "GREEK SMALL" else name.capitalize()
    return "" if unicodedata.combining(sign) else "?"
