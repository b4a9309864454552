r"""Estimate how wide a formula will be, so that its place is kept until a script has set it.

The source of a formula is much longer than the formula. A line of text with formulas would break elsewhere once they
are set, and what one reads would jump. The estimate adds up the widths of the characters in TeX's fonts and the spaces
around signs, in em. It need not be exact, only much better than the length of the source.
"""

from __future__ import annotations

import re

TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\S")
INDEX = 0.707  # the size of an index
# Widths of characters in TeX's fonts. A letter that is not named here is near 0.55, a capital near 0.75.
CHARACTERS = {
    "i": 0.345, "j": 0.412, "l": 0.298, "t": 0.361, "r": 0.451, "s": 0.469, "m": 0.878, "w": 0.716, "c": 0.433,
    "e": 0.466, "q": 0.46, "v": 0.485, "z": 0.465, "o": 0.485, "I": 0.504, "J": 0.633, "S": 0.645, "M": 1.051,
    "(": 0.389, ")": 0.389, "[": 0.278, "]": 0.278, "|": 0.278, ",": 0.445, ";": 0.445, ".": 0.278, "!": 0.278,
    "'": 0.2, "/": 0.5, "…": 1.2,
    r"\theta": 0.469, r"\pi": 0.57, r"\gamma": 0.543, r"\tau": 0.517, r"\alpha": 0.64, r"\beta": 0.566, r"\rho": 0.517,
    r"\mu": 0.603, r"\lambda": 0.583, r"\sigma": 0.571, r"\delta": 0.444, r"\eta": 0.497, r"\phi": 0.596,
    r"\varepsilon": 0.466, r"\Delta": 0.833, r"\nabla": 0.833, r"\infty": 1.0, r"\partial": 0.531, r"\ell": 0.417,
    r"\sum": 1.223, r"\prod": 1.111, r"\int": 0.7, r"\E": 0.834, r"\R": 0.722, r"\ldots": 1.2, r"\dots": 1.2,
    r"\cdots": 1.2, r"\{": 0.5, r"\}": 0.5, r"\lvert": 0.278, r"\rvert": 0.278, r"\|": 0.5, r"\Vert": 0.5,
    r"\emptyset": 0.5, r"\prime": 0.275, r"\top": 0.778, r"\sqrt": 0.853,
    r"\,": 0.167, r"\:": 0.222, r"\;": 0.278, r"\!": -0.167, r"\ ": 0.25, "~": 0.25, r"\quad": 1.0, r"\qquad": 2.0,
}  # fmt: skip
RELATIONS = {"=": 0.778, "<": 0.778, ">": 0.778, ":": 0.278, r"\mid": 0.278, r"\in": 0.667, r"\to": 1.0}
RELATIONS |= {r"\rightarrow": 1.0, r"\leftarrow": 1.0, r"\mapsto": 1.0, r"\Rightarrow": 1.0, r"\iff": 2.2}
RELATIONS |= dict.fromkeys((r"\approx", r"\neq", r"\ne", r"\le", r"\leq", r"\ge", r"\geq", r"\sim", r"\propto"), 0.778)
RELATIONS |= dict.fromkeys((r"\equiv", r"\ll", r"\gg", r"\subset"), 0.778)
OPERATIONS = {"+": 0.778, "-": 0.778, "−": 0.778, r"\pm": 0.778, r"\times": 0.778, r"\cdot": 0.278, r"\setminus": 0.5}
NAMES = (r"\log", r"\exp", r"\max", r"\min", r"\arg", r"\Var", r"\Cov", r"\Prob", r"\argmax", r"\sin", r"\cos", r"\lim")
TEXTS = {r"\text", r"\mathrm", r"\operatorname", r"\operatorname*", r"\texttt", r"\mathsf", r"\textbf", r"\textit"}
NOTHING = {
    r"\left",
    r"\right",
    r"\bigl",
    r"\bigr",
    r"\big",
    r"\Bigl",
    r"\Bigr",
    r"\limits",
    r"\nolimits",
    "&",
    r"\bigm",
}
FRACTIONS = {r"\frac", r"\tfrac", r"\dfrac", r"\binom"}


class _Reader:
    """Reads the tokens of a formula, and adds up what they take."""

    def __init__(self, source: str) -> None:
        self.tokens = TOKEN.findall(source)[::-1]

    def until(self, end: str, index: bool = False) -> float:
        """Return the width up to a token, which is taken too."""
        total, opens = 0.0, True  # a sign at the start, or after another, has no spaces around it
        while self.tokens:
            token = self.tokens.pop()
            if token == end:
                break
            if token in "^_":
                total += self.indices(token)
            elif token in RELATIONS:
                total += RELATIONS[token] + (0.0 if index else 0.556)
                opens = True
            elif token in OPERATIONS:
                total += OPERATIONS[token] + (0.0 if index or opens else 0.444)
                opens = True
            else:
                total += self.width(token, index)
                opens = token in "([,"
        return total

    def indices(self, first: str) -> float:
        """Return the width of what stands above and below: the greater of both."""
        wide = self.argument(index=True)
        if self.tokens and self.tokens[-1] in "^_" and self.tokens[-1] != first:
            self.tokens.pop()
            wide = max(wide, self.argument(index=True))
        return INDEX * wide + 0.05

    def argument(self, index: bool = False) -> float:
        """Return the width of the group or the character that comes next."""
        return self.width(self.tokens.pop(), index) if self.tokens else 0.0

    def width(self, token: str, index: bool = False) -> float:
        """Return the width of a token and of its arguments."""
        if token == "{":
            return self.until("}", index)
        if token in CHARACTERS:
            return CHARACTERS[token]
        if token in FRACTIONS:
            return INDEX * max(self.argument(index=True), self.argument(index=True)) + 0.24
        if token in NAMES:
            return 0.5 * (len(token) - 1) + 0.167
        if token in TEXTS:
            return 0.95 * self.argument(index)
        if token in NOTHING:
            return 0.0
        if token.startswith("\\"):  # an accent or an alphabet, whose argument follows, or a sign
            takes_what_follows = token in ACCENTS or self.tokens[-1:] == ["{"]
            return 0.0 if takes_what_follows else 0.6
        return 0.5 if token.isdigit() else 0.75 if token.isupper() else 0.55


ACCENTS = {r"\hat", r"\bar", r"\tilde", r"\mathbb", r"\mathcal", r"\mathbf", r"\widehat", r"\boldsymbol", r"\vec"}


def formula_width(source: str) -> float:
    """Return about how many em a formula in a line takes, from its source in TeX."""
    return _Reader(source).until("")
