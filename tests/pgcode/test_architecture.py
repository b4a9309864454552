"""The house of pgcode: each module imports only from the floors below its own."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "pgcode"

FLOORS = [
    {"_checks", "_palette", "_sampling"},
    {"mdp", "oracles", "derivation"},
    {"policies"},
    {"environments", "trajectories", "values"},
    {"estimators"},
    {"trajectory_form", "state_action_form", "moments"},
    {"baselines", "bias", "learning", "figures"},
    {"exercises"},
]
FLOOR = {module: number for number, modules in enumerate(FLOORS) for module in modules}


def modules():
    return sorted(
        {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in PACKAGE.rglob("*.py")} - {"__init__"}
    )


def imports(module):
    """Names of the modules of pgcode that a module, or a package of that name, imports."""
    path = PACKAGE / f"{module}.py"
    for source in [path] if path.exists() else (PACKAGE / module).rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "pgcode":
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pgcode."):
                yield node.module.split(".")[1]
            elif isinstance(node, ast.Import):
                yield from (a.name.split(".")[1] for a in node.names if a.name.startswith("pgcode."))


def test_every_module_has_a_floor():
    assert set(modules()) == set(FLOOR)


@pytest.mark.parametrize("module", modules())
def test_a_module_imports_only_lower_floors(module):
    for other in set(imports(module)) - {module}:
        assert FLOOR[other] < FLOOR[module], f"{module} imports {other}"
