"""Sphinx as ``python -m sphinx`` runs it, without loading it each time: of each build, that takes most of the time.

    python tests/press/sphinx_server.py < REQUESTS

Sphinx, its themes and press are loaded once. For each line of the input, ``{"arguments": …, "environment": …,
"stdout": a file, "stderr": a file}``, a fork of this process builds, with nothing in it of another build, and a line of
the output tells its exit status.
"""

import importlib
import json
import os
import sys
from pathlib import Path

#: Besides the modules of press and what they load.
LOADED = ("myst_nb", "myst_parser.sphinx_", "sphinx_book_theme", "sphinx_proof", "sphinx.builders.html")


def loaded():
    """Load what builds load; what cannot be loaded fails in the build that asks for it."""
    import sphinx.cmd.build

    import press

    for name in (*LOADED, *(f"press.{name}" for name in press.MODULES)):
        importlib.import_module(name)
    return sphinx.cmd.build.main


def become(request):
    """Be the process that was asked for: it has its own output and its own environment."""
    sys.stdin.close()
    for stream, name in ((1, "stdout"), (2, "stderr")):
        file = os.open(request[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(file, stream)
        os.close(file)
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv[1:] = request["arguments"]


def serve():
    """Answer requests until there are no more. A fork returns what it is to exit with."""
    main = loaded()
    for line in iter(sys.stdin.readline, ""):
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            become(request)
            return main(request["arguments"])
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(json.dumps(status), flush=True)
    return 0


if __name__ == "__main__":
    # As with -m: modules are looked for where one is, and not beside this file.
    sys.path[0] = str(Path.cwd())
    raise SystemExit(serve())
