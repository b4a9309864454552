"""A Sphinx extension: the settings of the website that depend on where it is built.

No page loads the manager of Jupyter's widgets (``press/cells.py``).

Links to the repository. They must lead to the repository that published the site. Its address is taken from the
environment (``COURSE_REPOSITORY_URL``, or GitHub's own variables in a workflow) or from the git remote ``origin``.
Where it is not known, no button and no link is shown.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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
        answer = subprocess.run(git, capture_output=True, encoding="utf-8", check=False)
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


def apply_settings(app: Any, config: Any) -> None:
    """Put the settings into Sphinx's configuration."""
    root = Path(app.confdir)
    config.nb_ipywidgets_js = {}
    repository = repository_url(root, os.environ)
    config.html_theme_options = config.html_theme_options | {
        "repository_url": repository,
        "use_repository_button": bool(repository),
        "use_issues_button": bool(repository),
        "launch_buttons": launch_buttons(repository),
        # Jupyter Book has no setting for this. The contents at the side name each line of a derivation.
        "show_toc_level": 2,
        # Comments are quieter than code.
        "pygments_dark_style": "github-dark",
    }


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
    opened = " ".join(f'<a href="{to}">{name}</a>' for name, to in links.items())
    return (
        f'<p class="pg-launch">{opened}</p>\n<p>Binder has all that is needed. In Colab, first run '
        f"<code>%pip install git+{repository}</code> in a cell of its own.</p>"
    )


def show_launch_links(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Put the links where the first page asks for them."""
    if LAUNCH in context.get("body", ""):
        context["body"] = context["body"].replace(LAUNCH, launch_links(context.get("theme_repository_url", "")))


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    app.connect("config-inited", apply_settings)
    app.connect("html-page-context", show_launch_links, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
