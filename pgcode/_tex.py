r"""Formulas in texts, for a terminal: TeX between ``\(`` and ``\)`` as letters and signs."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["without_tex"]

_FORMULA = re.compile(r"\\\((.+?)\\\)", re.DOTALL)
_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|[{}^_]|\s+|.", re.DOTALL)
#: Formulas that are nested deeper stay as they are.
_DEEPEST = 40

_COMMANDS = {
    "nabla": "∇", "sum": "Σ", "prod": "∏", "int": "∫", "partial": "∂", "infty": "∞", "cdot": "·", "cdots": "…",
    "dots": "…", "ldots": "…", "times": "×", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠",
    "approx": "≈", "to": "→", "mapsto": "↦", "in": "∈", "mid": "|", "vert": "|", "lVert": "‖", "rVert": "‖",
    "log": "log ", "exp": "exp ", "max": "max ", "min": "min ", "Prob": "Pr", "E": "E", "Var": "Var", "Cov": "Cov",
    "R": "ℝ", "argmax": "argmax ", "top": "ᵀ", "ell": "ℓ", "propto": "∝", "equiv": "≡", "pm": "±", "circ": "∘",
    "epsilon": "ε", "varepsilon": "ε", "varphi": "φ", "vartheta": "ϑ", "varrho": "ϱ", "varsigma": "ς", "varpi": "ϖ",
    "sin": "sin ", "cos": "cos ", "tan": "tan ", "tanh": "tanh ", "ln": "ln ", "det": "det ", "dim": "dim ",
    "sup": "sup ", "inf": "inf ", "lim": "lim ", "arg": "arg ", "Pr": "Pr ", "lvert": "|", "rvert": "|", "Vert": "‖",
    "langle": "⟨", "rangle": "⟩", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "ast": "*", "star": "⋆",
    "prime": "′", "perp": "⊥", "ll": "≪", "gg": "≫", "mp": "∓", "div": "÷", "setminus": "∖", "cup": "∪", "cap": "∩",
    "subset": "⊂", "subseteq": "⊆", "notin": "∉", "forall": "∀", "exists": "∃", "emptyset": "∅", "otimes": "⊗",
    "oplus": "⊕", "Rightarrow": "⇒", "implies": "⇒", "iff": "⇔", "rightarrow": "→", "longrightarrow": "→", "lt": "<",
    "gt": ">", "lbrace": "{", "rbrace": "}", "colon": ":", "vdots": "⋮", "bmod": "mod ",
    "quad": " ", "qquad": " ", "left": "", "right": "", "big": "", "Big": "", "bigl": "", "bigr": "", "Bigl": "",
    "Bigr": "", "bigg": "", "Bigg": "", "biggl": "", "biggr": "", "middle": "", "nolimits": "", "scriptstyle": "",
    "displaystyle": "", "textstyle": "", "limits": "", ",": " ", ";": " ", ":": " ", "!": "", " ": " ",
    "|": "‖", "sim": "∼", "leftarrow": "←",
}  # fmt: skip
_ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "overline": "\u0304", "widehat": "\u0302"}
#: Signs with a space before and after them where they stand between two things; those of the first kind always do.
_RELATIONS = {*"=<>≤≥≠≈→↦∈∝≡←∼≪≫⊂⊆∉⇒⇔"}
_OPERATORS = {"+", "−", "±"}
_WORDS = {"text", "textrm", "textit", "textbf", "textsf", "texttt", "mbox"}
_KEPT = {"operatorname", "mathrm", "mathbf", "boldsymbol", "mathsf", "mathit", "mathtt", "bm"}
_RAISED = dict(zip("0123456789+-−=()abdhijkmntTᵀ'*", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᵈʰⁱʲᵏᵐⁿᵗᵀᵀ′*", strict=True))
_LOWERED = dict(zip("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True)) | {"γ": "ᵧ"}


class _UnknownError(Exception):
    """A formula holds what there are no letters and signs for."""


def _letter(name: str) -> str:
    """A command that is the name of a Greek letter."""
    case = "SMALL" if name[0].islower() else "CAPITAL"
    try:
        return unicodedata.lookup(f"GREEK {case} LETTER {'LAMDA' if name.lower() == 'lambda' else name.upper()}")
    except KeyError:
        raise _UnknownError(name) from None


def _styled(letters: str, style: str) -> str:
    """Letters in a style of Unicode, or as they are."""
    return "".join(_in_style(letter, style) for letter in letters)


def _in_style(letter: str, style: str) -> str:
    for prefix in ("MATHEMATICAL ", ""):
        try:
            return unicodedata.lookup(f"{prefix}{style} CAPITAL {letter}")
        except KeyError:
            continue
    return letter


class _Reader:
    """Reads a formula from left to right."""

    def __init__(self, formula: str) -> None:
        self.tokens = _TOKEN.findall(formula)
        self.depth = 0

    def all(self, end: str = "") -> str:
        """Everything up to a token, or to the end of the formula."""
        parts: list[str] = []
        while self.tokens and self.tokens[0] != end:
            token = self.tokens.pop(0)
            if token.isspace():
                continue
            part = self._script(token) if token in ("^", "_") else self._one(token)
            begun = bool(parts) and not parts[-1].endswith((" ", "(", "["))
            between = part in _RELATIONS or (part in _OPERATORS and begun)
            parts.append(f" {part} " if between else part)
        if end:
            if not self.tokens:
                raise _UnknownError(f"no {end}")
            self.tokens.pop(0)
        return "".join(parts)

    def argument(self) -> str:
        """What a command or an index applies to."""
        self._skip_spaces()
        if not self.tokens:
            raise _UnknownError("no argument")
        return self._one(self.tokens.pop(0))

    def _skip_spaces(self) -> None:
        while self.tokens and self.tokens[0].isspace():
            self.tokens.pop(0)

    def _words(self) -> str:
        """The argument of a command for text, with its spaces."""
        self._skip_spaces()
        if not self.tokens or self.tokens[0] != "{":
            return self.argument()
        end = self.tokens.index("}") if "}" in self.tokens else 0
        words = self.tokens[1:end]
        if not end or any(word == "{" or (len(word) > 1 and not word.isspace()) for word in words):
            raise _UnknownError("a text that holds more than letters")
        del self.tokens[: end + 1]
        return "".join(words)

    def _script(self, sign: str) -> str:
        text = self.argument().replace(" ", "")
        letters = _RAISED if sign == "^" else _LOWERED
        if all(letter in letters for letter in text):
            return "".join(letters[letter] for letter in text)
        return f"{sign}{text}" if len(text) == 1 else f"{sign}({text})"

    def _one(self, token: str) -> str:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _UnknownError("too deep")
        read = self._read(token)
        self.depth -= 1
        return read

    def _read(self, token: str) -> str:
        if token == "{":
            return self.all("}")
        if token == "}":
            raise _UnknownError(token)
        if not token.startswith("\\"):
            return {"-": "−", "'": "′", "~": " "}.get(token, token)
        name = token[1:].rstrip("*")
        if name in _ACCENTS:
            return unicodedata.normalize("NFC", self.argument() + _ACCENTS[name])
        if name in ("mathbb", "mathcal"):
            return _styled(self.argument(), "DOUBLE-STRUCK" if name == "mathbb" else "SCRIPT")
        if name in _WORDS:
            return self._words()
        if name in _KEPT:
            return self.argument() + ("" if name != "operatorname" else " ")
        if name in ("frac", "tfrac", "dfrac"):
            return "/".join(part if part.isalnum() else f"({part})" for part in (self.argument(), self.argument()))
        if name == "sqrt":
            return self._root()
        if name in _COMMANDS:
            return _COMMANDS[name]
        if name.isalpha():
            return _letter(name)
        if name in "{}%#&$_" and name:
            return name
        raise _UnknownError(token)

    def _root(self) -> str:
        self._skip_spaces()
        degree = ""
        if self.tokens and self.tokens[0] == "[":
            self.tokens.pop(0)
            degree = self.all("]")
        inner = self.argument()
        sign = {"": "√", "2": "√", "3": "∛", "4": "∜"}.get(degree)
        if sign is None:
            if not all(letter in _RAISED for letter in degree):
                raise _UnknownError("a root of another degree")
            sign = "".join(_RAISED[letter] for letter in degree) + "√"
        return f"{sign}{inner}" if len(inner) == 1 else f"{sign}({inner})"


def without_tex(text: str) -> str:
    r"""Return a text with its formulas, between ``\(`` and ``\)``, in letters and signs.

    A formula that holds more than these can say, such as a matrix, stays as it is.

    Examples
    --------
    >>> without_tex(r"The mean of \(\nabla\log\pi_\theta(a|s)\) is \(\gamma^{t}\hat{g}_t\).")
    'The mean of ∇log π_θ(a|s) is γᵗĝₜ.'
    """
    return _FORMULA.sub(_in_signs, text)


def _in_signs(formula: re.Match[str]) -> str:
    try:
        return " ".join(_Reader(formula[1]).all().split())
    except _UnknownError:
        return formula[0]
