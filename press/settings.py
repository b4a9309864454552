"""A Sphinx extension: the settings of the website that depend on where it is built.

Pages are written by several processes; Jupyter Book has no option for that.

No page loads the manager of Jupyter's widgets (``press/cells.py``).

Links to the repository. They must lead to the repository that published the site. Its address is that of the theme's
option ``repository_url``, where the author has set it. Else it is taken from the environment
(``COURSE_REPOSITORY_URL``, or GitHub's own variables in a workflow) or from the git remote ``origin``. Where it is not
known, no button and no link is shown.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]

from press import config
from press.placeholders import fill

#: What Jupyter Book sets where the author has not.
NOBODYS = "https://github.com/executablebooks/jupyter-book"
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


def repository_of(root: Path, config: Any) -> str:
    """Return the address of the repository of a book: what its author says comes before what is found."""
    told = str(config.html_theme_options.get("repository_url") or "").strip().rstrip("/").removesuffix(".git")
    return told if told and told != NOBODYS else repository_url(root, os.environ)


def launch_branch(environment: Mapping[str, str]) -> str:
    """Return the branch from which Binder takes the chapters: that which publishes, or else the repository's own first.

    GitHub and Binder call the branch that a clone shows first ``HEAD``.
    """
    if "COURSE_BRANCH" in environment:
        return environment["COURSE_BRANCH"]
    return environment.get("GITHUB_REF", "").removeprefix("refs/heads/") if on_a_branch(environment) else "HEAD"


def on_a_branch(environment: Mapping[str, str]) -> bool:
    """Return whether a workflow builds a branch, and not what somebody proposes or a tag."""
    return environment.get("GITHUB_REF", "").startswith("refs/heads/")


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
    config.nb_ipywidgets_js = {}
    repository = repository_of(Path(app.confdir), config)
    config.html_theme_options = config.html_theme_options | {
        "repository_url": repository,
        "repository_branch": launch_branch(os.environ),
        "use_repository_button": bool(repository),
        "use_issues_button": bool(repository),
        "launch_buttons": launch_buttons(repository),
        # Jupyter Book has no setting for this. The contents at the side name each line of a derivation.
        "show_toc_level": 2,
        # Comments are quieter than code.
        "pygments_dark_style": "github-dark",
    }


def use_all_processors(app: Any, env: Any) -> None:
    """Let several processes write the pages, once one has read them: sphinx_proof cannot join what several have read.

    Sphinx takes one of the number for the process that gives the others their pages, and that has little to do.
    """
    app.parallel = max(app.parallel, 1 + (os.cpu_count() or 1))


LAUNCH = "launch"


def lead_colab_there(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Let the theme's button for Colab open the notebook that is made for it."""
    ours = f"/blob/{app.config.html_theme_options['repository_branch']}/"
    for group in context.get("header_buttons", ()):
        for button in group.get("buttons", ()):
            if button.get("text") == "Colab":
                button["url"] = button["url"].replace(ours, f"/blob/{app.config.press_notebooks_branch}/", 1)


def load_logos_late(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Let the logos of the places where a chapter runs be loaded when their menu opens: a style draws them.

    The theme takes a name that begins with ``fa`` for classes, and any other for a picture, which each page loads.
    """
    for group in context.get("header_buttons", ()):
        for button in group.get("buttons", ()):
            if (logo := Path(button.get("icon", "")).stem).startswith("logo_"):
                button["icon"] = f"fa-fw pg-{logo.replace('_', '-')}"


def launch_links(repository: str, branch: str, portable: str, first: str) -> list[nodes.Node]:
    """Return the links that open a book where it runs at once, or nothing where no repository is known.

    They open the ``first`` of its files, in Colab that of the branch of ``portable`` notebooks.
    """
    path = repository.removeprefix("https://github.com/")
    if not repository or path == repository:
        return []
    links = {
        "Open in Binder": f"https://mybinder.org/v2/gh/{path}/{branch}?urlpath=lab/tree/{first}",
        "Open in Colab": f"https://colab.research.google.com/github/{path}/blob/{portable}/{first}",
    }
    opened = nodes.paragraph("", classes=["pg-launch"])
    for name, address in links.items():
        opened += [nodes.Text(" " if opened.children else ""), nodes.reference("", name, refuri=address)]
    told = "Binder starts with all that is needed. In Colab the first cell installs it."
    return [opened, nodes.paragraph("", told)]


def show_launch_links(app: Any, doctree: nodes.document, docname: str) -> None:
    """Put the links where the first page asks for them."""
    if app.builder.format == "html":
        options = app.config.html_theme_options
        repository, branch = options.get("repository_url", ""), options.get("repository_branch", "HEAD")
        first = Path(app.env.doc2path(app.config.root_doc, base=False)).as_posix()
        fill(doctree, LAUNCH, lambda: launch_links(repository, branch, app.config.press_notebooks_branch, first))


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    # The branch that holds the notebooks for Colab, with all that they need: press/portable.py makes them, and the
    # workflow that publishes the website pushes them.
    config.add_value(app, "press_notebooks_branch", "notebooks")
    app.connect("config-inited", apply_settings)
    app.connect("env-updated", use_all_processors)  # in each build, also where no page was read
    app.connect("html-page-context", lead_colab_there, priority=900)
    app.connect("html-page-context", load_logos_late, priority=900)
    app.connect("doctree-resolved", show_launch_links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
