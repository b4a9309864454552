"""What has to be run before a cell: a slice of the statements above it, by names.

A statement is needed for a name that it binds, and for an object that it changes: by assignment to an item or an
attribute, by ``+=``, by a method such as ``rows.append(x)``, by a call whose result nobody takes, or by a function of
the notebook that does one of these. Names for one object, such as those of ``view = table[0]``, are changed together.
What gives something else each time that it is asked, a random generator or an iterator, is changed by any use of it.

Of an import only the names that are used remain, so that what is not needed is not loaded.

The page runs this file too, for cells below one that its reader has changed. It needs nothing but Python.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

BUILTINS = frozenset(dir(builtins))
#: Methods that change their object although something takes what they return.
CHANGING = {
    "append", "extend", "insert", "remove", "pop", "popitem", "popleft", "appendleft", "rotate", "clear", "sort",
    "reverse", "update", "setdefault", "add", "discard", "fill", "resize", "put", "partition", "itemset", "setflags",
    "byteswap", "write", "writelines", "send", "throw", "close", "step", "reset", "seed", "shuffle", "subtract",
    "__next__", "__setitem__", "__delitem__", "intersection_update", "difference_update",
    "symmetric_difference_update",
}  # fmt: skip
#: What gives an object that is another one after each use.
STREAMS = {
    "default_rng", "RandomState", "Generator", "Random", "SystemRandom", "iter", "open", "make", "make_vec", "count",
    "cycle", "map", "filter", "zip", "enumerate", "reversed", "permutations", "combinations", "product", "chain",
    "islice", "StringIO", "BytesIO",
}  # fmt: skip
#: Methods and functions whose result may be a part of what they are given, or share its memory.
SHARING = {
    "reshape", "ravel", "view", "transpose", "squeeze", "swapaxes", "diagonal", "astype", "get", "items", "values",
    "keys", "asarray", "asanyarray", "atleast_1d", "atleast_2d", "atleast_3d", "broadcast_to", "moveaxis",
    "expand_dims", "split", "dict", "list", "tuple", "set", "sorted", "replace", "partial", "deque", "SimpleNamespace",
    "array_split", "setdefault", "pop",
}  # fmt: skip
#: Methods by which an object comes to hold another.
TAKING = {"append", "appendleft", "extend", "insert", "add", "update", "setdefault", "put"}
#: What shows something and changes nothing that is given to it.
SHOWING = {"print", "display", "check", "table", "show", "frame_slider", "breakpoint"}
#: Methods that change their arguments.
ARGUMENTS = {"shuffle", "fill_diagonal", "copyto", "put", "place", "putmask", "heappush", "heapify", "insort"}
#: How functions of modules begin that set how others work.
SETTING = ("set_", "seterr", "seed", "filterwarnings", "simplefilter", "reset_", "use", "rc")
#: Stand for the generators that modules keep to themselves, and for what is set.
HIDDEN_STREAM, SETTINGS = "<a generator of a module>", "<settings>"
SPECIAL = {HIDDEN_STREAM, SETTINGS}


class Needed(NamedTuple):
    """A statement that has to be run: the number of its cell, its own number in it, and its source."""

    cell: int
    number: int
    source: str


@dataclass
class Statement:
    """What a statement does with the names of its notebook.

    What it ``replaces`` it binds for sure, and nothing is left of what was there before.
    """

    source: str
    node: ast.stmt
    reads: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    replaces: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)


def needed(sources: Sequence[str], index: int) -> list[Needed]:
    """Return what has to be run, in this order, before a cell."""
    above = [(cell, number, one) for cell in range(index) for number, one in enumerate(statements(sources[cell]))]
    target = statements(sources[index])
    effects = Effects([*(one for _, _, one in above), *target])
    kept: list[Needed] = []
    wanted = {SETTINGS}
    for one in reversed(target):
        wanted = effects.with_late((wanted - one.replaces) | one.reads | (one.changes & SPECIAL))
    for cell, number, one in reversed(above):
        if wanted & one.binds or effects.together(wanted) & one.changes:
            kept.append(Needed(cell, number, one.source))
            wanted = effects.with_late((wanted - one.replaces) | one.reads | (one.changes & SPECIAL))
    return kept[::-1]


def statements(source: str) -> list[Statement]:
    """Return the statements of a cell. An import of several names is several."""
    made = []
    lines = source.splitlines(keepends=True)
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            made += [imported(node, alias) for alias in node.names]
            continue
        decorators = [one.lineno for one in getattr(node, "decorator_list", [])]
        text = ast.get_source_segment(source, node) or ""
        if decorators:
            text = "".join(lines[min(decorators) - 1 : node.end_lineno]).rstrip("\n")
        names = names_of([node])
        statement = Statement(text, node, names.reads - BUILTINS, names.binds)
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            statement.replaces = names.binds - names.maybe
        made.append(statement)
    return made


def imported(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> Statement:
    """Return the import of one name."""
    if isinstance(node, ast.Import):
        one: ast.stmt = ast.Import([alias])
    else:
        one = ast.ImportFrom(node.module, [alias], node.level)
    name = alias.asname or alias.name.partition(".")[0]
    whole = alias.asname is not None or "." not in alias.name  # ``import a.b`` adds to what ``import a`` bound
    unknown = alias.name == "*" or (isinstance(node, ast.ImportFrom) and node.module == "__future__")
    changes = {SETTINGS} if unknown else set()
    return Statement(ast.unparse(one), node, set(), {name}, {name} if whole else set(), changes)


# ---- Names -----------------------------------------------------------------------------------------------------------


@dataclass
class Names:
    """The names of the notebook that code reads, also when it is called later, and those that it binds.

    Those that it binds ``maybe`` it binds in the middle of an expression.
    """

    reads: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    maybe: set[str] = field(default_factory=set)


def names_of(nodes: Iterable[ast.AST], own: frozenset[str] = frozenset()) -> Names:
    """Return the names of code in which some are of a function or a loop of its own."""
    found = Names()
    for node in nodes:
        _note(node, own, found)
    return found


def _note(node: ast.AST, own: frozenset[str], found: Names) -> None:
    """Add the names of a part of code."""
    bound: list[str | None] = []
    match node:
        case ast.Name(name, ast.Load()):
            if name not in own:
                found.reads.add(name)
        case ast.Name(name):
            bound = [name]
        case ast.AugAssign(target=ast.Name(name)):
            if name not in own:
                found.reads.add(name)
        case ast.NamedExpr(target=target):
            found.maybe.add(target.id)
        case ast.Import(names) | ast.ImportFrom(names=names):
            bound = [alias.asname or alias.name.partition(".")[0] for alias in names]
        case ast.ExceptHandler(name=name) | ast.MatchAs(name=name) | ast.MatchStar(name=name):
            bound = [name]
        case ast.MatchMapping(rest=name):
            bound = [name]
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
            bound = [None if isinstance(node, ast.Lambda) else node.name]
            outside = [] if isinstance(node, ast.Lambda) else [*node.decorator_list, node.returns]
            outside += [*node.args.defaults, *node.args.kw_defaults, *(one.annotation for one in arguments_of(node))]
            body = [node.body] if isinstance(node, ast.Lambda) else node.body
            _add(found, names_of(filter(None, outside), own))
            found.reads |= names_of(body, own | names_of_function(node)).reads
        case ast.ClassDef():
            bound = [node.name]
            # what its body binds is seen in the body, and not in the methods: such a name may be one from outside too
            found.reads |= names_of(ast.iter_child_nodes(node), own).reads
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            _add(found, names_of([node.generators[0].iter], own))
            inner = list(ast.walk(node))
            outer = {part.target.id for part in inner if isinstance(part, ast.NamedExpr)}
            targets = {name for made in node.generators for name in names_of([made.target]).binds} - outer
            parts = [part for made in node.generators for part in (made.target, *made.ifs)]
            parts += [made.iter for made in node.generators[1:]]
            parts += [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
            _add(found, names_of(parts, own | targets))
    found.binds |= {name for name in bound if name is not None and name not in own}
    if not isinstance(node, OWN_NAMES):
        for part in ast.iter_child_nodes(node):
            _note(part, own, found)


def _add(found: Names, more: Names) -> None:
    found.reads |= more.reads
    found.binds |= more.binds
    found.maybe |= more.maybe


FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
OWN_NAMES = (*FUNCTION, ast.ClassDef, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def arguments_of(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[ast.arg]:
    """Return the arguments of a function, the positional ones first."""
    given = node.args
    return [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]


def names_of_function(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> frozenset[str]:
    """Return the names that are a function's own."""
    own = {one.arg for one in arguments_of(node)}
    if isinstance(node, ast.Lambda):
        return frozenset(own)
    outer = {name for part in inside(node.body) if isinstance(part, ast.Global | ast.Nonlocal) for name in part.names}
    return frozenset((own | names_of(node.body).binds) - outer)


