"""A right answer with one place of its code changed, as people change it without noticing.

The changes know no exercise. Each is made in the syntax tree of the function, compiled once, and kept. It is told in
words: who is told about a change has not asked for the solution, so that none of its expressions stands in them. Only
the names of parameters, of what they hold and of functions do.
"""

from __future__ import annotations

import ast
import builtins
import copy
import functools
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType, FunctionType
from typing import Any

from pgcode.exercises._source import answer_source

#: The rank of changes that add something; those before it leave something out, or put one thing for another.
ADDED = 3

#: What is said of a change that may be made at several places, alone, and gives something else at each.
SEVERAL = "at one of several places"

#: The names in a function, and whether each is that of a parameter.
Names = Mapping[str, bool]

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
        What is different, in a few words; several changes may have the same ones.
    phrase : str
        The same with names between backticks, to stand behind "what the solution gives".
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
    """Every function that one change to the code of a right answer gives; none where it has no code."""
    try:
        code = _code_of(function)
    except (OSError, TypeError, SyntaxError):  # written in a shell, a lambda, a function in one line
        return ()
    places: dict[str, set[int]] = {}
    words = [code.words_of(spot) for spot in code.spots]
    for spot, shown in zip(code.spots, words, strict=True):
        places.setdefault(shown, set()).add(spot.place)
    found = []
    for spot, shown in zip(code.spots, words, strict=True):
        made = code.with_changes(spot)
        if made is not None:
            told = f"{shown} {SEVERAL}" if len(places[shown]) > 1 else shown
            found.append(CodeChange(told.replace("`", ""), f"with {told}", made, spot.rank, spot))
    return tuple(found)


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
        self._globals: dict[str, Any] = function.__globals__
        self._tree = ast.parse(answer_source(function))
        definition = self._tree.body[0]
        if not isinstance(definition, ast.FunctionDef):
            raise SyntaxError("a solution whose code can be changed is a function with def")
        if ast.get_docstring(definition) is not None:
            definition.body = definition.body[1:]
        parameters = [argument.arg for argument in definition.args.args]
        nodes = [node for node in ast.walk(definition) if isinstance(node, ast.Name)]
        stored = [node.id for node in nodes if isinstance(node.ctx, ast.Store)]
        self._names = {name: name in parameters for name in [*parameters, *stored]}
        for node in nodes:
            _mark(node, self._names)
        self._places = list(_places(definition))
        self._ends = self._ends_of_places()
        self.spots = list(self._all_spots())

    def _all_spots(self) -> Iterator[_Spot]:
        """First what is left out, then what is exchanged, then what is added."""
        makers = [_makers_at(place, self._names) for place in self._places]
        for rank, maker in enumerate(_MAKERS):
            for number, place in enumerate(self._places):
                if maker in makers[number]:
                    for which, change in enumerate(maker(place.get(), self._names)):
                        yield _Spot(number, rank, which, change)

    def _ends_of_places(self) -> list[int]:
        """Behind which place those end that stand in a place."""
        return [number + 1 + sum(1 for _ in _places(place.get())) for number, place in enumerate(self._places)]

    # ---- changes as switches -----------------------------------------------------------------------------------------

    @functools.cached_property
    def _switches(self) -> dict[tuple[int, int, int], _Way]:
        """The switch of each change that has one; where some cannot be compiled, the others are without them."""
        found: dict[tuple[int, int, int], _Way] = {}
        waiting = [[spot for spot in self.spots if self._may_be_switched(spot)]]
        while waiting:
            spots = waiting.pop()
            try:
                found |= self._with_switches(spots)
            except (SyntaxError, ValueError, TypeError, RecursionError):
                half = len(spots) // 2
                waiting += [spots[half:], spots[:half]] if half else []
        return found

    def _may_be_switched(self, spot: _Spot) -> bool:
        """A line that is left out would leave its name to something of the module, if there is such a thing."""
        node = self._places[spot.place].get()
        if not isinstance(node, ast.stmt):
            return True
        stored = {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
        return not stored & (self._globals.keys() | vars(builtins).keys())

    def _with_switches(self, spots: Sequence[_Spot]) -> dict[tuple[int, int, int], _Way]:
        at: dict[int, list[_Spot]] = {}
        for spot in spots:
            at.setdefault(id(self._places[spot.place].get()), []).append(spot)
        definition: Any = self._tree.body[0]
        switched = copy.copy(definition)
        switched.body = [_switched(line, at) for line in definition.body]
        names = {**self._globals, **{_switch(spot.place): 0 for spot in spots}}
        board = _Board(self._function_of(_compiled(ast.Module([switched], [])), names), names)
        return {
            spot.key: _Way(board, _switch(spot.place), number)
            for there in at.values()
            for number, spot in enumerate(there, 1)
        }

    def words_of(self, spot: _Spot) -> str:
        """The words for a change; where it is that of a keyword, the keyword is in them."""
        keyword = self._places[spot.place].parent
        named = isinstance(keyword, ast.keyword) and keyword.arg and " in place of " in spot.change.words
        return f"{keyword.arg} {spot.change.words}" if named else spot.change.words  # type: ignore[attr-defined]

    def with_changes(self, *spots: _Spot) -> Callable[..., Any] | None:
        """The function after these changes, or None where it is none.

        Most changes are switches in one function, so that they are compiled together: the search for what a wrong
        result is made of would compile for most of its time.
        """
        ways = [way for spot in spots if (way := self._switches.get(spot.key)) is not None]
        boards = {way.board for way in ways}
        if len(ways) == len(spots) and len(boards) == 1 and not self._are_nested(spots):
            return functools.partial(boards.pop(), {way.switch: way.number for way in ways})
        code = self._changed_alone(spots)
        return None if code is None else self._function_of(code, self._globals)

    def _changed_alone(self, spots: Sequence[_Spot]) -> CodeType | None:
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
            return _compiled(self._tree)
        except (SyntaxError, ValueError, TypeError):
            return None
        finally:
            for place, before in reversed(undone):
                place.set(before)

    def _function_of(self, code: CodeType, names: dict[str, Any]) -> Callable[..., Any]:
        function: Any = self._function
        return FunctionType(code, names, function.__name__, function.__defaults__)

    def _are_nested(self, spots: Sequence[_Spot]) -> bool:
        return any(
            one is not other and one.place <= other.place < self._ends[one.place] for one in spots for other in spots
        )

    def _made_anew(self, spot: _Spot, node: ast.AST) -> _Changed | None:
        """The change at a spot as the code is now, which may be changed within."""
        return next(itertools.islice(_MAKERS[spot.rank](node, self._names), spot.which, None), None)


class _Board:
    """A function in which switches change places; all are off but for those of a call."""

    def __init__(self, function: Callable[..., Any], names: dict[str, Any]) -> None:
        self._function, self._names = function, names
        self._on: list[str] = []

    def __call__(self, ways: Mapping[str, int], *given: Any) -> Any:
        self._names.update(dict.fromkeys(self._on, 0))
        self._on = [*ways]  # first, for a call may be interrupted anywhere
        self._names.update(ways)
        return self._function(*given)


@dataclass(frozen=True)
class _Way:
    """How a change is switched on: which switch of which function, and to which number."""

    board: _Board
    switch: str
    number: int


def _switch(place: int) -> str:
    return f"_way_{place}"


def _switched(node: Any, at: Mapping[int, Sequence[_Spot]]) -> Any:
    """A copy of a node in which each place with changes asks its switch."""
    made = copy.copy(node)
    for field, value in ast.iter_fields(node):
        if isinstance(value, list):
            setattr(made, field, [_switched(one, at) if isinstance(one, ast.AST) else one for one in value])
        elif isinstance(value, (ast.expr, ast.stmt, ast.keyword, ast.comprehension)):
            setattr(made, field, _switched(value, at))
    spots = at.get(id(node))
    if not spots:
        return made
    name = ast.Name(_switch(spots[0].place), ast.Load())
    choice = _by_cases(name, [spot.change.new for spot in spots], 1)
    return _located(_by_case(name, choice, made), node)


def _by_cases(switch: ast.expr, ways: Sequence[Any], first: int) -> Any:
    if len(ways) == 1:
        return ways[0]
    half = len(ways) // 2
    is_before = ast.Compare(switch, [ast.Lt()], [ast.Constant(first + half)])
    return _by_case(is_before, _by_cases(switch, ways[:half], first), _by_cases(switch, ways[half:], first + half))


def _by_case(test: ast.expr, one: Any, other: Any) -> Any:
    if isinstance(other, ast.stmt):
        return ast.If(test, [one], [other])
    return ast.IfExp(test, one, other)


def _compiled(tree: ast.Module) -> CodeType:
    module = compile(tree, "<the solution, changed>", "exec")
    return next(constant for constant in module.co_consts if isinstance(constant, CodeType))


@dataclass(frozen=True)
class _Place:
    """Where a node stands in the tree."""

    parent: ast.AST
    field: str
    index: int | None

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
    words: str


@dataclass(frozen=True)
class _Spot:
    """A change at a place: the number of the place, the rank of the kind, and which of those that it makes there."""

    place: int
    rank: int
    which: int
    change: _Changed

    @property
    def key(self) -> tuple[int, int, int]:
        """What tells it from all others of the function."""
        return self.place, self.rank, self.which


def _located(new: ast.AST, old: ast.AST) -> ast.AST:
    """Give new nodes the place in the text that the old one has; Python asks for one.

    A node that has a place stood in the text, and so did all that is in it: there is nothing new below.
    """
    fresh = [new]
    where = None
    while fresh:
        node = fresh.pop()
        if hasattr(node, "lineno"):
            continue
        if "lineno" in node._attributes:
            if where is None:
                where = next((other for other in ast.walk(old) if hasattr(other, "lineno")), None)
            if where is not None:
                ast.copy_location(node, where)
        fresh += ast.iter_child_nodes(node)
    return new


def _places(node: ast.AST) -> Iterator[_Place]:
    """The places of a tree."""
    for field, value in ast.iter_fields(node):
        if field in {"func", "args", "returns", "decorator_list"} and isinstance(node, ast.FunctionDef):
            continue
        for index, held in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(held, ast.AST):
                yield _Place(node, field, index)
                yield from _places(held)


def _makers_at(place: _Place, names: Names) -> list[Any]:
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


_OPERATION_WORDS: dict[type[ast.operator], str] = {
    ast.Add: "addition",
    ast.Sub: "subtraction",
    ast.Mult: "multiplication",
    ast.Div: "division",
    ast.Pow: "a power",
    ast.MatMult: "a matrix product",
}
_OPERATION_NOUNS: dict[type[ast.operator], str] = {
    ast.Add: "a sum",
    ast.Sub: "a difference",
    ast.Mult: "a product",
    ast.Div: "a quotient",
    ast.Pow: "a power",
    ast.MatMult: "a matrix product",
}
#: What stands at the left and at the right of an operation.
_SIDES: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("a summand", "a summand"),
    ast.Sub: ("what something is subtracted from", "what is subtracted"),
    ast.Mult: ("a factor", "a factor"),
    ast.Div: ("a numerator", "a divisor"),
    ast.Pow: ("a base", "an exponent"),
    ast.MatMult: ("a factor", "a factor"),
}
_COMPARISON_SIGNS: dict[type[ast.cmpop], str] = {
    ast.Lt: "“<”",
    ast.LtE: "“≤”",
    ast.Gt: "“>”",
    ast.GtE: "“≥”",
    ast.Eq: "“=”",
    ast.NotEq: "“≠”",
}
#: What functions and methods give.
_CALL_NOUNS = {
    "sum": "a sum over entries",
    "mean": "a mean",
    "max": "a largest entry",
    "min": "a smallest entry",
    "maximum": "the larger of two",
    "minimum": "the smaller of two",
    "exp": "an exponential",
    "log": "a logarithm",
    "log1p": "a logarithm",
    "sqrt": "a root",
    "abs": "a size without its sign",
    "prod": "a product over entries",
    "cumsum": "a running sum",
    "cumprod": "a running product",
    "var": "a variance",
    "std": "a deviation",
    "where": "a choice by case",
    "arange": "a row of whole numbers",
    "range": "a range",
    "zeros": "zeros",
    "zeros_like": "zeros",
    "ones": "ones",
    "ones_like": "ones",
    "eye": "an identity matrix",
    "diag": "a diagonal",
    "outer": "an outer product",
    "einsum": "a product of arrays",
    "tensordot": "a product of arrays",
    "solve": "the solution of linear equations",
    "inv": "an inverse",
    "pinv": "an inverse",
    "len": "a length",
    "array": "an array",
    "ceil": "a number rounded up",
    "floor": "a number rounded down",
}
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")


