"""The whole output of six odd papers: its addresses, and some of its files word by word.

`pytest tests/test_golden.py --refresh` writes what is expected anew; the difference is then looked at before it is committed.
"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests import six_papers
from tests.sites import Elements, Site

GOLDEN = Path(__file__).parent / "golden"
WORD_BY_WORD = (
    "feed.xml",
    "feed.json",
    "feeds.opml",
    "llms.txt",
    "papers.json",
    "sitemap.xml",
    "robots.txt",
    "papers/hostile/index.html",
    "papers/hostile/index.md",
    "papers/math/index.html",
    "papers/math/index.md",
    "papers/older/index.html",
    "tags/honesty/index.html",
    "tags/candour/index.html",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Site:
    made = Site(tmp_path_factory.mktemp("golden") / "site", six_papers.FILES)
    done = made.build()
    assert done.ok, done.problems
    return made


def expected(name: str, actual: str, refresh: bool) -> str:
    path = GOLDEN / name
    if refresh:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(actual, "utf-8", newline="\n")
    return path.read_text("utf-8")


def test_six_papers_make_these_files(built: Site, refresh: bool) -> None:
    listing = "".join(f"{path}\n" for path in sorted(built.files()))
    assert listing == expected("six-papers/files.txt", listing, refresh)


@pytest.mark.parametrize("path", WORD_BY_WORD)
def test_these_files_are_as_they_were_read(path: str, built: Site, refresh: bool) -> None:
    text = built.text(path)
    assert text == expected(f"six-papers/{path}", text, refresh)


def test_nothing_of_the_golden_folder_is_left_over() -> None:
    found = {
        path.relative_to(GOLDEN / "six-papers").as_posix() for path in GOLDEN.glob("six-papers/**/*") if path.is_file()
    }
    assert found == {"files.txt", *WORD_BY_WORD}


def test_the_archive_can_be_walked(built: Site) -> None:
    """Every period can be reached from another page, and no link to one is dead."""
    texts = {path: built.text(path) for path in built.files() if path.endswith(".html")}
    linked = {f"{link[1:]}index.html" for text in texts.values() for link in Elements(text).links()}
    assert {path for path in linked if path.startswith("dates/")} == {p for p in texts if p.startswith("dates/")}


DOCUMENTS = (".html", ".xml", ".opml", ".svg")  # in which text could become an element
NO_DOCUMENTS = {".bib", ".ris", ".json", ".md", ".txt", ".css", ".js", ".png", ""}


def test_hostile_text_is_text_everywhere(built: Site) -> None:
    for path, data in built.files().items():
        text = data.decode("utf-8", "replace")
        assert ">49 " not in text and " 49 " not in text, path
        if path.endswith(DOCUMENTS):
            assert "<script>alert" not in text and "<img src=x" not in text, path
            assert 'javascript:alert(1)"' not in text, path
        else:
            assert Path(path).suffix in NO_DOCUMENTS, path


def test_hostile_text_is_whole_in_json(built: Site) -> None:
    papers = json.loads(built.text("papers.json"))["papers"]
    assert [paper["title"] for paper in papers if paper["id"] == "hostile"] == [six_papers.HOSTILE]
    for path in built.files():
        if path.endswith(".json"):
            json.loads(built.text(path))


@pytest.mark.parametrize("path", ["papers/hostile/index.md", "papers/math/index.md", "llms.txt"])
def test_hostile_text_is_text_in_markdown_also_for_readers_that_know_html(path: str, built: Site) -> None:
    """But for the note, which is as the curator wrote it."""
    text = built.text(path).partition("\n## Why it is on the list\n")[0]
    html = MarkdownIt("commonmark", {"html": True}).render(text)
    assert not {tag for tag, _ in Elements(html).found} - {"h1", "h2", "p", "ul", "li", "a", "code", "blockquote"}
    assert not [link for link in Elements(html).links() if not link.startswith("https://")]
    if "hostile" in path:
        assert html.startswith(f"<h1>{escape(six_papers.HOSTILE).replace('&#x27;', chr(39))}</h1>\n")


def test_a_draft_is_nowhere(built: Site) -> None:
    assert not [path for path, data in built.files().items() if b"A draft" in data or "draft" in path]
