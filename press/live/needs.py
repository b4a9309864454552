"""What has to be run before a cell: a slice of the statements above it, by names.

A statement is needed for a name that it binds, and for an object that it changes: by assignment to an item or an
attribute, by ``+=``, by a method such as ``rows.append(x)``, by a call whose result nobody takes, by a decorator, or by
a function of the notebook that does one of these.

Names for one object, such as those of ``view = table[0]``, are changed together, and so are an object and those that
it holds. An object of a class holds what the class was called with; what a function of the notebook returns holds what
can be followed through its body. A function holds its defaults, and what it changes outside of itself. Numbers and
texts are held by nothing, since nothing changes them. NumPy and pgcode hold nothing, except for streams.

What gives something else each time that it is asked, a random generator, an iterator, or a function with a memory of
its own, is changed by any use of it; so is what holds one, and each object of a class of the notebook.

These changes are not seen: of an argument by a function of a module, in silence and with the result taken; by reading,
as ``counts[key]`` of a ``defaultdict`` does; of what a function of a module, other than a class, keeps of what it is
given; of a module's own attribute by a function of that module; of names by ``exec`` or ``globals()``.

Of an import only the names that are used remain, so that what is not needed is not loaded.

The page runs this file too, for cells below one that its reader has changed. It needs nothing but Python.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

BUILTINS = frozenset(dir(builtins))
#: Methods that change their object although something takes what they return.
CHANGING = {
    "append", "extend", "insert", "remove", "pop", "popitem", "popleft", "appendleft", "rotate", "clear", "sort",
    "reverse", "update", "setdefault", "add", "discard", "fill", "resize", "put", "partition", "itemset", "setflags",
    "byteswap", "write", "writelines", "send", "throw", "close", "step", "reset", "seed", "shuffle", "subtract",
    "__next__", "__setitem__", "__delitem__", "intersection_update", "difference_update",
    "symmetric_difference_update", "spawn",
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
#: Stands for what a function returns.
RESULT = "<what is returned>"
#: Packages whose functions and classes copy what they are given, or leave it alone.
COPYING = {"numpy", "pgcode"}
#: Builtin functions that give what cannot change, and those that may give a part of what they are given.
PLAIN = {"int", "float", "str", "bool", "len", "range", "repr", "ord", "chr"}
PARTS = {"max", "min", "next", "getattr", "vars"}
#: Streams of parts of what they are given, and what gathers the parts of a stream.
PASSING = {
    "map", "filter", "zip", "enumerate", "reversed", "permutations", "combinations", "product", "chain", "islice",
    "iter", "count", "cycle",
}  # fmt: skip
GATHERING = {"list", "tuple", "set", "sorted", "dict", "deque"}


#: Of so many parts of code what is found is kept.
KEPT = 10_000


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
    above = [(cell, number, one) for cell in range(index) for number, one in enumerate(statements(sources[cell], cell))]
    target = statements(sources[index], index)
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


def statements(source: str, cell: int = 0) -> list[Statement]:
    """Return the statements of a cell. An import of several names is several.

    What a cell needs is asked for each cell of a page, so that those above are looked at again and again: what depends
    on a part of the code alone is found once. The parts of two cells are never the same, whatever is written there.
    """
    return [
        replace(one, reads=set(one.reads), binds=set(one.binds), replaces=set(one.replaces), changes=set(one.changes))
        for one in _statements(source, cell)
    ]


@lru_cache(KEPT)
def _statements(source: str, cell: int) -> list[Statement]:
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
        if own:
            _note(node, own, found)
        else:
            _add(found, _names(node))
    return found


@lru_cache(KEPT)
def _names(node: ast.AST) -> Names:
    found = Names()
    _note(node, frozenset(), found)
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
DEFINITION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
COMPREHENSION = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
OWN_NAMES = (*FUNCTION, ast.ClassDef, *COMPREHENSION)
#: A notebook is gone through until nothing more is found, and each time only its parts of some kinds: those by which
#: names come to be for one object, those that give a function's result, and those that change something.
ASSIGNING = (ast.Assign, ast.AnnAssign, ast.NamedExpr)
JOINING = (*ASSIGNING, ast.For, ast.AsyncFor, ast.withitem, ast.Call, *DEFINITION)
YIELDING = (ast.Yield, ast.YieldFrom)
GIVING = (ast.Return, *YIELDING, ast.FunctionDef, ast.AsyncFunctionDef)
EFFECTIVE = (
    *(ast.AugAssign, ast.Subscript, ast.Attribute, ast.Delete, ast.Expr, ast.keyword, ast.Name, ast.Call),
    *DEFINITION,
    *COMPREHENSION,
)


def arguments_of(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[ast.arg]:
    """Return the arguments of a function, the positional ones first."""
    given = node.args
    return [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, (given.vararg, given.kwarg))]


@lru_cache(KEPT)
def walked(node: ast.AST) -> list[ast.AST]:
    """Return a part of code, and all parts in it."""
    return list(ast.walk(node))


@lru_cache(KEPT)
def defining(node: ast.AST) -> list[ast.AST]:
    """Return the parts of code that may define a function or a class."""
    return [part for part in walked(node) if isinstance(part, (*FUNCTION, ast.ClassDef, ast.Assign))]


@lru_cache(KEPT)
def binding(node: ast.AST) -> list[ast.AST]:
    """Return the parts of code that bind names."""
    kinds = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.For, *BINDING)
    return [
        part
        for part in walked(node)
        if isinstance(part, kinds) or (isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load))
    ]


@lru_cache(KEPT)
def with_state(node: ast.AST) -> set[str]:
    """Return the names of the classes in a part of code that have something that can change, and of what is set."""
    parts = walked(node)
    written = {root(part) for part in parts if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store)}
    return written | {part.name for part in parts if isinstance(part, ast.ClassDef) and not stateless(part)}


@lru_cache(KEPT)
def names_of_function(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> frozenset[str]:
    """Return the names that are a function's own."""
    own = {one.arg for one in arguments_of(node)}
    if isinstance(node, ast.Lambda):
        return frozenset(own)
    outer = {name for part in inside(node.body) if isinstance(part, ast.Global | ast.Nonlocal) for name in part.names}
    return frozenset((own | names_of(node.body).binds) - outer)


