"""``python -m pgcode.audit module:function``: the report of an audit.

The exit status is 0 for an estimator that is unbiased, 1 for any other, and 2 where there is nothing to audit.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pgcode.audit import audit, audit_advantages, audit_sequences, from_buffer, from_episodes, from_rollout


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m pgcode.audit", description="Is this an unbiased policy gradient?")
    parser.add_argument("function", help="module:function, such as my_package.reinforce:gradient")
    parser.add_argument(
        "--data",
        choices=("trajectories", "episodes", "buffer", "rollout"),
        default="trajectories",
        help="what an estimator takes beside theta: Trajectories, a list of episodes, a flat buffer, or arrays (T, N)",
    )
    parser.add_argument(
        "--kind",
        choices=("estimator", "advantages", "sequences"),
        default="estimator",
        help="what the function is: an estimator of the gradient, a function of Steps that gives advantages, or a "
        "function of a SequenceBatch that weighs the answers of a language model",
    )
    options = parser.parse_args(arguments)
    if options.kind != "estimator" and options.data != "trajectories":
        parser.error(f"--data says what an estimator takes: leave it out with --kind {options.kind}")
    try:
        function = _function(options.function)
    except _NoFunctionError as error:
        parser.error(str(error))
    if options.kind == "advantages":
        report = audit_advantages(function)
    elif options.kind == "sequences":
        report = audit_sequences(function)
    else:
        adapters = {"episodes": from_episodes, "buffer": from_buffer, "rollout": from_rollout}
        report = audit(adapters[options.data](function) if options.data in adapters else function)
    print(report)
    return 0 if report.verdict == "unbiased" else 1


class _NoFunctionError(Exception):
    """Why there is no function to audit, in a sentence."""


def _function(named: str) -> Callable[..., Any]:
    """What stands after the colon, in the module before it: a function, or one in a class."""
    module, _, name = named.partition(":")
    if not module or not name:
        raise _NoFunctionError(f"{named} names no function: write module:function, such as my_package.mine:gradient")
    sys.path.insert(0, str(Path.cwd()))
    try:
        found: Any = importlib.import_module(module)
    except SystemExit as error:
        raise _NoFunctionError(
            f"{module} leaves Python when it is imported, exit({error.code!r}): put what runs below "
            "if __name__ == '__main__'"
        ) from error
    except SyntaxError as error:
        raise _NoFunctionError(f"{module} is no Python: {error}") from error
    except ImportError as error:
        raise _NoFunctionError(f"{module} cannot be imported: {error}") from error
    except Exception as error:
        raise _NoFunctionError(f"{module} raised {type(error).__name__} when it was imported: {error}") from error
    so_far = module
    for part in name.split("."):
        if not hasattr(found, part):
            raise _NoFunctionError(f"{so_far} has no {part}")
        found, so_far = getattr(found, part), f"{so_far}.{part}"
    if not callable(found):
        raise _NoFunctionError(f"{so_far} is {found!r}, which is no function")
    return found


if __name__ == "__main__":
    sys.exit(main())
