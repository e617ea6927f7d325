"""What do other people's programs make of our citations, and what should they?

`READERS` names each reader with the format it is given and the function that returns what it read, entry by entry.
`differences` compares that with the record, field by field. Where a reader gives back something else, `DEVIATIONS` says
what and why, and changes what is expected of it exactly so: a table to read, not a comparison left out.

Invariant: of `site_gen.citations` only the record is taken, and which formulas are written as such.
"""

from __future__ import annotations

import json
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from unicodedata import normalize
from urllib.parse import quote

import pybtex.database
import rispy
from bibtexparser.entrypoint import parse_string
from bibtexparser.library import Library
from bibtexparser.middlewares import LatexDecodingMiddleware, NameParts, SeparateCoAuthors, SplitNameParts
from bibtexparser.model import Entry, Field
from pybtex.richtext import Text

from site_gen.citations.latex import formula
from site_gen.citations.records import Record
from site_gen.contexts import CitationsContext
from site_gen.exports import WRITERS, records_of
from site_gen.fingerprint import digest
from site_gen.library import collect
from site_gen.papers import ENTRY_TYPES, Person, read_paper
from site_gen.problems import has_errors, report
from site_gen.sources import Source
from site_gen.text import plain, plain_math, split_math
from site_gen.vocabulary import Vocabulary
from tests.sites import paper

ROOT = Path(__file__).parents[1]


class Name(NamedTuple):
    """A name in its parts; one that is a unit is all family name."""

    given: str = ""
    prefix: str = ""
    family: str = ""
    suffix: str = ""

    @property
    def joined(self) -> str:
        return " ".join(filter(None, self))


@dataclass(frozen=True, slots=True)
class Read:
    """What a reader says of an entry; "" for what it does not say."""

    key: str
    title: str
    names: tuple[Name, ...] = ()
    year: str = ""
    doi: str = ""
    arxiv: str = ""
    url: str = ""


OTHERS = Name(family="others")  # what readers of BibTeX make of the end of a list that is cut short


# --- Readers in Python


def by_pybtex(text: str) -> list[Read]:
    """Read BibTeX with pybtex, its texts by its own reading of LaTeX."""
    found = pybtex.database.parse_string(text, "bibtex")
    return [_of_pybtex(key, entry) for key, entry in found.entries.items()]


def _of_pybtex(key: str, entry: Any) -> Read:
    names = []
    for person in entry.persons.get("author", ()):
        given = [*person.rich_first_names, *person.rich_middle_names]
        parts = (given, person.rich_prelast_names, person.rich_last_names, person.rich_lineage_names)
        names.append(Name(*(" ".join(map(str, part)) for part in parts)))
    fields = entry.fields
    title = str(Text.from_latex(fields["title"]))
    identifiers = (fields.get(name, "") for name in ("year", "doi", "eprint", "url"))
    return Read(key, title, tuple(names), *identifiers)


def by_bibtexparser(text: str) -> list[Read]:
    """Read BibTeX with bibtexparser 2: names split first, then all texts by its own reading of LaTeX."""
    found = parse_string(text, append_middleware=[SeparateCoAuthors(), SplitNameParts()])
    if found.failed_blocks:
        raise ValueError(f"{found.failed_blocks[0].error}")
    return [_of_bibtexparser(entry) for entry in found.entries]


def _of_bibtexparser(entry: Entry) -> Read:
    fields = {field.key: field.value for field in entry.fields}
    names = tuple(_decoded_name(parts) for parts in fields.get("author", ()))
    identifiers = (fields.get(name, "") for name in ("year", "doi", "eprint", "url"))
    return Read(entry.key, decoded(fields["title"]), names, *identifiers)


_DECODER = LatexDecodingMiddleware()


def decoded(value: str) -> str:
    """Return LaTeX as bibtexparser decodes it."""
    return str(_decoded(value))


def _decoded(value: Any) -> Any:
    entry = Entry("misc", "key", [Field("title", value)])
    made = _DECODER.transform_entry(entry, Library())
    assert isinstance(made, Entry), made
    return made.fields[0].value