@lru_cache(KEPT)
def _inside(top: ast.AST, kinds: tuple[type[ast.AST], ...]) -> list[ast.AST]:
    """Return the parts of some kinds that ``inside`` walks through."""
    return [node for node in _everything_inside(top) if isinstance(node, kinds)]


@lru_cache(KEPT)
def _everything_inside(top: ast.AST) -> list[ast.AST]:
    return list(inside([top]))


def inside(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Walk through code, but not into the functions and classes that are defined in it: these run later."""
    for node in body:
        yield node
        if not isinstance(node, (*FUNCTION, ast.ClassDef)):
            yield from inside(ast.iter_child_nodes(node))
            continue
        if not isinstance(node, ast.Lambda):
            yield from inside(node.decorator_list)
        if isinstance(node, ast.ClassDef):
            yield from inside([*node.bases, *node.keywords])
        else:
            yield from inside(filter(None, [*node.args.defaults, *node.args.kw_defaults]))


# ---- Objects ---------------------------------------------------------------------------------------------------------


def root(node: ast.AST) -> str:
    """Return the name of the object that an expression is a part of, or ""."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def called(node: ast.Call) -> str:
    """Return the last part of the name of what is called."""
    return last(node.func)


def last(node: ast.expr) -> str:
    """Return the last part of a name, or ""."""
    match node:
        case ast.Attribute(attr=name) | ast.Name(name):
            return name
    return ""


def arguments_given(call: ast.Call) -> list[ast.expr]:
    """Return the arguments of a call."""
    return [*call.args, *(word.value for word in call.keywords)]


Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(eq=False)
class Function:
    """What a call of a function of the notebook does, and what its result may hold.

    Together with its ``parameters`` it names what is outside of it: what it ``changes`` and ``binds``, what its result
    may hold (``gives``), and which of these come to hold each other (``joins``).
    """

    name: str
    node: Definition
    itself: str
    positional: list[str]
    parameters: set[str]
    defaults: dict[str, ast.expr]
    body: list[ast.AST]
    own: frozenset[str]
    changes: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    arguments: set[str] = field(default_factory=set)
    gives: set[str] = field(default_factory=set)
    joins: list[set[str]] = field(default_factory=list)
    streams: bool = False

    def size(self) -> tuple[int, ...]:
        """Return how much is known."""
        known = (self.changes, self.binds, self.arguments, self.gives, *self.joins)
        return (self.streams, *map(len, known))

    def defaults_change(self) -> bool:
        """Tell whether a default is an object that may be changed."""
        return not all(plain(value, set()) for value in self.defaults.values())

    def given(self, call: ast.Call, names: set[str]) -> list[ast.expr]:
        """Return the arguments of a call that may be for some of the parameters."""
        found: list[ast.expr] = []
        names = names & self.parameters
        starred = False
        for place, argument in enumerate(call.args):
            starred |= isinstance(argument, ast.Starred)
            known = not starred and place < len(self.positional)
            if self.positional[place] in names if known else names:
                found.append(argument)
        for word in call.keywords:
            if word.arg in names if word.arg in self.parameters else names:
                found.append(word.value)
        return found


def function_of(name: str, node: Definition, method: bool) -> Function:
    """Return what is known of a function before its notebook has been looked at."""
    positional = [one.arg for one in (*node.args.posonlyargs, *node.args.args)]
    defaults = dict(zip(reversed(positional), reversed(node.args.defaults), strict=False))
    defaults |= {
        one.arg: value for one, value in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if value
    }
    body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(node.body)
    parameters = {one.arg for one in arguments_of(node)}
    itself = positional[0] if method and positional else ""
    return Function(name, node, itself, positional[method:], parameters, defaults, body, names_of_function(node))


@dataclass
class Scope:
    """Which names of a notebook, or of a function, may be for the same object, and which are for streams."""

    alone: set[str]
    groups: dict[str, set[str]] = field(default_factory=dict)
    streams: set[str] = field(default_factory=set)

    def join(self, names: set[str]) -> None:
        """Note that some names may be for the same object, or for one that holds another."""
        names = names - self.alone - BUILTINS - {""}
        if len(names) > 1 and not all(self.groups.get(name, set()) >= names for name in names):
            group = names.union(*(self.groups.get(name, ()) for name in names))
            self.groups |= dict.fromkeys(group, group)

    def together(self, names: set[str]) -> set[str]:
        """Return all names for the objects of some names."""
        return names.union(*(self.groups.get(name, ()) for name in names))

    def size(self) -> tuple[int, int]:
        """Return how much is known."""
        return sum(map(len, self.groups.values())), len(self.streams)


class Effects:
    """What the statements of a notebook change, also through other names and through its functions."""

    def __init__(self, everything: list[Statement]) -> None:
        imports = [one for one in everything if isinstance(one.node, ast.Import | ast.ImportFrom)]
        code = [one for one in everything if not isinstance(one.node, ast.Import | ast.ImportFrom)]
        self._modules = set().union(*(one.binds for one in imports))
        copying = [one.binds for one in imports if one.source.split()[1].partition(".")[0] in COPYING]
        self._copying = set().union(*copying)
        self._all: dict[int, Function] = {}
        self._functions: dict[str, list[Function]] = {}
        self._methods: dict[str, list[Function]] = {}
        self._classes: dict[str, list[Function]] = {}
        self._decorated: set[str] = set()
        self._late: dict[str, set[str]] = {}
        for one in code:
            self._define(one.node)
        self._stateless = set(self._classes).difference(*(with_state(one.node) for one in code))
        self._makers = set(self._classes)
        self._lazy = {
            one.name
            for one in self._all.values()
            if any(self._inside(one.body, YIELDING))
        }
        still = {name for name in self._functions if name not in self._decorated | set(self._classes)}
        self._still = {name for name in still if not any(one.defaults_change() for one in self._functions[name])}
        self._fixed = self._modules | self._plain([one.node for one in code])
        self._outer = self._scope = Scope(self._fixed | self._still)
        for one in code:
            self._hand_on(one.node)
        before: list[tuple[int, ...]] = []
        while before != (before := [self._outer.size(), *(one.size() for one in self._all.values())]):
            for one in code:
                self._join(one.node, self._outer)
            for function in self._all.values():
                self._follow(function)
            self._hold()
        for one in code:
            changes, binds = self._changes([one.node], frozenset())
            one.changes |= changes
            one.binds |= binds
            one.reads |= (changes | binds) - SPECIAL - BUILTINS

    def together(self, names: set[str]) -> set[str]:
        """Return all names for the objects of some names."""
        return self._outer.together(names)

    def with_late(self, names: set[str]) -> set[str]:
        """Return some names with those that functions of these names read when they are called."""
        found, new = set(names), set(names)
        while new:
            new = set().union(*(self._late.get(name, ()) for name in self.together(new))) - found
            found |= new
        return found

    # ---- What there is

    def _inside(self, body: Sequence[ast.AST], kinds: tuple[type[ast.AST], ...]) -> Iterator[ast.AST]:
        for top in body:
            yield from _inside(top, kinds)

    def _define(self, top: ast.AST) -> None:
        """Note the functions and the classes of the notebook."""
        methods: dict[int, str] = {}
        named: dict[int, str] = {}
        for node in defining(top):
            match node:
                case ast.ClassDef(name=name, body=body):
                    self._note_late(name, node)
                    self._classes.setdefault(name, [])
                    methods |= {id(part): name for part in body if isinstance(part, FUNCTION)}
                case ast.Assign([ast.Name(name)], ast.Lambda() as value):
                    self._note_late(name, value)
                    named[id(value)] = name
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    self._note_late(name, node)
            if isinstance(node, FUNCTION):
                name = "" if isinstance(node, ast.Lambda) else node.name
                self._all[id(node)] = one = function_of(named.get(id(node), name), node, id(node) in methods)
                if id(node) in methods:
                    self._methods.setdefault(one.name, []).append(one)
                    self._classes[methods[id(node)]].append(one)
                elif one.name:
                    self._functions.setdefault(one.name, []).append(one)
            if id(node) not in methods:
                self._decorated |= {root(call.args[0]) for call in decorations(node)}

    def _note_late(self, name: str, node: ast.AST) -> None:
        self._late[name] = self._late.get(name, set()) | (names_of([node]).reads - BUILTINS)

    def _hand_on(self, top: ast.AST) -> None:
        """Note that what is made of a function or a class reads what that reads."""
        for node in _inside(top, ASSIGNING):
            match node:
                case ast.Assign(value=value) | ast.AnnAssign(value=value) | ast.NamedExpr(value=value) if value:
                    used = names_of([value]).reads & set(self._late)
                    for name in names_of([node]).binds if used else ():
                        self._late[name] = self._late.get(name, set()) | used

    def _plain(self, tops: list[ast.stmt]) -> set[str]:
        """Return the names that are only ever for what cannot change, such as numbers."""
        bound: dict[str, list[ast.AST | None]] = {}
        simple: set[int] = set()
        for node in (part for top in tops for part in binding(top)):
            pairs: list[tuple[ast.AST, ast.AST | None]] = []
            match node:
                case ast.Assign(targets=targets, value=value):
                    pairs = [pair for target in targets for pair in paired(target, value)]
                case ast.AnnAssign(target=target, value=value) | ast.AugAssign(target=target, value=value):
                    pairs = [(target, value)]
                case ast.For(target=target, iter=value):
                    pairs = [
                        (one, part)
                        for one, parts in looped(target, value)
                        for part in (parts.elts if isinstance(parts, ast.Tuple | ast.List) else [parts])
                        if isinstance(parts, ast.Tuple | ast.List | ast.Name)
                    ]
                    pairs = [pair for one, part in pairs for pair in paired(one, part)]
                    pairs = [
                        (name, part)
                        for one, part in pairs
                        for name in (ast.walk(one) if isinstance(part, ast.Name) else [one])
                    ]
                    pairs += [(one, ast.Constant(0)) for one in counted(target, value)]
                case ast.Name(name, ast.Store() | ast.Del()) if id(node) not in simple:
                    bound.setdefault(name, []).append(None)
                case _ if isinstance(node, BINDING):
                    for name in names_of([node]).binds:
                        bound.setdefault(name, []).append(None)
            for one, part in pairs:
                if isinstance(one, ast.Name):
                    simple.add(id(one))
                    bound.setdefault(one.id, []).append(part)
        for name in self._functions:
            if len(bound.get(name, [])) > len(self._functions[name]):
                self._still.discard(name)
        found = set(bound)
        while found != (found := {name for name in found if all(plain(value, found) for value in bound[name])}):
            pass
        return found

    # ---- What holds what

    def held(self, node: ast.AST | None) -> set[str]:
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
                own, found = targets_of(node), self.held(elt)
                if found & own or isinstance(node, ast.GeneratorExp):
                    found = found.union(*(self.held(made.iter) for made in node.generators))
                if isinstance(node, ast.GeneratorExp):  # it goes on with what it draws from
                    found |= names_of([node]).reads & self._scope.streams
                return found - own
            case ast.Lambda():
                return names_of([node]).reads
            case ast.Call():
                return self._held_by_call(node)
        return set().union(*map(self.held, parts))

    def _held_by_call(self, call: ast.Call) -> set[str]:
        """Return what the result of a call may hold."""
        name, function, given = called(call), call.func, arguments_given(call)
        everything = set().union(*map(self.held, given))
        found: set[str] = set()
        if isinstance(function, ast.Attribute) and name in self._methods and root(function) not in self._modules:
            for one in self._methods[name]:
                found |= self._given(one, call, one.gives)
        if name in SHARING | STREAMS or (isinstance(function, ast.Name) and name in PARTS):
            return found | everything | (self.held(function.value) if isinstance(function, ast.Attribute) else set())
        first = root(function)
        if first in self._modules:
            if not name[:1].isupper():
                return found
            return found | (everything if first not in self._copying else everything & self._scope.streams)
        if not isinstance(function, ast.Name):
            return found | (everything | self.held(function) if isinstance(function, ast.Call) else set())
        if name in BUILTINS:
            return found
        if name in self._classes and name not in self._functions and name not in self._decorated:
            return found | everything | ({name} - self._stateless)
        if name not in self._functions or name in self._decorated:
            return found | everything | {name}
        for one in self._functions[name]:
            found |= self._given(one, call, one.gives)
        return found

    def _given(self, one: Function, call: ast.Call, names: set[str]) -> set[str]:
        """Return what some names of a function are for in a call of it."""
        found = (names - one.parameters).union(*map(self.held, one.given(call, names)))
        if any(name in names and not plain(value, set()) for name, value in one.defaults.items()):
            found.add(one.name)
        if one.itself in names and isinstance(call.func, ast.Attribute):
            found |= self.held(call.func.value)
        return found

    def _join(self, top: ast.AST, scope: Scope) -> None:
        """Note which names may be for the same object, and which are for streams."""
        for node in self._inside([top], JOINING):
            match node:
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        self._bind(target, value, scope)
                case ast.AnnAssign(target=target, value=value) | ast.NamedExpr(target=target, value=value):
                    self._bind(target, value, scope)
                case ast.For(target=target, iter=value) | ast.AsyncFor(target=target, iter=value):
                    for one, part in looped(target, value):
                        self._bind(one, part, scope, self._parts_are_streams)
                case ast.withitem(context_expr=value, optional_vars=target):
                    self._bind(target, value, scope)
                case ast.Call(ast.Attribute(attr=name) as method, args) if name in TAKING:
                    scope.join({root(method)}.union(*map(self.held, args)))  # ``rows.append(row)``: rows hold the row
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    defaults = filter(None, [*node.args.defaults, *node.args.kw_defaults])
                    scope.join({name}.union(*map(self.held, defaults)))
                case ast.ClassDef(name=name):
                    scope.join({name}.union(*map(self.held, node.bases)))
                    if name in scope.streams or any(self.held(base) & scope.streams for base in node.bases):
                        scope.streams.add(name)
                case ast.Call():
                    self._join_by_call(node, scope)
            for call in decorations(node):
                self._bind(call.args[0], call, scope)
                self._join_by_call(call, scope)

    def _join_by_call(self, call: ast.Call, scope: Scope) -> None:
        for one in self._called(call):
            for names in one.joins:
                scope.join(self._given(one, call, names))
        first = root(call.func)
        known = first in self._modules | BUILTINS or first in self._functions
        if isinstance(call.func, ast.Name) and not known and first in scope.streams:
            scope.join({first}.union(*map(self.held, arguments_given(call))))

    def _bind(
        self,
        target: ast.AST | None,
        value: ast.AST | None,
        scope: Scope,
        is_stream: Callable[[ast.AST], bool] | None = None,
    ) -> None:
        if target is None or value is None:
            return
        if is_stream is None and len(pairs := paired(target, value)) > 1:
            for one, other in pairs:
                self._bind(one, other, scope)
            return
        names = names_of([target]).binds or {root(target)} - {""}  # ``box[0] = rows``: the box holds the rows
        objects = self.held(value) - self._modules
        scope.join(names | objects)
        if is_stream is None:
            is_stream = self._parts_are_streams if isinstance(target, ast.Tuple | ast.List) else self._makes_stream
        if objects & scope.streams or is_stream(value):
            scope.streams |= names - self._modules

    def _makes_stream(self, value: ast.AST) -> bool:
        """Tell whether an expression gives a stream, or something that holds one."""
        match value:
            case ast.GeneratorExp():
                return True
            case ast.Lambda():
                one = self._all.get(id(value))
                return one is not None and bool(one.changes or one.binds)
            case ast.Name(name):
                return any(one.changes or one.binds for one in self._functions.get(name, ()))
            case ast.Attribute(inner, name):
                return self._makes_stream(inner) or (name in CHANGING and root(inner) not in self._modules)
            case ast.Subscript(inner):
                return self._makes_stream(inner)
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
                if (known and name in STREAMS) or name in self._makers or name in self._lazy or name == "spawn":
                    return True
                if known and name in GATHERING:
                    return any(map(self._parts_are_streams, arguments_given(value)))
                if name[:1].isupper() or (known and name in SHARING):
                    given = arguments_given(value)
                    return any(self.held(one) & self._scope.streams or self._makes_stream(one) for one in given)
        return False

    def _parts_are_streams(self, value: ast.AST) -> bool:
        """Tell whether a loop over what an expression gives goes through streams."""
        match value:
            case ast.GeneratorExp(elt=part):
                return self._makes_stream(part)
            case ast.Call() if called(value) in PASSING:
                return any(
                    self._makes_stream(one)
                    or (isinstance(one, ast.Name | ast.Attribute) and last(one) in STREAMS | self._makers)
                    for one in value.args
                )
            case ast.Call() if called(value) in self._lazy - self._makers:
                return False
        return self._makes_stream(value)

    def _hold(self) -> None:
        """Note what functions and classes hold themselves: what they change, and what they give of what is outside."""
        for name, ones in self._functions.items():
            for one in ones:
                outside = (one.changes | one.binds | one.gives) - one.parameters - one.own - SPECIAL
                if outside or one.arguments:
                    self._still.discard(name)
                    self._outer.alone = self._fixed | self._still
                self._outer.join({name} | outside)
                if one.streams:
                    self._makers.add(name)
        for name, methods in self._classes.items():
            outside = set().union(*(one.changes | one.binds for one in methods)) - SPECIAL
            if outside:
                self._stateless.discard(name)
                self._outer.join({name} | outside)
                self._outer.streams.add(name)

    # ---- What changes what

    def _follow(self, one: Function) -> None:
        """Find out what a function changes and what it gives, also by others that it calls."""
        scope = self._scope = Scope(self._modules, streams=self._outer.streams - one.own)
        changes, binds = self._changes(one.body, one.own)
        for node in one.body:
            self._join(node, scope)
        results: list[ast.AST] = [one.node.body] if isinstance(one.node, ast.Lambda) else []
        for node in self._inside(one.body, GIVING):
            match node:
                case ast.Return(value) | ast.Yield(value) if value:
                    results.append(value)
                case ast.YieldFrom(value):
                    self._bind(ast.Name(RESULT, ast.Store()), value, scope, self._parts_are_streams)
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    inner = self._all[id(node)]
                    scope.join({name} | names_of([node]).reads)
                    if inner.changes or inner.binds:
                        scope.streams.add(name)
        for result in results:
            self._bind(ast.Name(RESULT, ast.Store()), result, scope)
        if one.name in self._lazy:
            scope.join({RESULT} | one.parameters | changes)
        one.streams |= RESULT in scope.streams
        seen = one.parameters | (set().union(*scope.groups.values()) - one.own if scope.groups else set())
        one.gives |= (scope.together({RESULT}) & seen) - {RESULT}
        one.joins = [part for group in unique(scope.groups.values()) if len(part := (group & seen) - {RESULT}) > 1]
        changes = scope.together(changes)  # a name of its own may stand for what came in, or for what is outside
        one.changes |= changes - one.own - {RESULT}
        one.arguments |= changes & one.parameters
        if any(name in changes and not plain(value, set()) for name, value in one.defaults.items()) and one.name:
            one.changes.add(one.name)
        one.binds |= binds | (names_of(one.body).binds - one.own)
        self._scope = self._outer

    def _changes(self, body: Sequence[ast.AST], own: frozenset[str]) -> tuple[set[str], set[str]]:
        """Return what code changes when it runs, and the names of the notebook that its calls bind."""
        changes: set[str] = set()
        binds: set[str] = set()
        loops: list[Comprehension] = []
        for node in self._inside(body, EFFECTIVE):
            match node:
                case ast.AugAssign(target=target):
                    changes |= self._of(target)
                case ast.Subscript(ctx=ast.Store() | ast.Del()) | ast.Attribute(ctx=ast.Store() | ast.Del()):
                    changes |= self._of(node)
                case ast.Delete(targets=targets):
                    changes |= {root(target) for target in targets}
                case ast.Expr(ast.Call() as call):
                    changes |= self._discarded(call)
                case ast.keyword(arg="out", value=value):
                    changes |= self.held(value)
                case ast.Name(id=name, ctx=ast.Load()) if name in self._outer.streams - own:
                    changes.add(name)
                case ast.ClassDef(body=inner):
                    known = own | names_of(inner).binds
                    more, bound = self._changes(inner, known)
                    changes |= more - known
                    binds |= bound - known
                case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                    loops.append(node)
            for call in [node] if isinstance(node, ast.Call) else decorations(node):
                changes |= self._taken(call)
                for one in self._called(call):
                    changes |= one.changes
                    binds |= one.binds
                if call is not node:
                    changes |= self._decorating(call)
        if loops:
            for loop in reversed(loops):
                if targets_of(loop) & changes:  # what a loop goes over is changed with its parts
                    changes = changes.union(*(self.held(made.iter) for made in loop.generators))
            changes -= set().union(*map(targets_of, loops)) - names_of(body).reads
        return changes - {""}, binds

    def _of(self, node: ast.AST) -> set[str]:
        """Return the names of what an expression is a part of."""
        return {root(node)} | self.held(node)

    def _decorating(self, call: ast.Call) -> set[str]:
        """Return what a decorator may change, which may be a function that another one has made."""
        first = root(call.func)
        if first in self._modules | BUILTINS:
            return set()
        if first not in self._functions:
            return {first}
        if isinstance(call.func, ast.Name):
            return set()
        return set().union(
            *(
                self._all[id(part)].changes | one.gives - one.parameters
                for one in self._functions[first]
                for top in one.body
                for part in ast.walk(top)
                if isinstance(part, FUNCTION)
            )
        )

    def _called(self, call: ast.Call) -> list[Function]:
        """Return the functions of the notebook that are called, or handed on to be called."""
        found: list[Function] = []
        for one in (call.func, *arguments_given(call)):
            match one:
                case ast.Name(name):
                    found += self._functions.get(name, [])
                case ast.Lambda():
                    found += [self._all[id(one)]] if id(one) in self._all else []
        if isinstance(call.func, ast.Attribute) and root(call.func) not in self._modules:
            found += self._methods.get(call.func.attr, [])
        return found

    def _discarded(self, call: ast.Call) -> set[str]:
        """Return what may be changed by a call whose result nobody takes."""
        name, function = called(call), call.func
        everything = set().union(*map(self.held, arguments_given(call)))
        if isinstance(function, ast.Attribute) and root(function) not in self._modules:
            return self._of(function.value)
        if name in SHOWING or (isinstance(function, ast.Name) and name in self._functions):
            return {name} & self._decorated
        if isinstance(function, ast.Name) and name in BUILTINS:
            return everything if name in ("next", "setattr", "delattr", "exec") else set()
        if isinstance(function, ast.Attribute) and name.startswith(SETTING):
            return {SETTINGS, HIDDEN_STREAM} if name == "seed" else {SETTINGS}
        return everything | ({root(function)} - self._modules)

    def _taken(self, call: ast.Call) -> set[str]:
        """Return what a call changes although its result is taken."""
        name, function = called(call), call.func
        changes: set[str] = set()
        if isinstance(function, ast.Attribute):
            if name in CHANGING and root(function) not in self._modules:
                changes |= self._of(function.value)
            of = function.value
            of_random = isinstance(of, ast.Attribute) and of.attr == "random" and root(of) in self._modules
            of_random |= isinstance(of, ast.Name) and of.id == "random" and "random" in self._modules
            if of_random and name not in STREAMS | {"SeedSequence", "PCG64", "MT19937", "Philox", "BitGenerator"}:
                changes.add(HIDDEN_STREAM)
        if name in ARGUMENTS or name == "next":
            changes |= set().union(*map(self.held, call.args[:2]))
        for argument in arguments_given(call):  # ``map(rows.append, others)``
            if isinstance(argument, ast.Attribute) and self._makes_stream(argument):
                changes |= self.held(argument)
        for one in self._called(call):
            if one.name == name:
                changes |= self._given(one, call, one.arguments)
            elif one.arguments:  # it is handed on, with what it may be given
                changes |= set().union(*map(self.held, arguments_given(call))) - {one.name}
        if isinstance(function, ast.Name) and name not in self._functions:
            ones = [one for other in self.together({name}) for one in self._functions.get(other, ())]
            if any(one.arguments for one in ones):
                changes |= set().union(*map(self.held, arguments_given(call)))
        return changes - self._modules


#: What binds names beside assignments.
BINDING = (
    *(ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef),
    *(ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping),
)


def plain(node: ast.AST | None, names: set[str]) -> bool:
    """Tell whether an expression gives what cannot change, where some names do."""
    match node:
        case ast.Constant() | ast.JoinedStr():
            return True
        case ast.Name(name):
            return name in names
        case ast.UnaryOp(operand=one):
            return plain(one, names)
        case ast.BinOp(left=one, right=other) | ast.IfExp(body=one, orelse=other):
            return plain(one, names) and plain(other, names)
        case ast.Tuple(parts):
            return all(plain(part, names) for part in parts)
        case ast.Call(ast.Name(name)):
            return name in PLAIN
    return False


def targets_of(node: Comprehension) -> set[str]:
    """Return the names that a comprehension has of its own."""
    return set().union(*(names_of([made.target]).binds for made in node.generators))


def stateless(node: ast.ClassDef) -> bool:
    """Tell whether a class itself has nothing that can change."""
    plainly = all(
        isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.Pass)
        or (isinstance(one, ast.Assign | ast.AnnAssign | ast.Expr) and (one.value is None or plain(one.value, set())))
        for one in node.body
    )
    return plainly and not node.bases and not node.keywords


