"""A record as RIS, which Zotero, EndNote, Mendeley and library catalogues read.

Tags are those of the RIS format specification (Research Information Systems, 2011): each line two characters, two
blanks, a hyphen, a blank and the value, `TY` first and `ER` last. A value is one line, so none can end its record.
"""

from __future__ import annotations

from collections.abc import Iterator

from site_gen.citations.records import FORMS, Record, inverted
from site_gen.text import plain


def ris(record: Record, note: str = "") -> str:
    """Return a record as RIS, with the empty line that ends it; `note` is the curator's."""
    lines = ((tag, _line(value)) for tag, value in _tags(record, note) if value)
    return "".join([*(f"{tag}  - {value}\r\n" for tag, value in lines if value), "ER  - \r\n\r\n"])


def _line(value: str) -> str:
    """Return a value on one line, with U+FEFF, which some readers take for a blank, as U+2060, which says the same.

    Source: Unicode, core specification, 23.8.
    """
    return " ".join(value.replace("\ufeff", "\u2060").split())


def _tags(record: Record, note: str) -> Iterator[tuple[str, str]]:
    first, _, last = record.pages.partition("-")
    when = record.date
    yield "TY", "UNPB" if record.type == "misc" and record.arxiv else FORMS[record.type].ris
    yield "ID", record.key
    yield "TI", plain(record.title)
    # Readers know the present form of RIS by tags that an older one had not; ST is one that every paper can have.
    yield "ST", "" if when or record.doi or record.language else plain(record.title)
    yield from (("AU", inverted(person)) for person in record.authors)
    yield from (("ED", inverted(person)) for person in record.editors)
    if when:
        month, day = (f"{part:02}" if part else "" for part in (when.month, when.day))
        yield "PY", f"{when.year:04}"
        yield "DA", f"{when.year:04}/{month}/{day}" + ("" if day else "/")
    # Some readers look for what a paper appeared in under the one, some under the other.
    yield "T2", record.container
    yield "JF", record.container
    yield "J2", record.short
    yield "VL", record.volume
    yield "IS", record.issue
    yield "SP", first
    yield "EP", last
    yield "PB", record.institution or record.publisher
    yield "DO", record.doi
    yield "AN", f"arXiv:{record.arxiv}" if record.arxiv else ""
    # Where a preprint's number is looked for; of what appeared elsewhere M1 may be taken for the issue.
    yield "M1", f"arXiv:{record.arxiv}" if record.arxiv and record.type == "misc" else ""
    yield "UR", record.url.replace(";", "%3B")  # which separates addresses
    yield "LA", record.language
    yield from (("KW", tag) for tag in record.tags)
    yield "AB", record.abstract
    yield "N1", ". ".join(filter(None, [record.note, note]))  # readers take one only
