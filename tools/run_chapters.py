"""Run the chapters whose results are not kept, several at a time, each in a kernel of its own.

Until a kernel is there, Python, IPython and matplotlib have been loaded, which takes as long as the cells of many a
chapter. So a server loads them once, and each kernel is a fork of it: ``multiprocessing`` has such a server. Nothing of
the book is loaded there. A chapter imports it, as in any notebook.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Mapping
from multiprocessing.forkserver import ensure_running
from multiprocessing.pool import ThreadPool
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, cast

from jupyter_cache.base import JupyterCacheAbstract, ProjectNb
from jupyter_cache.executors.basic import ExecutionWorkerLocalSerial, ProcessData
from jupyter_cache.executors.utils import ExecutionResult, single_nb_execution
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

FORKS = multiprocessing.get_context("forkserver")
#: What the server loads. The first is this program, which ``multiprocessing`` would load in each fork.
LOADED = [
    "__main__",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_svg",
]
#: How a notebook draws: a kernel says so in its environment, where matplotlib looks when it is loaded.
DRAWS = {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}


def run_chapters(cache: JupyterCacheAbstract, timeout: int) -> None:
    """Run the notebooks of a cache that have no results in it, and put their results there.

    A notebook that fails has none: who asks for them runs it again, and reports it.
    """
    waiting = [ProcessData(one.pk, one.uri, cache, timeout, False) for one in cache.list_unexecuted()]
    if waiting:
        start_server()
        with ThreadPool() as pool:
            pool.map(Runner(logging.getLogger(__name__)), waiting, chunksize=1)


class Runner(ExecutionWorkerLocalSerial):  # type: ignore[misc]
    """Runs a notebook in its folder and keeps its results."""

    @staticmethod
    def execute(project_nb: ProjectNb, data: ProcessData) -> ExecutionResult:
        """Run a notebook."""
        return single_nb_execution(
            project_nb.nb,
            cwd=str(Path(project_nb.uri).parent),
            timeout=data.timeout,
            allow_errors=data.allow_errors,
            kernel_manager_class=ForkManager,
            shutdown_kernel="immediate",  # it has nothing to save
        )


# ---- kernels that are forks ----------------------------------------------------------------------------------------


def start_server() -> None:
    """Start the server of the kernels, if it does not run yet."""
    FORKS.set_forkserver_preload(LOADED)
    before = os.environ.copy()
    os.environ.update(DRAWS)
    try:
        ensure_running()
    finally:
        os.environ.clear()
        os.environ.update(before)


def be_a_kernel(arguments: list[str], folder: str, environment: Mapping[str, str]) -> None:
    """Be the kernel of a notebook, from the fork to the end of the process."""
    from ipykernel.kernelapp import IPKernelApp

    def end_with_the_build() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=end_with_the_build, daemon=True).start()
    os.chdir(folder)
    os.environ.update(environment)
    own = Path(__file__).parent
    sys.path[:] = [place for place in sys.path if not place or Path(place) != own]
    # It does not watch its parent, which is the server: 1 is one that never ends. No warning that this machine listens.
    IPKernelApp.launch_instance(["--IPKernelApp.parent_handle=1", "--IPKernelApp.log_level=ERROR", *arguments])


class Fork:
    """A fork, with what the kernel's manager asks of a process that it has started."""

    stdin = stdout = stderr = None

    def __init__(self, process: BaseProcess) -> None:
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
