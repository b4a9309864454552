"""What a fork runs that is the kernel of a notebook (``run_chapters.py``). It loads nothing, so it is there at once."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Mapping
from pathlib import Path


def be_a_kernel(arguments: list[str], folder: str, environment: Mapping[str, str]) -> None:
    """Be the kernel of a notebook, from the fork to the end of the process."""
    from ipykernel.kernelapp import IPKernelApp  # the server has loaded it

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