def _mark(name: ast.Name, names: Names) -> ast.Name:
    """Remember whether a name is that of a parameter, which the task tells."""
    name.of_the_task = names.get(name.id, False)  # type: ignore[attr-defined]
    return name


def _noun(node: Any) -> str:
    """What a piece of code is, in words: a name, a number, or what kind of thing it computes."""
    if isinstance(node, ast.Name):
        return f"`{node.id}`" if getattr(node, "of_the_task", False) else node.id.replace("_", " ")
    if isinstance(node, ast.Constant):
        return str(node.value).replace("-", "−")
    if isinstance(node, ast.UnaryOp):
        sign = {ast.USub: "−" if isinstance(node.operand, ast.Constant) else "minus ", ast.Not: "the opposite of "}
        return f"{sign.get(type(node.op), '')}{_noun(node.operand)}"
    if isinstance(node, ast.BinOp):
        return _OPERATION_NOUNS.get(type(node.op), "a result")
    if isinstance(node, (ast.Compare, ast.BoolOp)):
        return "a condition"
    if isinstance(node, ast.Attribute):
        return _noun_of_an_attribute(node)
    if isinstance(node, ast.Subscript):
        return f"a part of {_noun(node.value)}"
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", "a function"))
        return _CALL_NOUNS.get(name, f"what `{name}` gives")
    if isinstance(node, ast.keyword):
        return f"`{node.arg}`"
    return "a choice" if isinstance(node, ast.IfExp) else "a list" if isinstance(node, ast.List) else "a part"