def _decoded_name(parts: NameParts) -> Name:
    made = _decoded(parts)
    return Name(*(" ".join(part) for part in (made.first, made.von, made.last, made.jr)))


def by_rispy(text: str) -> list[Read]:
    """Read RIS with rispy."""
    return [
        Read(
            entry["id"],
            entry["title"],
            tuple(_of_ris(name) for name in entry.get("authors", ())),
            entry.get("year", ""),
            entry.get("doi", ""),
            entry.get("accession_number", "").removeprefix("arXiv:"),
            "".join(entry.get("urls", ())),
        )
        for entry in rispy.loads(text)
    ]


def _of_ris(name: str) -> Name:
    """Return a name as the specification of RIS writes it: `Family, Given, Suffix`."""
    family, given, suffix, *_ = [*name.split(", "), "", ""]
    return Name(given=given, family=family, suffix=suffix)


def by_json(text: str) -> list[Read]:
    """Read CSL-JSON as JSON; what the names of its variables mean is said by CSL 1.0.2."""
    return [_of_csl(item) for item in json.loads(text)]


def _of_csl(item: dict[str, Any]) -> Read:
    names = (
        Name(
            name.get("given", ""),
            name.get("non-dropping-particle", ""),
            name.get("literal") or name.get("family", ""),
            name.get("suffix", ""),
        )
        for name in item.get("author", ())
    )
    year = str(item["issued"]["date-parts"][0][0]) if "issued" in item else ""
    number = str(item.get("number", ""))
    arxiv = item.get("archive_location") or (number.removeprefix("arXiv:") if number.startswith("arXiv:") else "")
    others = (item.get("DOI", ""), arxiv, item.get("URL", ""))
    return Read(item["id"], item.get("title", ""), tuple(names), year, *others)


# --- Programs


def run(command: Sequence[str | Path], text: str) -> str:
    """Return what a program writes when it is given a text."""
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=True)
    return done.stdout.decode()


def _by_citation_js(kind: str) -> Callable[[str], list[Read]]:
    command: list[str | Path] = ["node", ROOT / ".ci" / "citation-js.mjs", kind]
    return lambda text: [_of_csl(item) for item in json.loads(run(command, text))]


MODS = "{http://www.loc.gov/mods/v3}"


def by_bib2xml(text: str) -> list[Read]:
    """Read BibTeX with bibutils, whose common form is MODS; `-nt` keeps it from parting titles at colons."""
    return _of_mods(run(["bib2xml", "-nt"], text))


def by_ris2xml(text: str) -> list[Read]:
    """Read RIS with bibutils."""
    return _of_mods(run(["ris2xml", "-nt"], text))


def _of_mods(xml: str) -> list[Read]:
    return [_of_mods_entry(entry) for entry in ElementTree.fromstring(xml.lstrip("\ufeff"))]


def _of_mods_entry(entry: ElementTree.Element) -> Read:
    identifiers = {found.get("type"): found.text or "" for found in entry.findall(f"{MODS}identifier")}
    names = []
    for name in entry.findall(f"{MODS}name"):
        if name.findtext(f"{MODS}role/{MODS}roleTerm") == "author":
            parts = [(part.get("type"), part.text or "") for part in name.findall(f"{MODS}namePart")]
            given = " ".join(text for kind, text in parts if kind == "given")
            family = " ".join(text for kind, text in parts if kind in ("family", None))
            names.append(Name(given, "", family, " ".join(text for kind, text in parts if kind == "suffix")))
    address = entry.findtext(f"{MODS}location/{MODS}url") or ""
    return Read(
        identifiers.get("citekey", ""),
        entry.findtext(f"{MODS}titleInfo/{MODS}title") or "",
        tuple(names),
        next((found.text or "" for found in entry.iter(f"{MODS}dateIssued")), "").partition("-")[0],
        identifiers.get("doi", ""),
        (identifiers.get("arXiv") or identifiers.get("accessnum", "")).removeprefix("arXiv:"),
        address,
    )


BLTX = "{http://biblatex-biber.sourceforge.net/biblatexml}"


