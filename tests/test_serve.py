"""The preview as a person meets it: started as a process, asked over sockets, and edited under its eyes.

Whatever has to happen is waited for with a deadline; nothing is concluded from time that passed.
"""

from __future__ import annotations

import asyncio
import errno
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPResponse
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from unittest.mock import Mock
from urllib.parse import urlsplit

import pytest
from starlette.staticfiles import StaticFiles

from site_gen import serve
from site_gen.output import MANIFEST
from site_gen.serve import Preview, application, bind, is_known_host
from tests.accidents import tree
from tests.sites import CONFIG, Site, paper

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals, links and saving are those of POSIX")
ROOT = Path(__file__).parent.parent
PAPER = "content/papers/a.md"
T = TypeVar("T")


def until(claim: Callable[[], T]) -> T:
    """Return what `claim` says as soon as that is true; fail when it takes longer than a busy machine would."""
    deadline = time.monotonic() + 30
    while not (found := claim()):
        assert time.monotonic() < deadline, "this did not happen"
        time.sleep(0.02)
    return found


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    text: str


class Running:
    """A preview in a process of its own; what it prints goes to a file."""

    def __init__(self, root: Path, *words: str, command: tuple[str, ...] = (str(ROOT / "build.py"),), **variables: str):
        self.log = root.parent / "printed.txt"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *command, "serve", "--port", "0", "--no-search", *words],
                cwd=root,
                env=os.environ | variables,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> Running:
        until(lambda: self.process.poll() is not None or "Serving " in self.printed())
        found = re.search(r"Serving (\S+)  \(Ctrl-C ends it\)\n", self.printed())
        assert found, self.printed()
        self.url, self.port = found[1], urlsplit(found[1]).port
        return self

    def __exit__(self, *error: object) -> None:
        self.process.kill()
        self.process.wait()

    def printed(self) -> str:
        return self.log.read_text("utf-8")

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def ask(self, path: str, method: str = "GET", host: str = "127.0.0.1", more: str = "") -> Answer:
        """Send a request as it stands, also one that no client would send, and return the answer."""
        with self.connect() as connection:
            connection.sendall(f"{method} {path} HTTP/1.0\r\nHost: {host}\r\n{more}\r\n".encode("latin-1"))
            response = HTTPResponse(connection, method=method)
            response.begin()
            headers = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, headers, response.read().decode())

    def shows(self, text: str, path: str = "/papers/a/", status: int = 200) -> None:
        """Wait until a page has this text."""
        until(lambda: (answer := self.ask(path)).status == status and text in answer.text)


Start = Callable[..., tuple[Site, Running]]