def _noun_of_an_attribute(node: ast.Attribute) -> str:
    if node.attr == "T":
        return f"{_noun(node.value)} transposed"
    root: ast.expr = node
    while isinstance(root, ast.Attribute):
        root = root.value
    if getattr(root, "of_the_task", False):
        return f"`{ast.unparse(node)}`"
    return node.attr if isinstance(root, ast.Name) and root.id == "np" else f"the {node.attr} of {_noun(node.value)}"


def _is_plain(node: Any) -> bool:
    """Tell whether a noun says more of a piece of code than its part in an operation does."""
    return not isinstance(node, (ast.BinOp, ast.Compare, ast.BoolOp, ast.IfExp, ast.Subscript))


def _without(new: ast.AST, gone: ast.AST, part: str = "") -> _Changed:
    return _Changed(new, f"{part if part and not _is_plain(gone) else _noun(gone)} left out")


def _instead(new: ast.AST, words: str, old: ast.AST) -> _Changed:
    return _Changed(new, f"{words} in place of {_noun(old)}")


# ---- what is left out -----------------------------------------------------------------------------------------------


def _left_out(node: Any, names: Names) -> Iterator[_Changed]:
    if isinstance(node, ast.BinOp):
        left, right = _SIDES.get(type(node.op), ("a part", "a part"))
        yield _without(node.left, node.right, right)
        if isinstance(node.op, ast.Sub):
            yield _without(ast.UnaryOp(ast.USub(), node.right), node.left, left)
            yield _instead(node.right, f"{right} alone", node)
        elif isinstance(node.op, ast.Div):
            yield _without(ast.BinOp(ast.Constant(1), ast.Div(), node.right), node.left, left)
            yield _instead(node.right, f"{right} alone", node)
        else:
            yield _without(node.right, node.left, left)
    elif isinstance(node, ast.UnaryOp):
        sign = {ast.USub: "the minus", ast.Not: "the “not”"}.get(type(node.op), "the sign")
        yield _Changed(node.operand, f"{sign} before {_noun(node.operand)} left out")
    elif isinstance(node, ast.BoolOp):
        for i, value in enumerate(node.values):
            rest = [one for k, one in enumerate(node.values) if k != i]
            yield _without(rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest), value, "a part of a condition")
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield _Changed(node.value, f"the index of {_noun(node.value)} left out")
        index = node.slice
        if isinstance(index, ast.Tuple):
            for i, _ in enumerate(index.elts):
                whole: list[ast.expr] = list(index.elts)
                whole[i] = ast.Slice()
                new = ast.Subscript(node.value, ast.Tuple(whole, ast.Load()), ast.Load())
                yield _Changed(new, f"the {_ORDINALS[i]} index of {_noun(node.value)} left out")
    elif isinstance(node, ast.Attribute) and node.attr == "T":
        yield _Changed(node.value, f"{_noun(node.value)} not transposed")
    elif isinstance(node, ast.Call):
        yield from _call_left_out(node)
    elif isinstance(node, ast.IfExp):
        yield _Changed(node.body, "the first of two choices whatever holds")
        yield _Changed(node.orelse, "the second of two choices whatever holds")
    elif isinstance(node, (ast.Assign, ast.AugAssign, ast.Expr)):
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        where = f"the line that {'changes' if isinstance(node, ast.AugAssign) else 'sets'} {_noun(target)}"
        yield _Changed(ast.Pass(), f"{'a line' if target is None else where} left out")
    elif isinstance(node, ast.If):
        yield _Changed(ast.If(ast.Constant(True), node.body, []), "a condition not asked, as if it held")
        yield _Changed(ast.Pass(), "nothing done where a condition holds")


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
            yield _Changed(node.args[1], "the first of two cases for both")
            yield _Changed(node.args[2], "the second of two cases for both")
        elif of_module or isinstance(node.func.value, ast.Attribute):
            if node.args:
                yield _Changed(node.args[0], f"`{name}` left out")
        else:
            yield _Changed(node.func.value, f"`{name}` left out")
    elif isinstance(node.func, ast.Name) and len(node.args) == 1 and node.func.id not in {"len", "range", "list"}:
        yield _Changed(node.args[0], f"`{node.func.id}` left out")


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
            yield _without(ast.Call(node.func, args, node.keywords), node.args[1 + i], "a factor")
        elif rest and "..." not in factor:
            kept = "".join(letter for letter in output if letter in "".join(rest) or letter == ".")
            text = f"{','.join(rest)}->{kept}"
            args = [ast.Constant(text), *node.args[1 : 1 + i], *node.args[2 + i :]]
            yield _without(ast.Call(node.func, args, node.keywords), node.args[1 + i], "a factor")


