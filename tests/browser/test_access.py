"""Claims about access: axe finds nothing on any kind of page, and a keyboard is enough."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit, Watch
from tests.browser.odd_site import KINDS
from tests.browser.server import Server

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = Axe()


def violations(page: Page) -> list[str]:
    """Return what axe finds wrong in light and in dark colours, in words."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        result = AXE.run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
        assert result.response["passes"], "axe did not look at anything"
        for violation in result.response["violations"]:
            nodes = "; ".join(node["html"][:160] for node in violation["nodes"][:3])
            found.append(f"{scheme}: {violation['id']}: {violation['help']}: {nodes}")
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_on(kind: str, odd: Server, visit: Visit) -> None:
    page = visit(odd.url + KINDS[kind][1:])
    if kind == "search":
        expect(page.get_by_role("checkbox").first).to_be_visible()
    page.evaluate("document.querySelectorAll('details').forEach((node) => node.open = true)")
    assert violations(page) == []


@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_in_search_results_with_filters(width: int, odd: Server, visit: Visit) -> None:
    page = visit(odd.url + "search/?q=marmots&tag=sorting", viewport={"width": width, "height": 900})
    expect(page.locator("#search .pf-result-link").first).to_be_visible()
    for group in page.locator("#search details").all():
        if group.get_attribute("open") is None:
            group.locator("summary").click()
    expect(page.get_by_role("checkbox", name="sorting")).to_be_checked()
    assert page.get_by_role("checkbox").count() >= 4
    assert violations(page) == []


def test_axe_finds_nothing_where_there_is_no_index(unindexed: Server, visit: Visit, watch: Watch) -> None:
    watch.missing = {unindexed.url + f"pagefind/pagefind-component-ui.{kind}" for kind in ("css", "js")}
    page = visit(unindexed.url + "search/")
    page.get_by_role("status").wait_for()
    assert violations(page) == []


FOCUS = """async () => {
  await Promise.allSettled(document.getAnimations().map((animation) => animation.finished));
  const node = document.activeElement;
  if (node === document.body) return null;
  // The ring can be drawn around what holds the link, as Pagefind does it with its results.
  const ringed = [node, ...Array.from({ length: 4 }, (_, up) => {
    let holder = node;
    for (let step = 0; step <= up && holder; step++) holder = holder.parentElement;
    return holder;
  })].filter(Boolean).some((one) => {
    const style = getComputedStyle(one);
    const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    return ring || / [2-9](\\.\\d+)?px( |$)/.test(style.boxShadow);
  });
  const box = node.getBoundingClientRect();
  const inside = box.width > 1 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  return { html: node.outerHTML.slice(0, 120), ringed, inside };
}"""


@pytest.mark.parametrize("kind", ["home", "paper", "archive", "authors", "year", "search", "page", "missing"])
def test_every_stop_of_the_tab_key_is_seen(kind: str, odd: Server, visit: Visit) -> None:
    page = visit(odd.url + KINDS[kind][1:] + ("?q=marmots" if kind == "search" else ""))
    if kind == "search":
        expect(page.locator("#search .pf-result-link")).to_have_count(4)
        page.evaluate("document.activeElement.blur(); getSelection().removeAllRanges()")
        page.reload()
        expect(page.locator("#search .pf-result-link")).to_have_count(4)
    stops: list[str] = []
    for _ in range(200):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop is None or stop["html"] in stops[:1]:
            break
        assert stop["ringed"] and stop["inside"], stop
        stops.append(stop["html"])
    assert len(stops) > 8


@pytest.mark.parametrize("kind", ["home", "paper", "tag", "archive", "authors", "page"])
def test_the_first_stop_skips_to_the_content(kind: str, odd: Server, visit: Visit) -> None:
    page = visit(odd.url + KINDS[kind][1:])
    skip = page.get_by_role("link", name="Skip to the content")
    page.keyboard.press("Tab")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_a_paper_is_reached_and_read_by_keyboard_alone(odd: Server, visit: Visit) -> None:
    page = visit(odd.url)
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('h3') !== null"):
            break
    page.keyboard.press("Enter")
    expect(page).to_have_url(odd.url + "papers/plain-2024-first-light/")


def test_targets_are_large_enough_to_be_hit(odd: Server, visit: Visit) -> None:
    page = visit(odd.url, viewport={"width": 320, "height": 800})
    small = page.evaluate("""() => [...document.querySelectorAll("button, input, .tool, .menu a, .tag, .chip, .out, .button")]
        .filter((node) => node.checkVisibility()).map((node) => [node.outerHTML.slice(0, 80), node.getBoundingClientRect().height])
        .filter(([_, height]) => height < 24)""")
    assert small == []
