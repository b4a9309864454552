"""A Sphinx extension: the way from the first page to what the book is made of.

That is the repository which published the website. Where its address is not known, its files are packed into an archive
beside the pages, so that a reader can run the chapters all the same.
"""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]

from press.placeholders import fill

SOURCE = "source"


def source_files(root: Path) -> list[Path]:
    """Return the files that a repository keeps, relative to it; none where there is no git.

    What lies beside them and was never given to git, such as what students have handed in, is nobody else's. They are
    taken as they are now, and not as in the last commit (``git archive``): so the pages were made of them.
    """
    git = ["git", "-C", str(root), "ls-files", "-z", "--cached"]
    try:
        answer = subprocess.run(git, capture_output=True, encoding="utf-8", check=False)
    except FileNotFoundError:
        return []
    names = sorted(name for name in answer.stdout.split("\0") if name)
    return [Path(name) for name in names if (root / name).is_file()]


def pack(root: Path, archive: Path) -> bool:
    """Write the files of a repository into an archive, and return whether there are any."""
    files = source_files(root)
    if files:
        archive.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            for file in files:
                packed.write(root / file, Path(archive.stem) / file)
    return bool(files)


def source_link(app: Any, repository: str, page: str) -> list[nodes.Node]:
    """Return the sentence that leads from a page to the source, or nothing where there is none."""
    if repository:
        return [nodes.reference("", "Open the repository.", refuri=repository, internal=False)]
    name = nodes.make_id(app.config.project) or SOURCE  # nothing is left of a title without a Latin letter
    archive = Path(app.outdir) / f"{name}.zip"
    if not pack(Path(app.confdir), archive):
        return []
    address = "../" * page.count("/") + archive.name
    size = f" ({archive.stat().st_size / 1e6:.1f} MB)."
    return [nodes.reference("", "Download it as an archive", refuri=address, internal=True), nodes.Text(size)]


def show_source(app: Any, doctree: nodes.document, docname: str) -> None:
    """Put the sentence where a page asks for it."""
    if app.builder.format == "html":
        repository = app.config.html_theme_options.get("repository_url", "")
        fill(doctree, SOURCE, lambda: source_link(app, repository, docname))


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    app.connect("doctree-resolved", show_source)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
