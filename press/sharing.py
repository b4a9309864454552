"""What others are told of a page: a search engine, a program that shows a link, a course catalogue.

Each page has a description of its own, its first sentences. Where the address of the published site is known, pages
have a canonical address and a picture (``press/cards.py``), and there are a map of the site and a ``robots.txt`` that
names it. An address that leads nowhere finds a page that says so; telephones find an icon. Sphinx's own extensions
write the tags and the map; the description and the course as data (schema.org) are ours.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlparse
from xml.etree import ElementTree

from docutils import nodes  # type: ignore[import-untyped]

from press import beside, cards, config, contents
from press.embedded import embedded
from press.guide import NEEDS
from press.settings import repository_of

FOUND = "first sentences"  # where a page keeps them until all are known
#: A description is cut after the sentence with which it has this many characters.
ENOUGH = 110
MOST = 300


def site_url(told: str, repository: str, environment: Mapping[str, str]) -> str:
    """Return the address of the published site, with a slash at its end, or "" if it is not known.

    It is what the author has ``told`` Sphinx, or the environment, or that of GitHub's pages of the repository.
    """
    if told or "COURSE_SITE_URL" in environment:
        address = told or environment["COURSE_SITE_URL"]
        return address.rstrip("/") + "/" if address else ""
    match = re.fullmatch(r"https://github\.com/([\w.-]+)/([\w.-]+)", repository)
    if not match:
        return ""
    owner, name = match[1].lower(), match[2]
    return f"https://{owner}.github.io/" + ("" if name.lower() == f"{owner}.github.io" else f"{name}/")


def whole_sentences(paragraph: nodes.paragraph) -> list[str]:
    """Return the sentences of a paragraph that stand alone; one that opens a list has the list's items in it.

    A sentence with a formula does not: the source of a formula says nothing where this is read.
    """
    *sentences, last = re.split(r"(?<=[.?!:])\s+", " ".join(paragraph.astext().split()))
    after = paragraph.next_node(descend=False, siblings=True)
    if isinstance(after, nodes.bullet_list) and not last.endswith((".", "?", "!")):
        opening = f"{last.removesuffix(':')} "
        items: list[str] = []
        for item in after.children:
            words = " ".join(item.astext().split()).rstrip(".;")
            if next(item.findall(nodes.math), None) is None and len(opening) + len("; ".join([*items, words])) < MOST:
                items.append(words)
        last = f"{opening}{'; '.join(items)}." if items else ""
    return [sentence for sentence in (*sentences, last) if sentence.endswith((".", "?", "!"))]


def description(doctree: nodes.document) -> str:
    """Return the first sentences of a page, without what it needs, and with what its reader will be able to do."""
    text = ""
    for paragraph in doctree.findall(nodes.paragraph):
        if not isinstance(paragraph.parent, nodes.section | nodes.document) or paragraph.astext().startswith(NEEDS):
            continue
        if next(paragraph.findall(nodes.math), None) is not None:
            continue
        for sentence in whole_sentences(paragraph):
            if text and len(text) + len(sentence) > MOST:
                return text
            text = f"{text} {sentence}".strip()
            if len(text) >= ENOUGH:
                return text
    return text


def describe(app: Any, doctree: nodes.document) -> None:
    """Keep what a page says of itself, until all pages are known."""
    metadata = app.env.metadata[app.env.docname]
    metadata[FOUND] = metadata.get("description") or description(doctree)


def of_all(app: Any) -> str:
    """Return the description of the whole course, "" where its author has written none."""
    return str(app.config.html_context.get("description", ""))


def tell_apart(env: Any, otherwise: str = "") -> None:
    """Set the description of every page; where several begin alike, with the page's title before it.

    A page without a sentence has that of the whole course, and where there is none either, no description.
    """
    texts = {page: metadata[FOUND] or otherwise for page, metadata in env.metadata.items() if FOUND in metadata}
    times = Counter(texts.values())
    for page, text in texts.items():
        if text:
            told = f"{env.titles[page].astext()}. {text}" if times[text] > 1 else text
            env.metadata[page] |= {"description": told, "og:description": told}


def describe_all(app: Any, builder: Any) -> None:
    """Set the descriptions before pages are written: a build may write some though it has read none."""
    tell_apart(app.env, of_all(app))


def minutes(app: Any, pages: list[str]) -> str:
    """Return how long pages take with a pencil, as data: PT90M; or "" where nobody has counted (``press/guide.py``)."""
    guides = getattr(app, "reading_guides", {})
    total = sum(guides[page].longest for page in pages if page in guides)
    return f"PT{total}M" if total else ""


def as_data(app: Any, pagename: str, about: str) -> dict[str, Any]:
    """Return what a page is, in the words of schema.org: the course, or a part of it."""
    title = app.env.titles[pagename].astext()
    root = pagename == app.config.root_doc
    numbered = [name for name, numbers in getattr(app.env, "toc_secnumbers", {}).items() if numbers]
    time = minutes(app, numbered if root else [pagename])
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": ["Course", "LearningResource"] if root else "LearningResource",
        "name": title,
        **({"description": about} if about else {}),
        "inLanguage": app.config.language,
        "isAccessibleForFree": True,
    }
    if app.config.press_licence:
        data["license"] = app.config.press_licence
    if time:
        data["timeRequired"] = time
    if root:
        data["provider"] = {"@type": "Organization", "name": app.config.author}
        data["hasCourseInstance"] = {"@type": "CourseInstance", "courseMode": "Online"}
        if time:
            data["hasCourseInstance"]["courseWorkload"] = time
        if numbered:
            data["hasPart"] = [
                {"@type": "LearningResource", "name": app.env.titles[name].astext()} for name in numbered
            ]
    else:
        data["isPartOf"] = {"@type": "Course", "name": app.config.project}
    if app.config.html_baseurl:
        data["url"] = app.config.html_baseurl + app.builder.get_target_uri(pagename)
        if cards.cards(app):
            data["image"] = app.config.html_baseurl + cards.file_of(pagename, app.env.found_docs)
    return data


def tell(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Put the description and the data into the head of a page; a listing or a search has that of the whole course."""
    about = app.env.metadata[pagename].get("description", "") if doctree else of_all(app)
    tags = [f'<meta name="description" content="{escape(about)}">'] if about else []
    if favicon(app):
        tags.append(f'<link rel="apple-touch-icon" href="{context["pathto"](TOUCH_ICON, resource=True)}">')
    if pagename == NOT_FOUND:
        tags.append('<meta name="robots" content="noindex">')
        # The page is sent for an address of any depth. All its links are relative to the website's root. A script
        # finds it, and where none runs it is the one that is known.
        if app.config.html_baseurl:
            tags.insert(0, f'<noscript><base href="{urlparse(app.config.html_baseurl).path}"></noscript>')
        tags.insert(0, f"<script>{FIND_ROOT}</script>")
        tags.append(f"<script>{STAY_HERE}</script>")
    if doctree:
        if cards.cards(app):
            tags.append('<meta name="twitter:card" content="summary_large_image">')
        tags.append(f'<script type="application/ld+json">{embedded(as_data(app, pagename, about))}</script>')
    context["metatags"] = "\n".join([context.get("metatags", ""), *tags])


