"""Changes of one place in the source of a function: what somebody mistypes."""

import ast
import copy
import inspect
import itertools
import sys

SWAPS = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Div),
    ast.Div: (ast.Mult,),
    ast.Pow: (ast.Mult,),
}


class _Mutator(ast.NodeTransformer):
    """Changes the n-th place that can be changed."""

    def __init__(self, target):
        self.target, self.seen, self.told = target, 0, ""

    def _mutate(self, node, changed):
        self.seen += 1
        if self.seen - 1 != self.target:
            return node
        self.told = f"{ast.unparse(node)} -> {ast.unparse(changed)}"
        return changed

    def visit_BinOp(self, node):
        node = self.generic_visit(node)
        for other in SWAPS.get(type(node.op), ()):
            new = copy.deepcopy(node)
            new.op = other()
            node = self._mutate(node, new)
            if self.told:
                return node
        if isinstance(node, ast.BinOp):  # a part left out
            for part in (node.left, node.right):
                node = self._mutate(node, part)
        return node

    def visit_Compare(self, node):
        node = self.generic_visit(node)
        if isinstance(node.ops[0], ast.Eq):
            return self._mutate(node, ast.Compare(node.left, [ast.NotEq()], node.comparators))
        return node

    def visit_Expr(self, node):
        node = self.generic_visit(node)
        is_docstring = isinstance(node.value, ast.Constant)
        return node if is_docstring else self._mutate(node, ast.copy_location(ast.Pass(), node))

    def visit_AugAssign(self, node):
        node = self.generic_visit(node)
        for other in SWAPS.get(type(node.op), ()):
            new = copy.deepcopy(node)
            new.op = other()
            node = self._mutate(node, new)
        return self._mutate(node, ast.copy_location(ast.Assign([_stored(node.target)], node.value), node))

    def visit_Constant(self, node):
        if type(node.value) not in (int, float):
            return node
        for number in (node.value + 1, node.value - 1):
            node = self._mutate(node, ast.Constant(number))
        return node

    def visit_UnaryOp(self, node):
        node = self.generic_visit(node)
        return self._mutate(node, node.operand) if isinstance(node.op, ast.USub) else node

    def visit_Attribute(self, node):
        node = self.generic_visit(node)
        other = {"rewards": "active", "active": "rewards", "lengths": "returns"}.get(node.attr)
        return self._mutate(node, ast.Attribute(node.value, other, node.ctx)) if other else node


def _stored(target):
    new = copy.deepcopy(target)
    new.ctx = ast.Store()
    return new


def mutants(function):
    source = ast.parse(inspect.getsource(function))
    for target in itertools.count():
        mutator = _Mutator(target)
        tree = ast.fix_missing_locations(mutator.visit(copy.deepcopy(source)))
        if not mutator.told:
            return
        names = dict(vars(sys.modules[function.__module__]))
        try:
            exec(compile(tree, "<mutant>", "exec"), names)
        except SyntaxError:
            continue
        yield mutator.told, names[function.__name__]
