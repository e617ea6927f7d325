"""What does a reading list of any size look like when no real one is at hand?

Invents papers that have the shape of real ones and none of their words, and writes such a paper, invented
or from a corpus, as a paper file of `docs/content-model.md`. Tests and benchmarks both stand on this
module, which is why it needs nothing but the standard library.

Invariant: the same seed gives the same papers everywhere, the first n of a longer run are the run of n, and
`paper_file` never writes a file that the content model refuses, whatever the paper holds.
"""

from __future__ import annotations

import datetime
import json
import random
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import accumulate
from typing import Any

ONSETS = "b br c ch d dr f fl g gr h j k kl l m n p pl pr qu r s st t tr v w z".split()
VOWELS = "a e i o u a e i o ai ea io ou".split()
CODAS = ["", "", "", "l", "m", "n", "nd", "r", "rt", "s", "x"]
FUNCTION_WORDS = (
    "the of and to a in we is that for with on by are this our as which from an it be show can over such than"
).split()
GIVEN = (
    "Aino Amara Anaïs Björn Chidi Chloé Dmitri Elif Emre Fatima Goran Hana Hiroshi Ingrid İpek Jun Kwame "
    "Lucía Łucja Mei Minh Nadia Noor Olga Pádraig Priya Quỳnh Rafał Sanjay Søren Tomáš Uxía Wei Xiao Yasmin "
    "Yuki Zoë A. J. M. R."
).split()
PARTICLES = ("van", "van der", "de", "de la", "von", "di", "dos", "ten")
WHOLE_NAMES = "李 明,王 芳,Иван Петров,Ελένη Νικολάου,محمد علي,김 민준,山田 花子,अनन्या शर्मा".split(",")
ACCENTS = str.maketrans({"a": "á", "e": "é", "o": "ö", "u": "ü", "c": "ç", "s": "š", "n": "ñ"})
MATH = r"$O(n \log n)$|$\ell_1$|$k$|$\varepsilon$|$\frac{1}{n}$|$f: \mathcal{X} \to \mathbb{R}^d$".split("|")
VENUES = "NAVE ICOR SABLE TALC QUOIN MERLE FENS OSIER WICK KELP BRANT DROVE".split()
LAST_YEAR = 2025


def papers(count: int, seed: int = 0) -> Iterator[dict[str, Any]]:
    """Yield `count` invented papers with the keys, lengths and frequencies of the real corpus."""
    chance = random.Random(seed)
    words = [_word(chance) for _ in range(4000)]
    weights = list(accumulate(1 / (rank + 8) for rank in range(len(words))))
    people: list[str] = []
    topics: list[str] = []
    for number in range(count):
        drawn = iter(chance.choices(words, cum_weights=weights, k=400))
        year = LAST_YEAR - min(int(chance.expovariate(1 / 6)), 38)
        venue = chance.choices(VENUES, weights=range(len(VENUES), 0, -1))[0]
        extra_tags = chance.randint(1, 6) if chance.random() < 0.09 else 0
        paper: dict[str, Any] = {
            "title": _title(chance, drawn),
            "authors": _authors(chance, people),
            "date": _date(chance, year),
            "venue": f"{venue} {year}",
            "tags": [_drawn_again(chance, topics, 0.4, _topic) for _ in range(extra_tags)] + [venue.lower()],
            "abstract": _abstract(chance, drawn, chance.randint(100, 250)),
        }
        if chance.random() < 0.84:
            paper["pdf"] = f"https://papers.example/{year}/{number:06d}.pdf"
        if chance.random() < 0.09:
            paper["github"] = f"https://code.example/{chance.choice(words)}/{chance.choice(words)}"
        if chance.random() < 0.04 and year >= 2015:
            paper["arxiv"] = f"{year % 100:02d}{number % 12 + 1:02d}.{number % 100000:05d}"
        if chance.random() < 0.05:
            paper["doi"] = f"10.5555/{venue.lower()}.{year}.{number}"
        if chance.random() < 0.95:
            paper["site"] = f"https://proceedings.example/{venue.lower()}/{number}"
        yield paper


def _word(chance: random.Random) -> str:
    syllables = chance.choices((1, 2, 3, 4), weights=(2, 5, 4, 1))[0]
    return "".join(chance.choice(ONSETS) + chance.choice(VOWELS) + chance.choice(CODAS) for _ in range(syllables))


