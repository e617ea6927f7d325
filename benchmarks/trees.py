"""What do both generators get to build? The same papers, once as a Reading Room list and once as a Hugo site.

    python benchmarks/trees.py --papers N --out DIR [--hugo]

writes DIR/ours (`site.yml`, `content/papers/*.md`) and with --hugo also DIR/hugo, a complete Hugo site. The
papers are those of the corpus in the folder named by READING_ROOM_DATA, gone through again with other names
when N asks for more than it has; without that folder they are invented (`tests/generated.py`).

Invariant: both sites have the same pages for papers, tags, years, months, days, weeks and author counts.
Hugo cannot derive these from a date and a list of names, so its front matter says them; tags carry the
slugs that Reading Room gives them. What else Hugo is told is in `benchmarks/hugo/`.
"""

from __future__ import annotations

import argparse
import datetime
import gzip
import json
import os
import shutil
import sys
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from site_gen.library import collect  # noqa: E402
from site_gen.papers import read_paper  # noqa: E402
from site_gen.problems import has_errors  # noqa: E402
from site_gen.sources import read_sources  # noqa: E402
from site_gen.text import key  # noqa: E402
from site_gen.vocabulary import Vocabulary  # noqa: E402
from tests.generated import numbered, paper_fields, paper_file, papers  # noqa: E402

SITE = """\
title: "Reading Room"
tagline: "A list for measuring"
id: "tag:reading-room.example,2026:benchmark"
base_url: "https://reading-room.example/"
per_page: 25
"""
# One for each time that the corpus is gone through, so that its people do not get nine times as many papers.
FAMILY_ENDINGS = ("", "ova", "ini", "sen", "ez", "ski", "ides", "ette", "wala", "oğlu")


def raw_papers(number: int) -> Iterator[dict[str, Any]]:
    """Yield as many papers as asked for, of the corpus if it is there, else invented."""
    folder = os.environ.get("READING_ROOM_DATA")
    if not folder:
        return papers(number)
    with gzip.open(Path(folder) / "corpus" / "papers-10k.jsonl.gz", "rt", encoding="utf-8") as lines:
        corpus = [json.loads(line) for line in lines]
    return islice((again(paper, turn) for turn in count() for paper in corpus), number)


def again(paper: dict[str, Any], turn: int) -> dict[str, Any]:
    """Return a like paper: other authors, title and page, no identifiers; in turn 0 the paper itself."""
    if turn == 0:
        return paper
    ending = FAMILY_ENDINGS[turn % len(FAMILY_ENDINGS)]
    kept = {key: value for key, value in paper.items() if key not in ("arxiv", "doi")}
    return kept | {
        "title": f"{paper['title']}, Part {turn + 1}",
        "authors": [name + ending for name in paper["authors"]],
        "site": f"{paper['site']}#{turn + 1}" if "site" in paper else "",
    }


def write_trees(number: int, out: Path, hugo: bool) -> None:
    """Write the trees into a new folder."""
    known = list(numbered(raw_papers(number)))
    content = out / "ours" / "content" / "papers"
    content.mkdir(parents=True)
    (out / "ours" / "site.yml").write_text(SITE, encoding="utf-8")
    for paper_id, paper in known:
        (content / f"{paper_id}.md").write_text(paper_file(paper, paper_id), encoding="utf-8")
    if not hugo:
        return
    shutil.copytree(ROOT / "benchmarks" / "hugo", out / "hugo")
    slugs = {}
    for name, slug in tags(out / "ours"):
        slugs[key(name)] = slug
        term = out / "hugo" / "content" / "tags" / slug
        term.mkdir(parents=True)
        (term / "_index.md").write_text(front_matter({"title": name}), encoding="utf-8")
    content = out / "hugo" / "content" / "papers"
    content.mkdir()
    for paper_id, paper in known:
        (content / f"{paper_id}.md").write_text(hugo_file(paper_fields(paper), slugs), encoding="utf-8")


def tags(root: Path) -> list[tuple[str, str]]:
    """Return the tags of a list with the slugs of Reading Room, which keeps apart what slugs would merge."""
    sources, problems = read_sources(root)
    papers = []
    for source in sources.papers:
        paper, more = read_paper(source)
        problems += more
        if paper is not None:
            papers.append(paper)
    if has_errors(problems):
        raise SystemExit("\n".join(f"{found.location.path}: {found.message}" for found in problems[:20]))
    library, _ = collect(papers, [], Vocabulary(), Vocabulary(), {})
    return [(term.name, term.slug) for term in library.taxonomies["tags"].terms]


def hugo_file(fields: dict[str, Any], slugs: dict[str, str]) -> str:
    """Return the paper for Hugo, with what Hugo cannot derive: periods, author count, slugs, shown names."""
    date: str = fields.get("date", "")
    tags: list[str] = fields.get("tags", [])
    authors: list[str | dict[str, str]] = fields.get("authors", [])
    known = {
        "title": fields["title"],
        "authors": [shown_name(author) for author in authors],
        "date": date + "-01-01"[len(date) - 4 :] if date else "",
        "shown_date": date,
        "added": fields["added"],
        **{kind: [path] for kind, path in periods(date)},
        "author-counts": [str(len(authors))] if authors else [],
        "tags": [slugs[key(tag)] for tag in tags],
        "tag_names": tags,
        "venue": fields.get("venue", ""),
        "links": [{"name": name, "url": url} for name, url in addresses(fields)],
    }
    body: str = fields["body"]
    return front_matter({key: value for key, value in known.items() if value}) + body + "\n"


def front_matter(fields: dict[str, Any]) -> str:
    """Return YAML front matter with every text in double quotes."""
    quoted = ((key, value if key == "date" else json.dumps(value, ensure_ascii=False)) for key, value in fields.items())
    return "\n".join(["---", *(f"{key}: {value}" for key, value in quoted), "---", ""])


def shown_name(author: str | dict[str, str]) -> str:
    """Return an author's name as one text."""
    if isinstance(author, str):
        return author
    return " ".join(author[part] for part in ("name", "given", "prefix", "family", "suffix") if part in author)


def periods(date: str) -> Iterator[tuple[str, str]]:
    """Yield kind and path below /dates/ of every period that a paper of this date is listed under."""
    parts = date.split("-") if date else []
    for length, kind in zip(range(len(parts)), ("years", "months", "days"), strict=False):
        yield kind, "/".join(parts[: length + 1])
    if len(parts) == 3:
        year, week, _ = datetime.date.fromisoformat(date).isocalendar()
        yield "weeks", f"{year}/W{week:02d}"


def addresses(fields: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each link of a paper with its name."""
    if "arxiv" in fields:
        yield "arXiv", f"https://arxiv.org/abs/{fields['arxiv']}"
    if "doi" in fields:
        yield "DOI", f"https://doi.org/{fields['doi']}"
    if "url" in fields:
        yield "page", fields["url"]
    yield from fields.get("links", {}).items()


def main() -> int:
    """Read the arguments and write the trees."""
    parser = argparse.ArgumentParser(description="Write the same papers as a Reading Room list and as a Hugo site.")
    parser.add_argument("--papers", type=int, default=10_000, metavar="N")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="a folder that does not exist yet")
    parser.add_argument("--hugo", action="store_true", help="write the Hugo site, too")
    arguments = parser.parse_args()
    if arguments.out.exists() and any(arguments.out.iterdir()):
        parser.error(f"{arguments.out} is not empty")
    write_trees(arguments.papers, arguments.out, arguments.hugo)
    return 0


if __name__ == "__main__":
    sys.exit(main())