def by_biber(text: str) -> tuple[list[Read], list[str]]:
    """Read BibLaTeX with biber, checked against BibLaTeX's data model; also return all that it complains about.

    Biber hands on LaTeX as it is; bibtexparser's decoder reads it.
    """
    with TemporaryDirectory() as folder:
        Path(folder, "list.bib").write_text(text, "utf-8")
        command = "biber --tool --validate-datamodel --nolog --output-format=biblatexml -O read.xml list.bib".split()
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        lines = (done.stdout + done.stderr).decode().splitlines()
        complaints = [line for line in lines if line and not line.startswith("INFO")]
        root = ElementTree.parse(Path(folder, "read.xml")).getroot()
    return [_of_biber(entry) for entry in root], complaints


def _of_biber(entry: ElementTree.Element) -> Read:
    names = []
    for name in entry.iterfind(f"{BLTX}names[@type='author']/{BLTX}name"):
        parts = {part.get("type"): part for part in name.findall(f"{BLTX}namepart")}
        found = (_words(parts[kind]) if kind in parts else "" for kind in ("given", "prefix", "family", "suffix"))
        names.append(Name(*map(decoded, found)))
    if entry.find(f"{BLTX}names[@type='author'][@morenames='1']") is not None:
        names.append(OTHERS)
    identifiers = (entry.findtext(f"{BLTX}{name}") or "" for name in ("doi", "eprint", "url"))
    year = (entry.findtext(f"{BLTX}date") or "").partition("-")[0]
    return Read(entry.get("id") or "", decoded(entry.findtext(f"{BLTX}title") or ""), tuple(names), year, *identifiers)


def _words(part: ElementTree.Element) -> str:
    """Return a part of a name, of which biber may have made an element for each word."""
    return " ".join([text for text in (part.text or "", *(word.text or "" for word in part)) if text.strip()])


# --- What each should give back

BIBTEX = ("pybtex", "bibtexparser", "bib2xml", "citation-js bibtex", "biber")
RIS = ("rispy", "ris2xml", "citation-js ris")
CSL = ("json", "citation-js csl")
BIBUTILS = ("bib2xml", "ris2xml")

READERS: dict[str, Callable[[str], list[Read]]] = {
    "pybtex": by_pybtex,
    "bibtexparser": by_bibtexparser,
    "rispy": by_rispy,
    "json": by_json,
}
PROGRAMS: dict[str, Callable[[str], list[Read]]] = {
    "bib2xml": by_bib2xml,
    "ris2xml": by_ris2xml,
    "citation-js bibtex": _by_citation_js("@bibtex/text"),
    "citation-js ris": _by_citation_js("@ris/file"),
    "citation-js csl": _by_citation_js("@else/json"),
}


FORMULA = "\0"  # around a formula in an expected title


def expected(record: Record, reader: str) -> Read:
    """Return what a reader should say of a record; a formula in a title stands between two `FORMULA`."""
    if reader in BIBTEX:
        parts = split_math(record.title)
        title = "".join(_formula(text) if is_math else text for is_math, text in parts)
    else:
        title = plain(record.title)
    made = Read(
        record.key,
        title,
        tuple(map(_whole if reader in CSL else _parted, record.authors)),
        str(record.date.year) if record.date else "",
        record.doi,
        record.arxiv,
        record.url,
    )
    if record.others and reader in BIBTEX:
        made = replace(made, names=(*made.names, OTHERS))
    for deviation in DEVIATIONS:
        if reader in deviation.readers:
            made = deviation.change(made, record)
    return made


def _formula(source: str) -> str:
    """Return a formula as it stands in LaTeX between two `FORMULA`, or its text where some reader would end at it."""
    written = formula(source)
    return f"{FORMULA}{written}{FORMULA}" if written else plain_math(source)


def _whole(person: Person) -> Name:
    return Name(person.given, person.prefix, person.family or person.name, person.suffix)


def _parted(person: Person) -> Name:
    """Return a name as BibTeX and RIS can write it: in parts if it has the two main ones, else as a unit."""
    return _whole(person) if person.family and person.given else Name(family=person.name)


