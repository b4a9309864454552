"""What others are told of a page: a search engine, a program that shows a link, a course catalogue.

Each page has a description of its own, its first sentences. Where the address of the published site is known, pages
have a canonical address, and there are a map of the site and a ``robots.txt`` that names it. Sphinx's own extensions
write the tags and the map; the description and the course as data (schema.org) are ours.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]

from press.guide import NEEDS
from press.settings import repository_url

#: A description is cut after the sentence with which it has this many characters.
ENOUGH = 110
MOST = 300


def site_url(root: Path, environment: Mapping[str, str]) -> str:
    """Return the address of the published site, or "" if it is not known: that of GitHub's pages, unless told."""
    if "COURSE_SITE_URL" in environment:
        return environment["COURSE_SITE_URL"].rstrip("/") + "/" if environment["COURSE_SITE_URL"] else ""
    match = re.fullmatch(r"https://github\.com/([\w.-]+)/([\w.-]+)", repository_url(root, environment))
    if not match:
        return ""
    owner, name = match[1].lower(), match[2]
    return f"https://{owner}.github.io/" + ("" if name.lower() == f"{owner}.github.io" else f"{name}/")


def description(doctree: nodes.document) -> str:
    """Return the first sentences of a page: what stands before the first table, list or cell, without what it needs."""
    text = ""
    for paragraph in doctree.findall(nodes.paragraph):
        words = " ".join(paragraph.astext().split())
        if not isinstance(paragraph.parent, nodes.section | nodes.document) or words.startswith(NEEDS):
            continue
        if next(paragraph.findall(nodes.math), None) is not None:
            continue  # the source of a formula says nothing there
        for sentence in re.split(r"(?<=[.?!:])\s+", words):
            if text and len(text) + len(sentence) > MOST:
                return text
            text = f"{text} {sentence}".strip()
            if len(text) >= ENOUGH:
                return text
    return text


def describe(app: Any, doctree: nodes.document) -> None:
    """Keep the description of a page where the tags are made of it."""
    metadata = app.env.metadata[app.env.docname]
    text = description(doctree) or app.config.html_context["description"]
    metadata.setdefault("description", text)
    metadata.setdefault("og:description", metadata["description"])


def as_data(app: Any, pagename: str, about: str) -> dict[str, Any]:
    """Return what a page is, in the words of schema.org: the course, or a part of it."""
    title = app.env.titles[pagename].astext()
    root = pagename == app.config.root_doc
    data = {
        "@context": "https://schema.org",
        "@type": ["Course", "LearningResource"] if root else "LearningResource",
        "name": title,
        "description": about,
        "inLanguage": app.config.language,
        "isAccessibleForFree": True,
        "license": "https://creativecommons.org/licenses/by/4.0/",
    }
    if root:
        data["provider"] = {"@type": "Organization", "name": app.config.author}
    else:
        data["isPartOf"] = {"@type": "Course", "name": app.config.project}
    if app.config.html_baseurl:
        data["url"] = app.config.html_baseurl + app.builder.get_target_uri(pagename)
    return data


def tell(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Put the description and the data into the head of a page; a listing or a search has that of the whole course."""
    about = app.env.metadata[pagename]["description"] if doctree else app.config.html_context["description"]
    tags = [f'<meta name="description" content="{escape(about)}">']
    if doctree:
        data = json.dumps(as_data(app, pagename, about), ensure_ascii=False).replace("</", "<\\/")
        tags.append(f'<script type="application/ld+json">{data}</script>')
    context["metatags"] = "\n".join([context.get("metatags", ""), *tags])


def write_robots(app: Any, exception: Exception | None) -> None:
    """Say where the map of the site is."""
    if exception is None and app.builder.format == "html" and app.config.html_baseurl:
        text = f"User-agent: *\nAllow: /\nSitemap: {app.config.html_baseurl}sitemap.xml\n"
        Path(app.outdir, "robots.txt").write_text(text, encoding="utf-8")


def setup(app: Any) -> dict[str, bool]:
    """Register the module."""
    address = site_url(Path(app.confdir), os.environ)
    app.setup_extension("sphinxext.opengraph")
    app.config.ogp_social_cards = {"enable": False}
    app.config.ogp_enable_meta_description = False  # ours stands there
    app.config.ogp_site_url = address
    if address:
        app.config.html_baseurl = address
        app.setup_extension("sphinx_sitemap")
        app.config.sitemap_url_scheme = "{link}"
        app.config.sitemap_excludes = ["search.html", "genindex.html", "_modules/*"]
    app.connect("doctree-read", describe)
    app.connect("html-page-context", tell)
    app.connect("build-finished", write_robots)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