@pytest.fixture
def start(site: Callable[..., Site]) -> Iterator[Start]:
    """Return a function that starts the preview of a site of one paper and the files given."""
    with ExitStack() as stack:

        def start(files: dict[str, str] | None = None, *words: str, **options: Any) -> tuple[Site, Running]:
            made = site({PAPER: paper("First"), **(files or {})})
            return made, stack.enter_context(Running(made.root, *words, **options))

        yield start


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A preview that tests share which do not change its site; beside the folder that it serves is a secret."""
    made = Site(tmp_path_factory.mktemp("one") / "site", {PAPER: paper("First"), ".reading-room/secret": "the secret"})
    with Running(made.root) as running:
        yield running


# --- What is served -----------------------------------------------------------------------------------------------------


def test_pages_are_served_as_github_pages_would(one: Running) -> None:
    assert "First" in one.ask("/").text
    assert one.ask("/papers/a/").status == 200
    moved = one.ask("/papers/a", host=f"localhost:{one.port}")
    assert (moved.status, moved.headers["location"]) == (307, f"http://localhost:{one.port}/papers/a/")
    missing = one.ask("/papers/nothing/")
    assert missing.status == 404 and "<title>Page not found" in missing.text
    assert one.ask("/assets/site.css").headers["content-type"].startswith("text/css")
    head = one.ask("/", "HEAD")
    assert (head.status, head.text) == (200, "") and int(head.headers["content-length"]) > 1000


@pytest.mark.parametrize("below", ["/reading/", "/a%20list/%C3%A9/"])
def test_a_site_below_a_path_is_served_below_that_path(below: str, start: Start) -> None:
    _, running = start({"site.yml": f"title: A list\nbase_url: https://list.example{below}\n"})
    assert running.url == f"http://127.0.0.1:{running.port}{below}"
    for path in ("/", below.rstrip("/")):
        assert running.ask(path).headers["location"] == below
    page = running.ask(f"{below}papers/a/")
    assert page.status == 200 and f'href="{below}' in page.text
    assert running.ask(f"{below}papers/a").headers["location"].endswith(f"{below}papers/a/")
    assert running.ask("/papers/a/").status == 404
    assert "<title>Page not found" in running.ask(f"{below}nothing").text


def test_drafts_are_shown_unless_that_is_switched_off(start: Start) -> None:
    for words, status in (((), 200), (("--no-drafts",), 404)):
        _, running = start({"content/papers/b.md": paper("A draft", draft=True)}, *words)
        assert running.ask("/papers/b/").status == status
        running.process.kill()


def test_the_built_site_is_not_touched(start: Start, site: Callable[..., Site]) -> None:
    made = site({PAPER: paper("First")})
    made.build()
    before = tree(made.output)
    made, running = start()
    made.write(PAPER, paper("Second"))
    running.shows("Second")
    assert tree(made.output) == before


def test_a_browser_asks_again_for_a_page_and_gets_it_when_it_changed(start: Start) -> None:
    made, running = start()
    first = running.ask("/papers/a/")
    known = f"If-None-Match: {first.headers['etag']}\r\n"
    assert first.headers["cache-control"] == "no-cache"
    assert running.ask("/papers/a/", more=known).status == 304
    made.write(PAPER, paper("Other"))
    until(lambda: running.ask("/papers/a/", more=known).status == 200)


def test_a_page_that_is_replaced_while_it_is_sent_is_sent_whole(
    site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    preview = Preview(site({PAPER: paper("First")}).options(), "127.0.0.1:80")
    assert preview.build().ok
    look, page = StaticFiles.lookup_path, preview.options.output / "papers/a/index.html"

    def look_and_replace(self: StaticFiles, path: str) -> Any:
        found = look(self, path)
        page.write_bytes(page.read_bytes() + b"<!-- more -->")
        return found

    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    monkeypatch.setattr(StaticFiles, "lookup_path", look_and_replace)
    scope = {"type": "http", "method": "GET", "path": "/papers/a/", "headers": [(b"host", b"localhost")]}
    asyncio.run(application(preview, "localhost")(scope | {"asgi": {"spec_version": "2.4"}}, receive, send))
    body = b"".join(message["body"] for message in sent[1:])
    assert body == page.read_bytes() and dict(sent[0]["headers"])[b"content-length"] == b"%d" % len(body)


# --- Errors -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "broken", "mended"),
    [
        (PAPER, "---\ntitle: <script>alert(1)</script>: x\nadded: 2024-01-01\n---\n", paper("Mended")),
        ("site.yml", "title: A list\n<script>: x\n", CONFIG.replace("A list", "Mended")),
    ],
)
def test_before_there_is_a_site_every_address_answers_with_the_problems(
    path: str, broken: str, mended: str, start: Start
) -> None:
    made, running = start({path: broken})
    for address in ("/", "/papers/a/", "/nothing"):
        answer = running.ask(address)
        assert answer.status == 503
        assert path in answer.text and "&lt;script&gt;" in answer.text and "<script" not in answer.text
    assert "1 problem; there is no site to show yet\n" in running.printed()
    made.write(path, mended)
    running.shows("Mended")


def test_a_later_error_leaves_the_last_good_site(start: Start) -> None:
    made, running = start()
    made.write(PAPER, paper("Second", unknown=1))
    until(lambda: "[unknown-field]" in running.printed() and "the last good site is still shown" in running.printed())
    assert "First" in running.ask("/papers/a/").text and running.ask("/nothing").status == 404
    made.write(PAPER, paper("Third"))
    running.shows("Third")


def test_problems_that_the_terminal_has_no_letters_for_do_not_stop_the_preview(start: Start) -> None:
    made, running = start(PYTHONIOENCODING="ascii")
    made.write(PAPER, "---\ntitle: 漢字: x\n---\n")
    until(lambda: "\\u6f22\\u5b57" in running.printed())
    made.write(PAPER, paper("Mended"))
    running.shows("Mended")


def test_a_folder_that_vanishes_while_it_is_read_does_not_stop_the_preview(
    site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    def vanished(*given: object) -> None:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", "themes/mine/templates")

    monkeypatch.setattr(serve, "read_inputs", vanished)
    assert Preview(site({PAPER: paper("First")}).options(), "127.0.0.1:80").build().ok


def test_a_preview_that_cannot_build_any_more_ends(start: Start) -> None:
    program = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from site_gen import cli, serve
def fail(*given): raise RuntimeError("a bug")
build, serve.build = serve.build, lambda options, last: fail() if last else build(options)
sys.exit(cli.main())
"""
    made, running = start(command=("-c", program))
    made.write(PAPER, paper("Second"))
    assert running.process.wait(30) == 1
    assert "RuntimeError: a bug" in running.printed()


