"""A long formula in pieces, so that a line of text may end between them."""

from __future__ import annotations

import re

#: What a piece begins with: a relation or an operator that stands in no group or environment, and in no bracket but a
#: tall one. In a tall one a piece may begin behind the space between two factors too.
RELATIONS = {"=", "<", ">", r"\le", r"\ge", r"\ne", r"\leq", r"\geq", r"\neq", r"\approx", r"\leftarrow", r"\sim"}
OPERATORS = {"+", "-"}
TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|.", re.DOTALL)
OPENING = {"{", "(", "[", r"\{", r"\left", r"\begin", r"\lbrace", r"\langle"}
CLOSING = {"}", ")", "]", r"\}", r"\right", r"\end", r"\rbrace", r"\rangle"}
TALL = {r"\Big", r"\bigg", r"\Bigg", r"\Bigl", r"\biggl", r"\Biggl"}
BETWEEN_FACTORS = r"\,"
#: A piece is not shorter than this, in tokens, so that lines do not end after every sign.
SHORTEST = 5


def breakable(formula: str) -> list[str]:
    r"""Return the pieces of a formula.

    >>> breakable(r"= \sum_t \gamma^t f(a + b) + \sum_t \gamma^t g(a)")
    ['= \\sum_t \\gamma^t f(a + b)', '{} + \\sum_t \\gamma^t g(a)']
    """
    pieces: list[list[str]] = [[]]
    open_brackets: list[bool] = []  # whether each is tall
    before = ""
    for token in TOKEN.findall(formula):
        if before not in (r"\left", r"\right"):  # the bracket behind them is counted already
            if token in OPENING:
                open_brackets.append(before in TALL)
            elif token in CLOSING and open_brackets:
                open_brackets.pop()
        binary = token in RELATIONS | OPERATORS and before not in RELATIONS | OPERATORS | OPENING | {"^", "_", ""}
        factor = bool(open_brackets) and before == BETWEEN_FACTORS
        if (binary or factor) and all(open_brackets) and sum(not part.isspace() for part in pieces[-1]) >= SHORTEST:
            pieces.append(["{} "])
        pieces[-1].append(token)
        before = token if not token.isspace() else before
    return ["".join(piece).strip() for piece in pieces]