def inside(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Walk through code, but not into the functions and classes that are defined in it."""
    for node in body:
        yield node
        if not isinstance(node, (*FUNCTION, ast.ClassDef)):
            yield from inside(ast.iter_child_nodes(node))


# ---- Objects ---------------------------------------------------------------------------------------------------------


def root(node: ast.AST) -> str:
    """Return the name of the object that an expression is a part of, or ""."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def called(node: ast.Call) -> str:
    """Return the last part of the name of what is called."""
    match node.func:
        case ast.Attribute(attr=name) | ast.Name(name):
            return name
    return ""


def arguments_given(call: ast.Call) -> list[ast.expr]:
    """Return the arguments of a call."""
    return [*call.args, *(word.value for word in call.keywords)]


def held(node: ast.AST | None) -> set[str]:
    """Return the names of the objects that an expression gives, or that what it gives may hold."""
    parts: list[ast.AST | None] = []
    match node:
        case ast.Name(name):
            return {name}
        case ast.Attribute(value=inner) | ast.Subscript(value=inner) | ast.Starred(value=inner):
            parts = [inner]
        case ast.Await(inner) | ast.NamedExpr(value=inner):
            parts = [inner]
        case ast.Tuple(elts) | ast.List(elts) | ast.Set(elts):
            parts = list(elts)
        case ast.Dict(values=values) | ast.BoolOp(values=values):
            parts = list(values)
        case ast.IfExp(body=one, orelse=other):
            parts = [one, other]
        case ast.ListComp(elt=elt) | ast.SetComp(elt=elt) | ast.GeneratorExp(elt=elt) | ast.DictComp(value=elt):
            parts = [elt, *(made.iter for made in node.generators)]
        case ast.Lambda():
            return names_of([node]).reads
        case ast.Call() if called(node) in SHARING | STREAMS:
            parts = [*arguments_given(node)]
            parts += [node.func.value] if isinstance(node.func, ast.Attribute) else []
    return set().union(*map(held, parts))


@dataclass
class Function:
    """What a call of a function of the notebook does beside what it returns."""

    parameters: list[str]
    body: list[ast.AST]
    own: frozenset[str]
    changes: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    arguments: set[str] = field(default_factory=set)

    def size(self) -> tuple[int, int, int]:
        """Return how much is known."""
        return len(self.changes), len(self.binds), len(self.arguments)


class Effects:
    """What the statements of a notebook change, also through other names and through its functions."""

    def __init__(self, everything: list[Statement]) -> None:
        imports = [one for one in everything if isinstance(one.node, ast.Import | ast.ImportFrom)]
        code = [one for one in everything if one not in imports]
        self._modules = set().union(*(one.binds for one in imports))
        self._groups: dict[str, set[str]] = {}
        self._functions: dict[str, Function] = {}
        self._makers: set[str] = set()
        self._streams: set[str] = set()
        self._late: dict[str, set[str]] = {}
        for one in code:
            self._define(one.node)
        for one in code:
            self._hand_on(one.node)
        before = -1
        while before != (before := len(self._streams)):  # what holds a stream is one
            for one in code:
                self._join(one.node)
        self._follow()
        for one in code:
            changes, binds = self._changes([one.node], frozenset())
            one.changes |= changes
            one.binds |= binds
            one.reads |= (changes | binds) - SPECIAL - BUILTINS

    def together(self, names: set[str]) -> set[str]:
        """Return all names for the objects of some names."""
        return names.union(*(self._groups.get(name, ()) for name in names))

    def with_late(self, names: set[str]) -> set[str]:
        """Return some names with those that functions of these names read when they are called."""
        found, new = set(names), set(names)
        while new:
            new = set().union(*(self._late.get(name, ()) for name in self.together(new))) - found
            found |= new
        return found

    def _define(self, top: ast.AST) -> None:
        """Note the functions and the classes of the notebook."""
        for node in ast.walk(top):
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    self._late[name] = self._late.get(name, set()) | (names_of([node]).reads - BUILTINS)
                case ast.Assign([ast.Name(name)], ast.Lambda() as value):
                    self._late[name] = self._late.get(name, set()) | (names_of([value]).reads - BUILTINS)
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    self._add(name, node, list(node.body))
                    if any(isinstance(part, ast.Yield | ast.YieldFrom) for part in inside(node.body)):
                        self._makers.add(name)
                case ast.Assign([ast.Name(name)], ast.Lambda() as value):
                    self._add(name, value, [value.body])
                case ast.ClassDef(name=name):
                    self._makers.add(name)

    def _hand_on(self, top: ast.AST) -> None:
        """Note that what is made of a function or a class reads what that reads."""
        for node in inside([top]):
            match node:
                case ast.Assign(value=value) | ast.AnnAssign(value=value) | ast.NamedExpr(value=value) if value:
                    used = names_of([value]).reads & set(self._late)
                    for name in names_of([node]).binds if used else ():
                        self._late[name] = self._late.get(name, set()) | used

    def _add(self, name: str, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, body: list[ast.AST]) -> None:
        known = self._functions.get(name)
        body = [*body, *(known.body if known else ())]  # one of two with the same name: both, to be sure
        self._functions[name] = Function([one.arg for one in arguments_of(node)], body, names_of_function(node))

    def _join(self, top: ast.AST) -> None:
        """Note which names may be for the same object, and which are for streams."""
        for node in inside([top]):
            match node:
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        self._bind(target, value)
                case ast.AnnAssign(target=target, value=value) | ast.NamedExpr(target=target, value=value):
                    self._bind(target, value)
                case ast.For(target=target, iter=value) | ast.AsyncFor(target=target, iter=value):
                    self._bind(target, value)
                case ast.withitem(context_expr=value, optional_vars=target):
                    self._bind(target, value)
                case ast.FunctionDef(name=name):
                    self._group({name} | {one for default in node.args.defaults for one in held(default)})
                case ast.Expr(ast.Call(ast.Attribute(attr=name) as method, args)) if name in TAKING:
                    self._group({root(method)}.union(*map(held, args)))  # ``rows.append(row)``: rows hold the row

    def _bind(self, target: ast.AST | None, value: ast.AST | None) -> None:
        if target is None or value is None:
            return
        match target, value:
            case ((ast.Tuple(ones) | ast.List(ones)), (ast.Tuple(others) | ast.List(others))) if len(ones) == len(
                others
            ):
                if not any(isinstance(one, ast.Starred) for one in (*ones, *others)):
                    for one, other in zip(ones, others, strict=True):
                        self._bind(one, other)
                    return
        names = names_of([target]).binds or {root(target)} - {""}  # ``box[0] = rows``: the box holds the rows
        objects = held(value) - self._modules
        self._group(names | objects)
        if objects & self._streams or self._makes_stream(value):
            self._streams |= names - self._modules

    def _group(self, names: set[str]) -> None:
        names = names - self._modules - BUILTINS - {""}
        if len(names) > 1:
            group = names.union(*(self._groups.get(name, ()) for name in names))
            self._groups |= dict.fromkeys(group, group)

    def _makes_stream(self, value: ast.AST) -> bool:
        """Tell whether an expression gives a stream, or something that holds one."""
        match value:
            case ast.GeneratorExp():
                return True
            case ast.Tuple(parts) | ast.List(parts) | ast.Set(parts) | ast.Dict(values=parts):
                return any(map(self._makes_stream, parts))
            case ast.ListComp(elt=part) | ast.SetComp(elt=part) | ast.DictComp(value=part):
                return self._makes_stream(part)
            case ast.IfExp(body=one, orelse=other):
                return self._makes_stream(one) or self._makes_stream(other)
            case ast.Starred(part) | ast.NamedExpr(value=part) | ast.Await(part):
                return self._makes_stream(part)
            case ast.Call(func=function):
                name = called(value)
                known = isinstance(function, ast.Name) or root(function) in self._modules  # not ``text.count("a")``
                holds = name[:1].isupper() and any(held(one) & self._streams for one in arguments_given(value))
                return (known and name in STREAMS) or name in self._makers or holds
        return False

    def _follow(self) -> None:
        """Find out what the functions change, those that call others too."""
        before: list[tuple[int, int, int]] = []
        while before != (before := [one.size() for one in self._functions.values()]):
            for one in self._functions.values():
                changes, binds = self._changes(one.body, one.own)
                # a name of its own may stand for what came in by an argument, or for what is outside
                for part in inside(one.body):
                    match part:
                        case ast.Assign(targets=[ast.Name(name)], value=value) if name in changes:
                            changes |= held(value)
                        case ast.For(target=target, iter=value) if names_of([target]).binds & changes:
                            changes |= held(value)
                one.changes |= changes - one.own
                one.arguments |= changes & set(one.parameters)
                one.binds |= binds | (names_of(one.body).binds - one.own)

    def _changes(self, body: list[ast.AST], own: frozenset[str]) -> tuple[set[str], set[str]]:
        """Return what code changes when it runs, and the names of the notebook that its calls bind."""
        changes: set[str] = set()
        binds: set[str] = set()
        for node in inside(body):
            match node:
                case ast.AugAssign(target=target):
                    changes.add(root(target))
                case ast.Subscript(ctx=ast.Store() | ast.Del()) | ast.Attribute(ctx=ast.Store() | ast.Del()):
                    changes.add(root(node))
                case ast.Delete(targets=targets):
                    changes |= {root(target) for target in targets}
                case ast.Expr(ast.Call() as call):
                    changes |= self._discarded(call)
                case ast.keyword(arg="out", value=value):
                    changes |= held(value)
                case ast.Name(id=name, ctx=ast.Load()) if name in self._streams - own:
                    changes.add(name)
            if isinstance(node, ast.Call):
                changes |= self._taken(node)
            for one in self._used(node):
                changes |= one.changes
                binds |= one.binds
        return changes - {""}, binds

    def _used(self, node: ast.AST) -> list[Function]:
        """Return the functions of the notebook that are called, or handed on to be called."""
        names: list[ast.AST] = []
        if isinstance(node, ast.Call):
            names = [node.func, *arguments_given(node)]
        return [self._functions[one.id] for one in names if isinstance(one, ast.Name) and one.id in self._functions]

    def _discarded(self, call: ast.Call) -> set[str]:
        """Return what may be changed by a call whose result nobody takes."""
        name, function = called(call), call.func
        if isinstance(function, ast.Attribute) and root(function) not in self._modules:
            return {root(function)}
        if name in SHOWING or (isinstance(function, ast.Name) and name in self._functions):
            return set()
        if isinstance(function, ast.Name) and name in BUILTINS:
            return held(call.args[0]) if name in ("next", "setattr", "delattr", "exec") and call.args else set()
        if isinstance(function, ast.Attribute) and name.startswith(SETTING):
            return {SETTINGS, HIDDEN_STREAM} if name == "seed" else {SETTINGS}
        return set().union(*map(held, call.args))

    def _taken(self, call: ast.Call) -> set[str]:
        """Return what a call changes although its result is taken."""
        name, function = called(call), call.func
        changes: set[str] = set()
        if isinstance(function, ast.Attribute):
            if name in CHANGING and root(function) not in self._modules:
                changes.add(root(function))
            of = function.value
            of_random = isinstance(of, ast.Attribute) and of.attr == "random" and root(of) in self._modules
            of_random |= isinstance(of, ast.Name) and of.id == "random" and "random" in self._modules
            if of_random and name not in STREAMS | {"SeedSequence", "PCG64", "MT19937", "Philox", "BitGenerator"}:
                changes.add(HIDDEN_STREAM)
        if name in ARGUMENTS or name == "next":
            changes |= set().union(*map(held, call.args[:2]))
        known = self._functions.get(name) if isinstance(function, ast.Name) else None
        if known is not None:
            for parameter, argument in zip(known.parameters, call.args, strict=False):
                if parameter in known.arguments:
                    changes |= held(argument)
            for word in call.keywords:
                if word.arg in known.arguments:
                    changes |= held(word.value)
        return changes