def decorations(node: ast.AST) -> list[ast.Call]:
    """Return the decorators of a function or a class as calls."""
    if not isinstance(node, DEFINITION):
        return []
    return [ast.Call(one, [ast.Name(node.name, ast.Load())], []) for one in node.decorator_list]


def unique(groups: Iterable[set[str]]) -> list[set[str]]:
    """Return each of some groups once."""
    found: dict[int, set[str]] = {id(group): group for group in groups}
    return list(found.values())


def paired(target: ast.AST, value: ast.AST | None) -> list[tuple[ast.AST, ast.AST | None]]:
    """Return which expression each target of an assignment is for, where that can be seen."""
    match target, value:
        case ((ast.Tuple(ones) | ast.List(ones)), (ast.Tuple(others) | ast.List(others))) if len(ones) == len(others):
            if not any(isinstance(one, ast.Starred) for one in (*ones, *others)):
                return [pair for one, other in zip(ones, others, strict=True) for pair in paired(one, other)]
    return [(target, value)]


def looped(target: ast.AST, value: ast.AST) -> list[tuple[ast.AST, ast.AST]]:
    """Return which part of a loop goes through which expression, without the numbers and keys that it counts."""
    match target, value:
        case ast.Tuple([_, one]), ast.Call(ast.Name("enumerate"), [inner, *_]):
            return looped(one, inner)
        case ast.Tuple([_, one]), ast.Call(ast.Attribute(inner, "items"), []):
            return [(one, value)]
        case ast.Tuple(ones), ast.Call(ast.Name("zip"), others) if len(ones) == len(others):
            if not any(isinstance(one, ast.Starred) for one in (*ones, *others)):
                return [pair for one, other in zip(ones, others, strict=True) for pair in looped(one, other)]
        case _, ast.Call(ast.Name("range")):
            return []
    return [(target, value)]


def counted(target: ast.AST, value: ast.AST) -> list[ast.AST]:
    """Return which part of a loop is for its numbers and keys only, which cannot change."""
    match target, value:
        case ast.Tuple([first, one]), ast.Call(ast.Name("enumerate"), [inner, *_]):
            return [first, *counted(one, inner)]
        case ast.Tuple([first, _]), ast.Call(ast.Attribute(attr="items"), []):
            return [first]
        case ast.Tuple(ones), ast.Call(ast.Name("zip"), others) if len(ones) == len(others):
            return [part for one, other in zip(ones, others, strict=True) for part in counted(one, other)]
        case ast.Name(), ast.Call(ast.Name("range")):
            return [target]
    return []