# ---- what is exchanged ----------------------------------------------------------------------------------------------


def _exchanged(node: Any, names: Names) -> Iterator[_Changed]:
    if isinstance(node, ast.BinOp):
        for operation in _OPERATORS.get(type(node.op), []):
            words = f"{_OPERATION_WORDS[operation]} in place of {_OPERATION_WORDS[type(node.op)]}"
            yield _Changed(ast.BinOp(node.left, operation(), node.right), f"{words} before {_noun(node.right)}")
        if isinstance(node.op, (ast.Sub, ast.Div, ast.Pow, ast.MatMult)):
            sides = f"the two sides of {_noun(node)} exchanged"
            yield _Changed(ast.BinOp(node.right, node.op, node.left), sides)
        if isinstance(node.op, ast.MatMult):
            left, right = ast.Attribute(node.left, "T", ast.Load()), ast.Attribute(node.right, "T", ast.Load())
            yield _Changed(ast.BinOp(left, node.op, node.right), f"{_noun(node.left)} transposed before a product")
            yield _Changed(ast.BinOp(node.left, node.op, right), f"{_noun(node.right)} transposed before a product")
        yield from _regrouped(node)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        old = type(node.ops[0])
        for comparison in _COMPARISONS.get(old, []):
            words = f"{_COMPARISON_SIGNS[comparison]} in place of {_COMPARISON_SIGNS[old]}"
            new = ast.Compare(node.left, [comparison()], node.comparators)
            yield _Changed(new, f"{words} before {_noun(node.comparators[0])}")
    elif isinstance(node, ast.BoolOp):
        is_and = isinstance(node.op, ast.And)
        words = "“or” in place of “and”" if is_and else "“and” in place of “or”"
        yield _Changed(ast.BoolOp(ast.Or() if is_and else ast.And(), node.values), words)
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
            words = f"{_OPERATION_WORDS[operation]} in place of {_OPERATION_WORDS[type(node.op)]}"
            new_step = ast.AugAssign(node.target, operation(), node.value)
            yield _Changed(new_step, f"{words} where {_noun(node.target)} changes")
        yield _Changed(ast.Assign([node.target], node.value), f"{_noun(node.target)} set anew where it should change")
    elif isinstance(node, ast.If):
        new_if = ast.If(ast.UnaryOp(ast.Not(), node.test), node.body, node.orelse)
        yield _Changed(new_if, "a condition the other way round")


