"""How does a test get a small site?

`Site` writes a site from a mapping of path to text or bytes into a folder, builds or checks it by the same functions
as the command line, and gives back what came out. Nothing here asserts; search is off unless a test asks for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from site_gen.build import Build, Options, build, check
from site_gen.output import MANIFEST

CONFIG = """\
title: A list
id: tag:list.example,2024:list
base_url: https://list.example/
"""


def paper(title: str = "A title", body: str = "A note.", **fields: Any) -> str:
    """Return a valid paper file. Values are written as JSON, which is YAML; None leaves a field out."""
    given = {"title": title, "added": "2024-01-01"} | fields
    lines = [f"{name}: {_yaml(value)}" for name, value in given.items() if value is not None]
    return "\n".join(["---", *lines, "---", body, ""])


def _yaml(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else json.dumps(value, ensure_ascii=False)


class Site:
    """A site in a folder; files are given as path -> text or bytes, and `site.yml` is there unless given."""

    def __init__(self, root: Path, files: Mapping[str, str | bytes] | None = None):
        self.root, self.output = root, root / "_site"
        for path, data in {"site.yml": CONFIG, **(files or {})}.items():
            self.write(path, data)

    def write(self, path: str, data: str | bytes) -> None:
        """Write a file, making its folders; text is UTF-8 with the line ends that it has."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data if isinstance(data, bytes) else data.encode())

    def remove(self, path: str) -> None:
        """Remove a file."""
        (self.root / path).unlink()

    def options(self, **options: Any) -> Options:
        """Return the options of a build without search into `_site`."""
        return replace(Options(self.root / "site.yml", self.output, search=False), **options)

    def build(self, previous: Build | None = None, **options: Any) -> Build:
        """Build the site."""
        return build(self.options(**options), previous)

    def check(self, **options: Any) -> Build:
        """Check the site; nothing is written."""
        return check(self.options(**options))

    def files(self) -> dict[str, bytes]:
        """Return the bytes of all output files by path, without the record of the build and the search index."""
        found = {
            path.relative_to(self.output).as_posix(): path.read_bytes()
            for path in sorted(self.output.rglob("*"))
            if path.is_file()
        }
        return {path: data for path, data in found.items() if path != MANIFEST and not path.startswith("pagefind/")}

    def text(self, path: str) -> str:
        """Return one output file as text."""
        return (self.output / path).read_text("utf-8")


class Elements(HTMLParser):
    """Collects the elements of a page, with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))

    def links(self) -> list[str]:
        return [
            value or "" for _, had in self.found for name, value in had.items() if name in ("href", "src", "xlink:href")
        ]
