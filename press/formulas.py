"""Formulas are set when the site is built, so that a page needs no script for them.

MathJax runs in Node and gives what it would give in a browser (CHTML): boxes and glyphs for the eye. A screen reader
gets the words in which the formula is spoken, by the Speech Rule Engine; a tree of MathML beside each formula would be
a third of all elements of a page. One process sets all formulas, each but once; the rules for the glyphs in use become
``formulas.css``. The source of a formula stays in ``data-tex``, where the page's script finds it when a selection is
copied.

Where MathJax or Node is missing, the theme's own way is left in place: scripts set the formulas in the browser.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

logger = logging.getLogger(__name__)

MATHJAX_VERSION = "3.2.2"
#: From where pages take MathJax if they have to set formulas themselves.
CDN = "https://cdn.jsdelivr.net/npm"

SCRIPT = Path(__file__).with_name("formulas.cjs")
#: Where the files that Node needs are, and the fonts that pages need.
VENDOR = Path(__file__).with_name("vendor")
FONTS = VENDOR / "mathjax" / "output" / "chtml" / "fonts" / "woff-v2"
SPEECH = VENDOR / "node_modules" / "speech-rule-engine"
STYLE = "formulas.css"
#: What follows a formula on the same line and must not begin the next one.
MARKS = re.compile(r"[.,;:?!)’”]+")


class FormulaError(Exception):
    """A formula that MathJax does not understand."""


#: What signs are called in probability, where the engine takes them for others.
CALLED = {"divides": "given", "double struck E": "the expectation", "nabla": "the gradient of", "double struck": ""}
CALLED_OTHERWISE = re.compile(rf"\b({'|'.join(CALLED)})\b")


def spoken(words: str) -> str:
    """Return the words of a formula as they are said in this book."""
    return " ".join(CALLED_OTHERWISE.sub(lambda match: CALLED[match[1]], words).split())


class Typesetter:
    """MathJax in a process of Node, started when it is first needed."""

    def __init__(self, macros: dict[str, Any], scale: float) -> None:
        self._settings = json.dumps({"macros": macros, "scale": scale, "fonts": "fonts"})
        self._process: subprocess.Popen[str] | None = None
        self._known: dict[tuple[str, bool], str] = {}

    def set(self, tex: str, display: bool) -> str:
        """Return the HTML of a formula."""
        key = (tex, display)
        if key not in self._known:
            answer = self._ask({"tex": tex, "display": display})
            if "error" in answer:
                raise FormulaError(f"{answer['error']} in the formula {tex!r}")
            source, words = escape(tex.strip()), escape(spoken(answer["speech"]))
            spoken_and_copied = f'<mjx-container role="img" aria-label="{words}" data-tex="{source}"'
            self._known[key] = answer["html"].replace("<mjx-container", spoken_and_copied, 1)
        return self._known[key]

    def style(self) -> str:
        """Return the style sheet for all formulas that were set."""
        return self._ask({"style": True})["style"]

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.communicate()
            self._process = None

    def _ask(self, request: dict[str, Any]) -> dict[str, str]:
        if self._process is None:
            command = ["node", str(SCRIPT), str(VENDOR), self._settings]
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("MathJax ended without an answer: see what Node says above")
        answer: dict[str, str] = json.loads(line)
        return answer


def is_available() -> bool:
    """Tell whether formulas can be set at build."""
    return shutil.which("node") is not None and FONTS.exists() and SPEECH.exists()


def typeset(app: Any, tex: str, display: bool, location: Any) -> str:
    """Return the HTML of a formula; one that cannot be set is a warning, and its source is shown."""
    try:
        return str(app.typesetter.set(tex, display))
    except FormulaError as error:
        logger.warning("%s", error, location=location)
        return f"<code>{escape(tex)}</code>"


def visit_inline(translator: Any, node: nodes.math) -> None:
    """Write a formula in a line."""
    html = typeset(translator.builder.app, node.astext(), False, node)
    translator.body.append(f"{translator.starttag(node, 'span', '', CLASS='math notranslate')}{html}</span>")
    raise nodes.SkipNode


def aligned(source: str) -> str:
    """Return the source of a block of formulas: those with an empty line between stand below each other."""
    parts = [part for part in source.split("\n\n") if part.strip()]
    lines = [rf"\begin{{split}}{part}\end{{split}}" if r"\\" in part else part for part in parts]
    joined = r"\\".join(lines)
    return joined if len(lines) == 1 else rf"\begin{{aligned}}{joined}\end{{aligned}}"


def visit_block(translator: Any, node: nodes.math_block) -> None:
    """Write a formula of its own, with its number."""
    tex = node.astext() if node.get("nowrap") else aligned(node.astext())
    html = typeset(translator.builder.app, tex, True, node)
    translator.body.append(translator.starttag(node, "div", "", CLASS="math notranslate"))
    if node.get("number"):
        translator.body.append(f'<span class="eqno">({get_node_equation_number(translator, node)})')
        translator.add_permalink_ref(node, _("Link to this equation"))
        translator.body.append("</span>")
    translator.body.append(f"{html}</div>\n")
    raise nodes.SkipNode


def keep_marks(app: Any, doctree: nodes.document, docname: str) -> None:
    """Keep the mark that follows a formula, such as a comma, on the line of the formula."""
    for formula in list(doctree.findall(nodes.math)):
        place = formula.parent.index(formula) + 1
        parent = formula.parent
        follows = parent[place] if place < len(parent) else None
        text = follows.astext() if isinstance(follows, nodes.Text) else ""
        mark = MARKS.match(text)
        if mark:
            rest = text[mark.end() :]
            together = nodes.inline("", "", formula.deepcopy(), nodes.Text(mark[0]), classes=["pg-together"])
            parent[place - 1 : place + 1] = [together, *([nodes.Text(rest)] if rest else [])]


def write_style(app: Any, exception: Exception | None) -> None:
    """Write the style sheet for the formulas of the site, with the fonts that it names."""
    if exception is None:
        static = Path(app.outdir, "_static")
        (static / STYLE).write_text(app.typesetter.style(), encoding="utf-8")
        shutil.copytree(FONTS, static / "fonts", dirs_exist_ok=True)
    app.typesetter.close()


def begin(app: Any) -> None:
    """Choose the way in which formulas are set."""
    if app.builder.format != "html" or not is_available():
        return
    settings = app.config.mathjax3_config
    app.typesetter = Typesetter(settings["tex"]["macros"], settings["chtml"]["scale"])
    app.add_css_file(STYLE)
    app.connect("doctree-resolved", keep_marks, priority=950)
    app.connect("build-finished", write_style, priority=100)


def choose_renderer(app: Any, config: Any) -> None:
    """Let this module write formulas where it can, and tell where pages find MathJax if it cannot."""
    config.mathjax_path = f"{CDN}/mathjax@{MATHJAX_VERSION}/es5/tex-chtml.js"
    # Sphinx would take the one of two renderers that is not its own, also where it cannot work.
    config.html_math_renderer = "press" if is_available() else "mathjax"


def setup(app: Any) -> dict[str, bool]:
    """Register the module."""
    app.add_html_math_renderer("press", (visit_inline, None), (visit_block, None))
    app.connect("config-inited", choose_renderer)
    app.connect("builder-inited", begin)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
