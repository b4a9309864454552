"""Formulas are set when the site is built, so that a page needs no script for them.

MathJax runs in Node and gives what it would give in a browser (CHTML): boxes and glyphs for the eye. A screen reader
gets the words in which the formula is spoken, by the Speech Rule Engine; a tree of MathML beside each formula would be
a third of all elements of a page. One process sets the formulas of all pages, each but once: those of a page while the
next ones are read, so that all are there before the first page is written, for each of the processes that write pages.
Then the rules for their glyphs become ``formulas.css``, which Sphinx names with its checksum. The source of a formula
stays in ``data-tex``, where the page's script finds it when a selection is copied. A formula that is broader than a
phone says how broad it is, and holds places where it may break; on a narrow page the style sheet makes it a little
smaller, if that is enough, and else lets it break there.

Where MathJax or Node is missing, the theme's own way is left in place: scripts set the formulas in the browser.
"""

from __future__ import annotations

import json
import multiprocessing
import re
import shutil
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.errors import ExtensionError
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
MATHJAX = VENDOR / "mathjax" / "node-main.js"
SPEECH = VENDOR / "node_modules" / "speech-rule-engine" / "lib" / "sre.js"
STYLE = "formulas.css"
#: A font of the system whose letters are as tall and as deep as those of MJXZERO, by which MathJax places its glyphs:
#: until that is fetched, they would stand where the first font that is there has its base line, and then move. It has
#: a space and nothing else, so that it draws no glyph.
STRUT = """@font-face {
  font-family: MJXSTRUT;
  src: local("Liberation Sans"), local("LiberationSans"), local("Arial"), local("ArialMT"), local("Helvetica"),
    local("Roboto"), local("Segoe UI"), local("Noto Sans"), local("DejaVu Sans");
  ascent-override: 10%;
  descent-override: 10%;
  line-gap-override: 0%;
  unicode-range: U+20;
}

"""
#: What follows a formula on the same line and must not begin the next one.
MARKS = re.compile(r"[.,;:?!)’”]+")


class FormulaError(Exception):
    """A formula that MathJax does not understand."""


def spoken(words: str, called: Mapping[str, str]) -> str:
    """Return the words of a formula as they are said in a book, which may call a sign otherwise than the engine."""
    if not called:
        return words
    longest_first = sorted(called, key=len, reverse=True)
    otherwise = re.compile(rf"\b({'|'.join(map(re.escape, longest_first))})\b")
    return " ".join(otherwise.sub(lambda match: called[match[1]], words).split())


#: A formula: its source, and whether it stands on its own.
Formula = tuple[str, bool]
#: After so many seconds without an answer, Node is taken to hang.
PATIENCE = 120.0


class Typesetter:
    """MathJax in a process of Node, started when it is first needed."""

    def __init__(
        self,
        macros: Mapping[str, Any],
        scale: float,
        called: Mapping[str, str] | None = None,
        patience: float = PATIENCE,
    ) -> None:
        self._settings = json.dumps({"macros": macros, "scale": scale, "fonts": "fonts"})
        self._patience, self._called = patience, called or {}
        self._process: subprocess.Popen[str] | None = None
        self._answers: dict[Formula, dict[str, str]] = {}
        self._ahead: ThreadPoolExecutor | None = None
        self._waiting: list[Future[Any]] = []

    def set(self, tex: str, display: bool) -> str:
        """Return the HTML of a formula."""
        answer = self._answer(tex, display)
        if "error" in answer:
            raise FormulaError(f"{answer['error']} in the formula {tex!r}")
        source, words = escape(tex.strip()), escape(spoken(answer["speech"], self._called))
        spoken_and_copied = f'<mjx-container role="img" aria-label="{words}" data-tex="{source}"'
        return answer["html"].replace("<mjx-container", spoken_and_copied, 1)

    def set_ahead(self, formulas: Iterable[Formula]) -> None:
        """Let formulas be set while something else is done."""
        self._ahead = self._ahead or ThreadPoolExecutor(1)
        self._waiting += [self._ahead.submit(self._set, one) for one in sorted(formulas)]

    def style(self, formulas: Iterable[Formula] = ()) -> str:
        """Set formulas, and return the style sheet for them and all that this process has set before."""
        self._wait()
        for one in sorted(formulas):
            self._set(one)
        return self._ask({"style": True})["style"]

    def _answer(self, tex: str, display: bool) -> dict[str, str]:
        self._wait()
        return self._set((tex, display))

    def _wait(self) -> None:
        """Wait for what is set ahead, so that Node is asked by one at a time."""
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            one.result()

    def _set(self, key: Formula) -> dict[str, str]:
        if key not in self._answers:
            self._answers[key] = self._ask({"tex": key[0], "display": key[1]})
        return self._answers[key]

    def close(self) -> None:
        """End the process. What it has set is kept, and for what it has not, there will be another."""
        if self._ahead is not None:
            self._ahead.shutdown(cancel_futures=True)
            self._ahead, self._waiting = None, []
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _ask(self, request: dict[str, Any]) -> dict[str, str]:
        if self._process is None:
            command = ["node", str(SCRIPT), str(VENDOR), self._settings]
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, encoding="utf-8")
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        hangs = threading.Event()

        def give_up() -> None:
            hangs.set()
            process.kill()

        alarm = threading.Timer(self._patience, give_up)
        alarm.start()
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            line = ""
        finally:
            alarm.cancel()
        try:
            answer: dict[str, str] = json.loads(line)
        except ValueError:
            raise ExtensionError(f"Formulas cannot be set: {self._reason(hangs.is_set(), line)}. {ADVICE}") from None
        return answer

    def _reason(self, hangs: bool, line: str) -> str:
        """End the process and return why it gave no answer."""
        assert self._process is not None
        self._process.kill()
        try:
            said = self._process.communicate()[1]
        except OSError:  # it ended before it read what was written
            said = self._process.stderr.read() if self._process.stderr else ""
        self._process = None
        if hangs:
            return f"Node gave no answer within {self._patience:g} seconds"
        words = [text.strip() for text in (said or line).splitlines() if text.strip()]
        return f"Node says {words[0]!r}" if words else "Node ended and said nothing"


