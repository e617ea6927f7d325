"""The whole output of six odd papers: its addresses, and some of its files word by word.

`pytest tests/test_golden.py --refresh` writes what is expected anew; the difference is then looked at before it is committed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import six_papers
from tests.sites import Elements, Site

GOLDEN = Path(__file__).parent / "golden"
WORD_BY_WORD = (
    "feed.xml",
    "sitemap.xml",
    "robots.txt",
    "papers/hostile/index.html",
    "papers/math/index.html",
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


def test_hostile_text_is_text_everywhere(built: Site) -> None:
    for path, data in built.files().items():
        text = data.decode("utf-8", "replace")
        assert "<script>alert" not in text and "<img src=x" not in text and ">49 " not in text, path
        assert 'javascript:alert(1)"' not in text, path


def test_a_draft_is_nowhere(built: Site) -> None:
    assert not [path for path, data in built.files().items() if b"A draft" in data or "draft" in path]
