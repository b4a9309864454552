"""One style sheet for the site, with the rules that its pages can use.

The theme and the extensions bring fifteen style sheets, and most of their rules are for what no page of this book has.
A browser shows nothing before it has all of them. When the pages are written they are put together in the order in
which a page would load them, and a rule stays unless its selector asks for a class whose name is no word of the website
(``press/words.py``). How something is, ``is-biased``, is often put together where it is written, so such a name is
never missed. The single style sheets are still there, for pages that others add.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import tinycss2  # type: ignore[import-untyped]
from sphinx.builders.html._assets import _CascadingStyleSheet

__all__ = ["class_names", "kept"]

#: What the theme links before all others, by its own macro, and what is only made when all pages are written.
FIRST, LAST = ("basic.css", "styles/pydata-sphinx-theme.css"), ("icons.css",)
#: What of this extension changes what pages hold, or how they look.
MADE_OF = (".css", ".js", ".mjs", ".py", ".cjs")
#: What options are read from: some are of styles, as that of the colours of code.
SETTINGS = ("conf.py", "_config.yml")
CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
#: What need not hold, or of which one of several must: such a part asks for nothing.
CHOICE = re.compile(r":(?:not|is|where|has)\((?:[^()]|\([^()]*\))*\)")
#: A selector whose last part begins with a choice, and the kinds of names in it that count alike.
ANY = re.compile(r"((?:.*[\s>+~])?):is\(([^()]*)\)((?:[.:#\[][^\s>+~]*)?)", re.DOTALL)
ALIKE = re.compile(r"[a-z][a-z0-9-]*"), re.compile(r"\.[\w-]+")
NESTED = ("media", "supports", "layer", "container")
#: An address that is relative to its style sheet.
ADDRESS = re.compile(r"url\((['\"]?)(?!data:|#|/|https?:)([^)'\"]+)\1\)")


def class_names(selector: str) -> set[str]:
    """Return the classes that an element must have, or stand in, for a selector to match."""
    return {name for name in CLASS.findall(CHOICE.sub("", selector)) if not name.startswith("is-")}


def kept(rules: Iterable[Any], words: set[str]) -> Iterator[str]:
    """Yield the rules that may match something on a page that holds these words."""
    for rule in rules:
        if rule.type == "qualified-rule":
            selectors = [each for selector in split(tinycss2.serialize(rule.prelude)) for each in spread(selector)]
            usable = [selector for selector in selectors if class_names(selector) <= words]
            if usable:
                yield f"{','.join(usable)}{{{tinycss2.serialize(rule.content).strip()}}}"
        elif rule.type == "at-rule" and rule.lower_at_keyword in NESTED and rule.content is not None:
            inner = "".join(kept(parsed(rule.content), words))
            if inner:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inner}}}"
        elif rule.type == "at-rule" and rule.lower_at_keyword not in ("import", "charset"):
            yield rule.serialize()


def parsed(source: Any) -> list[Any]:
    """Return the rules of a style sheet or of a block."""
    rules: list[Any] = tinycss2.parse_rule_list(source, skip_comments=True, skip_whitespace=True)
    return rules


def split(selectors: str) -> list[str]:
    """Split a list of selectors at its commas, not at those in brackets."""
    parts, depth, start = [], 0, 0
    for place, sign in enumerate(selectors):
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and not depth:
            parts.append(selectors[start:place])
            start = place + 1
    return [" ".join(part.split()) for part in (*parts, selectors[start:])]


def spread(selector: str) -> list[str]:
    """Return a selector as those that it is short for, if a browser would else ask it of every element of a page.

    Browsers sort rules by the class or element that the last part of a selector names. ``.box :is(th, td)`` names
    neither, ``.box th`` does. The names in the brackets must count alike, all classes or all elements, so that no rule
    wins that did not.
    """
    match = ANY.fullmatch(selector)
    names = split(match[2]) if match else []
    if not match or not any(all(map(kind.fullmatch, names)) for kind in ALIKE):
        return [selector]
    return [f"{match[1]}{name}{match[3]}" for name in names]


def moved(style: str, folder: str) -> str:
    """Return a style sheet with its addresses relative to the folder above."""

    def address(match: re.Match[str]) -> str:
        parts: list[str] = []
        for part in f"{folder}/{match[2]}".split("/"):
            if part == "..":
                parts.pop()
            elif part:
                parts.append(part)
        return f"url({match[1]}{'/'.join(parts)}{match[1]})"

    return ADDRESS.sub(address, style)


def name_style(app: Any, builder: Any) -> None:
    """Name the style sheet after pages, styles and what is installed: a browser uses no old one then."""
    installed = sorted((package.name, package.version) for package in metadata.distributions())
    total = hashlib.sha256(repr(installed).encode())
    ours = (path for path in sorted(Path(__file__).parent.rglob("*")) if "vendor" not in path.parts)
    pages = (Path(builder.env.doc2path(page)) for page in sorted(builder.env.found_docs))
    settings = (path for name in SETTINGS if (path := Path(app.confdir, name)).exists())
    for path in (*settings, *pages, *(path for path in ours if path.suffix in MADE_OF)):
        total.update(path.read_bytes())
    app.one_style_name = f"site-{total.hexdigest()[:10]}.css"


def use_one(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Let a page load one style sheet for those of the first page that is written, and any other beside it.

    Sphinx writes the first page before it starts the processes that write the others, so all of them know which.
    """
    styles = {file_name(style): style for style in context["css_files"]}
    app.one_style = app.one_style or tuple(dict.fromkeys((*FIRST, *styles, *LAST)))
    others = [style for name, style in styles.items() if name not in app.one_style]
    context["css_files"] = [_CascadingStyleSheet(f"_static/{app.one_style_name}"), *others]


def file_name(style: Any) -> str:
    """Return the file of a style sheet, relative to the folder of all of them."""
    return str(getattr(style, "filename", style)).removeprefix("_static/").partition("?")[0]


def write(app: Any, exception: Exception | None) -> None:
    """Write the style sheet, when all pages and all others are there."""
    if exception is not None or app.builder.format != "html" or not app.one_style:
        return  # where no page was written, the one of the last build is there
    folder = Path(app.outdir)
    sheets = []
    for name in app.one_style:
        path = folder / "_static" / name
        if path.exists():
            style = "".join(kept(parsed(path.read_text(encoding="utf-8")), app.site_words))
            sheets.append(moved(style, str(Path(name).parent).strip(".")))
    (folder / "_static" / app.one_style_name).write_text("\n".join(sheets), encoding="utf-8")


def begin(app: Any) -> None:
    """Begin with no style sheet: the first page that is written says which."""
    app.one_style = ()


def setup(app: Any) -> dict[str, bool]:
    """Register the module."""
    app.setup_extension("press.words")
    app.connect("builder-inited", begin)
    app.connect("write-started", name_style)  # a build may write pages though it has read none
    app.connect("html-page-context", use_one, priority=950)
    app.connect("build-finished", write, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
