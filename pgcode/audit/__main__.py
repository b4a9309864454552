"""``python -m pgcode.audit module:function``: the report of an audit, and exit status 1 unless it is unbiased."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from pgcode.audit import audit, audit_advantages, audit_sequences, from_buffer, from_episodes, from_rollout


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m pgcode.audit", description="Is this an unbiased policy gradient?")
    parser.add_argument("function", help="module:function, such as my_package.reinforce:gradient")
    parser.add_argument(
        "--data",
        choices=("trajectories", "episodes", "buffer", "rollout"),
        default="trajectories",
        help="what the function takes beside theta",
    )
    parser.add_argument(
        "--kind",
        choices=("estimator", "advantages", "sequences"),
        default="estimator",
        help="what the function is: an estimator of the gradient, or a function that gives advantages",
    )
    options = parser.parse_args(arguments)
    module, _, name = options.function.partition(":")
    if not name:
        parser.error(f"{options.function} names no function: write module:function")
    sys.path.insert(0, str(Path.cwd()))
    try:
        function = getattr(importlib.import_module(module), name)
    except ImportError as error:
        parser.error(f"{module} cannot be imported: {error}")
    except AttributeError:
        parser.error(f"{module} has no {name}")
    if options.kind == "advantages":
        report = audit_advantages(function)
    elif options.kind == "sequences":
        report = audit_sequences(function)
    else:
        adapters = {"episodes": from_episodes, "buffer": from_buffer, "rollout": from_rollout}
        report = audit(adapters[options.data](function) if options.data in adapters else function)
    print(report)
    return 0 if report.verdict == "unbiased" else 1


if __name__ == "__main__":
    sys.exit(main())