def _drawn_again(chance: random.Random, seen: list[str], novelty: float, new: Callable[[random.Random], str]) -> str:
    """Draw something new, or what was drawn before, the more often the likelier: a heavy tail (Simon 1955).

    Only the last 4,000 draws count, so that those who came first do not lead for ever.
    """
    is_new = len(seen) < 100 or chance.random() < novelty
    value = new(chance) if is_new else seen[-chance.randint(1, min(len(seen), 4000))]
    seen.append(value)
    return value


def _authors(chance: random.Random, people: list[str]) -> list[str]:
    count = 1 + int(chance.lognormvariate(0.85, 0.62) + chance.random())
    if chance.random() < 0.003:
        count = chance.randint(13, 40)
    return list(dict.fromkeys(_drawn_again(chance, people, 0.58, _person) for _ in range(min(count, 40))))


def _person(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.01:
        return chance.choice(WHOLE_NAMES)
    family = _word(chance).capitalize()
    if kind < 0.08:
        family = family.translate(ACCENTS)
    if kind > 0.95:
        family += "-" + _word(chance).capitalize()
    given = chance.choice(GIVEN)
    if chance.random() < 0.2:
        given += f" {chance.choice('ABCDEFGHJKLMNPRSTVW')}."
    particle = chance.choice(PARTICLES) + " " if chance.random() < 0.02 else ""
    return f"{given} {particle}{family}"


def _topic(chance: random.Random) -> str:
    return " ".join(_word(chance) for _ in range(chance.randint(1, 3)))


def _date(chance: random.Random, year: int) -> str:
    full = f"{year}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
    kept = chance.choices((0, 4, 7, 10), weights=(2, 4, 4, 90))[0]
    return full[:kept]


def _title(chance: random.Random, drawn: Iterator[str]) -> str:
    words = [next(drawn).capitalize() for _ in range(chance.randint(5, 15))]
    kind = chance.random()
    if kind < 0.26:
        words[chance.randint(0, 2)] += ":"
    elif kind < 0.28:
        words[2] = f'"{words[2]}"'
    elif kind < 0.29:
        words[1] += "’s"
    if chance.random() < 0.01:
        words[3] = chance.choice(MATH) + "-" + words[3]
    return " ".join(words)


def _abstract(chance: random.Random, drawn: Iterator[str], length: int) -> str:
    sentences: list[str] = []
    while length > 0:
        size = min(length, chance.randint(10, 26))
        words = [next(drawn) if chance.random() < 0.55 else chance.choice(FUNCTION_WORDS) for _ in range(size)]
        if chance.random() < 0.03:
            words[size // 2] = chance.choice(MATH)
        if chance.random() < 0.05:
            words[size // 3] = f"{chance.randint(1, 99)}.{chance.randint(0, 9)}%"
        sentences.append(f"{words[0].capitalize()} {' '.join(words[1:])}.")
        length -= size
    return " ".join(sentences)


UNDATED_ADDED = "2000-01-01"
NAME_PARTICLES = frozenset(
    "af al bin da dal de del della den der di do dos du el ibn la las le los ten ter van von zu zur".split()
)
NAME_SUFFIXES = frozenset("Jr Jr. Sr Sr. II III IV".split())
# Narrower than RFC 3986: what a machine-gathered corpus has beyond this is more often wreckage than an
# address.
PLAIN_URL = re.compile(
    r"https?://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:\d{1,4})?"
    r"([/?#]([A-Za-z0-9._~/?#@!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*)?"
)
MONTH = r"(?:0[1-9]|1[0-2])"
NUMBER = rf"(?:0[7-9]|1[0-4]){MONTH}\.\d{{4}}|(?:1[5-9]|[2-9]\d){MONTH}\.\d{{5}}"
ARXIV = re.compile(rf"(?:arXiv:)?({NUMBER}|[a-z-]+(?:\.[A-Z]{{2}})?/\d\d{MONTH}\d{{3}})(?:v\d+)?")
DOI = re.compile(r"10\.\d{4,9}/[A-Za-z0-9._;()/:<>-]+")


def numbered(raw: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each paper behind a `family-year-words` id, without identifiers that an earlier paper has."""
    ids: set[str] = set()
    seen: set[tuple[str, str]] = set()
    for paper in raw:
        own = dict(paper)
        for key in ("arxiv", "doi", "site"):
            identifier = (key, str(own.get(key, "")).casefold())
            if identifier in seen:
                del own[key]
            elif identifier[1]:
                seen.add(identifier)
        stem = _stem(own)
        paper_id, number = stem, 1
        while paper_id in ids:
            number += 1
            paper_id = f"{stem}-{number}"
        ids.add(paper_id)
        yield paper_id, own


def paper_file(paper: Mapping[str, Any], paper_id: str) -> str:
    """Return the text of the paper file `paper_id`.md; the abstract takes the place of the curator's note."""
    fields = paper_fields(paper)
    body = fields.pop("body")
    lines = ["---"]
    for key, value in fields.items():
        if key == "authors":
            lines += ["authors:", *(f"  - {_quoted(name)}" for name in value)]
        else:
            lines.append(f"{key}: {value if key in ('date', 'added') else _quoted(value)}")
    if not fields["title"]:
        raise ValueError(f"{paper_id}: a paper needs a title")
    return "\n".join([*lines, "---", body, ""])


def paper_fields(paper: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of the paper file in order, and `body`, without what the content model would refuse.

    An author is a text, or a mapping where a plain name would leave open which part is the family name.
    """
    title, body = _clean(paper.get("title")), _clean(paper.get("abstract"))
    date = _known_date(str(paper.get("date") or ""))
    links = {"pdf": paper.get("pdf"), "code": paper.get("github"), "project": paper.get("project")}
    arxiv = ARXIV.fullmatch(_clean(paper.get("arxiv")))
    doi = _clean(paper.get("doi"))
    candidates: dict[str, Any] = {
        "authors": [_author(name) for name in map(_clean, paper.get("authors") or ()) if _has_letters(name)],
        "date": date,
        "added": (date + "-01-01"[len(date) - 4 :] if date else UNDATED_ADDED),
        "tags": list({tag.casefold(): tag for tag in map(_clean, paper.get("tags") or ()) if tag}.values()),
        "venue": _clean(paper.get("venue")),
        "arxiv": arxiv[1] if arxiv else "",
        # An arXiv DOI says the same as an arXiv identifier, and two papers must not say it of one another.
        "doi": doi if DOI.fullmatch(doi) and not doi.casefold().startswith("10.48550/") else "",
        "url": _plain_url(paper.get("site")),
        "links": {kind: url for kind, url in ((kind, _plain_url(url)) for kind, url in links.items()) if url},
    }
    # `](` makes links of any kind out of text that was never meant as Markdown, and `![` asks for an image.
    body = body.replace("](", "] (").replace("![", "! [")
    return {"title": title, **{key: value for key, value in candidates.items() if value}, "body": body}


def _quoted(value: Any) -> str:
    """Return JSON, which is YAML with every text in double quotes."""
    return json.dumps(value, ensure_ascii=False)


def _clean(text: object) -> str:
    """Return one line of NFC text: no control, format, private or unassigned characters, single spaces."""
    if not isinstance(text, str):
        return ""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " if c.isspace() else "" for c in text)
    return " ".join(unicodedata.normalize("NFC", text).split())


def _plain_url(url: object) -> str:
    text = _clean(url)
    return text if PLAIN_URL.fullmatch(text) else ""


def _has_letters(text: str) -> bool:
    return any(map(str.isalpha, text))


def _known_date(text: str) -> str:
    if not re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", text):
        return ""
    try:
        datetime.date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError:
        return ""
    return text


def _author(name: str) -> str | dict[str, str]:
    tokens = name.replace(",", " ").split()
    suffix = tokens.pop() if len(tokens) > 2 and tokens[-1] in NAME_SUFFIXES else ""
    lower = [place for place, token in enumerate(tokens) if token[0].islower()]
    if len(tokens) < 2 or tokens[0] in NAME_PARTICLES or tokens[-1] in NAME_PARTICLES:
        return {"name": " ".join([*tokens, suffix]).strip()}
    if not lower and not suffix:
        return " ".join(tokens)
    start = end = next((place for place in lower if tokens[place] in NAME_PARTICLES), len(tokens) - 1)
    while tokens[end] in NAME_PARTICLES:
        end += 1
    while start < end and start > 1 and tokens[start - 1].casefold() in NAME_PARTICLES:  # Guy Van den Broeck
        start -= 1
    parts = {"given": tokens[:start], "prefix": tokens[start:end], "family": tokens[end:], "suffix": [suffix]}
    return {part: " ".join(words) for part, words in parts.items() if any(words)}


def _stem(paper: Mapping[str, Any]) -> str:
    first = next(iter(paper.get("authors") or ()), "").split()
    family = _ascii("".join(first[-1:])) or "anonymous"
    year = _known_date(str(paper.get("date") or ""))[:4] or "undated"
    words = _ascii(_clean(paper.get("title"))).split("-")[:6]
    return "-".join(filter(None, (family, year, *words)))[:70].strip("-")


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))
