"""What the process of a student may reach: Python and pgcode to read, a folder of its own, and nothing else.

This is Landlock, by which a process of Linux gives up rights for good, without those of root. Where the system does not
have it, nothing is confined, and who asks is told.
"""

from __future__ import annotations

import ctypes
import functools
import os
import sys
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

__all__ = ["answers", "confine", "version"]

#: The same numbers on every processor, from Linux's table of system calls, and of prctl.
_CREATE, _ADD, _RESTRICT, _NO_NEW_PRIVILEGES = 444, 445, 446, 38
_VERSION_FLAG, _BENEATH = 1, 1

_WRITE_FILE, _READ_FILE, _READ_FOLDER = 1 << 1, 1 << 2, 1 << 3
#: Rights on files that each version knows. What is known is refused, unless it is given below.
_KNOWN = {1: 13, 2: 14, 3: 15, 5: 16}
#: From version 4 on: to wait for connections of TCP, and to make one.
_NETWORK = 0b11
#: From version 6 on: abstract sockets, and signals to processes that are not confined along with this one.
_OTHERS = 0b11

#: Where the libraries of a system are, beside those of Python, and what Python reads at times.
_SYSTEM = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/share/zoneinfo",
    "/etc/localtime",
    "/dev/urandom",
    "/dev/zero",
)


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """Which version of Landlock the system has; 0 without one."""
    if sys.platform != "linux":
        return 0
    return max(0, _called(_CREATE, None, 0, _VERSION_FLAG))


@functools.cache  # a second for a system with much in it
def answers(package: Path) -> list[Path]:
    """The folders of a package's exercises, its own and those of other copies of it among what may be read.

    Such a copy is there where the package was installed and one grades from its source.
    """
    name, found = Path(package.name, "exercises"), [package / "exercises"]
    roots = {root.resolve() for root in _roots(package)}
    for root in roots:
        if not roots.isdisjoint(root.parents):
            continue  # it is looked through with the one above it
        for folder, inner, _ in os.walk(root):
            if Path(folder).name == package.name and name.name in inner:
                found.append(Path(folder, name.name))
    return list(dict.fromkeys(path.resolve() for path in found))


def _roots(package: Path) -> list[Path]:
    """Where the libraries of Python and of the system are."""
    libraries = [Path(prefix, "lib") for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix)]
    libraries += [Path(place) for place in sys.path if place and not Path(place, package.name).exists()]
    return [*libraries, *map(Path, _SYSTEM)]


def confine(package: Path, hidden: Collection[Path], own: Path) -> bool:
    """Give up all rights but to read Python and a package without hidden folders, and to use an own folder.

    Returns
    -------
    bool
        Whether the system can do that.
    """
    known = version()
    if not known:
        return False
    every = (1 << _KNOWN[max(first for first in _KNOWN if first <= known)]) - 1
    asked = _Ruleset(every, _NETWORK if known >= 4 else 0, _OTHERS if known >= 6 else 0)
    size = 8 if known < 4 else 16 if known < 6 else 24
    ruleset = _called(_CREATE, ctypes.byref(asked), size, 0)
    if ruleset < 0:
        return False
    for path, rights in (
        *_shown([*_roots(package), package], hidden),
        (own, every),
        (Path(os.devnull), _READ_FILE | _WRITE_FILE),
    ):
        _add(ruleset, path, rights & every)
    held = ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, *map(ctypes.c_ulong, (1, 0, 0, 0))) == 0
    held = held and _called(_RESTRICT, ruleset, 0) == 0
    os.close(ruleset)
    return held


def _shown(roots: Iterable[Path], hidden: Collection[Path]) -> Iterator[tuple[Path, int]]:
    """What may be read, from some roots down, with the rights on it: hidden folders are walked round."""
    hidden = {path.resolve() for path in hidden}
    above = {parent for path in hidden for parent in path.parents}
    for root in dict.fromkeys(root.resolve() for root in roots):
        if root in above - hidden:
            yield root, _READ_FOLDER  # which names there are, the hidden ones too, and not what they hold
            yield from _shown(root.iterdir(), hidden)
        elif hidden.isdisjoint([root, *root.parents]) and root.exists():
            yield root, _READ_FILE | (_READ_FOLDER if root.is_dir() else 0)


def _add(ruleset: int, path: Path, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    _called(_ADD, ruleset, _BENEATH, ctypes.byref(_Beneath(rights, place)), 0)
    os.close(place)


def _called(number: int, *arguments: Any) -> int:
    """A system call, with whole numbers as wide as the system reads them."""
    wide = (ctypes.c_long(one) if isinstance(one, int) else one for one in arguments)
    return int(ctypes.CDLL(None).syscall(ctypes.c_long(number), *wide))