ADVICE = "Remove press/vendor: `make vendor` fetches it anew, and without it pages set their formulas themselves."


def is_available() -> bool:
    """Tell whether formulas can be set at build."""
    return not missing()


def missing() -> str:
    """Return what formulas cannot be set at build without, or "" where all is there."""
    if shutil.which("node") is None:
        return "Node"
    return next((str(path) for path in (FONTS, MATHJAX, SPEECH) if not path.exists()), "")


def typeset(app: Any, tex: str, display: bool, location: Any) -> str:
    """Return the HTML of a formula; one that cannot be set is a warning, and its source is shown."""
    try:
        html = str(app.typesetter.set(tex, display))
    except FormulaError as error:
        logger.warning("%s", error, location=location)
        return f"<code>{escape(tex)}</code>"
    if (tex, display) not in app.formulas_in_style:
        # Its glyphs would be seen after this build and not after the next one.
        logger.warning("the formula %r was put in after the pages had been read", tex, location=location)
    return html


def visit_inline(translator: Any, node: nodes.math) -> None:
    """Write a formula in a line."""
    html = typeset(translator.builder.app, *formula(node), node)
    # The formula is an element of its own: a span around it is one for each of the 300 of a page.
    translator.body.append(f"{translator.starttag(node, 'span', '')}{html}</span>" if node["ids"] else html)
    raise nodes.SkipNode


def aligned(source: str) -> str:
    """Return the source of a block of formulas: those with an empty line between stand below each other."""
    parts = [part for part in source.split("\n\n") if part.strip()]
    lines = [rf"\begin{{split}}{part}\end{{split}}" if r"\\" in part else part for part in parts]
    joined = r"\\".join(lines)
    return joined if len(lines) == 1 else rf"\begin{{aligned}}{joined}\end{{aligned}}"


def formula(node: nodes.Element) -> Formula:
    """Return the formula of a node."""
    if isinstance(node, nodes.math):
        return node.astext(), False
    return node.astext() if node.get("nowrap") else aligned(node.astext()), True


def visit_block(translator: Any, node: nodes.math_block) -> None:
    """Write a formula of its own, with its number."""
    html = typeset(translator.builder.app, *formula(node), node)
    room = " pg-room" if "pg-broad" in html else ""
    translator.body.append(translator.starttag(node, "div", "", CLASS=f"math notranslate{room}"))
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


def formulas_in(doctree: nodes.Element) -> Iterator[Formula]:
    """Find the formulas of a page."""
    return (formula(node) for node in doctree.findall(lambda node: isinstance(node, nodes.math | nodes.math_block)))


