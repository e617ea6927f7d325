"""Preview: build, serve, watch, and build again when something changed.

The watcher says only that something changed; events are gathered until they stop, and then the same `build` runs once
and looks for itself. The site is built into a folder of its own, so a preview never touches `_site/`. A build with
errors leaves the last good site in place; before there is one, every address answers with the problems.
"""

from __future__ import annotations

import errno
import html
import ipaddress
import os
import socket
import sys
import threading
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from site_gen.build import Build, Options, build, closing_line, read_inputs
from site_gen.problems import as_text, counted, escaped, report, shows_colour

QUIET = 0.05  # seconds without an event after which a change is complete
LONGEST = 1.0  # seconds after which changes that do not stop are built all the same
MAX_PATH = 4096  # characters of a request's path
FOLDERS = ("content", "static", "themes")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Preview:
    """The state that the builder and the server share: the last build, and the path that the site is below.

    `base_path` is written by the builder thread and read by the server; both are single assignments.
    """

    def __init__(self, options: Options, address: str):
        self.options, self.address = options, address
        self.base_path = "/"
        self.last: Build | None = None
        self.has_site = False

    def build(self) -> Build:
        """Build once, under the path of the base URL that the settings give at this moment, at this server's address."""
        try:
            inputs, _ = read_inputs(self.options)
        except OSError:  # a folder vanished while it was read: its event brings the next build
            inputs = None
        path = inputs.config.base_path if inputs else self.base_path
        done = build(replace(self.options, base_url=f"http://{self.address}{path}"), self.last)
        self.last = done
        if done.ok:
            self.base_path, self.has_site = path, True
        return done


def is_known_host(header: str, host: str) -> bool:
    """Tell whether a Host header names this server: an IP address, localhost, or the host asked for with --host.

    A page of another site can make a browser send requests here under its own name (DNS rebinding), but not under an
    IP address.
    """
    try:
        name = urlsplit(f"//{header}").hostname or ""
        if name in ("localhost", host.lower()):
            return True
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def application(preview: Preview, host: str) -> App:
    """Return the ASGI application that serves the preview's folder under its base path, as GitHub Pages would."""
    from starlette.concurrency import run_in_threadpool
    from starlette.exceptions import HTTPException
    from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, RedirectResponse, Response
    from starlette.staticfiles import StaticFiles

    files = StaticFiles(directory=preview.options.output, html=True, check_dir=False, follow_symlink=False)

    def answer(scope: Scope) -> Response | None:
        """Return a response that needs no file, or None when the folder has to be asked."""
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        path: str = scope["path"]
        if not is_known_host(headers.get("host", ""), host):
            text = "This host is not known. To serve under another name, start with  --host NAME\n"
            return PlainTextResponse(text, 403)
        if scope["method"] not in ("GET", "HEAD"):
            return PlainTextResponse("This server only serves files.\n", 405, {"Allow": "GET, HEAD"})
        hidden = any(part.startswith(".") and part != ".well-known" for part in path.replace("\\", "/").split("/"))
        if len(path) > MAX_PATH or "\0" in path or hidden:
            return PlainTextResponse("Not found\n", 404)
        if not preview.has_site:
            return HTMLResponse(problem_page(preview.last), 503)
        if not path.startswith(unquote(preview.base_path)):
            if unquote(preview.base_path).startswith(path.rstrip("/") + "/"):
                return RedirectResponse(preview.base_path, 307)
            return PlainTextResponse(f"Not found: the site is below {preview.base_path}\n", 404)
        return None

    async def at_once(response: FileResponse) -> Response:
        """Read the whole file: a build may replace it between the look at its size and the last byte sent."""
        data = await run_in_threadpool(Path(response.path).read_bytes)
        known = ("content-type", "last-modified", "etag")
        return Response(data, response.status_code, {name: response.headers[name] for name in known})

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return

        async def send_fresh(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"cache-control", b"no-cache")]
            await send(message)

        response = answer(scope)
        if response is None:
            below = dict(scope) | {"root_path": unquote(preview.base_path).rstrip("/")}
            try:
                response = await files.get_response(files.get_path(below), below)
                response = await at_once(response) if isinstance(response, FileResponse) else response
            except HTTPException as error:
                response = PlainTextResponse(f"{error.detail}\n", error.status_code)
            except (OSError, ValueError):
                response = PlainTextResponse("Not found\n", 404)
        await response(scope, receive, send_fresh)

    return app


def problem_page(done: Build | None) -> str:
    """Return a page that shows why there is no site yet."""
    text = "The first build is under way. Reload in a moment."
    if done is not None:
        text = "\n\n".join(as_text(problem) for problem in done.problems)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f"<title>No site yet</title><h1>No site yet</h1><pre>{html.escape(text)}</pre></html>"
    )


