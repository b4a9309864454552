"""The fonts of formulas hold the glyphs that the pages show, and no others.

MathJax has a font for each kind of letter, 20 to 40 kB each, and a page asks for all of it where it shows one letter:
of the bold ones, a book may need a single glyph. Whenever one of them arrives, a browser sets all formulas of the page
again. So each font is cut down to the glyphs that the style sheet of formulas (``press/formulas.py``) names. What is
left of most of them stands in the style sheet itself, and is there as soon as it is needed. The others are files beside
MathJax's own, which a page asks for when a run shows a formula that it does not have (``static/live-formulas.mjs``).
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from sphinx.errors import ExtensionError

#: What is smaller stands in the style sheet, in bytes: asking for it would take longer than reading it.
SMALL = 3_000

FACE = re.compile(
    r"@font-face[^{]*\{[^}]*?font-family: (?P<family>[\w-]+);[^}]*?url\(\"(?P<address>[^\"]+)\"\)[^}]*\}\n*"
)
#: A rule that draws a glyph, or a font of a class. A glyph may be a brace.
RULE = re.compile(r"(?P<selectors>[^{}\"]+)\{(?P<content>(?:\"(?:[^\"\\]|\\.)*\"|[^{}\"])*)\}")
SHOWN = re.compile(r'content: "((?:[^"\\]|\\.)*)"')
FAMILIES = re.compile(r"font-family: ([^;]+?)(?: ?! ?important)?;")
CLASS = re.compile(r"\.(MJX-TEX|TEX(?:-\w+)?)(?![\w-])")
#: A code point, and the space that ends it, or a sign that would mean something else.
ESCAPED = re.compile(r"\\(?:([0-9A-Fa-f]{1,6}) ?|(.))")


def said(content: str) -> str:
    """Return the text of a string in a style sheet."""
    return ESCAPED.sub(lambda sign: chr(int(sign[1], 16)) if sign[1] else sign[2], content)


def glyphs(style: str) -> dict[str, set[str]]:
    """Return which signs of which font a style sheet of formulas shows.

    A sign with the class of a font is of that font, and one without of the font of all formulas. A part of a bracket
    that grows may be of any of the fonts that such parts have.
    """
    fonts: dict[str, list[str]] = {}
    shown: list[tuple[str, str]] = []
    for rule in RULE.finditer(style):
        selectors, content = rule["selectors"].strip(), rule["content"]
        families, signs = FAMILIES.search(content), SHOWN.search(content)
        if families and not selectors.startswith("@"):
            named = [name.strip() for name in families[1].split(",")]
            for selector in selectors.split(","):
                fonts[kind(selector)] = [name for name in named if name.startswith("MJXTEX")]
        if signs:
            shown += [(kind(selector), said(signs[1])) for selector in selectors.split(",")]
    needed: dict[str, set[str]] = defaultdict(set)
    for one, signs_of_it in shown:
        for family in fonts[one]:
            needed[family].update(signs_of_it)
    return needed


def kind(selector: str) -> str:
    """Return what decides on the font of a glyph: that it is of a bracket which grows, or the class of a font."""
    if "mjx-stretchy" in selector:
        return "grows"
    found = CLASS.search(selector)
    return found[1] if found else "MJX-TEX"


def cut_down(font: Path, signs: set[str]) -> bytes | None:
    """Return a font with the glyphs of some signs, or None if it has none of them."""
    options = subset.Options(notdef_outline=True, layout_features=[], name_IDs=[0, 1, 2, 13])
    options.drop_tables += ["FFTM"]  # the times at which it was made
    with TTFont(font, recalcTimestamp=False) as whole:
        found = signs & {chr(code) for code in whole.getBestCmap()}
        if not found:
            return None
        cutter = subset.Subsetter(options)
        cutter.populate(text="".join(sorted(found)))
        cutter.subset(whole)
        whole.flavor = "woff"
        target = io.BytesIO()
        whole.save(target, reorderTables=False)
        return target.getvalue()


def with_their_glyphs(style: str, folder: Path, write: Callable[[str, bytes], object]) -> str:
    """Return a style sheet of formulas whose fonts hold what it shows.

    Fonts are taken from a folder, and those that are files are written beside the style sheet. A font that shows
    nothing is left out, and the one without a letter, by which MathJax places glyphs, stays whole.
    """
    needed = glyphs(style)
    if not any(needed.values()):
        return style

    def face(rule: re.Match[str]) -> str:
        family, address = rule["family"], rule["address"]
        path = folder / Path(address).name
        font = cut_down(path, needed[family]) if family.startswith("MJXTEX") else path.read_bytes()
        if font is None:
            return ""
        if len(font) <= SMALL:
            new = f"data:font/woff;base64,{base64.b64encode(font).decode()}"
        else:
            new = f"fonts/{path.stem}-{hashlib.sha256(font).hexdigest()[:10]}.woff"
            write(new, font)
        return rule[0].replace(address, new)

    changed, found = FACE.subn(face, style)
    if not found:
        raise ExtensionError("the style sheet of formulas has no font in a form that press/fonts.py knows: adapt FACE")
    return changed