def formulas_of_pages(env: Any) -> dict[str, set[Formula]]:
    """Return the formulas of each page. They are kept from build to build."""
    if not hasattr(env, "press_formulas"):
        env.press_formulas = {}
    kept: dict[str, set[Formula]] = env.press_formulas
    return kept


def note_formulas(app: Any, doctree: nodes.document) -> None:
    """Keep the formulas of a page that has been read, and let them be set while the next ones are read."""
    formulas = formulas_of_pages(app.env)[app.env.docname] = set(formulas_in(doctree))
    if hasattr(app, "typesetter") and multiprocessing.parent_process() is None:
        app.typesetter.set_ahead(formulas)


def forget_formulas(app: Any, env: Any, docname: str) -> None:
    """Forget the formulas of a page that is read anew, or gone."""
    formulas_of_pages(env).pop(docname, None)


def merge_formulas(app: Any, env: Any, docnames: set[str], other: Any) -> None:
    """Take the formulas of the pages that another process has read."""
    formulas_of_pages(env).update({name: formulas_of_pages(other)[name] for name in docnames})


def at_rest(style: str) -> str:
    """Return the style sheet of formulas so that nothing moves when their fonts arrive.

    MJXZERO holds no glyph either. Said so, it holds up no font that does: they are asked for at the same time.
    """
    zero = "  font-family: MJXZERO;\n"
    style = style.replace(zero, f"{zero}  unicode-range: U+20, U+EFFC;\n")
    return STRUT + style.replace("font-family: MJXZERO, ", "font-family: MJXZERO, MJXSTRUT, ")


def write_style(app: Any, builder: Any) -> None:
    """Set the formulas of all pages, and write the style sheet for them, with its fonts (``press/fonts.py``).

    Pages are written by several processes, and two that write to the one of Node would read each other's answers. So it
    ends here.
    """
    from press import fonts  # not in a page, where there is nothing that reads fonts

    app.formulas_in_style = set().union(*formulas_of_pages(app.env).values())
    static = Path(app.outdir, "_static")
    static.mkdir(parents=True, exist_ok=True)
    shutil.copytree(FONTS, static / "fonts", dirs_exist_ok=True)
    style = app.typesetter.style(app.formulas_in_style)
    app.typesetter.close()
    style = fonts.with_their_glyphs(style, FONTS, lambda name, font: (static / name).write_bytes(font))
    (static / STYLE).write_text(at_rest(style), encoding="utf-8")


def end(app: Any, exception: Exception | None) -> None:
    """End the process that has set a formula which was put in later, if there is one."""
    app.typesetter.close()


def say_what_is_missing(app: Any, exception: Exception | None) -> None:
    """Say at the end of a build that pages set their formulas themselves. It is no warning: such a website works."""
    if exception is None:
        logger.info(
            "Formulas were not set, because %s was not found. Pages set them by a script from %s. `make vendor` "
            "fetches what is missing.",
            missing(),
            CDN,
        )


def begin(app: Any) -> None:
    """Choose the way in which formulas are set."""
    if app.builder.format != "html":
        return
    if not is_available():
        app.connect("build-finished", say_what_is_missing, priority=900)
        return
    settings = app.config.mathjax3_config or {}
    macros, scale = settings.get("tex", {}).get("macros", {}), settings.get("chtml", {}).get("scale", 1)
    app.typesetter = Typesetter(macros, scale, app.config.press_spoken)
    app.formulas_in_style = set()
    app.add_css_file(STYLE)
    app.connect("doctree-resolved", keep_marks, priority=950)
    app.connect("write-started", write_style)
    app.connect("build-finished", end, priority=100)


def choose_renderer(app: Any, config: Any) -> None:
    """Let this module write formulas where it can, and tell where pages find MathJax if it cannot."""
    config.mathjax_path = f"{CDN}/mathjax@{MATHJAX_VERSION}/es5/tex-chtml.js"
    # Sphinx would take the one of two renderers that is not its own, also where it cannot work.
    config.html_math_renderer = "press" if is_available() else "mathjax"


def setup(app: Any) -> dict[str, Any]:
    """Register the module."""
    app.add_config_value("press_spoken", {}, "html", types=frozenset({dict}))  # what is called otherwise in this book
    app.add_html_math_renderer("press", (visit_inline, None), (visit_block, None))
    app.connect("config-inited", choose_renderer)
    app.connect("builder-inited", begin)
    app.connect("doctree-read", note_formulas, priority=950)
    app.connect("env-purge-doc", forget_formulas)
    app.connect("env-merge-info", merge_formulas)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
