"""Do programs of other people read our exports, all of them: biber, bibutils, citation-js, and the readers in Python?

Not part of `make test`, since the programs come from Debian and npm: `make check-all` runs this file. It reads this
repository's list, six odd papers, what is hard to write down, and papers of a corpus (`READING_ROOM_DATA`) or invented
ones: 500, or as many as READING_ROOM_CITATIONS says. A program that is missing is a failure.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from benchmarks.trees import raw_papers
from site_gen.citations.records import Record
from tests.generated import numbered, paper_file
from tests.readers import (
    PROGRAMS,
    READERS,
    WRITER_OF,
    by_biber,
    cited_papers,
    export,
    hostile_files,
    hostile_notes,
    misread,
)
from tests.six_papers import FILES

ROOT = Path(__file__).parents[1]
PAPERS = int(os.environ.get("READING_ROOM_CITATIONS", "500"))


def _six() -> dict[str, str]:
    return {Path(path).stem: str(text) for path, text in FILES.items() if path.startswith("content/papers/")}


def _own() -> dict[str, str]:
    return {path.stem: path.read_text("utf-8") for path in sorted((ROOT / "content" / "papers").rglob("*.md"))}


def _many() -> dict[str, str]:
    return {paper_id: paper_file(paper, paper_id) for paper_id, paper in numbered(raw_papers(PAPERS))}


LISTS = {"own": _own, "six": _six, "hostile": hostile_files, "many": _many}

ALL = READERS | PROGRAMS

# What biber may say of an entry, for what a paper does not have cannot be made up.
ALLOWED = (
    r"Missing mandatory field - one of 'date, year' must be defined",  # a paper without a date
    r"Missing mandatory field '(author|editor|title|journaltitle|booktitle|institution|type)'",
    r"Missing mandatory field - one of '(author, editor|institution, school)' must be defined",
    r"Invalid value of field 'volume' must be datatype 'integer'",  # PMLR 262: as the proceedings call it
    r"Invalid field 'edition' for entrytype 'misc'",  # what cite_as says is written as it is
)


@pytest.fixture(scope="module", params=LISTS)
def records(request: pytest.FixtureRequest) -> list[Record]:
    """What is cited of a list."""
    return cited_papers(LISTS[request.param]())


@pytest.mark.parametrize("reader", ALL)
def test_a_reader_gets_back_every_record(records: list[Record], reader: str) -> None:
    assert misread(records, reader, ALL[reader](export(records, WRITER_OF[reader]))) == []


@pytest.mark.parametrize("reader", ALL)
def test_notes_of_curators_leave_the_records_as_they_are(reader: str) -> None:
    records = cited_papers(hostile_files())
    text = export(records, WRITER_OF[reader], hostile_notes(len(records)))
    assert misread(records, reader, ALL[reader](text)) == []


def test_biber_gets_back_every_record_and_knows_every_field(records: list[Record]) -> None:
    read, complaints = by_biber(export(records, "biblatex"))
    assert misread(records, "biber", read) == []
    assert [line for line in complaints if not re.search("|".join(ALLOWED), line)] == []