class Watcher:
    """Sets `changed` whenever something below the site's sources may have changed. Events are hints only."""

    def __init__(self, options: Options, changed: threading.Event):
        from watchdog.events import FileSystemEvent, FileSystemEventHandler
        from watchdog.observers import Observer

        root, names = options.root, {options.config.name, "build.py", *FOLDERS}

        class Hint(FileSystemEventHandler):
            def on_any_event(self, event: FileSystemEvent) -> None:
                if event.event_type not in ("opened", "closed_no_write"):
                    changed.set()

        class RootHint(Hint):
            def on_any_event(self, event: FileSystemEvent) -> None:
                paths = (os.fsdecode(event.src_path), os.fsdecode(event.dest_path or b""))
                if any(os.path.basename(path) in names for path in paths):
                    super().on_any_event(event)

        self.root, self.hint, self.observer = root, Hint(), Observer()
        self.watches: dict[str, tuple[Any, tuple[int, int]]] = {}
        self.observer.schedule(RootHint(), str(root))
        self.observer.start()

    def refresh(self) -> None:
        """Watch the folders that are there now: one that was deleted and made again is another one.

        Its inode can be that of the deleted one, so the time of its last change counts, too.
        """
        for name in FOLDERS:
            folder = self.root / name
            with suppress(FileNotFoundError):  # it vanished just now; that event brings the next look
                status = folder.stat() if folder.is_dir() else None
                now = (status.st_ino, status.st_ctime_ns) if status else None
                watch, known = self.watches.get(name, (None, None))
                if now == known:
                    continue
                if watch is not None:
                    self.observer.unschedule(watch)
                    del self.watches[name]
                if now:
                    self.watches[name] = (self.observer.schedule(self.hint, str(folder), recursive=True), now)


def bind(host: str, port: int | None) -> socket.socket:
    """Return a listening socket: on the port asked for, else on 8000 or the next free one; else raise an OSError.

    It listens at once: two sockets that only have the address would both be given it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in [port] if port is not None else [*range(8000, 8100), 0]:
        listener = socket.socket(family, socket.SOCK_STREAM)
        if sys.platform != "win32":  # where it would let two servers have one port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen()
            return listener
        except OSError as error:
            listener.close()
            if port is not None or error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
    raise OSError(f"no free port on {host}")


def follow(
    preview: Preview, changed: threading.Event, stop: threading.Event, tell: Callable[[Build, float], None]
) -> None:
    """Build now, and once after every burst of changes, until told to stop."""
    watcher = Watcher(preview.options, changed)
    while True:
        watcher.refresh()
        changed.clear()  # before the build looks: what changes from here on is built next
        start = time.monotonic()
        tell(preview.build(), time.monotonic() - start)
        changed.wait()
        began = time.monotonic()
        while changed.is_set() and not stop.is_set() and time.monotonic() - began < LONGEST:
            changed.clear()
            changed.wait(QUIET)
        if stop.is_set():
            watcher.observer.stop()
            return


def serve(options: Options, host: str, port: int | None, quiet: bool) -> int:
    """Serve the preview until interrupted; return the exit code."""
    import uvicorn

    try:
        listener = bind(host, port)
    except OSError as error:
        hint = "; choose another one with  --port N" if port is not None else ""
        print(
            f"cannot listen on {host}{f':{port}' if port is not None else ''}: {error.strerror or error}{hint}",
            file=sys.stderr,
        )
        return 2
    number = listener.getsockname()[1]
    local = host in ("127.0.0.1", "localhost", "::1")
    if not local:
        print(f"warning: listening on {host}: everyone who can reach this machine can read the drafts", file=sys.stderr)
    shown = f"[{host}]" if ":" in host else {"0.0.0.0": "127.0.0.1"}.get(host, host)
    preview = Preview(options, f"{shown}:{number}")
    changed, stop = threading.Event(), threading.Event()
    first = True

    def tell(done: Build, seconds: float) -> None:
        nonlocal first
        lines = []
        if done.problems:
            lines.append(report(done.problems, "text", shows_colour(sys.stdout)) + "\n")
        if done.ok and not quiet:
            lines.append(closing_line(done, seconds))
        elif not done.ok:
            kept = "the last good site is still shown" if preview.has_site else "there is no site to show yet"
            lines.append(f"{counted(len(done.problems), 'problem')}; {kept}")
        if first:
            lines.append(f"Serving http://{preview.address}{preview.base_path}  (Ctrl-C ends it)")
            first = False
        for line in lines:
            print(escaped(line, sys.stdout), flush=True)

    def run() -> None:
        try:
            follow(preview, changed, stop, tell)
        finally:  # if by an error, which was printed, then a preview that builds no more must not seem alive
            server.should_exit = True

    config = uvicorn.Config(
        application(preview, host), log_level="warning", lifespan="off", ws="none", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    builder = threading.Thread(target=run, daemon=True)
    builder.start()
    try:
        server.run(sockets=[listener])
    finally:
        stop.set()
        changed.set()
        builder.join(timeout=10)
    return 1  # an interrupt is raised again above: the builder has ended
