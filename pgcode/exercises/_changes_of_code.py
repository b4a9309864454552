"""A right answer with one place of its code changed, as people change it without noticing.

The changes know no exercise. Each is made in the syntax tree of the function, compiled once, and kept.
"""

from __future__ import annotations

import ast
import copy
import functools
import itertools
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

from pgcode.exercises._source import answer_source

#: The rank of changes that add something; those before it leave something out, or put one thing for another.
ADDED = 3

#: Code with more characters than the first is told in a name without what stands in brackets, where a part of it has
#: more than the second.
LONG, SHORT = 40, 12

_OPERATORS: dict[type[ast.operator], list[type[ast.operator]]] = {
    ast.Add: [ast.Sub, ast.Mult],
    ast.Sub: [ast.Add, ast.Mult, ast.Div],
    ast.Mult: [ast.Div, ast.Add, ast.Sub, ast.Pow],
    ast.Div: [ast.Mult, ast.Sub],
    ast.Pow: [ast.Mult],
    ast.MatMult: [ast.Mult],
}
_COMPARISONS: dict[type[ast.cmpop], list[type[ast.cmpop]]] = {
    ast.Lt: [ast.LtE, ast.Gt, ast.GtE],
    ast.LtE: [ast.Lt, ast.GtE, ast.Gt],
    ast.Gt: [ast.GtE, ast.Lt, ast.LtE],
    ast.GtE: [ast.Gt, ast.LtE, ast.Lt],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
}
#: Functions and methods, and what is easily taken for them.
_NAMES = {
    "sum": ["mean", "max", "prod", "min", "cumsum"],
    "mean": ["sum", "max", "median", "min"],
    "max": ["min", "sum", "mean"],
    "min": ["max", "mean"],
    "exp": ["log", "abs", "exp2", "expm1", "square"],
    "log": ["exp", "log2", "log10", "log1p"],
    "log1p": ["log", "exp"],
    "prod": ["sum", "mean", "max", "min"],
    "cumsum": ["cumprod"],
    "cumprod": ["cumsum"],
    "zeros": ["ones"],
    "ones": ["zeros"],
    "eye": ["ones"],
    "argmax": ["argmin"],
    "var": ["std"],
    "std": ["var"],
    "sqrt": ["square", "abs"],
    "zeros_like": ["ones_like"],
    "ceil": ["floor", "round"],
    "floor": ["ceil", "round"],
    "inv": ["pinv"],
    "pinv": ["inv"],
    "maximum": ["minimum"],
    "minimum": ["maximum"],
}


@dataclass(frozen=True)
class CodeChange:
    """A function that differs from a right one in one place of its code.

    Attributes
    ----------
    name : str
        What is different, in a few words.
    phrase : str
        The same with its code between backticks, to stand behind "what the solution gives".
    function : callable
    rank : int
        0 where something was left out, 1 and 2 where it was exchanged, and from ``ADDED`` on where something was added.
    spot : _Spot
        Where in the code, and which of the changes there.
    """

    name: str
    phrase: str
    function: Callable[..., Any]
    rank: int
    spot: _Spot


@functools.lru_cache(maxsize=128)
def code_changes(function: Callable[..., Any]) -> tuple[CodeChange, ...]:
    """Every function that one change to the code of a right answer gives, each once; none where it has no code."""
    try:
        code = _code_of(function)
    except (OSError, TypeError, SyntaxError):  # written in a shell, a lambda, a function in one line
        return ()
    places: dict[str, set[int]] = {}
    words = [code.words_of(spot) for spot in code.spots]
    for spot, (name, _) in zip(code.spots, words, strict=True):
        places.setdefault(name, set()).add(spot.place)
    found: dict[str, CodeChange] = {}
    for spot, (name, phrase) in zip(code.spots, words, strict=True):
        if len(places[name]) > 1:  # the same words at several places: alone they would mean all of them
            short, where = code.text_around(spot)
            name = f"{name} in {where if f'{name} in {short}' in found else short}"
            phrase = f"{phrase} in `{where}`"
        if name not in found:
            made = code.with_changes(spot)
            if made is not None:
                found[name] = CodeChange(name, f"with {phrase}", made, spot.rank, spot)
    return tuple(found.values())