def differences(record: Record, reader: str, read: Read) -> list[str]:
    """Say where what was read is not what was expected, characters being compared in Unicode normal form C."""
    want = expected(record, reader)
    pairs = [(name, getattr(want, name), getattr(read, name)) for name in ("key", "doi", "arxiv", "url")]
    pairs.append(("year", want.year, read.year.lstrip("0")))
    pairs.append(("names", _comparable(want.names, want.names, reader), _comparable(read.names, want.names, reader)))
    found = [f"{record.key}: {name}: expected {a!r}, read {b!r}" for name, a, b in pairs if a != b]
    title = normalize("NFC", read.title)
    if not re.fullmatch(_pattern(want.title, reader), title, re.DOTALL):
        found.append(f"{record.key}: title: expected {want.title!r}, read {title!r}")
    return found


def _comparable(names: Sequence[Name], wanted: Sequence[Name], reader: str) -> list[Any]:
    """Return names as they are compared, where `wanted` are expected: part by part in Unicode normal form C.

    Bibutils takes given names for initials where they are in capitals or have dots (JP, S.V.N.) and writes these anew,
    so that of its given names and suffixes dots, commas and blanks do not count. In RIS it takes a unit for a person, so
    a unit's words count in their order, and "and" in a name for the end of it, so then all names' words do.
    """
    made = [Name(*(normalize("NFC", part) for part in name)) for name in names]
    if reader not in BIBUTILS:
        return list(made)
    if reader == "ris2xml" and any(re.search(r"\band\b", name.joined) for name in wanted):
        return sorted(word for name in made for word in re.findall(r"\w", name.joined.replace("and", "")))
    units = [reader == "ris2xml" and not name.given for name in wanted] + [False] * len(made)
    return [
        re.sub(r"[\s.,]", "", name.joined)
        if unit
        else (re.sub(r"[\s.,]", "", name.given), name.family, name.suffix.rstrip("."))
        for name, unit in zip(made, units, strict=False)
    ]


def _pattern(title: str, reader: str) -> str:
    """Return a pattern of an expected title: its text to the letter, its formulas as far as a reader keeps them."""
    parts = enumerate(normalize("NFC", title).split(FORMULA))
    return "".join(".*" if number % 2 and reader not in VERBATIM else re.escape(part) for number, part in parts)


Change = Callable[[Read, Record], Read]
# Readers that hand on formulas as they are.
VERBATIM = ("bibtexparser", "biber")


@dataclass(frozen=True, slots=True)
class Deviation:
    """What readers give back otherwise than it was given, and what therefore is expected of them."""

    readers: tuple[str, ...]
    what: str
    change: Change


def in_title(change: Callable[[str], str]) -> Change:
    """Return a change of what stands in a title outside of formulas."""

    def changed(read: Read, record: Record) -> Read:
        parts = read.title.split(FORMULA)
        return replace(read, title=FORMULA.join(part if n % 2 else change(part) for n, part in enumerate(parts)))

    return changed


def in_names(change: Callable[[Name], Name]) -> Change:
    """Return a change of each name."""
    return lambda read, record: replace(read, names=tuple(map(change, read.names)))


def in_text(change: Callable[[str], str]) -> Change:
    """Return a change of the text of titles and of each part of a name."""
    names, title = in_names(lambda name: Name(*map(change, name))), in_title(change)
    return lambda read, record: names(title(read, record), record)


def each(found: dict[str, str]) -> Callable[[str], str]:
    """Return a change of some pieces of text into others."""
    pattern = re.compile("|".join(map(re.escape, sorted(found, key=len, reverse=True))))
    return lambda value: pattern.sub(lambda match: found[match[0]], value)


def nested(value: str) -> bool:
    """Tell whether braces are balanced: only then they can be written as braces."""
    depth = [0]
    for char in value:
        depth.append(depth[-1] + (char == "{") - (char == "}"))
    return depth[-1] == 0 == min(depth)


