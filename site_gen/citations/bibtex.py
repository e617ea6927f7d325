"""A record as BibTeX and as BibLaTeX.

BibTeX (Patashnik, BibTeXing, 1988) gets ASCII for Latin letters and the fields of arXiv (`eprint`, `archivePrefix`,
`primaryClass`); BibLaTeX (Lehman and others, The biblatex Package, 2 and 3) gets Unicode, dates at their precision and
its own names of fields. A field that is not known is left out, and no value can end its field or entry.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from site_gen.citations.latex import escaped, title
from site_gen.citations.records import FORMS, Record, people_of, without_commas
from site_gen.papers import Person

MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
# Fields that BibLaTeX's data model does not have for a type (biber --validate-datamodel), among those that a record has.
_NUMBERS = ("editor", "series", "volume", "number", "pages", "publisher")
_ABSENT = {
    "article": ("publisher", "organization"),
    "incollection": ("organization",),
    "inbook": ("organization",),
    "book": ("organization",),
    "collection": ("author", "organization"),
    "proceedings": ("author",),
    "misc": _NUMBERS[1:],
    "online": _NUMBERS[1:],
    "dataset": ("volume", "pages", "howpublished"),
    "software": _NUMBERS[1:],
    "manual": ("volume",),
    "booklet": (*_NUMBERS[1:], "organization"),
    "unpublished": (*_NUMBERS, "organization"),
    "phdthesis": _NUMBERS,
    "mastersthesis": _NUMBERS,
    "thesis": _NUMBERS,
    "techreport": ("editor", "series", "volume", "publisher"),
    "report": ("editor", "series", "volume", "publisher"),
}

# Other fields of `cite_as` that are lists of names in BibLaTeX: of a name with too many commas readers skip the entry.
_OF_NAMES = frozenset(
    "afterword annotator bookauthor commentator editora editorb editorc foreword holder introduction namea nameb namec "
    "shortauthor shorteditor sortname translator".split()
)


def bibtex(record: Record, note: str = "") -> str:
    """Return a record as a BibTeX entry with its final line end; `note` is the curator's, which goes to `annote`."""
    form, date = FORMS[record.type], record.date
    dated = {
        "year": f"{date.year:04}" if date else "",
        "month": MONTHS[date.month - 1] if date and date.month else "",
    }
    archive = {"archivePrefix": "arXiv" if record.arxiv else "", "primaryClass": _text(record.arxiv_class, True)}
    fields = _fields(record, True, form.container, form.institution, dated, archive)
    return annotated(_entry(form.bibtex, record, fields), note, "annote")


def biblatex(record: Record, note: str = "") -> str:
    """Return a record as a BibLaTeX entry with its final line end; `note` is the curator's, which goes to `annotation`."""
    form = FORMS[record.type]
    container = {"journal": "journaltitle"}.get(form.container, form.container)
    institution = {"school": "institution"}.get(form.institution, form.institution)
    dated = {
        "date": record.date.iso if record.date else "",
        "type": record.type if record.type in ("thesis", "report") else "",
    }
    archive = {"eprinttype": "arxiv" if record.arxiv else "", "eprintclass": _text(record.arxiv_class, False)}
    fields = _fields(record, False, container, institution, dated, archive)
    for name in _ABSENT.get(form.biblatex, ()):
        fields.pop(name, None)
    return annotated(_entry(form.biblatex, record, fields), note, "annotation")


def _fields(
    record: Record, accents: bool, container: str, institution: str, dated: dict[str, str], archive: dict[str, str]
) -> dict[str, str]:
    """Return the fields of an entry in their order; `container` and `institution` are what they are called.

    `dated` and `archive` are what BibTeX and BibLaTeX each have in a way of their own.
    """
    return {
        "title": title(record.title, accents),
        "author": _names(record.authors, accents, record.others),
        "editor": _names(record.editors, accents),
        container: _text(_container(record), accents),
        institution: _listed(_institution(record), accents),
        **({} if container == "series" else {"series": _text(record.short, accents)}),
        "volume": _text(record.volume, accents),
        "number": _text(record.issue, accents),
        "pages": _pages(record, accents),
        "publisher": _listed(record.publisher, accents),
        **dated,
        "doi": _bare(record.doi),
        "eprint": _bare(record.arxiv),
        **archive,
        "url": _address(record.url),
        "language": _text(record.language, accents),
        "keywords": _text(", ".join(record.tags), accents),
        "abstract": _text(record.abstract, accents),
        "note": _text(record.note, accents),
    }


def annotated(entry: str, note: str, field: str) -> str:
    """Return an entry with a curator's note in a last field: BibTeX's `annote`, BibLaTeX's `annotation`."""
    return f"{entry[:-2]}  {field} = {{{_text(note, field == 'annote')}}},\n}}\n" if note else entry


