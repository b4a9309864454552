"""A Sphinx extension: the settings of the website that depend on where it is built.

Scripts. MathJax is served from ``assets/vendor`` when ``tools/vendor.py`` has put it there, and from a content delivery
network when it could not. No page loads the manager of Jupyter's widgets: progress bars are left out of the pages, and
any other widget is a warning. Of the theme's icons, the pages get those that they use (``tools/icons.py``).

Links to the repository. They must lead to the repository that published the site. Its address is taken from the
environment (``COURSE_REPOSITORY_URL``, or GitHub's own variables in a workflow) or from the git remote ``origin``.
Where it is not known, no button is shown.

Pages. A block that opens is a ``<details>`` with its title as the summary, so that it needs no script, its whole title
bar opens it and its name is its title. Names in code may break at their joints and nowhere else, numbers never. A page
that needs scripts says so to readers who block them. The search index holds prose and no code. Under the title of a
chapter stand its reading time, what it needs and where it leads; nobody writes them, they come from the chapters. A
cell with the tag ``code-below`` shows its output first. A formula in a line comes with its width
(``tools/formula_width.py``), so that nothing jumps when it is set.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from formula_width import formula_width
from icons import cut_icons
from sphinx.addnodes import pending_xref
from sphinx.locale import admonitionlabels
from sphinx.util import docname_join, logging

logger = logging.getLogger(__name__)

MATHJAX_VERSION = "3.2.2"
CDN = "https://cdn.jsdelivr.net/npm"

# The hosts for which the theme knows how to make links.
REPOSITORY_ADDRESS = re.compile(r"https://(?P<host>github\.com|gitlab\.com)/(?P<path>[\w.-]+/[\w.-]+?)(\.git)?/?")


def public_address(address: str) -> str:
    """Return the address of a repository's page, or "" if it is not on a public host that the theme knows."""
    match = REPOSITORY_ADDRESS.fullmatch(address.strip())
    return f"https://{match['host']}/{match['path']}" if match else ""


