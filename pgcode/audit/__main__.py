"""``python -m pgcode.audit module:function``: the report of an audit. ``--help`` has an example for each kind."""

from __future__ import annotations

import argparse
import difflib
import importlib
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

from pgcode._console import printable
from pgcode.audit import (
    Report,
    audit,
    audit_advantages,
    audit_sequences,
    first_checks,
    from_buffer,
    from_episodes,
    from_jax_loss,
    from_numpy_loss,
    from_rollout,
    from_torch_loss,
)
from pgcode.audit._sequences import AGGREGATIONS

#: What an estimator takes beside theta, and the adapter for it; the first needs none.
_DATA: dict[str, Callable[..., Any]] = {
    "trajectories": lambda function: function,
    "episodes": from_episodes,
    "buffer": from_buffer,
    "rollout": from_rollout,
}
#: What differentiates a loss.
_LOSSES: dict[str, Callable[..., Any]] = {"torch": from_torch_loss, "jax": from_jax_loss, "numpy": from_numpy_loss}

#: Of each kind of function, the options that ask something about it.
_OPTIONS = {
    "estimator": {
        *("data", "several", "loss", "dtype", "jit"),
        *("n_trajectories", "entropy", "look_alikes", "max_seconds", "first_checks"),
    },
    "advantages": {"max_seconds"},
    "sequences": {"aggregation", "kl", "redraw_alike", "max_seconds"},
}

