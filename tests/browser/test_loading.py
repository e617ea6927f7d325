"""Claims about how a page arrives: nothing moves, no script holds drawing back, nothing is asked for in vain."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Visit
from tests.browser.odd_site import KINDS
from tests.browser.server import Server

pytestmark = pytest.mark.browser

SHIFTS = """window.shifts = [];
new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map((entry) => entry.value)))
  .observe({ type: "layout-shift", buffered: true });"""
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("kind", ["home", "paper", "tag", "author counts"])
def test_nothing_moves_while_a_page_loads(kind: str, width: int, odd: Server, visit: Visit) -> None:
    page = visit(odd.url + KINDS[kind][1:], SHIFTS, viewport={"width": width, "height": 900})
    assert page.evaluate(SETTLED)
    assert page.evaluate("window.shifts") == []


def test_a_shift_would_be_seen(odd: Server, visit: Visit) -> None:
    page = visit(odd.url, SHIFTS)
    assert page.evaluate(SETTLED)
    page.evaluate("document.querySelector('main').style.marginTop = '300px'")
    page.evaluate(
        "new Promise((done) => (function look() { window.shifts.length ? done() : requestAnimationFrame(look); })())"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_no_script_holds_drawing_back(kind: str, odd: Server, visit: Visit) -> None:
    page = visit(odd.url + KINDS[kind][1:])
    loaded = page.evaluate("""performance.getEntriesByType("resource")
        .map((entry) => [entry.name.split("/").pop(), entry.initiatorType, entry.renderBlockingStatus])""")
    blocking = sorted(name for name, _, status in loaded if status == "blocking")
    assert blocking == ["site.css"]
    assert "colours.js" in [name for name, _, _ in loaded]
    assert page.evaluate(
        "[...document.head.querySelectorAll('script')].every((node) => node.async || node.type === 'module')"
    )


def test_a_page_asks_for_a_handful_of_small_files(odd: Server, visit: Visit) -> None:
    page = visit(odd.url + "papers/math-2023-marmots/")
    names = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name.split('/').pop())")
    assert sorted(set(names) - {"icon.svg"}) == ["colours.js", "site.css", "site.js"]