def _entry(kind: str, record: Record, fields: dict[str, str]) -> str:
    """Return an entry; what `cite_as` says of a field that only BibTeX has comes last, and replaces one of that name."""
    own = {name: f"{{{_own(name, value)}}}" for name, value in record.more}
    kept = {
        name: value if name == "month" else f"{{{value}}}"  # a month is one of BibTeX's own abbreviations
        for name, value in fields.items()
        if name and value and name.lower() not in own
    } | own
    lines = [f"  {name} = {value},\n" for name, value in kept.items()]
    return f"@{kind}{{{record.key},\n{''.join(lines)}}}\n"


def _container(record: Record) -> str:
    """Return what a record appeared in; of a whole book that is its series, of which only a short name may be known."""
    return record.container or (record.short if FORMS[record.type].container == "series" else "")


def _institution(record: Record) -> str:
    """Return where a record comes from; what it appeared in where one field has both."""
    form = FORMS[record.type]
    return record.institution or (record.container if form.container == form.institution else "")


def _own(name: str, value: str) -> str:
    if name not in _OF_NAMES:
        return _text(value, True)
    return _names(tuple(map(without_commas, people_of(value))), True, value.endswith(" and others"))


def _text(value: str, accents: bool) -> str:
    """Return text on one line."""
    return escaped(" ".join(value.split()), accents) if value else ""


def _listed(value: str, accents: bool) -> str:
    """Return the one item of a field that is a list, in which "and" would begin another."""
    made = _text(value, accents)
    return f"{{{made}}}" if re.search(r"\band\b", made, re.IGNORECASE) else made


def _pages(record: Record, accents: bool) -> str:
    return _text(record.pages, accents).replace("-", "--") if record.pages else ""


def _address(url: str) -> str:
    """Return a web address, which programs take as it is, with percent signs for what no address holds (RFC 3986, 2)."""
    return quote(url, safe="%/:?#[]@!$&'()*+,;=~")


def _bare(identifier: str) -> str:
    """Return an identifier, which programs take as it is; what no DOI holds, and `cite_as` may, with percent signs."""
    return re.sub(r'[\s"\\{}]', lambda found: quote(found[0]), identifier)


# A name that stands for itself: capital letters first, none but ASCII, no "and"; nearly all names are such.
_PLAIN_NAME = re.compile(
    r"(?!.*\b[Aa][Nn][Dd]\b)[A-Z][A-Za-z]*(?:[ -][A-Z][A-Za-z]*)*, [A-Z][A-Za-z.]*(?:[ -][A-Z][A-Za-z.]*)*"
).fullmatch


def _names(people: tuple[Person, ...], accents: bool, others: bool = False) -> str:
    names = [_name(person, accents) for person in people]
    return " and ".join([*names, "others"] if others else names)


def _name(person: Person, accents: bool) -> str:
    """Return a name as `von Family, Jr., Given` (BibTeXing, 4); one that has no such parts in braces, as a unit."""
    plain = f"{person.family}, {person.given}"
    if not person.prefix and not person.suffix and _PLAIN_NAME(plain):
        return plain
    if not person.family or not person.given:
        return f"{{{escaped(person.name, accents)}}}"
    prefix = " ".join(_part(word, accents, not _is_small(word)) for word in person.prefix.split())
    words = person.family.split()
    family = _part(person.family, accents, any(map(_is_small, re.split(r"[\s-]+", person.family))))
    if any(_first_letter(word) > "\x7f" for word in words[:-1]):
        # Of such letters some readers do not see that they are capitals, and take the word for a particle.
        family = family.replace(" ", "{ }")
    rest = [_part(part, accents) for part in (person.suffix, person.given) if part]
    made = ", ".join([f"{prefix} {family}" if prefix else family, *rest])
    # Biber counts commas within braces, too, and leaves out the entry of a name with three.
    return made if accents or made.count(",") < 3 else _name(without_commas(person), accents)


def _is_small(word: str) -> bool:
    """Tell whether BibTeX takes a word for a particle: its first letter is a small one (BibTeXing, 4)."""
    return _first_letter(word).islower()


def _first_letter(word: str) -> str:
    return next(filter(str.isalpha, word), "")


def _part(value: str, accents: bool, whole: bool = False) -> str:
    """Return a part of a name; in braces where `whole`, or where it holds what separates names or their parts.

    So does, for some readers, a word that begins or ends with a sign written as a command.
    """
    made = escaped(value, accents)
    return f"{{{made}}}" if whole or re.search(r"[,=]|\band\b|(?:^|\s)\\|\\\W(?:$|\s)", made, re.IGNORECASE) else made
