"""The Python that pages and notebooks run in the browser: Pyodide, the packages it takes, and ``pgcode`` itself.

``tools/vendor.py`` puts Pyodide's core and the wheels into ``press/vendor/python``. Three things are made here: the
wheel of ``pgcode`` as it is now, a wheel that stands in for the module of processes, which a browser does not have, and
the lock file, which names every package, its checksum and what it needs. Wheel and lock file have their checksum in
their name, so that a browser never mixes those of two releases. All of it goes to ``_static/python`` of the website.

What is not in ``press/vendor/python`` has the address of a content delivery network in the lock file: the website then
takes it from there, and ``Distribution.host`` says so to whoever has to tell the reader.

Two builds of the same sources give the same bytes.
"""

from __future__ import annotations

import base64
import filecmp
import hashlib
import json
import shutil
import tomllib
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from sphinx.errors import ExtensionError
from sphinx.util import logging

logger = logging.getLogger(__name__)

PYODIDE_VERSION = "314.0.4"
#: Where the packages that were compiled for this version are.
HOST = "cdn.jsdelivr.net"
CDN = f"https://{HOST}/pyodide/v{PYODIDE_VERSION}/full/"

ROOT = Path(__file__).parents[2]
VENDOR = Path(__file__).parents[1] / "vendor" / "python"
#: The folder of the website, without its ``_static/``.
FOLDER = "python"

#: Pyodide itself, by the SHA-256 of each file. These and the wheels of ``TEXT`` are what a first Run loads.
CORE = {
    "pyodide.mjs": "c75dd73bb0c70674135f9f4ab746c9b5316e9fe027cafacb2be445e658f04c92",
    "pyodide.asm.mjs": "fd7a3cefa122ff6463dcf2997961eb341250e4cc4ed60281448390f0a767cca2",
    "pyodide.asm.wasm": "6c8986a8ee583401069aa403e76ee79d4633a1478ab11cea76030bc299aded9f",
    "python_stdlib.zip": "b5ca2308e9fa72eda319889a1ddf086389e9f1234ced279cc71267fe9ba56e54",
}
#: What servers send compressed.
COMPRESSED = {".mjs", ".wasm"}


