"""A long formula in pieces, so that a line of text may end between them."""

from __future__ import annotations

import re

#: What a piece begins with: a relation or an operator that stands in no bracket, group or environment.
RELATIONS = {"=", "<", ">", r"\le", r"\ge", r"\ne", r"\leq", r"\geq", r"\neq", r"\approx", r"\leftarrow", r"\sim"}
OPERATORS = {"+", "-"}
TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|.", re.DOTALL)
OPENING = {"{", "(", "[", r"\{", r"\left", r"\begin", r"\lbrace", r"\langle"}
CLOSING = {"}", ")", "]", r"\}", r"\right", r"\end", r"\rbrace", r"\rangle"}
#: A piece is not shorter than this, in tokens, so that lines do not end after every sign.
SHORTEST = 5


def breakable(formula: str) -> list[str]:
    r"""Return the pieces of a formula.

    >>> breakable(r"= \sum_t \gamma^t f(a + b) + \sum_t \gamma^t g(a)")
    ['= \\sum_t \\gamma^t f(a + b)', '{} + \\sum_t \\gamma^t g(a)']
    """
    pieces: list[list[str]] = [[]]
    depth, before = 0, ""
    for token in TOKEN.findall(formula):
        if before not in (r"\left", r"\right"):  # the bracket behind them is counted already
            depth += (token in OPENING) - (token in CLOSING)
        binary = token in RELATIONS | OPERATORS and before not in RELATIONS | OPERATORS | {"^", "_", ""}
        if depth == 0 and binary and sum(not part.isspace() for part in pieces[-1]) >= SHORTEST:
            pieces.append(["{} "])
        pieces[-1].append(token)
        before = token if not token.isspace() else before
    return ["".join(piece).strip() for piece in pieces]
