"""The browser that looks at the website and the server that sends it, for the browser tests and the benchmark.

    python3 tools/site_browser.py        # prints the path of the browser, and fails where there is none

This needs nothing but Python, so that it tells whether a browser is there before anything is installed.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import http.server
import io
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

ROOT = Path(__file__).resolve().parent.parent
SITE = Path(os.environ.get("COURSE_SITE", ROOT / "_build" / "html"))
NO_SITE = f"{SITE} holds no website: build it with `make book`, or run `make test-site`"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_BROWSER = "Chromium was not found: install it, or set CHROMIUM to its path"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",  # no other host is found, whatever a page asks for
)
COMPRESSED = {".html", ".css", ".js", ".svg", ".json", ".txt"}


def browser_path() -> str | None:
    """Return the path of the Chromium that is on this machine, or None."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


@functools.cache
def as_sent(path: Path) -> bytes:
    """Return the content of a file as a public server sends it: text is compressed by gzip."""
    content = path.read_bytes()
    return gzip.compress(content, compresslevel=6, mtime=0) if path.suffix in COMPRESSED else content


class FileHandler(http.server.SimpleHTTPRequestHandler):
    """A server of files that compresses and keeps as GitHub's pages do."""

    protocol_version = "HTTP/1.1"

    def send_head(self) -> io.BytesIO | BinaryIO | None:
        """Send the head of an answer, and return what follows it."""
        path = Path(self.translate_path(self.path))
        if path.suffix not in COMPRESSED or not path.is_file():
            return super().send_head()
        content = as_sent(path)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return io.BytesIO(content)

    def end_headers(self) -> None:
        """Let the browser keep what it has for ten minutes."""
        self.send_header("Cache-Control", "max-age=600")
        super().end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class FileServer(http.server.ThreadingHTTPServer):
    """A server for one browser."""

    request_queue_size = 128  # of connections that wait to be taken: a browser asks for much at once

    def handle_error(self, request: object, client_address: object) -> None:
        """Pass over a browser that goes away before it has read everything."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port of this machine, and give its address."""
    handler = functools.partial(FileHandler, directory=str(folder))
    with FileServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


if __name__ == "__main__":
    print(browser_path() or sys.exit(NO_BROWSER))
