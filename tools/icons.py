"""Cut the theme's script of icons down to the icons that the website uses.

The theme's ``fontawesome.js`` holds about 2000 icons, 0.5 MB of every first visit; the pages use about 15. The script
is the three sets of icons (brands, regular, solid) and the code that draws them:

    … var p={bars:[448,512,["navicon"],"f0c9","M0 96C…"], …}; … d("fas",p),d("fa-solid",p) …

After the build, the entries that no page and no other script of the theme names are taken out of the sets; the code and
the line about the licence stay. A script of another form, and a page with an icon that the script lacks, are errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

from sphinx.errors import ExtensionError

SCRIPT = Path("_static", "scripts", "fontawesome.js")
LICENCE = "/*! For license information please see"

SETS = {"fab": "fab", "fa-brands": "fab", "far": "far", "fa-regular": "far"}
SETS |= {"fas": "fas", "fa-solid": "fas", "fa": "fas"}
# Classes that change how an icon looks.
MODIFIERS = {"fa-2xs", "fa-xs", "fa-sm", "fa-lg", "fa-xl", "fa-2xl", "fa-fw", "fa-spin", "fa-inverse"}

# name:[width,height,[other names],"code point","path"], or two paths
ENTRY = re.compile(r'([\w$]+|"[^"]+"):\[\d+,\d+,\[([^\]]*)\],"[0-9a-f]+",(?:"[^"]*"|\[[^\]]*\])\]')
ONE_SET = re.compile(
    rf"\bvar (?P<name>\w+)=\{{(?P<entries>{ENTRY.pattern}(?:,{ENTRY.pattern})*)\}}"
    r'(?P<end>;.{0,300}?\{\w+\("(?P<set>fa[bsr])",(?P=name)\))'
)
IN_SCRIPT = re.compile(r'["\'](fa[-\w]* (?:[-\w]+ )*fa-[-\w ]+)["\']')


class Icon(NamedTuple):
    """An icon: the short name of its set, and its own."""

    style: str
    name: str


def icons_of(classes: str) -> set[Icon]:
    """Return the icons that an element of these classes shows."""
    names = classes.split()
    return {
        Icon(SETS[style], name.removeprefix("fa-"))
        for style in names
        if style in SETS
        for name in names
        if name.startswith("fa-") and name not in SETS and name not in MODIFIERS
    }


class _Classes(HTMLParser):
    """Collects the icons of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.icons: set[Icon] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.icons |= icons_of(dict(attributes).get("class") or "")


def page_icons(html: str) -> set[Icon]:
    """Return the icons of a page."""
    parser = _Classes()
    parser.feed(html)
    return parser.icons


def used_icons(folder: Path) -> dict[Icon, str]:
    """Return the icons that pages and scripts of a website show, each with one file that does."""
    used: dict[Icon, str] = {}
    for page in sorted(folder.rglob("*.html")):
        used |= dict.fromkeys(page_icons(page.read_text(encoding="utf-8")), page.relative_to(folder).as_posix())
    for script in sorted(folder.glob("_static/**/*.js")):
        name = script.relative_to(folder)
        if name == SCRIPT or "vendor" in name.parts:
            continue
        for classes in IN_SCRIPT.findall(script.read_text(encoding="utf-8")):
            used |= dict.fromkeys(icons_of(classes), name.as_posix())
    return used


def names_of(entry: re.Match[str]) -> set[str]:
    """Return the name of an entry, and the other names that a page may give it."""
    return {part.strip('"') for part in (entry[1], *entry[2].split(","))}


def cut(script: str, used: Iterable[Icon]) -> tuple[str, set[Icon]]:
    """Return the script with the icons that are used, and the icons that it lacks."""
    wanted, seen = set(used), set()
    lacking = set(wanted)

    def keep(match: re.Match[str]) -> str:
        seen.add(match["set"])
        kept = []
        for entry in ENTRY.finditer(match["entries"]):
            found = {Icon(match["set"], name) for name in names_of(entry)} & wanted
            if found:
                kept.append(entry[0])
                lacking.difference_update(found)
        return f"var {match['name']}={{{','.join(kept)}}}{match['end']}"

    result = ONE_SET.sub(keep, script)
    if not script.startswith(LICENCE) or seen != set(SETS.values()):
        raise ExtensionError(
            f"{SCRIPT}: the sets of icons {sorted(set(SETS.values()) - seen)} or the line about the licence were not "
            "found. The script has another form than tools/icons.py knows: adapt ENTRY, ONE_SET or LICENCE."
        )
    # The map to the source is of no use any more.
    return re.sub(r"\n//# sourceMappingURL=\S+\s*$", "\n", result), lacking


def cut_icons(app: Any, exception: Exception | None) -> None:
    """Cut the script of the website that has been built."""
    if exception is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir)
    used = used_icons(folder)
    script, lacking = cut((folder / SCRIPT).read_text(encoding="utf-8"), used)
    if lacking:
        icon = min(lacking)
        raise ExtensionError(f"{used[icon]}: the theme has no icon fa-{icon.name} in its set {icon.style}: correct it.")
    (folder / SCRIPT).write_text(script, encoding="utf-8")
    (folder / SCRIPT).with_suffix(".js.map").unlink(missing_ok=True)


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    app.connect("build-finished", cut_icons)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
