"""A Chromium, made-up sites behind a static server, and pages that are watched.

A page of `visit` fails its test when it asks another host for anything, breaks its own policy, logs an error or leaves
one uncaught, or gets an answer that says error, unless the test has said that it expects that address to be missing.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Response, sync_playwright

from tests.browser.odd_site import files
from tests.browser.server import Server
from tests.sites import Site

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ELSEWHERE = re.compile(r"^(?!http://127\.0\.0\.1:|data:|blob:|about:)")
TELL_POLICY = """addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));"""


def find_chromium(playwright: Playwright) -> str:
    """Return the path of a Chromium-like browser, looked for as `.ci/install-chromium` does; fail when there is none."""
    named = os.environ.get("CHROMIUM_PATH", "")
    if named and not os.access(named, os.X_OK):
        pytest.fail(f"CHROMIUM_PATH names {named}, which is not a program", pytrace=False)
    own = playwright.chromium.executable_path
    found = named or next(filter(None, map(shutil.which, NAMES)), "") or (own if Path(own).exists() else "")
    if not found:
        text = "these tests need a Chromium: run  make test  or  .ci/install-chromium , or set CHROMIUM_PATH to one"
        pytest.fail(f"{text}; make test BROWSER=no leaves them out", pytrace=False)
    return found


# Package scope: the event loop of Playwright is gone before the other tests run.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A headless Chromium for all tests of this folder."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=find_chromium(playwright), args=ARGUMENTS)
        yield launched
        launched.close()


def served(folder: Path, base_path: str = "/", language: str = "en", search: bool = True) -> Iterator[Server]:
    """Build the odd site for the address it gets, and serve it."""
    site = Site(folder / "source", files(language))
    public = folder / "public"
    public.mkdir()
    with Server(public, base_path) as server:
        built = site.build(output=public / base_path.strip("/"), base_url=server.url, search=search)
        assert built.ok, built.problems
        yield server


@pytest.fixture(scope="package")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The odd site at the root of its host."""
    yield from served(tmp_path_factory.mktemp("odd"))


@pytest.fixture(scope="package")
def below(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The odd site under /repo/."""
    yield from served(tmp_path_factory.mktemp("below"), "/repo/")


@pytest.fixture(scope="package")
def unindexed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The odd site built without a search index, in a language that is written from right to left."""
    yield from served(tmp_path_factory.mktemp("unindexed"), language="ar", search=False)


@dataclass
class Watch:
    """What went wrong on the pages of one test; `missing` are addresses that are expected to be."""

    found: list[str] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)

    def watch(self, context: BrowserContext) -> None:
        def elsewhere(route: Any) -> None:
            self.found.append(f"asked another host: {route.request.url}")
            route.abort()

        def console(message: ConsoleMessage) -> None:
            # What could not be loaded is noted with its address below.
            if message.type == "error" and not message.text.startswith("Failed to load resource"):
                self.found.append(f"console: {message.text}")

        def response(answer: Response) -> None:
            if answer.status >= 400 and answer.url not in self.missing:
                self.found.append(f"{answer.status}: {answer.url}")

        context.route(ELSEWHERE, elsewhere)
        context.on("console", console)
        context.on("weberror", lambda error: self.found.append(f"uncaught: {error.error}"))
        context.on("response", response)
        context.add_init_script(TELL_POLICY)


Visit = Callable[..., Page]


@pytest.fixture
def watch() -> Watch:
    """What goes wrong on the pages of this test."""
    return Watch()


@pytest.fixture
def visit(browser: Browser, watch: Watch) -> Iterator[Visit]:
    """Return a function that opens an address in a fresh context with the options given; the module says what fails.

    `script` runs before anything else on every page of the context.
    """
    contexts: list[BrowserContext] = []

    def visit(url: str, script: str = "", **options: Any) -> Page:
        context = browser.new_context(
            **{"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"} | options
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        watch.watch(context)
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.goto(url)
        return page

    yield visit
    for context in contexts:
        for page in context.pages:
            page.evaluate("0")  # what the browser has said before this has arrived after it
        context.close()
    assert watch.found == []
