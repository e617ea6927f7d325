"""What does a page say of itself to programs that visit it: Zotero, search engines, harvesters?

Highwire tags, JSON-LD (schema.org) and typed links (Signposting), all made of a page's context, so that they say what the
page shows: pure functions from context to plain data, and `head`, which writes it down, escaped for where it stands.
Which field becomes what, and by which rule, is in `docs/metadata.md`.
"""

from __future__ import annotations

import json
from html import escape
from typing import Any

from site_gen.citations.records import Record, inverted
from site_gen.contexts import Context, HomeContext, PaperContext, PeriodContext, Site, TermContext, permalink
from site_gen.library import IDENTIFIERS, Link
from site_gen.papers import Person
from site_gen.text import plain

Pairs = tuple[tuple[str, str], ...]
# Zotero's item types, where no other tag tells them (translators/Embedded Metadata.js): without one of the tags for
# a journal or conference title an item is a journal article.
_ZOTERO = {
    "misc": "preprint",
    **dict.fromkeys(("book", "collection", "proceedings"), "book"),
    **dict.fromkeys(("incollection", "inbook"), "bookSection"),
    **dict.fromkeys(("techreport", "report", "manual"), "report"),
    **dict.fromkeys(("booklet", "unpublished"), "manuscript"),
    "online": "webpage",
    "dataset": "dataset",
    "software": "computerProgram",
}
_CONTAINER = {
    "article": "citation_journal_title",
    "inproceedings": "citation_conference_title",
    "incollection": "citation_inbook_title",
    "inbook": "citation_inbook_title",
}
_INSTITUTION = {
    "phdthesis": "citation_dissertation_institution",
    "mastersthesis": "citation_dissertation_institution",
    "thesis": "citation_dissertation_institution",
    "techreport": "citation_technical_report_institution",
    "report": "citation_technical_report_institution",
}


def head(page: Context, site: Site) -> str:
    """Return what stands in the `<head>` of a page for programs, as HTML; "" for pages that are no paper and no list."""
    lines = []
    if isinstance(page, PaperContext):
        lines += [f'<meta name="{name}" content="{escape(content)}">' for name, content in highwire(page, site)]
        for relation, media, address in signposts(page, site):
            kind = f' type="{media}"' if media else ""
            lines.append(f'<link rel="{relation}"{kind} href="{escape(address)}">')
    if data := linked_data(page, site):
        lines.append(f'<script type="application/ld+json">{_in_script(json.dumps(data))}</script>')
    return "\n".join([*lines, ""]) if lines else ""


def _in_script(data: str) -> str:
    """Return ASCII JSON that cannot end the element it stands in, nor open a comment in it (HTML, 4.12.1.3)."""
    return data.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def highwire(page: PaperContext, site: Site) -> Pairs:
    """Return the `<meta>` tags of a paper's page as (name, content), in order.

    The names are Highwire Press's, as Google Scholar's inclusion guidelines and Zotero read them.
    """
    record, entry = page.record, page.entry
    first, _, last = record.pages.partition("-")
    pairs = [("citation_title", plain(record.title))]
    pairs += [("citation_author", inverted(person)) for person in record.authors]
    pairs += [("citation_editor", inverted(person)) for person in record.editors]
    pairs += [
        ("citation_publication_date", record.date.iso.replace("-", "/") if record.date else ""),
        (_CONTAINER.get(record.type, ""), record.container),
        (_INSTITUTION.get(record.type, ""), record.institution),
        ("citation_volume", record.volume),
        ("citation_issue", record.issue),
        ("citation_firstpage", first),
        ("citation_lastpage", last),
        ("citation_publisher", record.publisher),
        ("citation_doi", record.doi),
        ("citation_arxiv_id", record.arxiv),
        ("citation_abstract", " ".join(page.abstract.split())),
        ("citation_keywords", "; ".join(tag.name for tag in entry.tags)),
        ("citation_language", record.language),
        ("citation_public_url", permalink(page.url, site) if site.base_url else ""),
        ("citation_pdf_url", _pdf(page)),
        ("DC.type", _ZOTERO.get(record.type, "")),
    ]
    return tuple((name, content) for name, content in pairs if name and content)


def _pdf(page: PaperContext) -> str:
    return next((link.url for link in page.entry.links if link.name == "PDF"), "")


def signposts(page: PaperContext, site: Site) -> tuple[tuple[str, str, str], ...]:
    """Return the typed links of a paper's page as (relation, media type or "", address); signposting.org/FAIR."""
    own = permalink(page.url, site)
    links = [("cite-as", "", _identity(page) or (own if site.base_url else ""))]
    links += [("author", "", f"https://orcid.org/{person.orcid}") for person in page.record.authors if person.orcid]
    links += [
        ("type", "", "https://schema.org/AboutPage"),
        ("type", "", "https://schema.org/ScholarlyArticle"),
        ("item", "application/pdf", _pdf(page)),
        ("describedby", "application/x-bibtex", own + "cite.bib"),
        ("describedby", "application/x-research-info-systems", own + "cite.ris"),
        ("describedby", "application/vnd.citationstyles.csl+json", own + "cite.json"),
        ("alternate", "text/markdown", own + "index.md"),
    ]
    return tuple(link for link in links if link[2])


