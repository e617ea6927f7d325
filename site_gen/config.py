"""`site.yml` as a frozen value: what the curators decide about the site as a whole.

Flat, text in, typed values out; every key is documented where it is defined, and `docs/configuration.md` is checked
against this table. What is absent is not shown: no repository, no edit links.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from site_gen.fields import Field, is_web_link, link, list_of, pattern, read_fields, text, whole_number, wrong
from site_gen.problems import Problem
from site_gen.yaml_text import Document, Node, Text, read


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of a site. `base_url` ends in a slash, or is "" when it is not known."""

    title: str
    tagline: str = ""
    description: str = ""
    id: str = ""
    base_url: str = ""
    language: str = "en"
    theme: str = "default"
    curators: tuple[str, ...] = ()
    repository: str = ""
    default_branch: str = "main"
    license: str = ""
    per_page: int = 20
    author_page_min_papers: int = 2

    @property
    def base_path(self) -> str:
        """The path that every URL of the site starts with: `/`, or `/repo/`."""
        return urlsplit(self.base_url).path or "/"


LANGUAGE = r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*"


def base_url(node: Node, document: Document, problems: list[Problem]) -> str | None:
    """Read the address of the home page and end it with a slash; no query, no fragment."""
    address = normal_base_url(node.value) if isinstance(node, Text) else ""
    if not address:
        hint = "write it as  https://example.org/  or  https://name.github.io/repository/"
        problems.append(wrong(node, document, "the web address of the home page", "bad-config", hint))
        return None
    return address


def normal_base_url(address: str) -> str:
    """Return the address with one slash at its end, or "" when it cannot be one of a home page."""
    parts = urlsplit(address) if is_web_link(address) else None
    if parts is None or parts.query or parts.fragment or any(p in (".", "..") for p in parts.path.split("/")):
        return ""
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}{quote(re.sub('/+', '/', parts.path + '/'), safe='/%~')}"


FIELDS = (
    Field("title", text, "text: the name of the list", required=True),
    Field("tagline", text, "text: a few words under the title"),
    Field(
        "description",
        text,
        "text: one or two sentences on what the list is about, for the home page and search engines",
    ),
    Field(
        "id",
        pattern(
            r"tag:[A-Za-z0-9.@_-]+,\d{4}(-\d{2}(-\d{2})?)?:[A-Za-z0-9._~:/-]*",
            "a tag: URI",
            "tag:example.org,2026:list",
            "bad-config",
        ),
        "a tag: URI (RFC 4151) such as tag:example.org,2026:list, written once and never changed: feed ids are made of it",
    ),
    Field("base_url", base_url, "the web address of the home page; absent, the publishing workflow works it out"),
    Field("language", pattern(LANGUAGE, "a language tag", "pt-BR", "bad-config"), "BCP 47 tag of the site's language"),
    Field(
        "theme",
        pattern(r"[a-z0-9][a-z0-9_-]*", "the name of a folder in themes/", "default", "bad-config"),
        "a folder in themes/",
    ),
    Field("curators", list_of(text, "curators: [Ada Lovelace]"), "list of names of those who keep the list"),
    Field("repository", link, "the web address of the repository, for edit and report links"),
    Field(
        "default_branch",
        pattern(r"(?!.*\.\.)[\w./-]+", "the name of a branch", "main", "bad-config"),
        "the branch that edit links open",
    ),
    Field("license", text, "text: under what licence the notes may be reused"),
    Field("per_page", whole_number(1), "whole number: papers on a page of a list, 20 by default"),
    Field(
        "author_page_min_papers",
        whole_number(1),
        "whole number: an author with as many papers gets a page, 2 by default",
    ),
)


def read_config(path: str, source: str) -> tuple[Config | None, list[Problem]]:
    """Read the text of `site.yml`; `path` is what messages call it."""
    document = Document(path, source.split("\n"))
    mapping, problems = read(source, document)
    if mapping is None:
        return None, problems
    values = read_fields(mapping, FIELDS, document, problems, path)
    if "repository" in values:
        values["repository"] = values["repository"].rstrip("/")
    return (Config(**values) if "title" in values else None), problems