def braces(of_nested: tuple[str, str], of_others: tuple[str, str]) -> Change:
    """Return a change of braces into others, by whether those of a title or name are nested."""

    def change(whole: str, part: str) -> str:
        return part.translate(dict(zip(map(ord, "{}"), of_nested if nested(whole) else of_others, strict=True)))

    def changed(read: Read, record: Record) -> Read:
        title = "".join(part for n, part in enumerate(read.title.split(FORMULA)) if not n % 2)
        made = in_title(lambda part: change(title, part))(read, record)
        return in_names(lambda name: Name(*(change(part, part) for part in name)))(made, record)

    return changed


def without_commas(name: Name) -> Name:
    """Return a name whose parts hold no commas; one that then lacks one of the two main parts is a unit."""
    made = Name(*(" ".join(part.replace(",", " ").split()) for part in name))
    return made if made.given and made.family else Name(family=made.joined)


def _is_particle(word: str) -> bool:
    """Tell whether a word begins with a small letter and holds nothing for which it is put in braces."""
    braced = re.search(r"[,=]|\band\b|^[\\$%&#_{}~^]|[\\$%&#_{}~^]$", word, re.IGNORECASE)
    return not braced and next(filter(str.isalpha, word), "").islower()


def with_small_particle(name: Name) -> Name:
    """Return a name whose particle ends with its last word in small letters."""
    words = name.prefix.split()
    end = max((n for n, word in enumerate(words, 1) if _is_particle(word)), default=0)
    return name._replace(prefix=" ".join(words[:end]), family=" ".join([*words[end:], name.family]))


def smaller(found: re.Match[str]) -> str:
    """Return the digit after a sign as a subscript."""
    return chr(ord("₀") + int(found[1]))


KNOWN = ("Jr.", "Jr", "Sr.", "Sr", "III", "IV")  # suffixes that bibutils looks for


def with_unknown_suffix_first(name: Name) -> Name:
    """Return a name whose suffix stands before its given names, unless it is one that bibutils knows."""
    if name.suffix in ("", *KNOWN):
        return name
    return name._replace(given=f"{name.suffix}, {name.given}", suffix="")


def with_unknown_suffix_last(name: Name) -> Name:
    """Return a name whose suffix stands after its given names, unless it is one that bibutils knows."""
    if name.suffix in ("", *KNOWN):
        return name
    return name._replace(given=f"{name.given}, {name.suffix}", suffix="")


def without_hyphens_apart(part: str) -> str:
    """Return text without hyphens that stand alone, and without the blank after others."""
    return re.sub(r"(^| )-( |$)", r"\1", part).replace("- ", "-")


def percent(identifier: str) -> str:
    """Return an identifier with percent signs for blanks, braces, backslashes and quotation marks."""
    return "".join(quote(char) if char in ' "\\{}' else char for char in identifier)