NOT_FOUND = "404"
UNNAMED = "Project name not set"  # Sphinx's own words
#: Finds the root: the innermost folder of the address that holds an inventory, or, in a copied folder, the page's own.
FIND_ROOT = """
if (location.protocol === "file:") document.write('<base href="./">');
else for (let folder = location.pathname; folder; ) {
  folder = folder.slice(0, folder.lastIndexOf("/"));
  const request = new XMLHttpRequest();
  try {
    request.open("HEAD", `${folder}/objects.inv`, false); // the style sheets below need the answer
    request.send();
  } catch { break; }
  if (request.status === 200 && !/html/.test(request.getResponseHeader("Content-Type"))) {
    document.write(`<base href="${folder.replaceAll('"', "%22")}/">`);
    break;
  }
}
"""
#: A link within the page stays on it, though links are relative to the root.
STAY_HERE = """
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href^="#"]');
  if (!link) return;
  event.preventDefault();
  location.hash = link.getAttribute("href");
});
"""
TOUCH_ICON = "_static/touch-icon.png"


def beginning(app: Any) -> list[tuple[str, str]]:
    """Return the pages of the first part of the contents, with their titles."""
    pages = next((pages for _, pages in contents.parts(app.env) if pages), [])
    return [(page, app.env.titles[page].astext()) for page in pages if page in app.env.titles]


