"""Draw the theme's icons by a style sheet: no script and no font is loaded for them.

The theme's ``fontawesome.js`` holds about 2000 icons, 0.5 MB of every first visit, and puts a drawing in the place of
each element with the name of an icon. The pages use about 15. The script is the three sets of icons (brands, regular,
solid) and the code that draws them:

    … var p={bars:[448,512,["navicon"],"f0c9","M0 96C…"], …}; … d("fas",p),d("fa-solid",p) …

Templates of three extensions, options of the theme and its scripts put the icons there, and none of them are nodes.
Each names its icon by a class, so the icons are those whose class, and that of whose set, are words of the website
(``press/words.py``). After the build they are taken out of the sets and become masks in ``icons.css``, filled with the
colour of the text; the script goes (``templates/layout.html`` does not name it). A script of another form, and the name
of an icon that the script lacks, are errors. A browser test looks whether each icon of each page has its mask.

The masks are part of the site's one style sheet (``press/one_style.py``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from sphinx.errors import ExtensionError

SCRIPT = Path("_static", "scripts", "fontawesome.js")
#: Where the theme has it. The website's copy is gone after the first build.
IN_THEME = Path("static", "scripts", "fontawesome.js")
STYLE = "icons.css"
LICENCE = "/* Icons: Font Awesome Free by @fontawesome, https://fontawesome.com, CC BY 4.0 */"

SETS = {"fab": "fab", "fa-brands": "fab", "far": "far", "fa-regular": "far"}
SETS |= {"fas": "fas", "fa-solid": "fas", "fa": "fas"}
# Classes that change how an icon looks.
MODIFIERS = {"2xs", "xs", "sm", "lg", "xl", "2xl", "fw", "spin", "inverse"}

# name:[width,height,[other names],"code point","path"], or two paths
ENTRY = re.compile(r'([\w$]+|"[^"]+"):\[(\d+),(\d+),\[([^\]]*)\],"[0-9a-f]+",("[^"]*"|\[[^\]]*\])\]')
PLAIN_ENTRY = re.sub(r"\((?![?])", "(?:", ENTRY.pattern)
ONE_SET = re.compile(
    rf"\bvar (?P<name>\w+)=\{{(?P<entries>{PLAIN_ENTRY}(?:,{PLAIN_ENTRY})*)\}}"
    r'(?P<end>;.{0,300}?\{\w+\("(?P<set>fa[bsr])",(?P=name)\))'
)


class Icon(NamedTuple):
    """An icon: the short name of its set, and its own."""

    style: str
    name: str


class Drawing(NamedTuple):
    """How an icon is drawn: the size of its box, and the path in it."""

    width: int
    height: int
    path: str


def drawings(script: str) -> dict[Icon, Drawing]:
    """Return the icons of the theme's script, under each of their names."""
    found = {}
    for one_set in ONE_SET.finditer(script):
        for name, width, height, others, path in ENTRY.findall(one_set["entries"]):
            drawing = Drawing(int(width), int(height), " ".join(re.findall(r'"([^"]*)"', path)))
            for other in (name, *filter(None, others.split(","))):
                found[Icon(one_set["set"], other.strip('"'))] = drawing
    lacking = set(SETS.values()) - {icon.style for icon in found}
    if lacking:
        raise ExtensionError(
            f"{SCRIPT}: the sets of icons {sorted(lacking)} were not found. The script has another form than "
            "press/icons.py knows: adapt ENTRY or ONE_SET."
        )
    return found


def used_icons(known: Mapping[Icon, Drawing], words: Collection[str]) -> dict[Icon, Drawing]:
    """Return the icons that a website of these words may show. A name that no set has is an error."""
    styles = {style for name, style in SETS.items() if name in words}
    names = {word.removeprefix("fa-") for word in words if word.startswith("fa-") and word not in SETS}
    if unknown := sorted(names - MODIFIERS - {icon.name for icon in known}):
        raise ExtensionError(f"the theme has no icon fa-{', fa-'.join(unknown)}: correct it.")
    return {icon: drawing for icon, drawing in known.items() if icon.name in names and icon.style in styles}


ANY_ICON = f":is({', '.join(f'.{name}' for name in sorted(SETS))})"
RULES = f"""{ANY_ICON} {{
  display: inline-block;
  height: 1em;
  vertical-align: -0.125em;
  background: currentColor;
  -webkit-mask: var(--pg-icon) center / contain no-repeat;
  mask: var(--pg-icon) center / contain no-repeat;
}}
{ANY_ICON}::before {{ content: none !important; }}
@media (forced-colors: active) {{ {ANY_ICON} {{ forced-color-adjust: none; background: LinkText; }} }}
"""


def style(used: Mapping[Icon, Drawing]) -> str:
    """Return the style sheet that draws icons."""
    lines = [LICENCE, RULES]
    for icon, (width, height, path) in sorted(used.items()):
        classes = ", ".join(f".{name}" for name, style in sorted(SETS.items()) if style == icon.style)
        svg = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}'><path d='{path}'/></svg>"
        lines.append(
            f":is({classes}).fa-{icon.name} {{ width: {width / height:.4g}em; "
            f'--pg-icon: url("data:image/svg+xml,{quote(svg, safe=SAFE)}"); }}\n'
        )
    return "".join(lines)


#: Characters of a drawing that may stand in an address in quotation marks as they are.
SAFE = " '/:=,"


def theme_script(app: Any) -> Path:
    """Return the file of the theme's script."""
    for folder in app.builder.theme.get_theme_dirs():
        if (script := Path(folder, IN_THEME)).exists():
            return script
    raise ExtensionError(f"the theme has no {IN_THEME.as_posix()}, which press/icons.py takes the icons from")


def draw_icons(app: Any, exception: Exception | None) -> None:
    """Write the style sheet of the website that has been built."""
    folder = Path(app.outdir)
    if exception is not None or app.builder.format != "html" or not (folder / "_static").exists():
        return
    used = used_icons(drawings(theme_script(app).read_text(encoding="utf-8")), app.site_words)
    (folder / "_static" / STYLE).write_text(style(used), encoding="utf-8")


def drop_script(app: Any, exception: Exception | None) -> None:
    """Remove the script, whose words would be the names of all icons."""
    if exception is None and app.builder.format == "html":
        for leftover in ("", ".map", ".LICENSE.txt"):
            Path(app.outdir, SCRIPT).with_name(f"{SCRIPT.name}{leftover}").unlink(missing_ok=True)


def use_templates(app: Any, config: Any) -> None:
    """Let the pages leave out the script."""
    config.templates_path.append(str(Path(__file__).with_name("templates")))


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    app.setup_extension("press.words")
    app.connect("config-inited", use_templates)
    app.connect("build-finished", drop_script, priority=200)  # before the words are read
    app.connect("build-finished", draw_icons)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
