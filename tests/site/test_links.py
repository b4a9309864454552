"""Every link inside the site leads somewhere. This looks at the files alone."""

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Targets(HTMLParser):
    """The addresses that a page names, and the anchors that it offers."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        self.anchors.update(values[name] or "" for name in ("id", "name") if name in values)
        self.addresses += [values[name] or "" for name in ("href", "src") if name in values]


def test_internal_links_and_anchors_resolve(site_files: Path) -> None:
    pages = {path.resolve(): Targets(path.read_text(encoding="utf-8")) for path in site_files.rglob("*.html")}
    wrong = []
    for path, page in pages.items():
        if "_static" in path.relative_to(site_files.resolve()).parts:
            continue
        for address in page.addresses:
            parts = urlsplit(address)
            if (
                parts.scheme
                or parts.netloc
                or (address.startswith(("#", "")) and not parts.path and not parts.fragment)
            ):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target = target / "index.html"
            if not target.exists():
                wrong.append(f"{path.relative_to(site_files.resolve())}: no file for {address}")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
                wrong.append(f"{path.relative_to(site_files.resolve())}: no anchor for {address}")
    assert not wrong, "\n".join(sorted(set(wrong)))
