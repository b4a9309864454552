r"""Formulas in texts, for a terminal: TeX between ``\(`` and ``\)`` as letters and signs."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["without_tex"]

_FORMULA = re.compile(r"\\\((.+?)\\\)", re.DOTALL)
_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|[{}^_]|\s+|.", re.DOTALL)

_COMMANDS = {
    "nabla": "∇", "sum": "Σ", "prod": "∏", "int": "∫", "partial": "∂", "infty": "∞", "cdot": "·", "cdots": "…",
    "dots": "…", "ldots": "…", "times": "×", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠",
    "approx": "≈", "to": "→", "mapsto": "↦", "in": "∈", "mid": "|", "vert": "|", "lVert": "‖", "rVert": "‖",
    "log": "log ", "exp": "exp ", "max": "max ", "min": "min ", "Prob": "Pr", "E": "E", "Var": "Var", "Cov": "Cov",
    "R": "ℝ", "argmax": "argmax ", "top": "ᵀ", "ell": "ℓ", "propto": "∝", "equiv": "≡", "pm": "±", "circ": "∘",
    "epsilon": "ε", "varepsilon": "ε", "varphi": "φ",
    "quad": " ", "qquad": " ", "left": "", "right": "", "big": "", "Big": "", "bigl": "", "bigr": "", "Bigl": "",
    "Bigr": "", "displaystyle": "", "textstyle": "", "limits": "", ",": " ", ";": " ", ":": " ", "!": "", " ": " ",
    "|": "‖", "sim": "∼", "leftarrow": "←",
}  # fmt: skip
_ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "overline": "\u0304", "widehat": "\u0302"}
#: Signs with a space before and after them where they stand between two things; those of the first kind always do.
_RELATIONS = {"=", "<", ">", "≤", "≥", "≠", "≈", "→", "↦", "∈", "∝", "≡", "←", "∼"}
_OPERATORS = {"+", "−", "±"}
_KEPT = {"operatorname", "mathrm", "mathbf", "text", "boldsymbol", "mathsf"}
_RAISED = dict(zip("0123456789+-−=()abdhijkmntTᵀ'*", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᵈʰⁱʲᵏᵐⁿᵗᵀᵀ′*", strict=True))
_LOWERED = dict(zip("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True)) | {"γ": "ᵧ"}


def _letter(name: str) -> str:
    """A command that is the name of a Greek letter, or else its name."""
    case = "SMALL" if name[0].islower() else "CAPITAL"
    try:
        return unicodedata.lookup(f"GREEK {case} LETTER {'LAMDA' if name.lower() == 'lambda' else name.upper()}")
    except KeyError:
        return name


def _styled(letter: str, style: str) -> str:
    """A letter in a style of Unicode, or as it is."""
    for prefix in ("MATHEMATICAL ", ""):
        try:
            return unicodedata.lookup(f"{prefix}{style} CAPITAL {letter}")
        except KeyError:
            continue
    return letter


class _Reader:
    """Reads a formula from left to right."""

    def __init__(self, formula: str) -> None:
        self.tokens = [token for token in _TOKEN.findall(formula) if token.strip() or token == "\\ "]

    def all(self, end: str = "") -> str:
        """Everything up to a token."""
        parts: list[str] = []
        while self.tokens and self.tokens[0] != end:
            token = self.tokens.pop(0)
            part = self._script(token) if token in ("^", "_") else self._one(token)
            begun = bool(parts) and not parts[-1].endswith((" ", "(", "["))
            between = part in _RELATIONS or (part in _OPERATORS and begun)
            parts.append(f" {part} " if between else part)
        if end and self.tokens:
            self.tokens.pop(0)
        return "".join(parts)

    def argument(self) -> str:
        """What a command or an index applies to."""
        if not self.tokens:
            return ""
        return self._one(self.tokens.pop(0))

    def _script(self, sign: str) -> str:
        text = self.argument().replace(" ", "")
        letters = _RAISED if sign == "^" else _LOWERED
        if all(letter in letters for letter in text):
            return "".join(letters[letter] for letter in text)
        return f"{sign}{text}" if len(text) == 1 else f"{sign}({text})"

    def _one(self, token: str) -> str:
        if token == "{":
            return self.all("}")
        if not token.startswith("\\"):
            return {"-": "−", "'": "′", "~": " "}.get(token, token)
        name = token[1:].rstrip("*")
        if name in _ACCENTS:
            return unicodedata.normalize("NFC", self.argument() + _ACCENTS[name])
        if name in ("mathbb", "mathcal"):
            return _styled(self.argument(), "DOUBLE-STRUCK" if name == "mathbb" else "SCRIPT")
        if name in _KEPT:
            return self.argument() + ("" if name.startswith("math") or name == "text" else " ")
        if name in ("frac", "tfrac", "dfrac"):
            return "/".join(part if part.isalnum() else f"({part})" for part in (self.argument(), self.argument()))
        if name == "sqrt":
            inner = self.argument()
            return f"√{inner}" if len(inner) == 1 else f"√({inner})"
        return _COMMANDS.get(name, name if not name.isalpha() else _letter(name))


def without_tex(text: str) -> str:
    r"""Return a text with its formulas, between ``\(`` and ``\)``, in letters and signs.

    Examples
    --------
    >>> without_tex(r"The mean of \(\nabla\log\pi_\theta(a|s)\) is \(\gamma^{t}\hat{g}_t\).")
    'The mean of ∇log π_θ(a|s) is γᵗĝₜ.'
    """
    return _FORMULA.sub(lambda formula: " ".join(_Reader(formula[1]).all().split()), text)
