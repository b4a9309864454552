"""The house of pgcode: its floors are those that its docstring declares, it is light, and each name stands once."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import pgcode

PACKAGE = Path(pgcode.__file__).parent

#: From a module, private ones too, to its floor: read from the docstring of the package, which nothing else repeats.
FLOOR = {
    module: int(floor)
    for floor, text in re.findall(r"^(\d+)\. (.*?)(?=^\d+\. |^\S|\Z)", pgcode.__doc__, flags=re.MULTILINE | re.DOTALL)
    for module in re.findall(r"``(\w+)``", text)
}
MODULES = sorted({info.name for info in pkgutil.iter_modules(pgcode.__path__)})
PUBLIC = sorted(
    info.name
    for info in pkgutil.walk_packages(pgcode.__path__, "pgcode.")
    if not any(part.startswith("_") for part in info.name.split("."))
)

#: What only some users have, and what nobody waits for who does not use it.
OPTIONAL = {"IPython", "gymnasium", "ipywidgets", "joblib", "matplotlib", "scipy", "tqdm"}


def imports(module):
    """Names of the modules of pgcode that a module, or a package of that name, imports anywhere in its source."""
    path = PACKAGE / f"{module}.py"
    for source in [path] if path.exists() else (PACKAGE / module).rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{source.name} imports relatively, which this test does not follow"
                if node.module == "pgcode":
                    yield from (pgcode._HOMES.get(alias.name, alias.name) for alias in node.names)
                elif (node.module or "").startswith("pgcode."):
                    yield node.module.split(".")[1]
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    assert alias.name != "pgcode", f"{source.name} imports the whole package"
                    if alias.name.startswith("pgcode."):
                        yield alias.name.split(".")[1]


def test_every_module_has_a_floor_in_the_docstring():
    assert set(FLOOR) == set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_lower_floors(module):
    """Imports inside functions and for type checkers count too."""
    for other in set(imports(module)) - {module}:
        assert FLOOR[other] < FLOOR[module], f"{module} imports {other}"


# ---- names ---------------------------------------------------------------------------------------------------------


def test_the_package_gives_every_public_module():
    modules = {name for name in MODULES if not name.startswith("_")}
    assert set(pgcode.__all__) - set(pgcode._HOMES) == modules
    assert set(pgcode._HOMES) <= set(pgcode.__all__)
    for name in modules:
        assert getattr(pgcode, name) is importlib.import_module(f"pgcode.{name}")


def test_main_names_are_those_of_their_modules():
    for name, module in pgcode._HOMES.items():
        assert name in importlib.import_module(f"pgcode.{module}").__all__
        assert getattr(pgcode, name) is getattr(importlib.import_module(f"pgcode.{module}"), name)


def test_a_type_checker_sees_what_the_package_gives():
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    seen = {alias.name: node.module for node in block.body for alias in node.names}
    homes = {name: f"pgcode.{module}" for name, module in pgcode._HOMES.items()}
    assert seen == {name: homes.get(name, "pgcode") for name in pgcode.__all__}


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'reward_to_goo'"):
        _ = pgcode.reward_to_goo
    assert set(pgcode.__all__) <= set(dir(pgcode))


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_module_lists_names_that_exist(name):
    module = importlib.import_module(name)
    assert len(set(module.__all__)) == len(module.__all__) > 0
    for member in module.__all__:
        assert getattr(module, member) is not None


def test_validators_are_private():
    """What checks an argument, and returns nothing that a user wants, is on no page and in no ``import *``."""
    listed = [f"{name}.{member}" for name in PUBLIC for member in importlib.import_module(name).__all__]
    assert [name for name in listed if re.search(r"\.(_\w+|require_\w+|validate_\w+)$", name)] == []


def test_no_public_name_stands_in_two_modules():
    """Also not an exercise: these ask for a formula that the package has under the same name, and are let alone."""
    homes = {}
    for name in PUBLIC:
        if not name.startswith("pgcode.exercises."):
            for member in importlib.import_module(name).__all__:
                homes.setdefault(member, []).append(name)
    assert {member: modules for member, modules in homes.items() if len(modules) > 1} == {}


# ---- weight --------------------------------------------------------------------------------------------------------


def modules_after(statement):
    """The packages that a fresh Python holds after a statement."""
    script = f"import sys; {statement}; print(*{{name.split('.')[0] for name in sys.modules}})"
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=PACKAGE.parent, capture_output=True, encoding="utf-8", check=True
    )
    return set(run.stdout.split())


def test_import_pgcode_imports_nothing_else():
    assert not modules_after("import pgcode") & (OPTIONAL | {"numpy"})


def test_every_module_imports_numpy_alone():
    loaded = modules_after(f"import {', '.join(f'pgcode.{name}' for name in MODULES)}, {', '.join(PUBLIC)}")
    assert "numpy" in loaded
    assert loaded & OPTIONAL == set()
