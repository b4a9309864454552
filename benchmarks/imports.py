"""What an import of pgcode adds to an import of NumPy, which every user of pgcode has paid for already.

    python benchmarks/imports.py

Every number is the shortest of several runs of a fresh Python, all kinds in turn. An import costs what it adds to a
Python that imports NumPy; the share is that of what NumPy's own import adds to a bare Python. The promise is that
`import pgcode` stays below one half.
"""

from __future__ import annotations

import subprocess
import sys

from _timing import best

RUNS = 15

KINDS = {
    "import pgcode": "import numpy, pgcode",
    "… and an exact gradient": "import numpy, pgcode; pgcode.exact_gradient, pgcode.SoftmaxPolicy, pgcode.TabularMDP",
    "… and every module": "import numpy; from pgcode import *",
}


def main() -> None:
    """Measure and print."""
    statements = {"a bare Python": "pass", "import numpy": "import numpy", **KINDS}
    times = dict.fromkeys(statements, float("inf"))
    for run in range(RUNS + 1):
        for kind, statement in statements.items():
            # The first run only compiles what is not compiled yet.
            command = [sys.executable, "-c", statement]
            shortest = best(lambda command=command: subprocess.run(command, check=True), 1)
            times[kind] = min(times[kind], shortest) if run else times[kind]
    numpy = times["import numpy"] - times["a bare Python"]
    print(f"{'':<28}{'ms':>8}{'share of NumPy':>18}")
    print(f"{'import numpy':<28}{numpy * 1e3:>8.1f}{1:>18.0%}")
    for kind in KINDS:
        added = times[kind] - times["import numpy"]
        print(f"{kind:<28}{added * 1e3:>8.1f}{added / numpy:>18.0%}")


if __name__ == "__main__":
    main()