def _identity(page: PaperContext) -> str:
    """Return the address that names the paper wherever it is listed: its DOI's, else arXiv's; "" where it has none."""
    by_name = {link.name: link.url for link in page.entry.links}
    # An arXiv DOI is left out of the links: arXiv's own stands for it.
    return by_name.get("DOI", "") or by_name.get("arXiv", "")


def linked_data(page: Context, site: Site) -> dict[str, Any]:
    """Return what a page is as JSON-LD (schema.org): of a paper an `ItemPage`, of a list a `CollectionPage`.

    Empty for other pages.
    """
    if isinstance(page, PaperContext):
        return _item_page(page, site)
    if isinstance(page, HomeContext | TermContext | PeriodContext):
        items = [
            {"@type": "ListItem", "position": number, "url": permalink(entry.url, site)}
            for number, entry in enumerate(page.entries, 1)
        ]
        listed = {"@type": "ItemList", "numberOfItems": len(items), "itemListElement": items}
        return _filled(
            {
                "@context": "https://schema.org",
                "@type": "CollectionPage",
                "url": permalink(page.url, site),
                "name": page.title,
                "description": page.description,
                "inLanguage": site.language,
                "isPartOf": _website(site),
                "mainEntity": listed,
            }
        )
    return {}


def _website(site: Site) -> dict[str, Any]:
    return {"@type": "WebSite", "name": site.title, "url": permalink("/", site)}


def _item_page(page: PaperContext, site: Site) -> dict[str, Any]:
    entry, own = page.entry, permalink(page.url, site)
    return _filled(
        {
            "@context": "https://schema.org",
            "@type": "ItemPage",
            "url": own,
            "name": page.title,
            "description": page.description,
            "inLanguage": site.language,
            "dateCreated": entry.added.isoformat() if entry.added else "",
            "dateModified": entry.updated.isoformat() if entry.updated else "",
            "isPartOf": _website(site),
            "mainEntity": _article(page, site, own),
        }
    )


def _article(page: PaperContext, site: Site, own: str) -> dict[str, Any]:
    record, entry = page.record, page.entry
    return _filled(
        {
            "@type": "ScholarlyArticle",
            "@id": _identity(page) or f"{own}#paper",
            "name": plain(record.title),
            "headline": plain(record.title),
            "author": [_person(person) for person in record.authors],
            "editor": [_person(person) for person in record.editors],
            "datePublished": record.date.iso if record.date else "",
            "abstract": page.abstract,
            "keywords": [tag.name for tag in entry.tags],
            "inLanguage": record.language,
            "isPartOf": _container(record),
            "pagination": record.pages,
            "publisher": {"@type": "Organization", "name": record.publisher} if record.publisher else None,
            "sourceOrganization": [{"@type": "Organization", "name": one.name} for one in entry.organizations],
            "identifier": _identifiers(record),
            "sameAs": [link.url for link in _elsewhere(page)],
            "encoding": {"@type": "MediaObject", "encodingFormat": "application/pdf", "contentUrl": _pdf(page)}
            if _pdf(page)
            else None,
            "creativeWorkStatus": entry.status.capitalize() if entry.status != "published" else "",
        }
    )


def _elsewhere(page: PaperContext) -> tuple[Link, ...]:
    """Return the links of a paper's page that are the paper itself elsewhere."""
    names = {name for _, name, _ in IDENTIFIERS}
    return tuple(link for link in page.entry.links if link.name in names)


def _person(person: Person) -> dict[str, Any]:
    """Return a name as a Person; one that is a unit of several words is an Organization, since a mononym is one word."""
    unit = not person.family and " " in person.name
    return _filled(
        {
            "@type": "Organization" if unit else "Person",
            "@id": f"https://orcid.org/{person.orcid}" if person.orcid else "",
            "name": person.name,
            "givenName": person.given,
            "familyName": " ".join(filter(None, [person.prefix, person.family])),
            "honorificSuffix": person.suffix,
            "affiliation": {"@type": "Organization", "name": person.affiliation} if person.affiliation else None,
            "url": person.url,
        }
    )


def _container(record: Record) -> dict[str, Any] | None:
    """Return what a paper appeared in: a journal's volume and issue around each other, a book, or a work with a name."""
    if not record.container:
        return None
    if record.type != "article":
        kind = "Book" if record.type in ("inproceedings", "incollection", "inbook") else "CreativeWork"
        return _filled({"@type": kind, "name": record.container, "alternateName": record.short})
    made: dict[str, Any] = _filled({"@type": "Periodical", "name": record.container, "alternateName": record.short})
    if record.volume:
        made = {"@type": "PublicationVolume", "volumeNumber": record.volume, "isPartOf": made}
    if record.issue:
        made = {"@type": "PublicationIssue", "issueNumber": record.issue, "isPartOf": made}
    return made


def _identifiers(record: Record) -> list[dict[str, Any]]:
    named = (("DOI", record.doi), ("arXiv", record.arxiv))
    return [{"@type": "PropertyValue", "propertyID": name, "value": value} for name, value in named if value]


def _filled(made: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in made.items() if value}