# --- Changes ------------------------------------------------------------------------------------------------------------


WAYS = {  # to put the file `new` in the place of $FILE, content/papers/a.md
    "in place": "cat new > $FILE",
    "a temporary file renamed": "cp new $FILE.tmp; mv $FILE.tmp $FILE",
    "deleted and made again": "rm $FILE; cp new $FILE",
    "the old one renamed": "mv $FILE $FILE~; cp new $FILE",
    "its folder made again": "rm -r content/papers; mkdir content/papers; cp new $FILE",
    "all folders made again": "rm -r content; mkdir -p content/papers; cp new $FILE",
    "all folders exchanged": "mkdir -p b/papers; cp new b/papers/a.md; mv content a; mv b content",
}


@pytest.mark.parametrize("way", WAYS)
def test_a_change_is_seen_in_whatever_way_it_is_saved_and_so_is_the_next(way: str, start: Start) -> None:
    made, running = start({"new": paper("Second")})
    subprocess.run(["sh", "-ec", WAYS[way]], cwd=made.root, env=os.environ | {"FILE": PAPER}, check=True)
    running.shows("Second")
    made.write(PAPER, paper("Third"))
    running.shows("Third")


def test_a_renamed_file_is_another_page_and_folders_may_come_and_go(start: Start) -> None:
    made, running = start()
    (made.root / PAPER).rename(made.root / "content/papers/b.md")
    running.shows("First", "/papers/b/")
    assert running.ask("/papers/a/").status == 404
    shutil.rmtree(made.root / "content")
    until(lambda: running.ask("/papers/b/").status == 404)
    for title in ("Again", "And again"):
        made.write(PAPER, paper(title))
        running.shows(title)
    for text in ("One", "Two"):
        made.write("static/note.txt", text)
        running.shows(text, "/note.txt")


def test_settings_and_themes_are_followed(start: Start) -> None:
    made, running = start()
    made.write("themes/mine/templates/404.html.j2", "Mine.")
    made.write("site.yml~", "title: Another name\ntheme: mine\n")
    (made.root / "site.yml~").rename(made.root / "site.yml")
    running.shows("Another name", "/")
    assert running.ask("/nothing").text == "Mine."
    made.write("themes/mine/templates/404.html.j2", "Still mine.")
    running.shows("Still mine.", "/nothing", 404)
    made.write("site.yml", "title: A list\nbase_url: https://list.example/below/\n")
    until(lambda: running.ask("/").headers.get("location") == "/below/")
    assert running.ask("/below/papers/a/").status == 200


def test_changes_that_do_not_stop_are_built_all_the_same_and_the_last_one_stays(start: Start) -> None:
    made, running = start()

    def save(title: str) -> None:
        made.write(f"{PAPER}~", paper(title))
        (made.root / f"{PAPER}~").rename(made.root / PAPER)

    until(lambda: save(f"At {time.monotonic()}") or "At " in running.ask("/papers/a/").text)
    save("The last")
    running.shows("The last")


class Changes(threading.Event):
    """Events that come one by one whenever they are waited for; after the last of them, the end."""

    def __init__(self, left: int):
        super().__init__()
        self.left, self.stop = left, threading.Event()

    def wait(self, timeout: float | None = None) -> bool:
        if self.left:
            self.left -= 1
            self.set()
        elif timeout is None and not self.is_set():
            self.stop.set()
            self.set()
        return self.is_set()