def repository_url(root: Path, environment: Mapping[str, str]) -> str:
    """Return the address of the repository that publishes the site, or "" if it is not known."""
    if "COURSE_REPOSITORY_URL" in environment:
        return public_address(environment["COURSE_REPOSITORY_URL"])
    if "GITHUB_REPOSITORY" in environment:
        server = environment.get("GITHUB_SERVER_URL", "https://github.com")
        return public_address(f"{server}/{environment['GITHUB_REPOSITORY']}")
    if not (root / ".git").exists():
        return ""
    git = ["git", "-C", str(root), "config", "--get", "remote.origin.url"]
    try:
        answer = subprocess.run(git, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return public_address(answer.stdout)


def launch_buttons(repository: str) -> dict[str, str]:
    """Return the theme's setting for the places where a chapter can be run."""
    if not repository:
        return {}
    buttons = {"notebook_interface": "jupyterlab", "binderhub_url": "https://mybinder.org"}
    if repository.startswith("https://github.com/"):
        buttons["colab_url"] = "https://colab.research.google.com"
    return buttons


def script_settings(assets: Path) -> dict[str, Any]:
    """Return the address of MathJax, our own copy if it exists and else the network's, and none for widgets."""
    mathjax = "vendor/mathjax/tex-chtml.js"
    if not (assets / mathjax).exists():
        mathjax = f"{CDN}/mathjax@{MATHJAX_VERSION}/es5/tex-chtml.js"
    return {"mathjax_path": mathjax, "nb_ipywidgets_js": {}}


def apply_settings(app: Any, config: Any) -> None:
    """Put the settings into Sphinx's configuration."""
    root = Path(app.confdir)
    for name, value in script_settings(root / "assets").items():
        setattr(config, name, value)
    repository = repository_url(root, os.environ)
    config.html_theme_options = config.html_theme_options | {
        "repository_url": repository,
        "use_repository_button": bool(repository),
        "use_issues_button": bool(repository),
        "launch_buttons": launch_buttons(repository),
    }


WIDGET = "application/vnd.jupyter.widget-view+json"
PROGRESS_BAR = re.compile(r"\d+%\|.*\| \d+/\d+ \[")  # what tqdm writes where there are no widgets


def leave_widgets_out(app: Any, doctree: nodes.document) -> None:
    """Leave the progress bars of finished cells out of a page, and warn of other widgets.

    In a notebook they are alive. In a page they would need 0.6 MB of scripts to show nothing.
    """
    for bundle in list(doctree.findall(nodes.container)):
        forms = {form.get("mime_type"): form for form in bundle.children if isinstance(form, nodes.container)}
        if bundle.get("nb_element") != "mime_bundle" or WIDGET not in forms:
            continue
        if "text/plain" not in forms or not PROGRESS_BAR.search(forms["text/plain"].astext()):
            logger.warning(
                "a widget that no page can show: use a slider of pgcode.figures, or give its cell the tags `live`, "
                "`skip-execution` and `nbval-ignore-output`",
                location=bundle,
            )
        outputs = bundle.parent
        outputs.remove(bundle)
        if not outputs.children:
            outputs.parent.remove(outputs)
    page = getattr(app.env, "nb_metadata", {}).get(app.env.docname, {})
    page.get("js_files", {}).pop("ipywidgets_state", None)


class FoldedBlock(nodes.General, nodes.Element):  # type: ignore[misc]
    """A block that opens."""


class FoldedTitle(nodes.General, nodes.TextElement):  # type: ignore[misc]
    """The title of a block that opens."""


def enter_block(translator: Any, node: FoldedBlock) -> None:
    """Write the start of a block that opens."""
    translator.body.append(translator.starttag(node, "details"))


def leave_block(translator: Any, node: FoldedBlock) -> None:
    """Write the end of a block that opens."""
    translator.body.append("</details>\n")


def enter_title(translator: Any, node: FoldedTitle) -> None:
    """Write the start of the title bar."""
    translator.body.append('<summary class="admonition-title">')


def leave_title(translator: Any, node: FoldedTitle) -> None:
    """Write the end of the title bar."""
    translator.body.append("</summary>\n")


SHARED_IDS = {"proof", "proof-content", "exercise-content", "solution-content"}


def fold_blocks(app: Any, doctree: nodes.document, docname: str = "") -> None:
    """Turn each admonition and each solution of the class ``dropdown`` into a block that opens."""
    if app.builder.format != "html":
        return
    for block in list(doctree.findall(nodes.Element)):
        # Names that sphinx_proof and sphinx_exercise give to every block of a kind.
        if set(block.get("ids", ())) & SHARED_IDS:
            block["ids"] = [name for name in block["ids"] if name not in SHARED_IDS]
    for block in list(doctree.findall(nodes.Admonition)):
        if "dropdown" not in block.get("classes", ()):
            continue
        if "countertype" in block:
            continue  # sphinx_proof numbers these while it writes them
        if block.children and isinstance(block[0], nodes.title):
            title, content = block[0], block.children[1:]
            # A link in the title bar would lead away instead of opening the block.
            for link in list(title.findall(nodes.reference)):
                link.replace_self(link.children)
            words = title.children
        elif "proof" in block["classes"]:
            words, content = [nodes.Text("Proof")], block.children
        elif block.tagname in admonitionlabels:
            words, content = [nodes.Text(str(admonitionlabels[block.tagname]))], block.children
        else:
            continue
        kind = block.tagname.removesuffix("_node")
        classes = dict.fromkeys(["admonition", *([] if kind == "admonition" else [kind]), *block["classes"]])
        folded = FoldedBlock(classes=list(classes), ids=block["ids"], names=block["names"])
        folded += FoldedTitle("", "", *words)
        folded.extend(content)
        block.replace_self(folded)


INLINE_CODE = re.compile(r'(<code class="[^"]*\bliteral\b[^"]*">)(.*?)(</code>)', re.DOTALL)
TAG_OR_TEXT = re.compile(r"(<[^>]*>)")
JOINT = re.compile(r"(?<=[\w)\]])(?=\.\D|[(\[])|(?<=\w[_/=])(?=\w)")
LEDGER_VALUE = re.compile(r'(<td class="ledger-value"[^>]*>)(.*?)(</td>)', re.DOTALL)
NUMBER = re.compile(r"(?<!\w)[-−]?\d[\d.⁻⁰¹²³⁴⁵⁶⁷⁸⁹]*(?:e[-+]?\d+)?")


def add_joints(body: str) -> str:
    """Let inline code break before a dot or a bracket and after an underscore."""

    def mend(match: re.Match[str]) -> str:
        parts = TAG_OR_TEXT.split(match[2])
        return match[1] + "".join(p if p.startswith("<") else JOINT.sub("<wbr>", p) for p in parts) + match[3]

    return INLINE_CODE.sub(mend, body)


def keep_numbers_whole(body: str) -> str:
    """Keep each number in a ledger on one line."""

    def mend(match: re.Match[str]) -> str:
        if "<" in match[2]:
            return match[0]
        return match[1] + NUMBER.sub(r'<span class="pg-number">\g<0></span>', match[2]) + match[3]

    return LEDGER_VALUE.sub(mend, body)


NOTEBOOK_LINK = re.compile(r'(<th scope="row"><a href="[^":]+)\.ipynb(#[^"]*)?"')


def link_to_pages(body: str) -> str:
    """Turn a ledger's links to notebooks, which lead on in Jupyter, into links to pages."""
    return NOTEBOOK_LINK.sub(r'\1.html\2"', body)


INLINE_FORMULA = re.compile(r'<span class="math notranslate nohighlight">(?=\\\((.*?)\\\)</span>)', re.DOTALL)
MATHJAX_SCALE = 1.1  # as in _config.yml


def keep_places(body: str) -> str:
    """Tell the width of each formula in a line, so that its place can be kept until it is set."""

    def mend(match: re.Match[str]) -> str:
        width = MATHJAX_SCALE * formula_width(unescape(match[1]))
        return f'{match[0][:-1]} style="--pg-width: {width:.2f}em">'

    return INLINE_FORMULA.sub(mend, body)


NEEDS_SCRIPTS = ('class="math', "pg-frames", "mathjax_process")
NOTICE = '<noscript><p class="pg-notice">Formulas and sliders need scripts.</p></noscript>\n'


# Seconds that a reader spends on a word of prose, a formula in a line, a formula of its own, a line of code that is
# shown, and a drawing or a ledger.
READING_SECONDS = {"word": 0.3, "inline": 2.0, "display": 20.0, "code": 3.0, "figure": 30.0}
NEEDS = "You need "
HIDDEN_CODE = {"tag_hide-input", "tag_remove-input", "tag_hide-cell", "tag_remove-cell"}


@dataclass(frozen=True)
class Guide:
    """What stands under the title of a chapter."""

    minutes: int
    needs: tuple[str, ...] = ()
    leads_to: tuple[str, ...] = ()


def reading_minutes(doctree: nodes.document) -> int:
    """Return about how long a page is read, in minutes, in steps of 5."""
    count = dict.fromkeys(READING_SECONDS, 0)
    no_prose = nodes.literal_block | nodes.math_block | nodes.math
    for node in doctree.findall():
        if isinstance(node, nodes.Text) and not isinstance(node.parent, no_prose):
            count["word"] += 0 if in_cell(node) else len(node.astext().split())
        elif isinstance(node, nodes.math):
            count["inline"] += 1
        elif isinstance(node, nodes.math_block):
            count["display"] += 1
        elif isinstance(node, nodes.literal_block) and not is_hidden(node):
            count["code"] += len(node.astext().splitlines())
        elif isinstance(node, nodes.raw) and ("<svg" in node.astext() or 'class="ledger' in node.astext()):
            count["figure"] += 1
    seconds = sum(READING_SECONDS[kind] * number for kind, number in count.items())
    return max(5, 5 * round(seconds / 300))


def in_cell(node: nodes.Node) -> bool:
    """Return whether a node is in a cell of code or its output."""
    while node is not None and node.parent is not None:
        node = node.parent
        if isinstance(node, nodes.container) and node.get("nb_element") == "cell_code":
            return True
    return False


def is_hidden(node: nodes.Node) -> bool:
    """Return whether a block of code is in a cell that hides it."""
    while node.parent is not None:
        node = node.parent
        if HIDDEN_CODE & set(node.get("classes", ())):
            return True
    return False


def needs_paragraph(doctree: nodes.document) -> nodes.paragraph | None:
    """Return the paragraph "You need …" of a chapter, or None."""
    paragraphs = (node for node in doctree.findall(nodes.paragraph) if node.astext().startswith(NEEDS))
    return next(paragraphs, None)


def needed_pages(doctree: nodes.document, page: str) -> list[str]:
    """Return the pages to which the sentence "You need …" of a chapter links."""
    paragraph, pages = needs_paragraph(doctree), []
    for part in paragraph.children if paragraph is not None else ():
        if isinstance(part, nodes.Text) and re.search(r"\.(\s|$)", part.astext()):
            break
        if isinstance(part, pending_xref) and part.get("reftype") == "doc":
            pages.append(docname_join(page, part["reftarget"]).lstrip("/"))
    return list(dict.fromkeys(pages))


def reading_guides(pages: Mapping[str, nodes.document], order: Sequence[str]) -> dict[str, Guide]:
    """Return the guides of the chapters, the pages with a paragraph "You need …".

    A chapter leads to those that need it, and to the chapter after it.
    """
    chapters = [name for name in order if needs_paragraph(pages[name]) is not None]
    needs = {name: [page for page in needed_pages(pages[name], name) if page in chapters] for name in chapters}
    guides = {}
    for index, name in enumerate(chapters):
        after = [other for other in chapters if name in needs[other]]
        after = [*chapters[index + 1 : index + 2], *after]
        leads_to = [other for other in dict.fromkeys(after) if chapters.index(other) > index]
        guides[name] = Guide(reading_minutes(pages[name]), tuple(needs[name]), tuple(leads_to))
    return guides


def find_guides(app: Any, env: Any) -> None:
    """Make the guides, once all pages are read."""
    if app.builder.format != "html":
        return
    order = list(env.toctree_includes.get(env.config.root_doc, ()))
    app.reading_guides = reading_guides({name: env.get_doctree(name) for name in order}, order)


def guide_html(app: Any, page: str) -> str:
    """Return the HTML of the guide of a page, or "" if it has none."""
    guide = getattr(app, "reading_guides", {}).get(page)
    if guide is None:
        return ""

    def links(names: Sequence[str]) -> str:
        return ", ".join(
            f'<a href="{app.builder.get_relative_uri(page, name)}">{escape(app.env.titles[name].astext())}</a>'
            for name in names
        )

    rows = [("Reading time", f"about {guide.minutes} minutes")]
    rows += [(term, links(names)) for term, names in (("Needs", guide.needs), ("Leads to", guide.leads_to)) if names]
    return '<dl class="pg-guide">' + "".join(f"<div><dt>{t}</dt><dd>{d}</dd></div>" for t, d in rows) + "</dl>"


def put_code_below(app: Any, doctree: nodes.document, docname: str = "") -> None:
    """Put the code of a cell with the tag ``code-below`` below its output."""
    for cell in list(doctree.findall(nodes.container)):
        if cell.get("nb_element") == "cell_code" and "tag_code-below" in cell.get("classes", ()):
            cell.children.reverse()


def mark_first_page(app: Any, doctree: nodes.document, docname: str) -> None:
    """Mark the promise and the ways in, the first paragraph and the first list of the first page, for its style."""
    if docname == app.config.root_doc:
        for kind, name in ((nodes.paragraph, "pg-promise"), (nodes.bullet_list, "pg-ways")):
            first = next(iter(doctree.findall(kind)), None)
            if first is not None:
                first["classes"].append(name)


LAUNCH = "<!-- launch -->"


def launch_links(repository: str) -> str:
    """Return the links that open the book where it runs at once, or "" where no repository is known."""
    path = repository.removeprefix("https://github.com/")
    if not repository or path == repository:
        return ""
    links = {
        "Open in Binder": f"https://mybinder.org/v2/gh/{path}/main?urlpath=lab/tree/book/intro.ipynb",
        "Open in Colab": f"https://colab.research.google.com/github/{path}/blob/main/book/intro.ipynb",
    }
    return '<p class="pg-launch">' + " ".join(f'<a href="{to}">{name}</a>' for name, to in links.items()) + "</p>"


def mend_page(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Mend the HTML of a page and what its head says."""
    body = context.get("body", "")
    if body:
        # The text of the bar is its name: "Show the code" or "Hide the code".
        body = body.replace('<summary aria-label="Toggle hidden content">', "<summary>")
        body = keep_places(link_to_pages(keep_numbers_whole(add_joints(body))))
        body = body.replace("</h1>", "</h1>" + guide_html(app, pagename), 1)
        body = body.replace(LAUNCH, launch_links(context.get("theme_repository_url", "")))
        needs_scripts = any(sign in body for sign in NEEDS_SCRIPTS)
        context["body"] = NOTICE + body if needs_scripts else body
    if pagename == app.config.root_doc:
        context["docstitle"] = ""  # it is the page's own title
    description = context.get("description", "")
    if description:
        tag = f'\n<meta name="description" content="{escape(description)}">'
        context["metatags"] = context.get("metatags", "") + tag


#: The number of a chapter before its title.
SECTION_NUMBER = re.compile(r'<span class="section-number">.*?</span>')


def index_prose_only(app: Any) -> None:
    """Leave code cells, their outputs and other blocks of code out of the search index, and numbers out of its titles.

    With its number, a page is not known by its title, and stands among those that share a word with it.
    """
    if app.builder.format != "html" or not hasattr(app.builder, "index_page"):
        return
    index_page = app.builder.index_page

    def index_prose(pagename: str, doctree: nodes.document, title: str) -> None:
        prose = doctree.deepcopy()
        for node in list(prose.findall(is_code)):
            if node.parent is not None:
                node.parent.remove(node)
        index_page(pagename, prose, SECTION_NUMBER.sub("", title))

    app.builder.index_page = index_prose


def is_code(node: nodes.Node) -> bool:
    """Return whether a node is a block of code or the output of a cell."""
    return isinstance(node, nodes.literal_block | nodes.doctest_block) or (
        isinstance(node, nodes.container) and node.get("nb_element") in ("cell_code_source", "cell_code_output")
    )


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    app.add_node(FoldedBlock, html=(enter_block, leave_block))
    app.add_node(FoldedTitle, html=(enter_title, leave_title))
    app.connect("config-inited", apply_settings)
    app.connect("builder-inited", index_prose_only)
    app.connect("doctree-read", leave_widgets_out)
    app.connect("doctree-resolved", put_code_below)  # after the code is folded
    app.connect("env-updated", find_guides)
    app.connect("doctree-resolved", mark_first_page)
    app.connect("doctree-resolved", fold_blocks, priority=900)
    app.connect("html-page-context", mend_page, priority=900)
    app.connect("build-finished", cut_icons)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
