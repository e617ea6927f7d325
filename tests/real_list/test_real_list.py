"""Is the list of this repository whole, true to its sources, and in its own words?

The only tests that read the repository's `content/`. Where the folder named by READING_ROOM_DATA holds what the list
was made from, the facts are compared with it; without it there is nothing to compare, and those tests do not exist.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from site_gen.papers import ARXIV_DOI, Paper, read_paper
from site_gen.problems import report
from site_gen.sources import read_sources
from site_gen.text import key, slug
from site_gen.vocabulary import read_vocabulary
from tests.sites import Site

ROOT = Path(__file__).parents[2]
SOURCES, _ = read_sources(ROOT)
READ = [read_paper(source) for source in SOURCES.papers]
PAPERS = {paper.id: paper for paper, _ in READ if paper is not None}


def _seed() -> list[dict[str, Any]]:
    folder = os.environ.get("READING_ROOM_DATA")
    path = Path(folder, "seed", "papers.json") if folder else None
    return json.loads(path.read_text("utf-8")) if path and path.is_file() else []


SEED = _seed()


def words(text: str) -> list[str]:
    """Return the words of a text without case and signs."""
    return re.findall(r"\w+", text.casefold())


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    """Return all runs of so many words."""
    found = words(text)
    return {tuple(found[n : n + length]) for n in range(len(found) - length + 1)}


def test_all_46_papers_are_there() -> None:
    assert len(SOURCES.papers) == len(PAPERS) == 46


def test_the_list_builds_without_a_warning(tmp_path: Path) -> None:
    site = Site(tmp_path)
    for folder in ("content", "static"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file():
                site.write(path.relative_to(ROOT).as_posix(), path.read_bytes())
    site.write("site.yml", (ROOT / "site.yml").read_bytes())
    done = site.build(strict=True)
    assert done.ok and not done.problems, report(done.problems, "text")
    assert done.papers == 46


@pytest.mark.parametrize("paper", PAPERS.values(), ids=PAPERS)
def test_a_paper_has_what_the_list_promises(paper: Paper) -> None:
    assert paper.id.startswith(slug(paper.authors[0].family) + "-"), "the id starts with the first author's family name"
    assert paper.added and paper.authors and paper.arxiv and paper.tags and not paper.abstract
    assert paper.date is None or f"-{paper.date.year}-" in paper.id
    assert 1 <= len(re.findall(r"[.!?](?=\s|$)", paper.body)) <= 4, "a note of one to three sentences"
    assert 12 <= len(words(paper.body)) <= 90


def test_two_papers_are_undated() -> None:
    assert len([paper for paper in PAPERS.values() if paper.date is None]) == 2


def test_a_count_of_authors_is_given_only_where_names_are_missing() -> None:
    assert [paper.id for paper in PAPERS.values() if paper.author_count == len(paper.authors)] == []


def test_notes_share_no_run_of_five_words() -> None:
    owners: dict[tuple[str, ...], str] = {}
    shared = [
        (owners[run], paper.id, " ".join(run))
        for paper in PAPERS.values()
        for run in runs(paper.body, 5)
        if owners.setdefault(run, paper.id) != paper.id
    ]
    assert shared == []


def test_the_vocabulary_is_small_described_and_used() -> None:
    (source,) = [source for source in SOURCES.vocabularies if source.stem == "tags"]
    tags, problems = read_vocabulary(source)
    assert problems == [] and 15 <= len(tags.names) <= 25
    used = {key(tag) for paper in PAPERS.values() for tag in paper.tags}
    assert [tag.name for tag in tags.names if not tag.description or key(tag.name) not in used] == []


def test_ids_and_identifiers_are_unique() -> None:
    for field in ("title", "arxiv", "doi"):
        values = [value for paper in PAPERS.values() if (value := getattr(paper, field).casefold())]
        assert len(values) == len(set(values)), field


# --- Compared with what the list was made from

WITH_SEED = pytest.mark.parametrize("given", SEED, ids=[item["arxiv"] for item in SEED])


def paper_of(given: dict[str, Any]) -> Paper:
    """Return the paper of the list with the same arXiv identifier."""
    (found,) = [paper for paper in PAPERS.values() if paper.arxiv == given["arxiv"]]
    return found


def facts_are_those_of_the_source(given: dict[str, Any]) -> None:
    """Title, names in order, date and discussion are as given."""
    paper = paper_of(given)
    assert paper.title == given["title"]
    assert [person.name for person in paper.authors] == given["authors"]
    assert (paper.date.iso if paper.date else None) == given.get("date")
    assert (paper.discussion.comments if paper.discussion else None) == given.get("comments")


def identifiers_are_those_of_the_source(given: dict[str, Any]) -> None:
    """What our file says is what the source says; a fact may be left out where the evidence is weak."""
    paper = paper_of(given)
    if paper.doi and not ARXIV_DOI.fullmatch(paper.doi):
        assert paper.doi.casefold() == given["doi"].casefold()
    known = {given.get("code"), given.get("project")}
    assert {address for _, address in paper.links} <= known
    if paper.organization:
        assert list(paper.organization) == [given["organization"]["name"]]


def the_note_is_in_words_of_its_own(given: dict[str, Any]) -> None:
    """No run of 8 words is the abstract's."""
    assert {" ".join(run) for run in runs(paper_of(given).body, 8) & runs(given["abstract"], 8)} == set()


if SEED:  # without data these are no tests that are skipped, but no tests
    test_facts_are_those_of_the_source = WITH_SEED(facts_are_those_of_the_source)
    test_identifiers_are_those_of_the_source = WITH_SEED(identifiers_are_those_of_the_source)
    test_the_note_is_in_words_of_its_own = WITH_SEED(the_note_is_in_words_of_its_own)

    def test_the_source_has_as_many_papers() -> None:
        assert len(SEED) == 46 == len({paper_of(given).id for given in SEED})