DEVIATIONS = (
    Deviation(
        BIBTEX + RIS,
        "U+FEFF becomes U+2060, which says the same",
        in_text(lambda text: text.replace("\ufeff", "\u2060")),
    ),
    Deviation(
        RIS,
        "so it does in an identifier, where only cite_as can have put it",
        lambda read, record: replace(
            read, doi=read.doi.replace("\ufeff", "\u2060"), arxiv=read.arxiv.replace("\ufeff", "\u2060")
        ),
    ),
    Deviation(
        RIS,
        "a comma parts names, so that the parts themselves are written without",
        in_names(without_commas),
    ),
    Deviation(
        RIS,
        "a name of nothing but commas is left out",
        lambda read, record: replace(read, names=tuple(filter(any, read.names))),
    ),
    Deviation(
        RIS,
        "there is no place for a particle, which stands before the family name",
        in_names(lambda name: name._replace(prefix="", family=f"{name.prefix} {name.family}".strip())),
    ),
    Deviation(
        BIBTEX,
        "a particle is known by its small letter: words after the last one are of the family name",
        in_names(with_small_particle),
    ),
    Deviation(
        BIBTEX,
        "letters of an address that are not ASCII, and signs that no address holds, are written with percent signs",
        lambda read, record: replace(read, url=quote(read.url, safe="%/:?#[]@!$&'()*+,;=~")),
    ),
    Deviation(
        BIBTEX,
        "what no identifier holds, and cite_as may, is written with percent signs",
        lambda read, record: replace(read, doi=percent(read.doi), arxiv=percent(read.arxiv)),
    ),
    Deviation(
        ("biber",),
        "BibLaTeX knows no authors of collections and proceedings",
        lambda read, record: replace(read, names=()) if record.type in ("collection", "proceedings") else read,
    ),
    Deviation(
        RIS,
        "a semicolon would part addresses, so it is written as %3B",
        lambda read, record: replace(read, url=read.url.replace(";", "%3B")),
    ),
    Deviation(
        ("pybtex",),
        "no command is known for \\$ and \\textasciicircum{}",
        in_text(each({"$": r"\$", "^": r"\textasciicircum "})),
    ),
    Deviation(
        ("pybtex",),
        "an escaped brace is a brace like others, of which the backslash is left",
        braces(("\\", "\\"), (r"\textbraceleft ", r"\textbraceright ")),
    ),
    Deviation(
        ("bibtexparser", "biber"),
        "the sign for ^ is U+02C6, which is smaller",
        in_text(lambda text: text.replace("^", "\u02c6")),
    ),
    Deviation(
        ("bibtexparser", "biber"),
        "no command is known for braces that are not nested",
        braces(("{", "}"), ("", "")),
    ),
    Deviation(
        ("citation-js bibtex",),
        "in names a hyphen alone is left out, and the blank after one",
        in_names(lambda name: Name(*map(without_hyphens_apart, name))),
    ),
    Deviation(
        ("citation-js bibtex",),
        "no eprint is read",
        lambda read, record: replace(read, arxiv=""),
    ),
    Deviation(
        ("bib2xml",),
        "an eprint is read of an article only",
        lambda read, record: read if record.type == "article" else replace(read, arxiv=""),
    ),
    Deviation(
        ("ris2xml", "citation-js ris"),
        "AN is not read, but M1, which stands in preprints",
        lambda read, record: read if record.type == "misc" else replace(read, arxiv=""),
    ),
    Deviation(
        ("bib2xml",),
        "quotation marks become curly ones, and signs that TeX would join are joined even where {} keeps them apart",
        in_text(each({"---": "—", "--": "–", "``": "“", "''": "”", '"': "”", "'": "’", "`": "‘"})),
    ),
    Deviation(
        ("bib2xml",),
        "\\textbackslash is not known; the sign for ^ is U+2303",
        in_text(each({"\\": r"\textbackslash", "^": "\u2303"})),
    ),
    Deviation(
        ("ris2xml",),
        "a DOI is known as one if its prefix has four digits",
        lambda read, record: read if re.match(r"10\.[0-9]{4}/", read.doi) else replace(read, doi=""),
    ),
    Deviation(
        ("ris2xml",),
        "a suffix that it does not know is put after the given names",
        in_names(with_unknown_suffix_last),
    ),
    Deviation(
        ("bib2xml",),
        "a particle is part of the family name",
        in_names(lambda name: name._replace(prefix="", family=f"{name.prefix} {name.family}".strip())),
    ),
    Deviation(
        ("bib2xml",),
        "in a name ~ is a blank, and a digit after _ a small one, even where commands say otherwise",
        in_names(lambda name: Name(*(re.sub("_([0-9])", smaller, part.replace("~", " ")) for part in name))),
    ),
    Deviation(
        ("bib2xml",),
        "a suffix that it does not know is put before the given names",
        in_names(with_unknown_suffix_first),
    ),
    Deviation(
        BIBUTILS,
        "of two people with one name the second is left out",
        lambda read, record: replace(read, names=tuple(dict.fromkeys(read.names))),
    ),
    Deviation(
        ("biber",),
        "a particle is known only if all its words, with whatever sign before them, begin with small letters",
        in_names(
            lambda name: (
                name
                if name.prefix[:1].islower()
                else name._replace(prefix="", family=f"{name.prefix} {name.family}".strip())
            )
        ),
    ),
)


# --- What is given to them


