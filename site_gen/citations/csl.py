"""A record as CSL-JSON, which Zotero, Pandoc and citation processors read.

Names of variables and types are those of the Citation Style Language (CSL 1.0.2, appendices III and IV); titles are
plain text, in which a formula stands as it is read aloud on a page without math.
"""

from __future__ import annotations

import json
from typing import Any

from site_gen.citations.records import FORMS, Record
from site_gen.papers import Person
from site_gen.text import plain


def csl_item(record: Record, note: str = "") -> dict[str, Any]:
    """Return a record as a CSL item; `note` is the curator's, which goes to `annote`."""
    kind = FORMS[record.type].csl
    preprint = record.type == "misc" and bool(record.arxiv)
    item = {
        "id": record.key,
        "type": "article" if preprint else kind,
        "title": plain(record.title),
        "author": [_name(person) for person in record.authors],
        "editor": [_name(person) for person in record.editors],
        "issued": {"date-parts": [[int(part) for part in record.date.iso.split("-")]]} if record.date else None,
        "genre": {"phdthesis": "PhD thesis", "mastersthesis": "Master’s thesis"}.get(record.type, ""),
        "container-title": record.container,
        "container-title-short": record.short,
        "volume": record.volume,
        "issue": record.issue if kind != "report" else "",
        "number": f"arXiv:{record.arxiv}" if preprint else record.issue if kind == "report" else "",
        "page": record.pages,
        "publisher": record.institution or record.publisher or ("arXiv" if preprint else ""),
        "DOI": record.doi,
        "archive": "arXiv" if record.arxiv else "",
        "archive_location": record.arxiv,
        "URL": record.url,
        "language": record.language,
        "keyword": ", ".join(record.tags),
        "abstract": record.abstract,
        "note": record.note,
        "annote": note,
    }
    return {name: value for name, value in item.items() if value}


def _name(person: Person) -> dict[str, str]:
    if not person.family:
        return {"literal": person.name}
    parts = {
        "family": person.family,
        "given": person.given,
        "non-dropping-particle": person.prefix,
        "suffix": person.suffix,
    }
    return {name: value for name, value in parts.items() if value}


def csl_json(record: Record, note: str = "") -> str:
    """Return a record as one item of a CSL-JSON array, without the brackets around it; `note` is the curator's."""
    return json.dumps(csl_item(record, note), ensure_ascii=False)