def _regrouped(node: ast.BinOp) -> Iterator[_Changed]:
    """``a + b * c`` for ``(a + b) * c`` and the like: the brackets are lost, or set where none belong."""
    left, right = node.left, node.right
    loose, tight = (ast.Add, ast.Sub), (ast.Mult, ast.Div, ast.MatMult)
    lost, set_anew = "brackets lost around {}", "brackets set around {}"
    if isinstance(node.op, tight) and isinstance(left, ast.BinOp) and isinstance(left.op, loose):
        new = ast.BinOp(left.left, left.op, ast.BinOp(left.right, node.op, right))
        yield _Changed(new, lost.format(_noun(left)))
    if isinstance(node.op, tight) and isinstance(right, ast.BinOp) and isinstance(right.op, loose):
        new = ast.BinOp(ast.BinOp(left, node.op, right.left), right.op, right.right)
        yield _Changed(new, lost.format(_noun(right)))
    if isinstance(node.op, loose) and isinstance(right, ast.BinOp) and isinstance(right.op, tight):
        new = ast.BinOp(ast.BinOp(left, node.op, right.left), right.op, right.right)
        yield _Changed(new, set_anew.format(_noun(node)))
    if isinstance(node.op, loose) and isinstance(left, ast.BinOp) and isinstance(left.op, tight):
        new = ast.BinOp(left.left, left.op, ast.BinOp(left.right, node.op, right))
        yield _Changed(new, set_anew.format(_noun(node)))
    if isinstance(node.op, loose) and isinstance(left, ast.BinOp) and isinstance(left.op, loose):
        new = ast.BinOp(left.left, left.op, ast.BinOp(left.right, node.op, right))
        yield _Changed(new, set_anew.format("the last two of three terms"))


