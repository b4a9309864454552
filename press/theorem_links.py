"""A Sphinx extension: a link of Markdown to another page finds a theorem there by its label.

The role of sphinx_proof does so too, with the number of the theorem. But JupyterLab knows the labels of one notebook
alone, and warns of all others; a link it follows to the notebook.
"""

from __future__ import annotations

from typing import Any


def let_links_find_theorems(app: Any, env: Any) -> None:
    """Tell the parser of links, for each theorem, its place on its page, as it knows the places of headings."""
    for label, theorem in getattr(env, "proof_list", {}).items():
        slugs = env.metadata[theorem["docname"]].setdefault("myst_slugs", {})
        slugs[label] = (0, label, theorem["realtype"].title())


def setup(app: Any) -> dict[str, bool]:
    """Register the module."""
    app.connect("env-updated", let_links_find_theorems, priority=600)  # after the theorems are known
    return {"parallel_read_safe": True, "parallel_write_safe": True}
