"""Build the book as a PDF, put it beside the website and link it from the first page.

The website is brought up to date first: the PDF is made from the same results. It needs LaTeX and fonts from Debian,
which are named where they are missing. A change of the book removes the website and with it the PDF and its link.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import build_book

from press.pdf import PLACE

ROOT = Path(__file__).parent.parent
NAME = "policy-gradients.pdf"
BUILD = [str(build_book.JUPYTER_BOOK), "build", ".", "-W", "--keep-going", "-n", "--builder", "latex"]

#: Debian's packages, each with a command or a file of LaTeX that it brings.
COMMANDS = {"xelatex": "texlive-xetex", "latexmk": "latexmk", "rsvg-convert": "librsvg2-bin"}
FILES = {
    "fncychap.sty": "texlive-latex-extra",
    "fontspec.sty": "texlive-latex-recommended",
    "pzdr.tfm": "texlive-fonts-recommended",  # links have no size without it
    "FreeSerif.otf": "fonts-freefont-otf",
    "DejaVuSansMono.ttf": "fonts-dejavu-core",
}


def known_to_latex(file: str) -> bool:
    """Tell whether LaTeX finds a file or the system a font."""
    if file.endswith((".otf", ".ttf")):
        fonts = subprocess.run(["fc-list", ":", "file"], capture_output=True, encoding="utf-8", check=False).stdout
        return f"/{file}:" in fonts
    return subprocess.run(["kpsewhich", file], capture_output=True, check=False).returncode == 0


def missing_packages() -> list[str]:
    """Return the Debian packages that are needed and not installed."""
    missing = [package for command, package in COMMANDS.items() if shutil.which(command) is None]
    searchable = shutil.which("kpsewhich") and shutil.which("fc-list")
    return missing + [package for file, package in FILES.items() if not (searchable and known_to_latex(file))]


def with_link(page: str, size: str) -> str:
    """Return the first page with a link to the PDF in the place that it keeps for it."""
    if PLACE not in page:
        raise SystemExit("the first page keeps no place for the link to the PDF: write <!-- pdf --> where it should be")
    return page.replace(PLACE, f'The whole book is also <a href="../{NAME}">a PDF</a> ({size}).')


def build(root: Path) -> int:
    """Build the PDF and return the exit status."""
    missing = missing_packages()
    if missing:
        print(
            "The PDF needs Debian packages that are not installed. Install them with\n"
            f"  apt-get install --no-install-recommends {' '.join(missing)}",
            file=sys.stderr,
        )
        return 1
    status = build_book.build(root)
    target, latex = root / "_build" / "html" / NAME, root / "_build" / "latex"
    if status or target.exists():
        return status
    first = root / "_build" / "html" / "book" / "intro.html"
    with_link(first.read_text(encoding="utf-8"), "")  # before the long work
    shutil.rmtree(latex, ignore_errors=True)
    status = subprocess.run(BUILD, cwd=root, check=False).returncode
    if status:
        return status
    made = subprocess.run(
        ["latexmk", "-xelatex", "-interaction=nonstopmode", "-halt-on-error", "-silent", f"{target.stem}.tex"],
        cwd=latex,
        check=False,
    )
    log = (latex / f"{target.stem}.log").read_text(encoding="utf-8", errors="replace")
    lost = sorted(set(re.findall(r"Missing character: There is no (.)", log)))
    if made.returncode or lost:
        print(f"LaTeX failed; see {latex / target.stem}.log. Characters without a font: {lost}", file=sys.stderr)
        return 1
    pages = re.search(r"Output written on .*?\((\d+) pages", log, re.DOTALL)
    shutil.copy(latex / NAME, target)
    size = f"{pages[1] if pages else '?'} pages, {target.stat().st_size / 1e6:.1f} MB"
    first.write_text(with_link(first.read_text(encoding="utf-8"), size), encoding="utf-8")
    print(f"The PDF: {target} ({size})")
    return 0


if __name__ == "__main__":
    sys.exit(build(ROOT.resolve()))