def _constants(node: ast.Constant) -> Iterator[_Changed]:
    value = node.value
    others: tuple[Any, ...] = ()
    if isinstance(value, bool):
        others = (not value,)
    elif isinstance(value, int):
        others = (value + 1, value - 1, -value, 2 * value)
    elif isinstance(value, float):
        others = (value + 1, 1 - value, 2 * value, value / 2)
    for other in others:
        if other != value:
            yield _instead(ast.Constant(other), _noun(ast.Constant(other)), node)


def _plus(node: ast.expr, by: int) -> ast.expr:
    """``t + 1`` for ``t``, and ``t`` for ``t - 1``."""
    undone = ast.Sub if by > 0 else ast.Add
    if isinstance(node, ast.BinOp) and isinstance(node.op, undone) and ast.unparse(node.right) == "1":
        return node.left
    return ast.BinOp(node, ast.Add() if by > 0 else ast.Sub(), ast.Constant(1))


def _indices(node: ast.Subscript) -> Iterator[_Changed]:
    whole = _noun(node.value)

    def with_index(index: ast.expr, words: str) -> _Changed:
        return _Changed(ast.Subscript(node.value, index, ast.Load()), words)

    index = node.slice
    if isinstance(index, ast.Tuple):
        for i in range(len(index.elts) - 1):
            swapped = list(index.elts)
            swapped[i], swapped[i + 1] = swapped[i + 1], swapped[i]
            yield with_index(ast.Tuple(swapped, ast.Load()), f"two indices of {whole} exchanged")
        for i, part in enumerate(index.elts):
            for other, words in _other_index(part):
                changed = ast.Tuple([*index.elts[:i], other, *index.elts[i + 1 :]], ast.Load())
                yield with_index(changed, f"the {_ORDINALS[i]} index of {whole} {words}")
    else:
        for other, words in _other_index(index):
            yield with_index(other, f"the index of {whole} {words}")