def cited_papers(files: Mapping[str, str]) -> list[Record]:
    """Return what is cited of paper files, given as id -> text; every file has to be one that can be built."""
    papers = []
    for paper_id, text in files.items():
        data = text.encode()
        paper, problems = read_paper(Source(f"content/papers/{paper_id}.md", digest(data), data))
        assert paper is not None and not has_errors(problems), report(problems, "text")
        papers.append(paper)
    library, _ = collect(papers, [], Vocabulary(), Vocabulary(), {})
    return list(records_of(library).values())


def export(records: Sequence[Record], writer: str, notes: Sequence[str] = ()) -> str:
    """Return the file of a whole list, with curators' notes if they are given."""
    context = CitationsContext(url="/", title="", records=tuple(records), notes=tuple(notes))
    parts = WRITERS[writer](context, NO_SITE, {})
    return "".join(part.decode() if isinstance(part, bytes) else part for part in parts)


NO_SITE: Any = None  # citations say nothing of the site
WRITER_OF = (
    dict.fromkeys(BIBTEX, "bibtex") | dict.fromkeys(RIS, "ris") | dict.fromkeys(CSL, "csl-json") | {"biber": "biblatex"}
)


def misread(records: Sequence[Record], reader: str, found: Sequence[Read]) -> list[str]:
    """Say what a reader got wrong: an entry too many or too few, or in another order than ours, or what is in one."""
    keys, wanted = [read.key for read in found], [record.key for record in records]
    if keys != wanted:
        return [
            f"{reader}: {len(wanted)} entries were written, and {len(keys)} read; {sorted({*keys} ^ {*wanted})[:9]}"
        ]
    pairs = zip(records, found, strict=True)
    return [f"{reader}: {said}" for record, read in pairs for said in differences(record, reader, read)]


# Titles that would leave their entry, and what else is hard to write down (the threat model, Exports).
HOSTILE = (
    "closes}, year = {1999}} @misc{another, title = {one",
    "}}}}", "{{{", "}{", "{", "a } b { c", "{a} {b}", "@article{x,", "@comment{", "@string{a = b}", "@",
    r"\input{/etc/passwd}", r"\end{document}", r"\write18{ls}", r"\\", "\\", r"ends in \ ", r"\textbf", r"\begin{x}", "\\\"",
    "% $ & # _ ~ ^ \\ { }", "100% of $5 & #1_a ~ ^", "$", "$$", "$5 and $10", r"\$5", "$x", "a_1^2", "^2", "_x_", "~/x",
    "ER  - ", "TY  - BOOK", "x ER  - TY  - JOUR TI  - y",
    "$O(n \\log n)$ and $\\{a\\}$", "$x_{i}^2 < y$", r"$\_$ and }",
    r"$\{ \_$", r"$\{$ {", r"$a\_b$", r"$\text x$", r"$\rm x$", "$x_$", "$#$",
    r"$\frac{1}{2}$-Lipschitz", r"$\alpha$-divergence", "$x^{a^{b}}$", r"$\H$", r'$"$', r"${\bf x}$", r"$\'e$",
    "<script>alert(1)</script>", "&amp; &lt; <i>x</i>", "]]>", "<!-- x -->", "x --- y -- z", "``q'' `q' \"q\"", ",,x''", "?`", "!`",
    "=1+1", "+1", "-1", "@SUM(A1)", "null", "undefined", "__proto__", "constructor", "BERT", "iPhone: GPT-4 in C and A", "C++ C# F#",
    "é ß ø Å ế İ ı ő ș đ æ œ ﬁ ¡ ¿ « »", "e\u0301 a\u030a q\u0301", "深層学習",
    "التعلم العميق", "שלום", "अध्ययन", "😀 👩‍🔬", "a\u200bb", "x\ufeff y", "\u202ex\u202c",
    "a\u00a0b\u2009c", "“curly” ‘quotes’ … – —", "What? No: Yes! The End.", "The The", "e" + "\u0300" * 7, "a" * 900,
)  # fmt: skip
HOSTILE_DOIS = (
    "10.1000/odd<1>(2)",
    "10.1002/(SICI)1097-0258(19980815)17:15<1661::AID-SIM968>3.0.CO;2-2",
    "10.1000/a_b%c&d#e~f$g",
    "10.1000/a--b''c",
)
OLD_ARXIV = ("math.GT/0309136", "hep-th/9901001", "cs/0112017", "1412.6980", "2301.10140")
NAMES: tuple[str | dict[str, str], ...] = (
    "Ada Lovelace", "Lovelace, Ada", "Plato", "李 明", "محمد علي", "Иван Петров", "Ελένη Νικολάου", "अनन्या शर्मा", "A. B. Smith",
    {"name": "The BIG Team and Friends, Inc."}, {"name": "AT&T Labs"}, {"name": "Team C#"}, {"name": "Jet {Propulsion} Lab"},
    {"name": "Université de Paris"}, {"name": "100% Lab"}, {"name": "Group_1 ~ ^"}, {"name": "Fire\\Wall"}, {"name": 'Team "X"'},
    {"given": "Jan", "prefix": "van der", "family": "Berg"}, {"given": "Guy", "prefix": "Van den", "family": "Broeck"},
    {"given": "Gerard", "prefix": "'t", "family": "Hooft"}, {"given": "Jean", "prefix": "de La", "family": "Fontaine"},
    {"given": "Martin Luther", "family": "King", "suffix": "Jr."}, {"given": "William", "family": "Gates", "suffix": "III"},
    {"given": "José", "family": "Ortega y Gasset"}, {"given": "Gabriel",
    "family": "García Márquez"}, {"given": "danah", "family": "boyd"},
    {"given": "Muhammad", "family": "al-Khwarizmi"}, {"given": "Manuel",
    "family": "Montes-y-Gómez"}, {"given": "Åsa", "family": "Ångström Šimůnková"},
    {"given": "Łukasz", "family": "Øystein Çelik"}, {"given": "علي",
    "family": "بن سينا"}, {"given": "Quỳnh", "family": "Nguyễn"}, {"family": "Madonna"},
    {"given": "Pat", "family": "O'Brien"}, {"given": "Kurt \"Bob\"", "family": "Weiß"},
    {"given": "A=B", "family": "C=D"}, {"given": "X and Y", "family": "Z"},
)  # fmt: skip


