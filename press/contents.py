"""Of which kind each page is, by the part of the contents that it stands in.

A page is a chapter, unless ``press_parts`` says of the caption of its part that it holds exercises, or reference, which
is looked up and not read from its beginning to its end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sphinx.addnodes import toctree

from press import config

KINDS = ("chapter", "exercises", "reference")


def parts(env: Any) -> Iterator[tuple[str, list[str]]]:
    """Yield the caption of each part of the contents, "" where it has none, with its pages in their order."""
    for tree in env.get_doctree(env.config.root_doc).findall(toctree):
        yield tree.get("caption") or "", list(tree["includefiles"])


def kinds(env: Any) -> dict[str, str]:
    """Return the kind of each page that stands in the contents, or below one that does."""
    found: dict[str, str] = {}

    def add(page: str, kind: str) -> None:
        if page not in found:
            found[page] = kind
            for below in env.toctree_includes.get(page, ()):
                add(below, kind)

    for caption, pages in parts(env):
        for page in pages:
            add(page, env.config.press_parts.get(caption, "chapter"))
    return found


def parts_are_there(env: Any, named: Mapping[str, str]) -> Iterator[str]:
    """Complain of parts that the contents do not have, and of kinds that there are not."""
    captions = {caption for caption, _ in parts(env)}
    for caption, kind in named.items():
        if caption not in captions:
            yield f"names the part {caption!r}, which is not in the contents"
        if kind not in KINDS:
            yield f"says that the part {caption!r} is {kind!r}: it is one of {', '.join(KINDS)}"


def setup(app: Any) -> dict[str, bool]:
    """Register the module."""
    config.add_value(app, "press_parts", {}, parts_are_there)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