def _other_index(index: ast.expr) -> Iterator[tuple[ast.expr, str]]:
    one = ast.Constant(1)
    minus_one = ast.UnaryOp(ast.USub(), ast.Constant(1))
    if isinstance(index, ast.Slice):
        for part, words in (("lower", "from the beginning"), ("upper", "up to the end"), ("step", "with step 1")):
            if getattr(index, part) is not None:
                changed = copy.copy(index)
                setattr(changed, part, None)
                yield changed, words
        if index.step is None:
            if index.upper is not None:
                yield ast.Slice(one, None), "without the first entry"
            else:
                yield ast.Slice(None, minus_one), "without the last entry"
    elif isinstance(index, (ast.Name, ast.BinOp)):
        yield _plus(index, 1), "one too high"
        yield _plus(index, -1), "one too low"
        yield ast.Constant(0), "always the first"
        yield minus_one, "always the last"


def _calls(node: ast.Call) -> Iterator[_Changed]:
    arguments = list(node.args)
    for i in range(len(arguments) - 1):
        swapped = list(arguments)
        swapped[i], swapped[i + 1] = swapped[i + 1], swapped[i]
        one, other = _noun(arguments[i]), _noun(arguments[i + 1])
        words = f"{one} and {other} exchanged" if one != other else f"two parts of {_noun(node)} exchanged"
        yield _Changed(ast.Call(node.func, swapped, node.keywords), words)
    if isinstance(node.func, ast.Name) and node.func.id == "range":
        for by, words in ((1, "one number more in a range"), (-1, "one number fewer in a range")):
            yield _Changed(ast.Call(node.func, [*arguments[:-1], _plus(arguments[-1], by)], []), words)
        if len(arguments) == 1:
            yield _Changed(ast.Call(node.func, [ast.Constant(1), *arguments], []), "a range that begins at 1")
    if isinstance(node.func, ast.Attribute):
        yield from _methods(node, node.func)


def _methods(node: ast.Call, method: ast.Attribute) -> Iterator[_Changed]:
    arguments = list(node.args)
    for name in _NAMES.get(method.attr, []):
        function = ast.Attribute(method.value, name, ast.Load())
        yield _Changed(ast.Call(function, arguments, node.keywords), f"`{name}` in place of `{method.attr}`")
    yield from _square_moved_out(node)
    if method.attr == "var":
        squares = ast.BinOp(method.value, ast.Pow(), ast.Constant(2))
        rest = [keyword for keyword in node.keywords if keyword.arg != "ddof"]
        mean_square = ast.Call(ast.Attribute(squares, "mean", ast.Load()), arguments, rest)
        yield _instead(mean_square, "a mean of squares", node)
    if method.attr == "arange" and len(arguments) == 1:
        later = ast.Call(node.func, [ast.Constant(1), _plus(arguments[0], 1)], [])
        yield _Changed(later, "counting from 1 in place of 0")
    if method.attr == "solve" and len(arguments) == 2:
        yield _instead(ast.BinOp(arguments[0], ast.MatMult(), arguments[1]), "a matrix product", node)
        yield _instead(ast.BinOp(arguments[1], ast.Div(), arguments[0]), "a quotient", node)
    if method.attr in {"sum", "mean", "max", "cumsum", "prod"} and not any(k.arg == "axis" for k in node.keywords):
        for axis in (0, 1):
            with_axis = [*node.keywords, ast.keyword("axis", ast.Constant(axis))]
            yield _Changed(ast.Call(node.func, arguments, with_axis), f"`{method.attr}` over axis {axis} alone")
    if method.attr in {"var", "std"} and not any(k.arg == "ddof" for k in node.keywords):
        with_ddof = ast.Call(node.func, arguments, [*node.keywords, ast.keyword("ddof", ast.Constant(1))])
        yield _Changed(with_ddof, f"the divisor n − 1 in `{method.attr}`")


def _square_moved_out(node: ast.Call) -> Iterator[_Changed]:
    """``sum(x)**2`` for ``sum(x**2)``: a square, or the size, is taken of the whole."""
    for i, argument in enumerate(node.args):
        if isinstance(argument, ast.BinOp) and isinstance(argument.op, ast.Pow):
            inner = ast.Call(node.func, [*node.args[:i], argument.left, *node.args[i + 1 :]], node.keywords)
            new = ast.BinOp(inner, ast.Pow(), argument.right)
            yield _Changed(new, f"a power of {_noun(node)} in place of {_noun(node)} of powers")


