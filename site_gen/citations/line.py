"""A record as a line of plain text, in one style, for e-mails and slides.

The style (`docs/metadata.md`) is an author-date style with full names: who, when, what, where it appeared, how to get
it. Each part ends with a full stop unless it ends with a mark of its own, and a part that is not known is left out.
"""

from __future__ import annotations

from site_gen.citations.records import WRITTEN_AT, Record
from site_gen.text import plain

MOST = 20  # names; of more the first, and "et al."


def cited(record: Record) -> str:
    """Return a record as one line of plain text."""
    title = plain(record.title)
    parts = [_names(record), f"{record.date.year:04}" if record.date else "n.d.", title, _where(record)]
    parts += [record.publisher, "" if record.type in WRITTEN_AT else record.institution, _address(record), record.note]
    return " ".join(part if part[-1] in ".!?。！？…" else f"{part}." for part in parts if part)


def _names(record: Record) -> str:
    names = [person.name for person in record.authors or record.editors]
    if not names:
        return ""
    role = "" if record.authors else ", eds" if len(names) > 1 else ", ed"
    if record.others or len(names) > MOST:
        return ", ".join(names[: MOST - 1 if len(names) > MOST else MOST]) + ", et al." + role
    last = names.pop()
    joined = f"{names[0]} and {last}" if len(names) == 1 else f"{', '.join(names)}, and {last}" if names else last
    return joined + role


def _where(record: Record) -> str:
    pages = record.pages.replace("-", "–")
    if record.type in WRITTEN_AT and record.institution:
        kind = {"phdthesis": "PhD thesis", "mastersthesis": "Master’s thesis", "techreport": "Technical report"}
        number = f" {record.issue}" if record.issue else ""
        return f"{kind.get(record.type, record.type.capitalize())}{number}, {record.institution}"
    if record.type == "article":
        issue = f"({record.issue})" if record.issue else ""
        volume = f" {record.volume}{issue}".rstrip() if record.volume or issue else ""
        return f"{record.container}{volume}{':' if volume and pages else ', ' if pages else ''}{pages}".lstrip(" ,")
    if record.container:
        before = "In " if record.type in ("inproceedings", "incollection", "inbook") else ""
        volume = f", volume {record.volume}" if record.volume else ""
        return f"{before}{record.container}{volume}" + (f", pages {pages}" if pages else "")
    return ""


def _address(record: Record) -> str:
    if record.doi:
        return f"doi:{record.doi}"
    return f"arXiv:{record.arxiv}" if record.arxiv else record.url