_EPILOG = """\
examples, each with the function that it takes:
  gradient(batch, theta), the batch a pgcode.Trajectories
      python -m pgcode.audit mine:gradient
  gradient(episodes, theta), a list of dictionaries with states, actions and rewards
      python -m pgcode.audit mine:gradient --data episodes
  gradient(buffer, theta), a flat buffer of arrays (N,)
      python -m pgcode.audit mine:gradient --data buffer
  gradient(steps, theta), a rollout of arrays (T, N)
      python -m pgcode.audit mine:gradient --data rollout
  the same, with several episodes in a column, one after the other
      python -m pgcode.audit mine:gradient --data rollout --several
  an estimator with an exact critic, where every state is seen
      python -m pgcode.audit mine:gradient --no-look-alikes
  loss(batch) of PyTorch, with tensors (m, T) and the logits
      python -m pgcode.audit mine:loss --loss torch --dtype float32
  loss(batch) of JAX, in the precision that JAX is set to
      JAX_ENABLE_X64=1 python -m pgcode.audit mine:loss --loss jax --jit
  loss(theta, buffer) of NumPy, differentiated by the complex step
      python -m pgcode.audit mine:loss --loss numpy
  a loss with the bonus 0.01 times the entropy, on batches of one and two episodes
      python -m pgcode.audit mine:loss --loss torch --entropy 0.01 --n-trajectories 1,2
  advantages(steps), by generalized advantage estimation
      python -m pgcode.audit mine:advantages --kind advantages
  weights(batch), of groups of answers of a language model
      python -m pgcode.audit mine:weights --kind sequences --aggregation "token mean" --kl 0.05
  the same, where groups whose rewards are all alike are drawn again
      python -m pgcode.audit mine:weights --kind sequences --redraw-alike
  the first questions alone, in a second
      python -m pgcode.audit mine:gradient --first-checks

A method or what stands in a class is module:Class.method. The module is looked for in this folder first.

exit status:
  0  unbiased, or of advantages equal; with --first-checks, all of them hold
  1  any other verdict: proportional, biased, different, undecided, not an estimator
  2  there is nothing to audit: no such function, a wrong option, a framework that is missing
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line.

    Returns
    -------
    int
        The exit status, 0 or 1. Where there is nothing to audit, ``SystemExit`` with the status 2 is raised.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    given = {name for name, value in vars(options).items() if value is not None} - {"function", "kind"}
    unfit = sorted(given - _OPTIONS[options.kind])
    if unfit:
        fit = next(kind for kind, names in _OPTIONS.items() if unfit[0] in names)
        add = "leave it out" if options.kind != "estimator" else f"add --kind {fit}, or leave it out"
        parser.error(f"{_flag(unfit[0])} goes with --kind {fit}, and not with --kind {options.kind}: {add}")
    if options.loss is not None and options.data is not None:
        parser.error(f"--loss {options.loss} says what the function takes: leave --data {options.data} out")
    if options.several and options.data != "rollout":
        parser.error("--several goes with --data rollout: elsewhere episodes have no columns")
    if options.dtype is not None and options.loss != "torch":
        parser.error("--dtype goes with --loss torch: elsewhere the function chooses its precision itself")
    if options.jit and options.loss != "jax":
        parser.error("--jit goes with --loss jax: leave it out")
    if options.first_checks and (alone := sorted(given - {"data", "several", "loss", "dtype", "jit", "first_checks"})):
        parser.error(f"--first-checks asks on batches of its own: leave {_flag(alone[0])} out")
    with _no_way_out():
        try:
            function = _adapted(_function(options.function), options)
        except (_NoFunctionError, ImportError) as error:
            parser.error(str(error))
        if options.first_checks:
            return _first_checks(function)
        try:
            report = _report(function, options)
        except (TypeError, ValueError) as error:  # from the doors of the audits: what the function raises is a verdict
            parser.error(_as_options(str(error)))
    _print(report)
    return 0 if report.verdict in ("unbiased", "equal") else 1


@contextmanager
def _no_way_out() -> Iterator[None]:
    """Meet ``os._exit(0)`` as ``sys.exit(0)`` is met: a status of 0 says that the audit ended, and is green."""
    leave, own = os._exit, os.getpid()

    def met(status: int) -> NoReturn:
        if os.getpid() != own:  # a process that the function started ends as it should
            leave(status)
        raise SystemExit(status)

    os._exit = met
    try:
        yield
    finally:
        os._exit = leave


def _print(shown: object) -> None:
    """Print, also where nobody reads to the end, as in ``| head``: the exit status stays what it is."""
    try:
        print(shown, flush=True)
    except BrokenPipeError:
        with suppress(OSError, ValueError):  # what is left in the buffer goes nowhere
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pgcode.audit",
        usage="%(prog)s module:function [options]",
        description="Is this an unbiased policy gradient? Exactly, with the name of the mistake.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("function", help="module:function, such as my_package.reinforce:gradient")
    parser.add_argument(
        "--kind",
        choices=tuple(_OPTIONS),
        default="estimator",
        help="what the function is: an estimator of the gradient (or a loss, with --loss), a function of Steps that "
        "gives advantages, or a function of a SequenceBatch that weighs the answers of a language model",
    )
    parser.add_argument("--max-seconds", type=float, metavar="S", help="how long an audit may take, 60 unless given")
    estimators = parser.add_argument_group("of an estimator or a loss")
    estimators.add_argument(
        "--data",
        choices=tuple(_DATA),
        help="what an estimator takes beside theta: Trajectories, which is so unless given, a list of episodes, a flat "
        "buffer, or arrays (T, N)",
    )
    estimators.add_argument(
        "--several",
        action="store_true",
        default=None,
        help="a column of a rollout holds several episodes, one after the other",
    )
    estimators.add_argument(
        "--loss", choices=tuple(_LOSSES), help="the function is a loss, and this takes its gradient"
    )
    estimators.add_argument(
        "--dtype", choices=("float64", "float32"), help="the precision of a loss of PyTorch, float64 unless given"
    )
    estimators.add_argument(
        "--jit", action="store_true", default=None, help="compile a loss of JAX, which is several times as fast"
    )
    estimators.add_argument(
        "--n-trajectories",
        type=_sizes,
        metavar="M,M,...",
        help="how many episodes a batch has, up to 3, and 1,2,3 unless given",
    )
    estimators.add_argument(
        "--entropy", type=float, metavar="BETA", help="the weight of the entropy in the objective, 0 unless given"
    )
    estimators.add_argument(
        "--look-alikes",
        action=argparse.BooleanOptionalAction,
        help="with the world in which two states look alike, unless --no-look-alikes is given",
    )
    estimators.add_argument(
        "--first-checks",
        action="store_true",
        default=None,
        help="ask only what every policy gradient fulfils, on a handful of batches",
    )
    sequences = parser.add_argument_group("of what weighs the answers of a language model")
    sequences.add_argument(
        "--aggregation",
        type=lambda text: text.replace("-", " "),
        choices=tuple(AGGREGATIONS),
        help="how the loss is put together from its tokens, 'sequence sum' unless given",
    )
    sequences.add_argument(
        "--kl", type=float, metavar="BETA", help="the weight of the distance to the reference in the objective"
    )
    sequences.add_argument(
        "--redraw-alike",
        action="store_true",
        default=None,
        help="groups whose rewards are all alike are drawn again, as in the dynamic sampling of DAPO",
    )
    return parser


def _sizes(text: str) -> tuple[int, ...]:
    try:
        return tuple(map(int, text.split(",")))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no list of sizes: write them as 1,2") from None


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _as_options(sentence: str) -> str:
    """A sentence about an argument, which names an option here."""
    name = sentence.partition(" ")[0]
    return f"{_flag(name)}{sentence[len(name) :]}" if name in set().union(*_OPTIONS.values()) else sentence


def _chosen(options: argparse.Namespace, *names: str) -> dict[str, Any]:
    """The options that were given, as arguments."""
    return {name: vars(options)[name] for name in names if vars(options)[name] is not None}


def _adapted(function: Callable[..., Any], options: argparse.Namespace) -> Callable[..., Any]:
    """What an audit takes, of a function as it is."""
    if options.kind != "estimator":
        return function
    adapter = _LOSSES[options.loss] if options.loss else _DATA[options.data or "trajectories"]
    adapted: Callable[..., Any] = adapter(function, **_chosen(options, "several", "dtype", "jit"))
    return adapted


def _report(function: Callable[..., Any], options: argparse.Namespace) -> Report:
    if options.kind == "advantages":
        return audit_advantages(function, **_chosen(options, "max_seconds"))
    if options.kind == "sequences":
        return audit_sequences(function, **_chosen(options, "aggregation", "kl", "redraw_alike", "max_seconds"))
    return audit(function, **_chosen(options, "n_trajectories", "entropy", "look_alikes", "max_seconds"))


def _first_checks(estimator: Callable[..., Any]) -> int:
    """Print what the first checks find; what the function raises in them is told in a line, and not as a crash."""
    try:
        found = first_checks(estimator)
    except (Exception, SystemExit) as error:
        _print(printable(f"! not an estimator\nThe first checks end with {type(error).__name__}{_at(error)}: {error}"))
        return 1
    _print(found)
    return 1 if found.failed else 0


def _at(error: BaseException) -> str:
    """The last line below this folder that an error came through, where there is one."""
    own = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path.cwd() in Path(frame.filename).parents and Path(__file__).parents[1] not in Path(frame.filename).parents
    ]
    return f", at {Path(own[-1].filename).name}, line {own[-1].lineno}" if own else ""


class _NoFunctionError(Exception):
    """Why there is no function to audit, in a sentence."""


def _function(named: str) -> Callable[..., Any]:
    """What stands after the colon, in the module before it: a function, or one in a class."""
    module, _, name = named.partition(":")
    if Path(module).suffix == ".py":
        raise _NoFunctionError(f"{module} is a file: write its module, {Path(module).stem}:{name or 'function'}")
    if not module or not name:
        raise _NoFunctionError(f"{named} names no function: write module:function, such as my_package.mine:gradient")
    found: Any = _imported(module)
    so_far = module
    for part in name.split("."):
        if not hasattr(found, part):
            raise _NoFunctionError(f"{so_far} has no {part}{_instead(found, part)}")
        found, so_far = getattr(found, part), f"{so_far}.{part}"
    if not callable(found):
        raise _NoFunctionError(f"{so_far} is {found!r}, which is no function")
    return found


def _imported(module: str) -> Any:
    sys.path.insert(0, str(Path.cwd()))
    try:
        return importlib.import_module(module)
    except SystemExit as error:
        raise _NoFunctionError(
            f"{module} leaves Python when it is imported, exit({error.code!r}): put what runs below "
            "if __name__ == '__main__'"
        ) from error
    except SyntaxError as error:
        raise _NoFunctionError(f"{module} is no Python: {error}") from error
    except ImportError as error:
        if isinstance(error, ModuleNotFoundError) and error.name and (f"{module}.").startswith(f"{error.name}."):
            raise _NoFunctionError(
                f"there is no module {error.name} in {Path.cwd()}, and none is installed: start in the folder that "
                "holds it"
            ) from error
        raise _NoFunctionError(f"{module} cannot be imported: {error}") from error
    except Exception as error:
        raise _NoFunctionError(
            f"{module} raised {type(error).__name__} when it was imported{_at(error)}: {error}"
        ) from error


def _instead(found: Any, name: str) -> str:
    """What there is in the place of a name that is missing: the one that is nearly alike, or the functions there."""
    own = [one for one, value in vars(found).items() if callable(value) and not one.startswith("_")]
    own = [one for one in own if getattr(vars(found)[one], "__module__", None) == getattr(found, "__name__", None)]
    near: Sequence[str] = difflib.get_close_matches(name, own, 1)
    if near:
        return f": did you mean {near[0]}?"
    return f": there {'are' if len(own) > 1 else 'is'} {', '.join(own[:8])}" if own else ""


if __name__ == "__main__":
    sys.exit(main())