def _loops(node: ast.For) -> Iterator[_Changed]:
    def over(index: ast.expr, words: str) -> _Changed:
        listed = ast.Call(ast.Name("list", ast.Load()), [node.iter], [])
        steps = ast.Subscript(listed, index, ast.Load())
        return _Changed(ast.For(node.target, steps, node.body, node.orelse), f"the loop {words}")

    one, minus_one = ast.Constant(1), ast.UnaryOp(ast.USub(), ast.Constant(1))
    yield over(ast.Slice(None, one), "left after its first step")
    yield over(ast.Slice(one, None), "without its first step")
    yield over(ast.Slice(None, minus_one), "without its last step")
    yield over(ast.Slice(minus_one, None), "with its last step alone")
    yield over(ast.Slice(None, None, minus_one), "backwards")
    for i in range(len(node.body) - 1):
        body = list(node.body)
        body[i], body[i + 1] = body[i + 1], body[i]
        words = f"the {_ORDINALS[i]} and the {_ORDINALS[i + 1]} line of the loop exchanged"
        yield _Changed(ast.For(node.target, node.iter, body, node.orelse), words)


# ---- what is added --------------------------------------------------------------------------------------------------


def _decorated(node: Any, names: Names) -> Iterator[_Changed]:
    noun = _noun(node)
    if ast.unparse(node).endswith("discount") and "t" in names:
        yield _Changed(ast.BinOp(node, ast.Pow(), ast.Name("t", ast.Load())), f"{noun} to the power of the time")
        yield _Changed(ast.BinOp(node, ast.Mult(), ast.Name("t", ast.Load())), f"{noun} times the time")
    if isinstance(node, ast.Constant) or not isinstance(node, (ast.Name, ast.Attribute, ast.Call, ast.Subscript)):
        return
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"range", "list", "zip"}:
        return
    one = ast.Constant(1)
    yield _Changed(ast.UnaryOp(ast.USub(), node), f"a minus before {noun}")
    yield _Changed(ast.BinOp(node, ast.Pow(), ast.Constant(2)), f"{noun} squared")
    yield _instead(ast.BinOp(one, ast.Sub(), node), f"1 less {noun}", node)
    yield _instead(ast.BinOp(one, ast.Div(), node), f"1 over {noun}", node)
    yield _Changed(ast.Call(ast.Name("abs", ast.Load()), [node], []), f"{noun} without its sign")
    yield _instead(ast.BinOp(node, ast.Pow(), ast.Constant(0.5)), f"the root of {noun}", node)
    yield _instead(one, "1", node)
    yield _instead(ast.Constant(0), "0", node)
    yield _Changed(ast.BinOp(node, ast.Sub(), one), f"{noun} less 1")
    yield _Changed(ast.BinOp(node, ast.Add(), one), f"{noun} plus 1")
    yield _Changed(ast.Attribute(node, "T", ast.Load()), f"{noun} transposed")
    for function, words in (("log", "the logarithm"), ("exp", "the exponential")):
        numpy = ast.Attribute(ast.Name("np", ast.Load()), function, ast.Load())
        yield _instead(ast.Call(numpy, [node], []), f"{words} of {noun}", node)
    minus_one = ast.UnaryOp(ast.USub(), one)
    yield _Changed(ast.Subscript(node, ast.Slice(None, None, minus_one), ast.Load()), f"{noun} backwards")
    for method in ("mean", "sum", "max"):
        new = ast.Call(ast.Attribute(node, method, ast.Load()), [], [])
        yield _instead(new, f"the {method} of {noun}", node)


def _other_name(node: Any, names: Names) -> Iterator[_Changed]:
    if isinstance(node, ast.Name) and node.id in names:
        for other in names:
            if other != node.id and other != "_":
                new = _mark(ast.Name(other, ast.Load()), names)
                yield _instead(new, _noun(new), node)


#: In the order of their ranks.
_MAKERS: tuple[Callable[[Any, Names], Iterator[_Changed]], ...] = (_left_out, _exchanged, _other_name, _decorated)