def hostile_notes(count: int) -> list[str]:
    """Return so many notes of curators, of several paragraphs, that would leave their entry if they could."""
    return [f"{HOSTILE[n % len(HOSTILE)]}\n\nER  - \r\n}}}}\n@misc{{x," for n in range(count)]


def hostile_files() -> dict[str, str]:
    """Return a paper for each of what is hard: titles, names, DOIs, arXiv identifiers; and what `cite_as` may say."""
    files = {f"title-{n}": paper(title, date="2024-05-06") for n, title in enumerate(HOSTILE)}
    files |= {
        f"name-{n}": paper("A title", authors=[name, "Grace Hopper"], date="2023") for n, name in enumerate(NAMES)
    }
    files |= {f"doi-{n}": paper("A title", doi=doi) for n, doi in enumerate(HOSTILE_DOIS)}
    files |= {f"arxiv-{n}": paper("A title", arxiv=arxiv) for n, arxiv in enumerate(OLD_ARXIV)}
    everything: dict[str, Any] = {
        "authors": ["Ada Lovelace"],
        "editors": ["Emmy Noether"],
        "date": "2024-05-06",
        "venue": {
            "name": "P & Q",
            "short": "PQ",
            "volume": "3",
            "issue": "4",
            "pages": "1–12",
            "publisher": "Pub and Sons",
        },
        "doi": "10.1000/x",
        "arxiv": "math.GT/0309136",
        "url": "https://papers.example/a?b=1&c=2;d#e_f",
        "language": "en",
        "tags": ["a", "b & c"],
        "abstract": "An } abstract.",
        "organization": "A University",
    }
    files |= {f"type-{kind}": paper("A title", cite_as=kind, **everything) for kind in ENTRY_TYPES}
    cite_as = {
        "type": "misc",
        "note": "} % {",
        "doi": "10.1000/{x",
        "eprint": '} \\ "',
        "url": "https://x.example/~'a'%20",
        "edition": "{ 2",
    }
    return files | {"override": paper("A title", date="2024", cite_as=cite_as)}