def not_found(app: Any) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Make the page for an address that leads nowhere. GitHub and others send what is called 404.html."""
    ways = [(app.config.root_doc, "The first page"), *beginning(app), ("search", "Search the course")]
    links = "".join(
        f'<li><a href="{app.builder.get_target_uri(page)}">{escape(words)}</a></li>' for page, words in ways
    )
    body = (
        "<section><h1>There is no page at this address</h1>"
        "<p>It may have moved, or the address has a slip in it. From here you can go on:</p>"
        f"<ul>{links}</ul></section>"
    )
    yield NOT_FOUND, {"title": "There is no page at this address", "body": body}, "page.html"


def draw_touch_icon(favicon: Path, target: Path) -> None:
    """Draw the icon of the website, a square and lines, as the picture of 180 pixels that telephones take."""
    from matplotlib.figure import Figure

    drawing = ElementTree.parse(favicon).getroot()
    size = float((drawing.get("viewBox") or "").split()[2])
    figure = Figure(figsize=(1.8, 1.8), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, size), ylim=(size, 0))
    axes.set_axis_off()
    for group in drawing.iter():
        name = group.tag.rpartition("}")[2]
        if name == "rect":
            figure.set_facecolor(group.get("fill", "white"))
        for path in group.findall("{*}path") if name == "g" else ():
            points = [float(number) for number in (path.get("d") or "").removeprefix("M").split()]
            axes.plot(
                points[::2],
                points[1::2],
                color=path.get("stroke") or group.get("stroke", "white"),
                linewidth=float(group.get("stroke-width", 1)) / size * 1.8 * 72,
                solid_capstyle="round",
                solid_joinstyle="round",
            )
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, metadata={"Software": None})


def favicon(app: Any) -> Path | None:
    """Return the icon that a browser shows, if it is one that can be drawn larger."""
    file = Path(app.confdir, app.config.html_favicon or "")  # of an address of the web, no file
    return file if file.suffix == ".svg" and file.is_file() else None


def draw(app: Any) -> None:
    """Draw the icon."""
    if app.builder.format == "html" and (drawn := favicon(app)):
        draw_touch_icon(drawn, Path(app.outdir, TOUCH_ICON))


def write_robots(app: Any, exception: Exception | None) -> None:
    """Let all be read, and say where the map of the site is, if there is one."""
    if exception is None and app.builder.format == "html" and app.config.html_baseurl:
        name = getattr(app.config, "sitemap_filename", "sitemap.xml")
        site_map = f"Sitemap: {app.config.html_baseurl}{name}\n" if Path(app.outdir, name).is_file() else ""
        Path(app.outdir, "robots.txt").write_text(f"User-agent: *\nAllow: /\n{site_map}", encoding="utf-8")


def name_project(app: Any, config: Any) -> None:
    """Call the project by the title of the course, where nobody has: Jupyter Book sets the title alone."""
    if config.project == UNNAMED:
        config.project = config.html_title


def setup(app: Any) -> dict[str, bool]:
    """Register the module."""
    app.setup_extension("press.cards")
    config.add_value(app, "press_licence", "")  # its address
    app.connect("config-inited", name_project)
    repository = repository_of(Path(app.confdir), app.config)
    address = site_url(app.config.html_baseurl, repository, os.environ)
    app.setup_extension("sphinxext.opengraph")
    app.config.ogp_social_cards = {"enable": False}
    app.config.ogp_enable_meta_description = False  # ours stands there
    app.config.ogp_site_url = address
    if address:
        app.config.html_baseurl = address
        app.setup_extension("sphinx_sitemap")
        app.config.sitemap_url_scheme = "{link}"
        app.config.sitemap_excludes = ["search.html", "genindex.html", "_modules/*", f"{NOT_FOUND}.html"]
    app.connect("doctree-read", describe)
    app.connect("write-started", describe_all)
    app.connect("html-page-context", tell)
    app.connect("html-collect-pages", not_found)
    app.connect("build-finished", write_robots)
    beside.connect(app, draw)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