class Wheel(NamedTuple):
    """A wheel of PyPI that Pyodide's own list lacks, or has in another version than the book.

    Its file, the SHA-256 of it, the modules that it gives, and the packages that it needs.
    """

    file: str
    sha256: str
    imports: tuple[str, ...]
    depends: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name by which others need it."""
        return _normal(self.file.split("-")[0])

    @property
    def version(self) -> str:
        """Its version."""
        return self.file.split("-")[1]


#: What chapters import, in the versions of requirements.lock.
WHEELS = (
    Wheel(
        "cloudpickle-3.1.2-py3-none-any.whl",
        "9acb47f6afd73f60dc1df93bb801b472f05ff42fa6c84167d25cb206be1fbf4a",
        ("cloudpickle",),
    ),
    Wheel(
        "comm-0.2.3-py3-none-any.whl",
        "c615d91d75f7f04f095b30d1c1711babd43bdc6419c1be9886a85f2f4e489417",
        ("comm",),
    ),
    Wheel(
        "farama_notifications-0.0.6-py3-none-any.whl",
        "f84839188efa1ce5bb361c2a84881b2dc2c0d0d7fb661ff00421820170930935",
        ("farama_notifications",),
    ),
    Wheel(
        "gymnasium-1.4.0-py3-none-any.whl",
        "1cb947c59e7c72d8eabb2c2274c00cd20948e69f8452a9ef4092223be24fdf0e",
        ("gymnasium",),
        ("numpy", "cloudpickle", "typing-extensions", "farama-notifications", "no-multiprocessing"),
    ),
    Wheel(
        "ipywidgets-8.1.9-py3-none-any.whl",
        "f2b8cbcaae10252b809fbe4d7470db75c09b769a32cbf816d20e5ca6d3c5a79d",
        ("ipywidgets",),
        ("comm", "ipython", "traitlets"),
    ),
    Wheel(
        "tqdm-4.70.1-py3-none-any.whl",
        "c293e525e6fef9c20e8728fd4612df02a0aa31bb5fe91ecd93e123b1b7bffa73",
        ("tqdm",),
    ),
    Wheel(
        "typing_extensions-4.16.0-py3-none-any.whl",
        "481caa481374e813c1b176ada14e97f1f67a4539ce9cfeb3f350d78d6370c2e8",
        ("typing_extensions",),
    ),
)
#: What only the tests of ``tests/pyodide`` import. Hypothesis is compiled from its next version on.
TEST_WHEELS = (
    Wheel(
        "hypothesis-6.155.7-py3-none-any.whl",
        "9f634bdb1f9e9b8ab6ba09431cf2deedb750c96978125a6fb3c5a0f6c6db4131",
        ("hypothesis",),
        ("sortedcontainers",),
    ),
    Wheel(
        "iniconfig-2.3.1-py3-none-any.whl",
        "9121e2c1fdb355232495be3194c8dfe87ccc2d5dee45947b78e68f499790d7a7",
        ("iniconfig",),
    ),
    Wheel(
        "pluggy-1.7.0-py3-none-any.whl",
        "7dd7b0d8832ba3cb632c306926ded123429211b83641b35dc5c41ad2d34f9bec",
        ("pluggy",),
    ),
    Wheel(
        "pytest-9.2.0-py3-none-any.whl",
        "07acdcf88ec174f907dc01af70bf52d49b014bbab03faeeade31c96b18c2e588",
        ("pytest", "_pytest"),
        ("iniconfig", "packaging", "pluggy", "pygments"),
    ),
    Wheel(
        "sortedcontainers-2.4.0-py2.py3-none-any.whl",
        "a163dcaede0f1c021485e957a39245190e74249897e2ae4b2aa38595db237ee0",
        ("sortedcontainers",),
    ),
)

#: What is made here, and what it needs.
OWN = {"pgcode": ("numpy",), "no-multiprocessing": ()}

#: What a cell without a figure needs, and one with a figure; all that a notebook in the browser may need.
TEXT = ("pgcode",)
FIGURES = ("pgcode", "matplotlib")
NOTEBOOKS = ("pgcode", "matplotlib", "tqdm", "gymnasium", "ipywidgets", "ipython", "comm", "jedi", "micropip")
TESTS = ("pytest", "hypothesis")


class Size(NamedTuple):
    """Bytes: of the files, and of what a server sends that compresses what can be compressed."""

    files: int
    sent: int


class Distribution:
    """Files for ``_static/python``, and what is in them.

    Attributes
    ----------
    lock : str
        The name of the lock file, which carries its checksum.
    packages : dict
        The entries of the lock file, by the name of the package.
    host : str
        The third party from which packages come, or "" where the website has all of them itself.
    """

    def __init__(self, vendor: Path = VENDOR, package: Path = ROOT / "pgcode", tests: bool = False) -> None:
        stored = json.loads((vendor / "pyodide-lock.json").read_text(encoding="utf-8"))
        self._vendor = vendor
        self._made = dict([_own_wheel(package), _stub_wheel()])
        known: dict[str, Any] = stored["packages"]
        for wheel in (*WHEELS, *(TEST_WHEELS if tests else ())):
            known[wheel.name] = _entry(wheel.file, wheel.sha256, wheel.imports, wheel.depends)
        for file, content in self._made.items():
            name = _normal(file.split("-")[0])
            module = STUB if name == _normal(STUB_NAME) else name
            known[name] = _entry(file, hashlib.sha256(content).hexdigest(), (module,), OWN[name])
        self.packages: dict[str, dict[str, Any]] = {}
        for name in closure(known, (*NOTEBOOKS, *(TESTS if tests else ()))):
            self.packages[name] = dict(known[name])
            if not self._is_here(name):
                self.packages[name]["file_name"] = CDN + known[name]["file_name"]
        self.host = HOST if any("/" in entry["file_name"] for entry in self.packages.values()) else ""
        text = json.dumps({"info": stored["info"], "packages": self.packages}, indent=1) + "\n"
        self.lock = f"pyodide-lock-{_short(text.encode())}.json"
        self._made[self.lock] = text.encode()

    def _is_here(self, name: str) -> bool:
        file = self.packages[name]["file_name"]
        return file in self._made or (self._vendor / file).is_file()

    def closure(self, names: Iterable[str]) -> list[str]:
        """Return the packages that some need, with those themselves, each after what it needs."""
        return closure(self.packages, names)

    def providing(self, modules: Iterable[str]) -> list[str]:
        """Return the packages that give some modules, by the first part of their names; others are passed over."""
        homes = {module: name for name, entry in self.packages.items() for module in entry["imports"]}
        return sorted({homes[top] for module in modules if (top := module.split(".")[0]) in homes})

    def from_host(self, names: Iterable[str]) -> list[str]:
        """Return which of the packages that some need come from the third party."""
        return [name for name in self.closure(names) if "/" in self.packages[name]["file_name"]]

    def size(self, names: Iterable[str]) -> Size:
        """Return how much is loaded until some packages can be imported, wherever it comes from."""
        files = sent = 0
        for name in (*CORE, self.lock, *(self.packages[name]["file_name"] for name in self.closure(names))):
            size = self._size(name)
            files, sent = files + size.files, sent + size.sent
        return Size(files, sent)

    def fetched(self, names: Iterable[str]) -> int:
        """Return how many bytes of it a script fetches, before compression: all but the modules that it imports."""
        return self.size(names).files - sum(self._size(name).files for name in CORE if name.endswith(".mjs"))

    def _size(self, file: str) -> Size:
        if file in self._made:
            return Size(len(self._made[file]), len(self._made[file]))
        if file.startswith(CDN):
            size = COMPILED[file.removeprefix(CDN)]
            return Size(size, size)
        return _size_of_file(self._vendor / file)

    def files(self) -> dict[str, Path | bytes]:
        """Return what the folder holds: by its name a file, or what a file is to contain."""
        named = [*CORE, *(entry["file_name"] for entry in self.packages.values())]
        copied: dict[str, Path | bytes] = {name: self._vendor / name for name in named if "/" not in name}
        return dict(sorted({**copied, **self._made}.items()))

    def write(self, folder: Path) -> None:
        """Bring a folder up to date: what is there already is left alone, and what does not belong there goes."""
        folder.mkdir(parents=True, exist_ok=True)
        files = self.files()
        for path in folder.iterdir():
            if path.name not in files:
                path.unlink()
        for name, content in files.items():
            target = folder / name
            if isinstance(content, Path):
                if not (target.is_file() and filecmp.cmp(content, target, shallow=False)):
                    shutil.copyfile(content, target)
            elif not (target.is_file() and target.read_bytes() == content):
                target.write_bytes(content)


def closure(packages: Mapping[str, Mapping[str, Any]], names: Iterable[str]) -> list[str]:
    """Return the packages that some need, with those themselves, each after what it needs."""
    found: list[str] = []

    def add(name: str, needed_by: str) -> None:
        key = _normal(name)
        if key in found:
            return
        if key not in packages:
            need = f"{name!r}, which {needed_by} needs" if needed_by else repr(name)
            raise ExtensionError(f"press/live/distribution.py: the lock file of Pyodide has no package {need}")
        for other in packages[key]["depends"]:
            add(other, key)
        if key not in found:
            found.append(key)

    for name in names:
        add(name, "")
    return found


@cache
def distribution(vendor: Path = VENDOR) -> Distribution | None:
    """Return what the website has, or None where Pyodide was not fetched: then nothing runs in its pages."""
    return Distribution(vendor) if (vendor / "pyodide-lock.json").is_file() else None


# ---- wheels --------------------------------------------------------------------------------------------------------

#: The earliest time that an archive can hold.
LONG_AGO = (1980, 1, 1, 0, 0, 0)
STUB = "_multiprocessing"
STUB_NAME, STUB_VERSION = "no_multiprocessing", "1.0"
STUB_SOURCE = '''"""What ``multiprocessing`` is built on, without processes: it is imported, and starts nothing."""

import errno
import os


def sem_unlink(name):
    """Say that there are no semaphores here."""
    raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), name)


class SemLock:
    """A lock between processes, which cannot be made."""

    SEM_VALUE_MAX = 2**31 - 1

    def __new__(cls, *arguments, **options):
        """Say that there are no semaphores here."""
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))


flags = {}
'''


def _own_wheel(package: Path) -> tuple[str, bytes]:
    """Return the name and the content of the wheel of pgcode."""
    project = tomllib.loads((package.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    licence = (package.parent / "LICENSE").read_bytes()
    files = {
        path.relative_to(package.parent).as_posix(): path.read_bytes()
        for path in sorted(package.rglob("*"))
        if path.is_file() and not any(part.startswith(".") or part == "__pycache__" for part in path.parts)
    }
    (version,) = (
        line.split('"')[1]
        for line in (package / "__init__.py").read_text(encoding="utf-8").splitlines()
        if line.startswith("__version__ = ")
    )
    metadata = {
        "Name": "pgcode",
        "Version": version,
        "Summary": project["description"],
        "License-Expression": project["license"],
        "License-File": "LICENSE",
        "Requires-Python": project["requires-python"],
    }
    headers = [*metadata.items(), *(("Requires-Dist", needed) for needed in project["dependencies"])]
    return _wheel("pgcode", version, headers, files, {"licenses/LICENSE": licence}, hashed=True)


def _stub_wheel() -> tuple[str, bytes]:
    headers = [("Name", _normal(STUB_NAME)), ("Version", STUB_VERSION)]
    headers += [("Summary", "multiprocessing can be imported where there are no processes")]
    return _wheel(STUB_NAME, STUB_VERSION, headers, {f"{STUB}.py": STUB_SOURCE.encode()})


def _wheel(
    name: str,
    version: str,
    headers: Iterable[tuple[str, str]],
    files: Mapping[str, bytes],
    more: Mapping[str, bytes] | None = None,
    hashed: bool = False,
) -> tuple[str, bytes]:
    """Return the name and the content of a wheel of pure Python; ``hashed`` puts its checksum where a build is."""
    metadata = "".join(f"{key}: {value}\n" for key, value in (("Metadata-Version", "2.4"), *headers))
    info = f"{name}-{version}.dist-info"
    held = dict(files) | {f"{info}/{file}": content for file, content in (more or {}).items()}
    held[f"{info}/METADATA"] = metadata.encode()
    build = f"0h{_short(*(part for item in sorted(held.items()) for part in (item[0].encode(), item[1])))}"
    tags = {"Wheel-Version": "1.0", "Generator": "press", "Root-Is-Purelib": "true", "Tag": "py3-none-any"}
    if hashed:
        tags["Build"] = build
    held[f"{info}/WHEEL"] = "".join(f"{key}: {value}\n" for key, value in tags.items()).encode()
    record = f"{info}/RECORD"
    held[record] = "".join(f"{_recorded(file, held[file])}\n" for file in sorted(held)).encode()
    held[record] += f"{record},,\n".encode()
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(held):
            entry = zipfile.ZipInfo(file, LONG_AGO)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3  # the same on every system
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, held[file])
    return f"{name}-{version}-{f'{build}-' if hashed else ''}py3-none-any.whl", content.getvalue()


def _recorded(file: str, content: bytes) -> str:
    checksum = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"{file},sha256={checksum},{len(content)}"


def _entry(file: str, sha256: str, imports: Iterable[str], depends: Iterable[str]) -> dict[str, Any]:
    """Return what the lock file says of a wheel."""
    name, version = file.split("-")[:2]
    return {
        "name": _normal(name),
        "version": version,
        "file_name": file,
        "install_dir": "site",
        "sha256": sha256,
        "package_type": "package",
        "imports": list(imports),
        "depends": list(depends),
        "unvendored_tests": False,
    }


def _normal(name: str) -> str:
    """Return the name of a package as the lock file writes it."""
    return name.lower().replace("_", "-")


def _short(*contents: bytes) -> str:
    total = hashlib.sha256()
    for content in contents:
        total.update(hashlib.sha256(content).digest())
    return total.hexdigest()[:12]


@cache
def _size_of_file(path: Path) -> Size:
    content = path.read_bytes()
    sent = len(zlib.compress(content, 6)) if path.suffix in COMPRESSED else len(content)
    return Size(len(content), sent)


#: The sizes of the wheels that may come from the content delivery network, to tell them before they are asked for.
COMPILED = {
    "asttokens-3.0.1-py3-none-any.whl": 27047,
    "contourpy-1.3.3-cp314-cp314-pyemscripten_2026_0_wasm32.whl": 117562,
    "cycler-0.12.1-py3-none-any.whl": 8321,
    "decorator-5.2.1-py3-none-any.whl": 9190,
    "executing-2.2.1-py2.py3-none-any.whl": 28317,
    "fonttools-4.62.1-py3-none-any.whl": 1152647,
    "ipython-9.12.0-py3-none-any.whl": 625661,
    "jedi-0.19.2-py2.py3-none-any.whl": 1572278,
    "kiwisolver-1.5.0-cp314-cp314-pyemscripten_2026_0_wasm32.whl": 36615,
    "matplotlib-3.10.8-cp314-cp314-pyemscripten_2026_0_wasm32.whl": 6972262,
    "matplotlib_inline-0.2.1-py3-none-any.whl": 9516,
    "micropip-0.11.1-py3-none-any.whl": 115486,
    "numpy-2.4.3-cp314-cp314-pyemscripten_2026_0_wasm32.whl": 2916023,
    "packaging-26.1-py3-none-any.whl": 95846,
    "parso-0.8.6-py2.py3-none-any.whl": 106894,
    "pillow-12.2.0-cp314-cp314-pyemscripten_2026_0_wasm32.whl": 1037798,
    "prompt_toolkit-3.0.52-py3-none-any.whl": 391431,
    "pure_eval-0.2.3-py3-none-any.whl": 11842,
    "pygments-2.20.0-py3-none-any.whl": 1231151,
    "pyparsing-3.3.2-py3-none-any.whl": 122781,
    "python_dateutil-2.9.0.post0-py2.py3-none-any.whl": 229892,
    "pytz-2026.1.post1-py2.py3-none-any.whl": 510489,
    "six-1.17.0-py2.py3-none-any.whl": 11050,
    "stack_data-0.6.3-py3-none-any.whl": 24521,
    "traitlets-5.14.3-py3-none-any.whl": 85359,
    "wcwidth-0.6.0-py3-none-any.whl": 94189,
}


# ---- the website ---------------------------------------------------------------------------------------------------


def put_beside_pages(app: Any, exception: Exception | None) -> None:
    """Put Python beside the pages that run it, and say so where there is none."""
    if exception is not None or app.builder.format != "html":
        return
    made = distribution()
    target = Path(app.outdir, "_static", FOLDER)
    if made is None:
        shutil.rmtree(target, ignore_errors=True)
        logger.info("Nothing runs in the pages: press/vendor/python is missing, which `make vendor` fetches.")
        return
    made.write(target)


def setup(app: Any) -> dict[str, bool]:
    """Register the module."""
    app.connect("build-finished", put_beside_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
