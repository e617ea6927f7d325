"""Claims about taking papers away: copying a citation, downloading it, and a feed that somebody opens in a browser."""

from __future__ import annotations

from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.odd_site import HOSTILE, PAPERS
from tests.browser.server import Server

pytestmark = pytest.mark.browser

PAPER = "papers/math-2023-marmots/"
MAY_COPY = {"permissions": ["clipboard-read", "clipboard-write"]}


def fetched(url: str) -> bytes:
    with urlopen(url) as answer:
        return bytes(answer.read())


def test_a_citation_is_copied_with_keys_alone_and_says_so_aloud(odd: Server, visit: Visit) -> None:
    page = visit(odd.url + PAPER, **MAY_COPY)
    page.get_by_text("BibTeX", exact=True).first.press("Enter")
    button = page.get_by_role("button", name="Copy the BibTeX")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Copied the BibTeX")
    expect(button).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == fetched(odd.url + PAPER + "cite.bib").decode()


def test_each_form_has_a_button_of_its_own(odd: Server, visit: Visit) -> None:
    page = visit(odd.url + PAPER, **MAY_COPY)
    page.evaluate("document.querySelectorAll('.cite details').forEach((node) => node.open = true)")
    for name, start in (("citation", "Ada"), ("BibLaTeX", "@")):
        page.get_by_role("button", name=f"Copy the {name}").click()
        expect(page.get_by_role("status")).to_have_text(f"Copied the {name}")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.strip() and (start not in "@" or copied.startswith("@"))


def test_where_copying_is_refused_the_text_is_marked(odd: Server, visit: Visit) -> None:
    refuse = "Object.defineProperty(navigator, 'clipboard', {value: {writeText: () => Promise.reject(new Error())}})"
    page = visit(odd.url + PAPER, script=refuse)
    page.get_by_role("button", name="Copy the citation").click()
    expect(page.get_by_role("status")).to_have_text("Marked the citation: copy it with your keys")
    marked = page.evaluate("getSelection().toString()")
    assert marked == page.locator("[data-copy=citation] p").inner_text()


def test_without_scripts_the_citations_are_there_to_read_and_download(odd: Server, visit: Visit) -> None:
    page = visit(odd.url + PAPER, java_script_enabled=False)
    expect(page.get_by_role("button", name="Copy")).to_have_count(0)
    page.get_by_text("BibTeX", exact=True).first.click()
    expect(page.get_by_role("region", name="BibTeX", exact=True)).to_be_visible()
    for name, ending in (("BibTeX", "bib"), ("RIS", "ris"), ("CSL-JSON", "json")):
        with page.expect_download() as download:
            page.locator(".cite").get_by_role("link", name=name, exact=True).click()
        assert download.value.suggested_filename == f"math-2023-marmots.{ending}"
        assert download.value.path().read_bytes() == fetched(odd.url + PAPER + f"cite.{ending}")


def test_nothing_moves_when_the_buttons_come(odd: Server, visit: Visit) -> None:
    page = visit(odd.url + PAPER)
    part = page.locator("[data-copy=citation]")
    expect(part.get_by_role("button")).to_be_visible()
    box = part.bounding_box()
    page.evaluate("document.querySelectorAll('.copy').forEach((node) => node.remove())")
    assert part.bounding_box() == box


@pytest.mark.parametrize("width", [320, 1280])
def test_a_feed_opened_in_a_browser_can_be_read(width: int, below: Server, visit: Visit) -> None:
    page = visit(below.url + "feed.xml", viewport={"width": width, "height": 800})
    titles = page.locator("entry > title")
    expect(titles).to_have_count(min(len(PAPERS), 30))
    expect(titles.first).to_be_visible()
    shown = page.evaluate("getComputedStyle(document.querySelector('entry > title')).display")
    assert shown == "block", "its style sheet was loaded"
    assert not page.locator("entry > content").first.is_visible()
    assert HOSTILE in titles.all_text_contents() and page.evaluate("window.__pwned") is None
    assert page.evaluate("document.documentElement.scrollWidth") <= width
