"""How many bytes does a reader wait for?

    python benchmarks/wire.py SITE_DIR [--base /repo/]

Serves a built site on the loopback address, with gzip level 6 for text as a web host does it, opens pages
in Chromium with an empty cache and adds up the bodies of all responses, as sent, up to the load event. What
can wait until after it, such as search, does not count. Needs Playwright (`requirements-test.txt`) and a
Chromium: $CHROMIUM_PATH, else one on PATH.

Invariant: no other host is asked for anything. A page that tries is reported, and so is every limit of
`LIMITS` that a page exceeds; the exit code is then 1.
"""

from __future__ import annotations

import argparse
import gzip
import mimetypes
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Browser, sync_playwright

COMPRESSED = frozenset((".html", ".css", ".js", ".mjs", ".json", ".svg", ".xml"))
LIMITS = {"home": 50 * 1024, "paper": 35 * 1024}
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge-stable")
# A proxy that nobody listens at, which Chromium does not use for loopback addresses: every other request
# fails. Intercepting requests instead would switch off the cache, by which a page that names a file twice
# fetches it once.
NOWHERE = "--proxy-server=127.0.0.1:9"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True)
class Load:
    """What loading a page took: the bytes of each response by path, and the addresses of other hosts."""

    responses: tuple[tuple[str, int], ...]
    foreign: tuple[str, ...]

    @property
    def size(self) -> int:
        """The bytes of all bodies."""
        return sum(size for _, size in self.responses)


class Handler(BaseHTTPRequestHandler):
    """Answers from the built site and notes the length of every body that it sends."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, root: Path, base: str, sent: list[tuple[str, int]], *arguments: object) -> None:
        self.root, self.base, self.sent = root, base, sent
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        file = self.file(path)
        status = HTTPStatus.OK if file else HTTPStatus.NOT_FOUND
        file = file or self.root / "404.html"
        body = file.read_bytes() if file.is_file() else b""
        self.send_response(status)
        if file.suffix in COMPRESSED:
            body = gzip.compress(body, 6, mtime=0)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", mimetypes.guess_type(file.name)[0] or "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.sent.append((path, len(body)))
        self.wfile.write(body)

    def file(self, path: str) -> Path | None:
        """Return the file that a path stands for, None when the site has none or it is outside."""
        if not path.startswith(self.base) or "\0" in path:
            return None
        file = (self.root / path.removeprefix(self.base)).resolve()
        file = file / "index.html" if path.endswith("/") else file
        return file if file.is_file() and file.is_relative_to(self.root) else None

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def served(root: Path, base: str) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """Serve the site; gives its address and the list that grows with every response."""
    sent: list[tuple[str, int]] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, root.resolve(), base, sent)) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}{base}", sent
        server.shutdown()
        thread.join()


def load(browser: Browser, address: str, sent: list[tuple[str, int]]) -> Load:
    """Open one page with an empty cache and return what came until its load event."""
    foreign: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    page.on("request", lambda request: foreign.append(request.url) if _is_foreign(request.url) else None)
    sent.clear()
    page.goto(address, wait_until="load")
    responses = tuple(sent)
    context.close()
    return Load(responses, tuple(foreign))


def _is_foreign(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https", "ws", "wss") and not parts.netloc.startswith(LOOPBACK)


def pages(root: Path) -> Iterator[tuple[str, str]]:
    """Yield kind and path of the pages to load: home, and the largest page of every other kind."""
    yield "home", ""
    papers = list(root.glob("papers/*/index.html"))
    if not papers:
        raise SystemExit(f"error: {root} has no papers\n  help: build the site first:  python build.py")
    largest = max(papers, key=lambda file: (file.stat().st_size, file.parent.name))
    yield "paper", f"papers/{largest.parent.name}/"
    for kind, pattern in (
        ("tags", "tags"),
        ("tag", "tags/*"),
        ("archive", "dates"),
        ("year", "dates/[0-9]*"),
        ("author counts", "author-counts"),
        ("authors", "authors"),
        ("search", "search"),
    ):
        found = max(root.glob(f"{pattern}/index.html"), key=lambda file: file.stat().st_size, default=None)
        if found:
            yield kind, f"{found.parent.relative_to(root).as_posix()}/"


def browser_path() -> str | None:
    """Return the Chromium to start, None for the one that Playwright brings."""
    return os.environ.get("CHROMIUM_PATH") or next(filter(None, map(shutil.which, BROWSERS)), None)


def main() -> int:
    """Read the arguments, load the pages, print their sizes and say what is too large."""
    parser = argparse.ArgumentParser(description="Measure what the pages of a built site send to a reader.")
    parser.add_argument("site", type=Path, metavar="SITE_DIR")
    parser.add_argument("--base", default="/", help="the path that the site was built for, such as /repo/")
    arguments = parser.parse_args()
    base = "/" + arguments.base.strip("/") + "/" if arguments.base.strip("/") else "/"
    errors = []
    with sync_playwright() as playwright, served(arguments.site, base) as (address, sent):
        options = [
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            NOWHERE,
        ]
        browser = playwright.chromium.launch(executable_path=browser_path(), args=options)
        print("| page | requests | bytes | limit | |\n| --- | ---: | ---: | ---: | --- |")
        for kind, path in pages(arguments.site):
            found = load(browser, address + path, sent)
            limit = LIMITS.get(kind)
            print(
                f"| {kind} | {len(found.responses)} | {found.size:,} | {f'{limit:,}' if limit else ''} | {base}{path} |"
            )
            if limit and found.size > limit:
                largest_first = sorted(found.responses, key=lambda part: -part[1])
                parts = ", ".join(f"{size:,} {name}" for name, size in largest_first)
                errors.append(f"{kind}: {found.size:,} bytes, more than {limit:,}: {parts}")
            errors += [f"{kind}: asks another host: {url}" for url in found.foreign]
        browser.close()
    for error in errors:
        print(f"error: {error}")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
