"""Changes to the source of a function, each in one place, that ought to make it wrong."""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pgcode.exercises._source import answer_source

OPERATORS = {
    ast.Add: [ast.Sub, ast.Mult],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Div, ast.Add],
    ast.Div: [ast.Mult],
    ast.Pow: [ast.Mult],
    ast.MatMult: [ast.Mult],
    ast.FloorDiv: [ast.Mult],
    ast.Mod: [ast.Mult],
}
COMPARISONS = {
    ast.Lt: [ast.LtE, ast.Gt],
    ast.LtE: [ast.Lt, ast.GtE],
    ast.Gt: [ast.GtE, ast.Lt],
    ast.GtE: [ast.Gt, ast.LtE],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
    ast.Is: [ast.IsNot],
    ast.IsNot: [ast.Is],
}
#: Functions and methods, and what is easily taken for them.
NAMES = {
    "sum": ["mean", "max"],
    "mean": ["sum", "max"],
    "max": ["min", "sum"],
    "min": ["max"],
    "exp": ["log", "abs"],
    "log": ["exp"],
    "prod": ["sum"],
    "cumsum": ["cumprod"],
    "cumprod": ["cumsum"],
    "zeros": ["ones"],
    "ones": ["zeros"],
    "eye": ["ones"],
    "argmax": ["argmin"],
    "var": ["std"],
    "std": ["var"],
    "zeros_like": ["ones_like"],
}


@dataclass(frozen=True)
class Mutant:
    """A function with one change."""

    description: str
    source: str
    function: Callable[..., Any]


def mutants(reference: Callable[..., Any]) -> Iterator[Mutant]:
    """Every function that one change to the source of the reference gives, each once."""
    tree = ast.parse(answer_source(reference))
    definition = tree.body[0]
    parameters = [argument.arg for argument in definition.args.args]
    seen = {ast.unparse(tree)}
    for number, statement in enumerate(_statements(definition)):
        for place, node in enumerate(_own_nodes(statement)):
            for change in range(len(_changes(node, parameters))):
                changed = copy.deepcopy(tree)
                target = list(_statements(changed.body[0]))[number]
                replacement = _changes(list(_own_nodes(target))[place], parameters)[change]
                after = _replace(changed, list(_own_nodes(target))[place], replacement)
                source = ast.unparse(ast.fix_missing_locations(after))
                if source not in seen:
                    seen.add(source)
                    line = _first_line(replacement if place == 0 else target)
                    yield Mutant(f"{_first_line(statement)} → {line}", source, _compile(source, reference))


def _compile(source: str, reference: Callable[..., Any]) -> Callable[..., Any]:
    namespace = dict(reference.__globals__)
    exec(compile(source, f"<mutant of {reference.__name__}>", "exec"), namespace)
    return namespace[reference.__name__]


def _statements(definition: ast.AST) -> Iterator[ast.stmt]:
    """The statements of a function in their order, those inside others too, without the docstring."""
    for number, statement in enumerate(definition.body):
        docstring = number == 0 and isinstance(definition, ast.FunctionDef) and ast.get_docstring(definition)
        if not docstring:
            yield statement
            if hasattr(statement, "body"):
                yield from _statements(statement)


def _own_nodes(statement: ast.stmt) -> Iterator[ast.AST]:
    """A statement and its expressions, without the statements inside it."""
    yield statement
    for child in ast.iter_child_nodes(statement):
        if not isinstance(child, ast.stmt):
            yield from _walk(child)


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _walk(child)


def _first_line(statement: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(statement)).splitlines()[0]


