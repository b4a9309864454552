"""The words of a website: a class that is not among them is that of no element of any page.

What depends on it, which rules of style sheets (``press/one_style.py``) and which icons (``press/icons.py``) the pages
need, asks for no more than that, and so no page is parsed. A word is a run of letters, digits, hyphens and underscores.
They are those of the pages, of the scripts, and of what writes outputs, which a page does too.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from press.live import distribution, lab

#: What writes outputs, when a site is built and when a page runs a cell.
OUTPUTS = Path(__file__).with_name("outputs")
#: Below ``_static``: what runs in a page or a worker of its own.
APART = {lab.FOLDER, distribution.FOLDER}
#: Every other byte becomes a space. In UTF-8, those of letters beyond ASCII are none of these.
BETWEEN = bytes(byte if byte < 128 and (chr(byte).isalnum() or chr(byte) in "_-") else 32 for byte in range(256))


def words_of(folder: Path) -> set[str]:
    """Return the words of a website."""
    static = folder / "_static"
    scripts = (path for ending in ("*.js", "*.mjs") for path in static.rglob(ending))
    used = (path for path in scripts if path.relative_to(static).parts[0] not in APART)
    words: set[bytes] = set()
    for path in (*folder.rglob("*.html"), *used, *OUTPUTS.glob("*.py")):
        words.update(path.read_bytes().translate(BETWEEN).split())
    return {word.decode("ascii") for word in words}


def read(app: Any, exception: Exception | None) -> None:
    """Read the words of the website that has been built."""
    if exception is None and app.builder.format == "html":
        app.site_words = words_of(Path(app.outdir))


def setup(app: Any) -> dict[str, bool]:
    """Come when all that stands beside the pages is there, and before what asks for the words."""
    app.connect("build-finished", read, priority=300)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