@pytest.mark.parametrize(("waited_for", "while_building"), [(200, 0), (0, 1)])
def test_a_burst_is_built_once_and_so_is_what_changes_during_a_build(
    waited_for: int, while_building: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes, preview = Changes(waited_for), Mock()
    preview.build.side_effect = lambda: changes.set() if preview.build.call_count <= while_building else None
    monkeypatch.setattr(serve, "Watcher", Mock())
    serve.follow(preview, changes, changes.stop, Mock())
    assert preview.build.call_count == 2


# --- Strangers ----------------------------------------------------------------------------------------------------------

ASTRAY = f"""
/../secret /..%2fsecret /%2e%2e/secret /%2E%2E%2Fsecret /papers/../../secret /papers/a/%2e%2e/%2e%2e/%2e%2e/secret
/..\\secret /..%5csecret /%2e%2e%5csecret /%252e%252e/secret /%c0%ae%c0%ae/secret /..%00/secret /secret%00 /%00
//etc/passwd ///etc/passwd /%2fetc/passwd /%2f%2fetc%2fpasswd /C:/x http://evil.example/secret file:///etc/passwd
/{MANIFEST} //{MANIFEST} /%2e{MANIFEST[1:]} /./{MANIFEST} /papers/..%2f{MANIFEST} /.git/config /.env /link /folder/secret
/{"x" * 300} /{"x" * 5000} /{"x/" * 2000} /{"%2e%2e/" * 100}etc/passwd /{"x" * 100_000} /%ff /\xff
""".split()


def test_no_path_leads_out_of_the_site_or_to_its_record(one: Running) -> None:
    output = one.log.parent / "site/.reading-room/preview"
    assert (output / MANIFEST).is_file() and (output.parent / "secret").read_text() == "the secret"
    (output / "link").symlink_to("../secret")
    (output / "folder").symlink_to("..")
    for path in ASTRAY:
        answer = one.ask(path)
        assert answer.status in (400, 404), path[:50]
        assert not re.search('the secret|root:|"inputs"', answer.text), path[:50]
    assert one.ask("//papers/a").headers["location"].startswith("http://127.0.0.1/")
    assert one.ask("/").status == 200 and "Traceback" not in one.printed()


STRANGE = (
    "evil.example evil.example:80 127.0.0.1.evil.example localhost.evil.example localhost@evil.example [::1 x".split()
)
KNOWN = "127.0.0.1 127.0.0.1:8000 localhost LOCALHOST:1 [::1]:80 192.168.1.7 Reading.local reading.local:8000".split()


def test_another_host_name_is_refused_with_the_option_that_allows_it(one: Running) -> None:
    for host in ["", *STRANGE, "reading.local"]:
        for path in ("/", "/papers/a", "/nothing", f"/{MANIFEST}"):
            answer = one.ask(path, host=host)
            assert answer.status == 403 and "--host NAME" in answer.text
    assert one.ask("/", host=f"localhost:{one.port}").status == 200
    assert [host for host in ["", *STRANGE, *KNOWN] if is_known_host(host, "reading.local")] == KNOWN


def test_nothing_but_reading_is_allowed(one: Running) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        answer = one.ask("/", method)
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


def test_no_answer_can_be_read_by_a_page_of_another_site(one: Running) -> None:
    origin = "Origin: https://evil.example\r\nAccess-Control-Request-Method: GET\r\n"
    answers = [one.ask(path, more=origin) for path in ("/", "/papers/a", "/nothing", "/.env", "/assets/site.css")]
    answers += [one.ask("/", "OPTIONS", more=origin), one.ask("/", host="evil.example", more=origin)]
    assert [answer.status for answer in answers] == [200, 307, 404, 404, 200, 405, 403]
    assert not [name for answer in answers for name in answer.headers if name.startswith("access-control")]


def test_200_idle_connections_keep_nobody_waiting(one: Running) -> None:
    with ExitStack() as stack:
        for number in range(200):
            connection = stack.enter_context(one.connect())
            if number % 2:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: ")
        assert one.ask("/").status == 200


# --- Ports, and the end -------------------------------------------------------------------------------------------------


def test_a_taken_port_is_an_error_that_names_the_option(site: Callable[..., Site]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        words = [sys.executable, str(ROOT / "build.py"), "serve", "--port", str(port)]
        done = subprocess.run(words, cwd=site().root, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert f"127.0.0.1:{port}: " in done.stderr and "choose another one with  --port N" in done.stderr


def test_without_a_port_the_next_free_one_is_taken_for_good() -> None:
    with bind("127.0.0.1", None) as first, bind("127.0.0.1", None) as second:
        ports = [listener.getsockname()[1] for listener in (first, second)]
        assert ports[0] != ports[1]
        with pytest.raises(OSError, match="in use"):
            bind("127.0.0.1", ports[0])


def test_an_address_of_another_machine_is_no_lack_of_ports() -> None:
    with pytest.raises(OSError) as raised:
        bind("192.0.2.1", None)
    assert raised.value.errno == errno.EADDRNOTAVAIL


@pytest.mark.parametrize(("by", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_it_ends_when_told_to_and_leaves_nothing_behind(by: signal.Signals, code: int, start: Start) -> None:
    _, running = start()
    with running.connect(), running.connect() as half:
        half.sendall(b"GET / HTTP/1.1\r\nHost: ")
        running.process.send_signal(by)
        assert running.process.wait(30) == code
    assert "Traceback" not in running.printed()
    assert running.printed().endswith("interrupted\n") == (by == signal.SIGINT)
    with pytest.raises(ProcessLookupError):
        os.killpg(running.process.pid, 0)
    with pytest.raises(ConnectionError):
        running.connect()