class _Replacer(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> Any:
        return self.new if node is self.old else self.generic_visit(node)


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> ast.AST:
    return _Replacer(old, new).visit(tree)


def _with(node: ast.AST, **fields: Any) -> ast.AST:
    """A copy of a node with other fields; what it holds is shared."""
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def _plus(node: ast.expr, by: int) -> ast.expr:
    operation = ast.Add() if by > 0 else ast.Sub()
    return ast.BinOp(node, operation, ast.Constant(abs(by)))


def _changes(node: ast.AST, parameters: list[str]) -> list[ast.AST]:
    """What may stand in the place of a node."""
    if isinstance(node, ast.Name):  # one parameter for another
        others = [other for other in parameters if other != node.id]
        is_parameter = node.id in parameters and isinstance(node.ctx, ast.Load)
        return [ast.Name(other, ast.Load()) for other in others] if is_parameter else []
    maker = globals().get(f"_change_{type(node).__name__.lower()}")
    return maker(node) if maker else []


def _change_binop(node: ast.BinOp) -> list[ast.AST]:
    changed: list[ast.AST] = [_with(node, op=operation()) for operation in OPERATORS.get(type(node.op), [])]
    changed += [node.left, node.right]  # a term or a factor is dropped
    if isinstance(node.op, (ast.Sub, ast.Div, ast.Pow, ast.MatMult)):
        changed.append(_with(node, left=node.right, right=node.left))
    return changed


def _change_unaryop(node: ast.UnaryOp) -> list[ast.AST]:
    return [node.operand]


def _change_constant(node: ast.Constant) -> list[ast.AST]:
    if isinstance(node.value, bool):
        return [ast.Constant(not node.value)]
    if isinstance(node.value, int):
        return [ast.Constant(node.value + 1), ast.Constant(node.value - 1)]
    if isinstance(node.value, float):
        return [ast.Constant(2 * node.value + 1), ast.Constant(-node.value)]
    return []


def _change_compare(node: ast.Compare) -> list[ast.AST]:
    return [_with(node, ops=[operation()]) for operation in COMPARISONS.get(type(node.ops[0]), [])]


def _change_boolop(node: ast.BoolOp) -> list[ast.AST]:
    other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    return [_with(node, op=other), *node.values]


def _change_subscript(node: ast.Subscript) -> list[ast.AST]:
    index, changed = node.slice, []
    if isinstance(index, ast.Tuple):
        for i in range(len(index.elts) - 1):
            swapped = list(index.elts)
            swapped[i], swapped[i + 1] = swapped[i + 1], swapped[i]
            changed.append(_with(node, slice=ast.Tuple(swapped, ast.Load())))
    elif isinstance(index, ast.Slice):
        for part in ("lower", "upper", "step"):
            if getattr(index, part) is not None:
                changed.append(_with(node, slice=_with(index, **{part: None})))
    elif isinstance(index, (ast.Name, ast.BinOp)) and isinstance(node.ctx, ast.Load):
        changed += [_with(node, slice=_plus(index, 1)), _with(node, slice=_plus(index, -1))]
    return changed


def _change_call(node: ast.Call) -> list[ast.AST]:
    changed: list[ast.AST] = []
    arguments = list(node.args)
    for i in range(len(arguments) - 1):
        swapped = list(arguments)
        swapped[i], swapped[i + 1] = swapped[i + 1], swapped[i]
        changed.append(_with(node, args=swapped))
    for i in range(len(node.keywords)):
        changed.append(_with(node, keywords=node.keywords[:i] + node.keywords[i + 1 :]))
    if isinstance(node.func, ast.Name) and node.func.id == "range":
        changed += [_with(node, args=[*arguments[:-1], _plus(arguments[-1], by)]) for by in (1, -1)]
    if isinstance(node.func, ast.Attribute):
        changed += [_with(node, func=_with(node.func, attr=name)) for name in NAMES.get(node.func.attr, [])]
        of_module = isinstance(node.func.value, ast.Name) and node.func.value.id == "np"
        if not of_module:
            changed.append(node.func.value)  # x.sum() → x
        elif arguments:
            changed.append(arguments[0])  # np.exp(x) → x
    return changed


def _change_attribute(node: ast.Attribute) -> list[ast.AST]:
    return [node.value] if node.attr == "T" else []


def _change_ifexp(node: ast.IfExp) -> list[ast.AST]:
    return [node.body, node.orelse]


def _change_augassign(node: ast.AugAssign) -> list[ast.AST]:
    changed: list[ast.AST] = [_with(node, op=operation()) for operation in OPERATORS.get(type(node.op), [])]
    changed += [ast.Assign([node.target], node.value), ast.Pass()]
    return changed


def _change_assign(node: ast.Assign) -> list[ast.AST]:
    changed: list[ast.AST] = [_with(node, value=ast.UnaryOp(ast.USub(), node.value))]
    return [*changed, ast.Pass()]


def _change_return(node: ast.Return) -> list[ast.AST]:
    return [_with(node, value=ast.UnaryOp(ast.USub(), node.value))] if node.value else []


def _change_if(node: ast.If) -> list[ast.AST]:
    return [_with(node, test=ast.UnaryOp(ast.Not(), node.test)), ast.Pass()]


def _change_for(node: ast.For) -> list[ast.AST]:
    if isinstance(node.target, ast.Name) and node.target.id == "_":
        return [ast.Pass()]
    listed = ast.Call(ast.Name("list", ast.Load()), [node.iter], [])
    backwards = ast.Slice(None, None, ast.UnaryOp(ast.USub(), ast.Constant(1)))
    return [ast.Pass(), _with(node, iter=ast.Subscript(listed, backwards, ast.Load()))]
