"""Run the chapters whose results are not kept, several at a time, each in a kernel of its own.

Until a kernel is there, Python, IPython and matplotlib have been loaded, which takes as long as the cells of many a
chapter. So a server loads them once, and each kernel is a fork of it: ``multiprocessing`` has such a server. Nothing of
the book is loaded there. A chapter imports it, as in any notebook. Nor does a fork load this program, which takes still
longer than a kernel does: what it runs is in ``kernels.py``.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.forkserver import ensure_running
from multiprocessing.pool import ThreadPool
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import nbformat
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from jupyter_cache.executors.utils import single_nb_execution
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.manager import AsyncKernelManager, KernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from kernels import be_a_kernel

logger = logging.getLogger(__name__)

FORKS = multiprocessing.get_context("forkserver")
#: What the server loads. A kernel has a debugger, whether it is asked for or not.
LOADED = [
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_svg",
]
#: How a notebook draws: a kernel says so in its environment, where matplotlib looks when it is loaded. And that nobody
#: uses the debugger, which would warn otherwise that Python's own modules are frozen.
TOLD = {"MPLBACKEND": "module://matplotlib_inline.backend_inline", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}


#: The cache is a database, in which one writes at a time: another one would wait for some seconds, and give up.
KEEPING = threading.Lock()


def without_results(cache: JupyterCacheAbstract, files: Sequence[Path]) -> list[Path]:
    """Return those of some notebooks that have no results in a cache, in their order."""
    if not cache.list_cache_records():
        return list(files)
    return [file for file in files if not has_results(cache, file)]


def has_results(cache: JupyterCacheAbstract, file: Path) -> bool:
    """Return whether a cache has the results of the cells of a notebook."""
    try:
        cache.match_cache_notebook(nbformat.read(file, as_version=4))
    except KeyError:
        return False
    return True


def run_chapters(cache: JupyterCacheAbstract, files: Sequence[Path], timeout: int) -> Iterator[Path]:
    """Run notebooks, put their results into a cache, and yield the file of each when it has ended.

    A notebook that fails has no results: who asks for them runs it again, and reports it. One more is run than there
    are processors: each waits now and then for what its client says.
    """
    if files:
        start_server()
        with ThreadPool(1 + (os.cpu_count() or 1)) as pool:
            yield from pool.imap_unordered(lambda file: run(cache, file, timeout), files)


def run(cache: JupyterCacheAbstract, file: Path, timeout: int) -> Path:
    """Run a notebook in its folder and keep its results."""
    try:
        result = single_nb_execution(
            nbformat.read(file, as_version=4),
            cwd=str(file.parent),
            timeout=timeout,
            startup_timeout=timeout,
            allow_errors=False,
            kernel_manager_class=ForkManager,
            shutdown_kernel="immediate",  # it has nothing to save
        )
        if result.err:
            logger.warning("%s was run, and failed: %s", file, result.err)
        else:
            kept = CacheBundleIn(result.nb, str(file), data={"execution_seconds": result.time})
            with KEEPING:
                cache.cache_notebook_bundle(kept, check_validity=False, overwrite=True)
    except Exception:
        logger.exception("%s was not run", file)
    return file


# ---- kernels that are forks ----------------------------------------------------------------------------------------


def start_server() -> None:
    """Start the server of the kernels, if it does not run yet."""
    FORKS.set_forkserver_preload(LOADED)
    before = os.environ.copy()
    os.environ.update(TOLD)
    try:
        ensure_running()
    finally:
        os.environ.clear()
        os.environ.update(before)


ONE_AT_A_TIME = threading.Lock()


@contextmanager
def no_program() -> Iterator[None]:
    """Let there be no program: ``multiprocessing`` would let a fork load it before anything else."""
    with ONE_AT_A_TIME:
        program = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = program


class Fork:
    """A fork, with what the kernel's manager asks of a process that it has started."""

    stdin = stdout = stderr = None

    def __init__(self, process: BaseProcess) -> None:
        with no_program():
            process.start()
        self._process = process
        self.pid = process.pid

    def poll(self) -> int | None:
        """Return how the process ended, None while it runs."""
        return self._process.exitcode

    def wait(self) -> int | None:
        """Wait until it ends, and return how."""
        self._process.join()
        return self._process.exitcode

    def send_signal(self, signum: int) -> None:
        """Send it a signal."""
        assert self.pid is not None
        os.kill(self.pid, signum)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


class ForkProvisioner(LocalProvisioner):
    """Starts a kernel as a fork of the server."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start a kernel: what follows ``-m ipykernel_launcher`` in its command is for the kernel."""
        arguments = cmd[cmd.index("ipykernel_launcher") + 1 :]
        process = FORKS.Process(
            target=be_a_kernel, args=(arguments, str(kwargs["cwd"]), dict(kwargs["env"])), daemon=True
        )
        fork = Fork(process)
        self.process = cast(Any, fork)  # it has what is asked of one that Popen has started
        self.pid, self.pgid = fork.pid, None  # no group of its own: a signal is for it alone
        return self.connection_info


class ForkManager(AsyncKernelManager):
    """Manages a kernel that is a fork."""

    async def _async_pre_start_kernel(self, **kwargs: Any) -> tuple[list[str], dict[str, Any]]:
        self.provisioner = ForkProvisioner(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)
        prepared: tuple[list[str], dict[str, Any]] = await super()._async_pre_start_kernel(**kwargs)
        return prepared


class BlockingForkManager(KernelManager):
    """Manages a kernel that is a fork, for nbval, which waits for each of its steps."""

    async def _async_pre_start_kernel(self, **kwargs: Any) -> tuple[list[str], dict[str, Any]]:
        start_server()
        self.provisioner = ForkProvisioner(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)
        prepared: tuple[list[str], dict[str, Any]] = await super()._async_pre_start_kernel(**kwargs)
        return prepared