@functools.lru_cache(maxsize=20_000)
def both_changed(function: Callable[..., Any], one: CodeChange, other: CodeChange) -> Callable[..., Any] | None:
    """The function with two changes at two places; None where they cannot be made together."""
    return None if one.spot.place == other.spot.place else _code_of(function).with_changes(one.spot, other.spot)


@functools.lru_cache(maxsize=128)
def _code_of(function: Callable[..., Any]) -> _Code:
    return _Code(function)


class _Code:
    """The syntax tree of a function, its places, and what may stand there."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._tree = ast.parse(answer_source(function))
        definition = self._tree.body[0]
        if not isinstance(definition, ast.FunctionDef):
            raise SyntaxError("a solution whose code can be changed is a function with def")
        if ast.get_docstring(definition) is not None:
            definition.body = definition.body[1:]
        parameters = [argument.arg for argument in definition.args.args]
        nodes = [node for node in ast.walk(definition) if isinstance(node, ast.Name)]
        stored = [node.id for node in nodes if isinstance(node.ctx, ast.Store)]
        self._names = list(dict.fromkeys([*parameters, *stored]))
        self._places = list(_places(definition))
        self.spots = list(self._all_spots())

    def _all_spots(self) -> Iterator[_Spot]:
        """First what is left out, then what is exchanged, then what is added."""
        makers = [_makers_at(place, self._names) for place in self._places]
        for rank, maker in enumerate(_MAKERS):
            for number, place in enumerate(self._places):
                if maker in makers[number]:
                    for which, change in enumerate(maker(place.get(), self._names)):
                        yield _Spot(number, rank, which, change)

    def words_of(self, spot: _Spot) -> tuple[str, str]:
        """The words for a change; where it is that of a keyword, the keyword is in them."""
        name, phrase = spot.change.words()
        keyword = self._places[spot.place].parent
        if isinstance(keyword, ast.keyword) and " for " in name and keyword.arg:
            new, _, old = name.partition(" for ")
            new, old = f"{keyword.arg}={new}", f"{keyword.arg}={old}"
            return f"{new} for {old}", f"`{new}` in place of `{old}`"
        return name, phrase

    def text_around(self, spot: _Spot) -> tuple[str, str]:
        """The code around a spot, which is more than a name, and no more than an expression: in short, and whole."""
        around = self._places[spot.place].around
        return _short(around).partition(":\n")[0], _text(around).partition(":\n")[0]

    def with_changes(self, *spots: _Spot) -> Callable[..., Any] | None:
        """The function after these changes, or None where it is none."""
        undone: list[tuple[_Place, Any]] = []
        try:
            for spot in sorted(spots, key=lambda spot: -spot.place):  # what is inside of another comes first
                place = self._places[spot.place]
                before = place.get()
                change = self._made_anew(spot, before) if undone else spot.change
                if change is None:
                    return None
                undone.append((place, before))
                place.set(_located(change.new, before))
            code = _compiled(self._tree)
        except (SyntaxError, ValueError, TypeError):
            return None
        finally:
            for place, before in reversed(undone):
                place.set(before)
        function: Any = self._function
        return FunctionType(code, function.__globals__, function.__name__, function.__defaults__)

    def _made_anew(self, spot: _Spot, node: ast.AST) -> _Changed | None:
        """The change at a spot as the code is now, which may be changed within."""
        return next(itertools.islice(_MAKERS[spot.rank](node, self._names), spot.which, None), None)


def _compiled(tree: ast.Module) -> CodeType:
    module = compile(tree, "<the solution, changed>", "exec")
    return next(constant for constant in module.co_consts if isinstance(constant, CodeType))


@dataclass(frozen=True)
class _Place:
    """Where a node stands in the tree."""

    parent: ast.AST
    field: str
    index: int | None
    around: ast.AST

    def get(self) -> Any:
        held = getattr(self.parent, self.field)
        return held if self.index is None else held[self.index]

    def set(self, node: Any) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


@dataclass(frozen=True)
class _Changed:
    """What may stand at a place, and the words for it."""

    new: Any
    words: Callable[[], tuple[str, str]]


@dataclass(frozen=True)
class _Spot:
    """A change at a place: the number of the place, the rank of the kind, and which of those that it makes there."""

    place: int
    rank: int
    which: int
    change: _Changed


def _located(new: ast.AST, old: ast.AST) -> ast.AST:
    """Give new nodes the place in the text that the old one has; Python asks for one."""
    where = next((node for node in ast.walk(old) if hasattr(node, "lineno")), None)
    for node in ast.walk(new):
        if where is not None and not hasattr(node, "lineno"):
            ast.copy_location(node, where)
    return new


def _places(node: ast.AST, around: ast.AST | None = None) -> Iterator[_Place]:
    """The places of a tree, each with the expression or the line that it stands in."""
    if around is None or isinstance(node, (ast.expr, ast.stmt)):
        around = node
    for field, value in ast.iter_fields(node):
        if field in {"func", "args", "returns", "decorator_list"} and isinstance(node, ast.FunctionDef):
            continue
        for index, held in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(held, ast.AST):
                yield _Place(node, field, index, around)
                yield from _places(held, around)


def _makers_at(place: _Place, names: list[str]) -> list[Any]:
    node, parent = place.get(), place.parent
    if isinstance(node, ast.stmt):
        return [_left_out, _exchanged]
    if not isinstance(node, ast.expr) or isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del)):
        return []
    if isinstance(parent, ast.Call) and place.field == "func":
        return []
    if isinstance(node, ast.Name) and node.id == "np":
        return []
    if isinstance(node, ast.Name) and isinstance(parent, ast.Attribute) and node.id not in names:
        return []
    within_index = isinstance(parent, (ast.Subscript, ast.Slice)) and place.field != "value"
    decorated = [] if within_index or isinstance(parent, ast.Attribute) else [_decorated]
    return [_left_out, _exchanged, *decorated, _other_name]


# ---- words ----------------------------------------------------------------------------------------------------------


def _text(node: ast.AST) -> str:
    return ast.unparse(node)


class _Shortened(ast.NodeTransformer):
    """Writes ``f(…)`` for calls and ``x[…]`` for indices that have these dumps."""

    def __init__(self, dumps: Collection[str]) -> None:
        self._dumps = dumps

    def visit(self, node: ast.AST) -> Any:
        if ast.dump(node) in self._dumps:
            if isinstance(node, ast.Subscript):
                return ast.Subscript(self.visit(node.value), ast.Name("…", ast.Load()), ast.Load())
            if isinstance(node, ast.Call):
                given: list[ast.expr] = [ast.Name("…", ast.Load())] if node.args or node.keywords else []
                return ast.Call(self.visit(node.func), given, [])
        return self.generic_visit(node)


def _short(node: ast.AST) -> str:
    """The code, if it is short; otherwise without what the calls within it are given."""
    text = _text(node)
    if len(text) <= LONG:
        return text
    outer = copy.deepcopy(node)
    if isinstance(outer, ast.Call):  # its own arguments are kept
        long = _Shortened(_long_parts(outer))
        outer = ast.Call(long.visit(outer.func), [long.visit(argument) for argument in outer.args], outer.keywords)
    else:
        outer = _Shortened(_long_parts(outer)).visit(outer)
    return _text(_located(outer, node))


def _long_parts(node: ast.AST) -> set[str]:
    """The dumps of those calls and indices in a piece of code that are too long to be told whole."""
    parts = (part for part in ast.walk(node) if isinstance(part, (ast.Call, ast.Subscript)))
    return {ast.dump(part) for part in parts if len(_text(part)) > SHORT}


def _both_short(new: ast.AST, old: ast.AST) -> tuple[str, str]:
    """Two pieces of code; where they are long, without what the calls are given that stand in both."""
    theirs, ours = _text(new), _text(old)
    if len(theirs) + len(ours) <= 2 * LONG:
        return theirs, ours
    common = _long_parts(new) & _long_parts(old)
    shortened = [_text(_Shortened(common).visit(copy.deepcopy(node))) for node in (new, old)]
    return (theirs, ours) if shortened[0] == shortened[1] else (shortened[0], shortened[1])


def _instead(new: ast.AST, old: ast.AST) -> _Changed:
    def words() -> tuple[str, str]:
        theirs, ours = _both_short(_located(new, old), old)
        return f"{theirs} for {ours}", f"`{theirs}` in place of `{ours}`"

    return _Changed(new, words)


def _without(new: ast.AST, gone: ast.AST) -> _Changed:
    return _Changed(new, lambda: (f"{_short(gone)} left out", f"`{_text(gone)}` left out"))


def _exchanged_words(new: ast.AST, one: ast.AST, other: ast.AST) -> _Changed:
    def words() -> tuple[str, str]:
        name, phrase = (
            f"{_short(one)} exchanged with {_short(other)}",
            f"`{_text(one)}` exchanged with `{_text(other)}`",
        )
        return name, phrase

    return _Changed(new, words)


def _said(new: ast.AST, words: str, shown: str = "") -> _Changed:
    return _told(new, words.replace("`", ""), shown or words)


def _told(new: ast.AST, name: str, phrase: str) -> _Changed:
    return _Changed(new, lambda: (name, phrase))


# ---- what is left out -----------------------------------------------------------------------------------------------


def _left_out(node: Any, names: list[str]) -> Iterator[_Changed]:
    if isinstance(node, ast.BinOp):
        yield _without(node.left, node.right)
        if isinstance(node.op, ast.Sub):
            yield _without(ast.UnaryOp(ast.USub(), node.right), node.left)
            yield _instead(node.right, node)
        elif isinstance(node.op, ast.Div):
            yield _without(ast.BinOp(ast.Constant(1), ast.Div(), node.right), node.left)
            yield _instead(node.right, node)
        else:
            yield _without(node.right, node.left)
    elif isinstance(node, ast.UnaryOp):
        sign = {ast.USub: "the minus", ast.Not: "`not`"}.get(type(node.op), "the sign")
        text = _text(node.operand)
        yield _told(node.operand, f"{sign} before {text} left out".replace("`", ""), f"{sign} before `{text}` left out")
    elif isinstance(node, ast.BoolOp):
        for i, value in enumerate(node.values):
            rest = [one for k, one in enumerate(node.values) if k != i]
            yield _without(rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest), value)
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield _instead(node.value, node)
        index = node.slice
        if isinstance(index, ast.Tuple):
            for i, _ in enumerate(index.elts):
                whole: list[ast.expr] = list(index.elts)
                whole[i] = ast.Slice()
                yield _instead(ast.Subscript(node.value, ast.Tuple(whole, ast.Load()), ast.Load()), node)
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield _said(node.value, f"`{_text(node.value)}` not transposed")
    elif isinstance(node, ast.Call):
        yield from _call_left_out(node)
    elif isinstance(node, ast.IfExp):
        yield _instead(node.body, node)
        yield _instead(node.orelse, node)
    elif isinstance(node, (ast.Assign, ast.AugAssign, ast.Expr)):
        text = _text(node)
        yield _told(ast.Pass(), f"{_short(node)} left out", f"the line `{text}` left out")
    elif isinstance(node, ast.If):
        text = _text(node.test)
        yield _told(
            ast.If(ast.Constant(True), node.body, []), f"{text} not asked", f"`{text}` not asked, as if it held"
        )
        yield _told(ast.Pass(), f"nothing done if {text}", f"nothing done where `{text}`")


def _call_left_out(node: ast.Call) -> Iterator[_Changed]:
    for i, keyword in enumerate(node.keywords):
        rest = node.keywords[:i] + node.keywords[i + 1 :]
        yield _without(ast.Call(node.func, node.args, rest), keyword)
    if isinstance(node.func, ast.Attribute):
        of_module = isinstance(node.func.value, ast.Name) and node.func.value.id == "np"
        name = node.func.attr
        if of_module and name == "einsum" and isinstance(node.args[0], ast.Constant):
            yield from _einsum_left_out(node)
        elif of_module and name == "where" and len(node.args) == 3:
            yield _instead(node.args[1], node)
            yield _instead(node.args[2], node)
        elif of_module or isinstance(node.func.value, ast.Attribute):
            if node.args:
                yield _said(node.args[0], f"`{name}` left out", f"`{_text(node.args[0])}` in place of `{_text(node)}`")
        else:
            yield _said(
                node.func.value, f"`{name}` left out", f"`{_text(node.func.value)}` in place of `{_text(node)}`"
            )
    elif isinstance(node.func, ast.Name) and len(node.args) == 1 and node.func.id not in {"len", "range", "list"}:
        yield _said(node.args[0], f"`{node.func.id}` left out")


def _einsum_left_out(node: ast.Call) -> Iterator[_Changed]:
    """A product of several factors with one of them missing."""
    subscripts = node.args[0].value  # type: ignore[attr-defined]
    if "->" not in subscripts:
        return
    inputs, output = subscripts.replace(" ", "").split("->")
    factors = inputs.split(",")
    for i, factor in enumerate(factors):
        rest = factors[:i] + factors[i + 1 :]
        if rest and set(output) <= set("".join(rest)):
            text = f"{','.join(rest)}->{output}"
            args = [ast.Constant(text), *node.args[1 : 1 + i], *node.args[2 + i :]]
            yield _without(ast.Call(node.func, args, node.keywords), node.args[1 + i])
        elif rest and "..." not in factor:
            kept = "".join(letter for letter in output if letter in "".join(rest) or letter == ".")
            text = f"{','.join(rest)}->{kept}"
            args = [ast.Constant(text), *node.args[1 : 1 + i], *node.args[2 + i :]]
            yield _without(ast.Call(node.func, args, node.keywords), node.args[1 + i])


# ---- what is exchanged ----------------------------------------------------------------------------------------------


def _exchanged(node: Any, names: list[str]) -> Iterator[_Changed]:
    if isinstance(node, ast.BinOp):
        for operation in _OPERATORS.get(type(node.op), []):
            yield _instead(ast.BinOp(node.left, operation(), node.right), node)
        if isinstance(node.op, (ast.Sub, ast.Div, ast.Pow, ast.MatMult)):
            yield _instead(ast.BinOp(node.right, node.op, node.left), node)
        if isinstance(node.op, ast.MatMult):
            yield _instead(ast.BinOp(ast.Attribute(node.left, "T", ast.Load()), node.op, node.right), node)
            yield _instead(ast.BinOp(node.left, node.op, ast.Attribute(node.right, "T", ast.Load())), node)
        yield from _regrouped(node)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for comparison in _COMPARISONS.get(type(node.ops[0]), []):
            yield _instead(ast.Compare(node.left, [comparison()], node.comparators), node)
    elif isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield _instead(ast.BoolOp(other, node.values), node)
    elif isinstance(node, ast.Constant):
        yield from _constants(node)
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield from _indices(node)
    elif isinstance(node, ast.Call):
        yield from _calls(node)
    elif isinstance(node, ast.For):
        yield from _loops(node)
    elif isinstance(node, ast.AugAssign):
        for operation in _OPERATORS.get(type(node.op), []):
            yield _added_otherwise(ast.AugAssign(node.target, operation(), node.value), node)
        yield _added_otherwise(ast.Assign([node.target], node.value), node)
    elif isinstance(node, ast.If):
        text = _text(node.test)
        yield _said(
            ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse), f"`if {text}` the other way round"
        )


def _added_otherwise(new: ast.AugAssign | ast.Assign, old: ast.AugAssign) -> _Changed:
    """``x -= …`` for ``x += …``."""
    shown: ast.expr = ast.Name("…", ast.Load()) if len(_text(old.value)) > SHORT else old.value
    target = old.target
    short: ast.stmt = (
        ast.AugAssign(target, new.op, shown) if isinstance(new, ast.AugAssign) else ast.Assign([target], shown)
    )
    return _Changed(new, _instead(short, ast.AugAssign(target, old.op, shown)).words)


def _regrouped(node: ast.BinOp) -> Iterator[_Changed]:
    """``a + b * c`` for ``(a + b) * c`` and the like: the brackets are lost, or set where none belong."""
    left, right = node.left, node.right
    loose, tight = (ast.Add, ast.Sub), (ast.Mult, ast.Div, ast.MatMult)
    if isinstance(node.op, tight) and isinstance(left, ast.BinOp) and isinstance(left.op, loose):
        yield _instead(ast.BinOp(left.left, left.op, ast.BinOp(left.right, node.op, right)), node)
    if isinstance(node.op, tight) and isinstance(right, ast.BinOp) and isinstance(right.op, loose):
        yield _instead(ast.BinOp(ast.BinOp(left, node.op, right.left), right.op, right.right), node)
    if isinstance(node.op, loose) and isinstance(right, ast.BinOp) and isinstance(right.op, tight):
        yield _instead(ast.BinOp(ast.BinOp(left, node.op, right.left), right.op, right.right), node)
    if isinstance(node.op, loose) and isinstance(left, ast.BinOp) and isinstance(left.op, tight):
        yield _instead(ast.BinOp(left.left, left.op, ast.BinOp(left.right, node.op, right)), node)
    if isinstance(node.op, loose) and isinstance(left, ast.BinOp) and isinstance(left.op, loose):
        yield _instead(ast.BinOp(left.left, left.op, ast.BinOp(left.right, node.op, right)), node)


def _constants(node: ast.Constant) -> Iterator[_Changed]:
    value = node.value
    if isinstance(value, bool):
        yield _instead(ast.Constant(not value), node)
    elif isinstance(value, int):
        for other in (value + 1, value - 1, -value, 2 * value):
            if other != value:
                yield _instead(ast.Constant(other), node)
    elif isinstance(value, float):
        for number in (value + 1, 1 - value, 2 * value, value / 2):
            if number != value:
                yield _instead(ast.Constant(number), node)


def _plus(node: ast.expr, by: int) -> ast.expr:
    """``t + 1`` for ``t``, and ``t`` for ``t - 1``."""
    undone = ast.Sub if by > 0 else ast.Add
    if isinstance(node, ast.BinOp) and isinstance(node.op, undone) and ast.unparse(node.right) == "1":
        return node.left
    return ast.BinOp(node, ast.Add() if by > 0 else ast.Sub(), ast.Constant(1))


def _indices(node: ast.Subscript) -> Iterator[_Changed]:
    def with_index(index: ast.expr) -> _Changed:
        return _instead(ast.Subscript(node.value, index, ast.Load()), node)

    index = node.slice
    if isinstance(index, ast.Tuple):
        for i in range(len(index.elts) - 1):
            swapped = list(index.elts)
            swapped[i], swapped[i + 1] = swapped[i + 1], swapped[i]
            yield with_index(ast.Tuple(swapped, ast.Load()))
        for i, part in enumerate(index.elts):
            for other in _other_index(part):
                yield with_index(ast.Tuple([*index.elts[:i], other, *index.elts[i + 1 :]], ast.Load()))
    else:
        for other in _other_index(index):
            yield with_index(other)


def _other_index(index: ast.expr) -> Iterator[ast.expr]:
    one = ast.Constant(1)
    minus_one = ast.UnaryOp(ast.USub(), ast.Constant(1))
    if isinstance(index, ast.Slice):
        for part in ("lower", "upper", "step"):
            if getattr(index, part) is not None:
                changed = copy.copy(index)
                setattr(changed, part, None)
                yield changed
        if index.step is None:
            yield ast.Slice(one, None) if index.upper is not None else ast.Slice(None, minus_one)
    elif isinstance(index, (ast.Name, ast.BinOp)):
        yield _plus(index, 1)
        yield _plus(index, -1)
        yield ast.Constant(0)
        yield minus_one


def _calls(node: ast.Call) -> Iterator[_Changed]:
    arguments = list(node.args)
    for i in range(len(arguments) - 1):
        swapped = list(arguments)
        swapped[i], swapped[i + 1] = swapped[i + 1], swapped[i]
        yield _exchanged_words(ast.Call(node.func, swapped, node.keywords), arguments[i], arguments[i + 1])
    if isinstance(node.func, ast.Name) and node.func.id == "range":
        for by in (1, -1):
            yield _instead(ast.Call(node.func, [*arguments[:-1], _plus(arguments[-1], by)], []), node)
        if len(arguments) == 1:
            yield _instead(ast.Call(node.func, [ast.Constant(1), *arguments], []), node)
    if isinstance(node.func, ast.Attribute):
        for name in _NAMES.get(node.func.attr, []):
            function = ast.Attribute(node.func.value, name, ast.Load())
            changed = ast.Call(function, arguments, node.keywords)
            yield _said(
                changed,
                f"`{name}` for `{node.func.attr}`",
                f"`{name}` in place of `{node.func.attr}` in `{_text(node)}`",
            )
        yield from _square_moved_out(node)
        if node.func.attr == "var":
            squares = ast.BinOp(node.func.value, ast.Pow(), ast.Constant(2))
            rest = [keyword for keyword in node.keywords if keyword.arg != "ddof"]
            yield _instead(ast.Call(ast.Attribute(squares, "mean", ast.Load()), arguments, rest), node)
        if node.func.attr == "arange" and len(arguments) == 1:
            later = ast.Call(node.func, [ast.Constant(1), _plus(arguments[0], 1)], [])
            yield _instead(later, node)
        if node.func.attr == "solve" and len(arguments) == 2:
            yield _instead(ast.BinOp(arguments[0], ast.MatMult(), arguments[1]), node)
            yield _instead(ast.BinOp(arguments[1], ast.Div(), arguments[0]), node)
        if node.func.attr in {"sum", "mean", "max", "cumsum", "prod"} and not any(
            k.arg == "axis" for k in node.keywords
        ):
            for axis in (0, 1):
                with_axis = [*node.keywords, ast.keyword("axis", ast.Constant(axis))]
                yield _instead(ast.Call(node.func, arguments, with_axis), node)
        if node.func.attr in {"var", "std"} and not any(k.arg == "ddof" for k in node.keywords):
            yield _instead(ast.Call(node.func, arguments, [*node.keywords, ast.keyword("ddof", ast.Constant(1))]), node)


def _square_moved_out(node: ast.Call) -> Iterator[_Changed]:
    """``sum(x)**2`` for ``sum(x**2)``: a square, or the size, is taken of the whole."""
    for i, argument in enumerate(node.args):
        if isinstance(argument, ast.BinOp) and isinstance(argument.op, ast.Pow):
            inner = ast.Call(node.func, [*node.args[:i], argument.left, *node.args[i + 1 :]], node.keywords)
            yield _instead(ast.BinOp(inner, ast.Pow(), argument.right), node)


def _loops(node: ast.For) -> Iterator[_Changed]:
    def over(index: ast.expr, words: str) -> _Changed:
        listed = ast.Call(ast.Name("list", ast.Load()), [node.iter], [])
        steps = ast.Subscript(listed, index, ast.Load())
        text = _text(node.iter)
        new = ast.For(node.target, steps, node.body, node.orelse)
        return _told(new, f"the loop over {text} {words}", f"the loop over `{text}` {words}")

    one, minus_one = ast.Constant(1), ast.UnaryOp(ast.USub(), ast.Constant(1))
    yield over(ast.Slice(None, one), "left after its first step")
    yield over(ast.Slice(one, None), "without its first step")
    yield over(ast.Slice(None, minus_one), "without its last step")
    yield over(ast.Slice(minus_one, None), "with its last step alone")
    yield over(ast.Slice(None, None, minus_one), "backwards")
    for i in range(len(node.body) - 1):
        body = list(node.body)
        body[i], body[i + 1] = body[i + 1], body[i]
        first, second = body[i], body[i + 1]
        new = ast.For(node.target, node.iter, body, node.orelse)
        yield _told(new, f"{_short(first)} before {_short(second)}", f"`{_text(first)}` before `{_text(second)}`")


# ---- what is added --------------------------------------------------------------------------------------------------


def _decorated(node: Any, names: list[str]) -> Iterator[_Changed]:
    if _text(node).endswith("discount") and "t" in names:
        yield _instead(ast.BinOp(node, ast.Pow(), ast.Name("t", ast.Load())), node)
        yield _instead(ast.BinOp(node, ast.Mult(), ast.Name("t", ast.Load())), node)
    if isinstance(node, ast.Constant) or not isinstance(node, (ast.Name, ast.Attribute, ast.Call, ast.Subscript)):
        return
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"range", "list", "zip"}:
        return
    one = ast.Constant(1)
    yield _instead(ast.UnaryOp(ast.USub(), node), node)
    yield _instead(ast.BinOp(node, ast.Pow(), ast.Constant(2)), node)
    yield _instead(ast.BinOp(one, ast.Sub(), node), node)
    yield _instead(ast.BinOp(one, ast.Div(), node), node)
    yield _instead(ast.Call(ast.Name("abs", ast.Load()), [node], []), node)
    yield _instead(ast.BinOp(node, ast.Pow(), ast.Constant(0.5)), node)
    yield _instead(one, node)
    yield _instead(ast.Constant(0), node)
    yield _instead(ast.BinOp(node, ast.Sub(), one), node)
    yield _instead(ast.BinOp(node, ast.Add(), one), node)
    yield _instead(ast.Attribute(node, "T", ast.Load()), node)
    for function in ("log", "exp"):
        numpy = ast.Attribute(ast.Name("np", ast.Load()), function, ast.Load())
        yield _instead(ast.Call(numpy, [node], []), node)
    minus_one = ast.UnaryOp(ast.USub(), one)
    yield _instead(ast.Subscript(node, ast.Slice(None, None, minus_one), ast.Load()), node)
    for method in ("mean", "sum", "max"):
        yield _instead(ast.Call(ast.Attribute(node, method, ast.Load()), [], []), node)


def _other_name(node: Any, names: list[str]) -> Iterator[_Changed]:
    if isinstance(node, ast.Name) and node.id in names:
        for other in names:
            if other != node.id and other != "_":
                yield _instead(ast.Name(other, ast.Load()), node)


#: In the order of their ranks.
_MAKERS: tuple[Callable[[Any, list[str]], Iterator[_Changed]], ...] = (_left_out, _exchanged, _other_name, _decorated)
