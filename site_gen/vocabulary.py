"""`tags.yml` and `people.yml`: canonical names with what is known of them, and the spellings that mean the same.

A vocabulary is a mapping of canonical names; a spelling belongs to one term only, so looking a name up is a plain
dictionary access by `text.key`. Names that are not in it stand for themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from site_gen.fields import Field, link, list_of, read_fields, text
from site_gen.papers import orcid
from site_gen.problems import Problem, quoted
from site_gen.sources import Source, decoded
from site_gen.text import key
from site_gen.yaml_text import Document, Mapping, is_empty, read


@dataclass(frozen=True, slots=True)
class Name:
    """A canonical name. `formerly` are names it had: their addresses redirect, but they are not synonyms any more."""

    name: str
    description: str = ""
    synonyms: tuple[str, ...] = ()
    formerly: tuple[str, ...] = ()
    orcid: str = ""
    url: str = ""


@dataclass(frozen=True)
class Vocabulary:
    """The names of one file in its order; `exists` tells an empty vocabulary from none, which knows every name."""

    names: tuple[Name, ...] = ()
    exists: bool = False

    @cached_property
    def by_key(self) -> dict[str, Name]:
        return {key(spelling): name for name in self.names for spelling in (name.name, *name.synonyms)}

    @cached_property
    def by_former(self) -> dict[str, Name]:
        """The names that others were before."""
        return {key(old): name for name in self.names for old in name.formerly}

    def canonical(self, spelling: str) -> str:
        """Return the canonical name that a spelling stands for, or the spelling itself."""
        found = self.by_key.get(key(spelling))
        return found.name if found else spelling


TAG = (
    Field("description", text, "text: a sentence on what the tag is for"),
    Field("synonyms", list_of(text, "synonyms: [other name]"), "list of spellings that mean the same"),
    Field("formerly", list_of(text, "formerly: [old name]"), "list of names it had; their addresses redirect here"),
)
PERSON = (
    *TAG,
    Field("orcid", orcid, "ORCID iD"),
    Field("url", link, "home page"),
)


def read_vocabulary(source: Source | None) -> tuple[Vocabulary, list[Problem]]:
    """Read a vocabulary file; None, a file that is not there, knows every name, and so does one that cannot be read."""
    if source is None:
        return Vocabulary(), []
    value, problems = decoded(source)
    if value is None:
        return Vocabulary(), problems
    document = Document(source.path, value.split("\n"))
    mapping, problems = read(value, document)
    if mapping is None:
        return Vocabulary(), problems
    table = PERSON if source.stem == "people" else TAG
    names: list[Name] = []
    meant: dict[str, tuple[str, int]] = {}  # what each spelling means, and where the address of each old name leads
    redirected: dict[str, tuple[str, int]] = {}
    for heading, node in mapping.pairs:
        name = text(heading, document, problems)
        if name is None:
            continue
        values: dict[str, Any] = {}
        if isinstance(node, Mapping):
            values = read_fields(node, table, document, problems, f"{quoted(name)}")
        elif not is_empty(node):
            hint = f"write  {name}: {{description: A sentence}}"
            problems.append(Problem("bad-value", document.of(node), "a name in a vocabulary holds a mapping", hint))
        names.append(Name(name, **values))
        spellings = [(meant, name), *((meant, old) for old in names[-1].synonyms)]
        spellings += ((redirected, old) for old in (*names[-1].synonyms, *names[-1].formerly))
        reported = set()
        for owners, spelling in spellings:
            other, line = owners.setdefault(key(spelling), (name, heading.line))
            if (other != name or line != heading.line) and key(spelling) not in reported:
                reported.add(key(spelling))
                message = f"{quoted(spelling)} belongs to {quoted(other)} on line {line} and to {quoted(name)} here"
                hint = "keep it in one of the two"
                problems.append(Problem("vocabulary-clash", document.of(heading), message, hint))
    return Vocabulary(tuple(names), True), problems
