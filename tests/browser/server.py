"""How does a static host answer?

Serves a folder on a free loopback port from threads: trailing-slash redirects, the nearest `404.html` with status 404,
and the policy of the theme as a header too, because as a `<meta>` it does not reach a page's workers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Thread
from types import TracebackType
from urllib.parse import urlsplit

POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'"
)
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".xml": "application/xml; charset=utf-8",
}
PATIENCE = 10.0  # seconds that an answer may wait for another


class Request(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        url = urlsplit(self.path).path
        path = Path(self.translate_path(self.path))
        if path.is_dir() and not url.endswith("/"):
            super().do_GET()  # answers with a redirect to the folder
            return
        if path.is_dir():
            path /= "index.html"
        status = 200 if path.is_file() else 404
        if status == 404:
            path = self.server.folder / self.server.base_path[1:] / "404.html"
        body = path.read_bytes()
        self.server.wait(url)
        self.send_response(status)
        self.send_header("Content-Type", TYPES.get(path.suffix, "application/octet-stream"))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.server.answered(url)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    """Serves `folder` while its `with` lasts; the site's home is at `url`, which ends in a slash."""

    daemon_threads = True

    def __init__(self, folder: Path, base_path: str = "/"):
        super().__init__(("127.0.0.1", 0), partial(Request, directory=str(folder)))
        self.folder, self.base_path = folder, base_path
        self.url = f"http://127.0.0.1:{self.server_port}{base_path}"
        self.after: dict[str, str] = {}
        self.given: list[str] = []
        self.news = Condition()

    def __enter__(self) -> Server:
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a browser that leaves a page drops what it had asked for."""

    @contextmanager
    def order(self, first: str, second: str) -> Iterator[None]:
        """Answer for `second` only when `first` was answered once more often than `second`, while the `with` lasts."""
        self.after, self.given = {second: first}, []
        yield
        self.after = {}

    def wait(self, url: str) -> None:
        first = self.after.get(url)
        if first:
            with self.news:
                self.news.wait_for(lambda: self.given.count(first) > self.given.count(url), PATIENCE)

    def answered(self, url: str) -> None:
        with self.news:
            self.given.append(url)
            self.news.notify_all()
