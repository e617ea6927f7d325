"""Which content makes a theme's life hard?

One made-up list: every kind of page, and the papers that break layouts, scripts and reading order. `KINDS` names one
URL for each kind of page, so that a test can say "on every kind of page"; `PAPERS` are all ids.
"""

from __future__ import annotations

import struct
import zlib

from tests.sites import paper

TITLE = "A room of odd papers"
HOSTILE = "<script>window.__pwned=1</script><img src=x onerror=window.__pwned=1>"
LONG = "An unreasonably long title, " + "w" * 3000 + " " + "words without end " * 390 + "until here"
NAMES = [f"Given{number} Family{number}" for number in range(1, 51)]
MATH_TITLE = r"Bounds of $O(\sqrt{n} \log n)$ for sorting marmots"
ARABIC = "أثر القراءة في فهم النصوص الطويلة"
JAPANESE = "読書室における論文の並べ方について"

CONFIG = f"""\
title: {TITLE}
tagline: Papers that no layout has seen before
description: Made up, to see what a theme does with them.
id: tag:odd.example,2024:list
repository: https://code.example/odd/list
license: CC BY 4.0
curators: [Ada Lovelace]
per_page: 5
language: LANGUAGE
"""


def image(width: int, height: int) -> bytes:
    """Return a grey PNG image."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x80" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


BODY = r"""A note with a [link](/tags/), *emphasis*, `code` and $E = mc^2$, long enough for a summary.

## A heading in a note

- one
- two

$$\sum_{i=1}^{n} x_i = \int_{0}^{\infty} f(x) dx + \frac{a+b+c+d+e+f+g+h+i+j+k+l+m}{n+o+p+q+r+s+t+u+v+w+x+y+z} + \sqrt{a+b+c+d+e+f}$$

> Quoted words.

| a | table | of | many | wide | columns | that | do | not | fit | anywhere |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| 1 | 22222222 | 33333333 | 44444444 | 55555555 | 66666666 | 77777777 | 88888888 | 99999999 | 10 | 11 |

```
a line of code that goes on and on and on and on and on and on and on and on and on and on and on and on
```
"""

HOSTILE_BODY = f"""{HOSTILE}

<svg onload="window.__pwned=1"></svg> [a link](javascript:window.__pwned=1) {{{{ 7*7 }}}} </script> <!-- $\\text{{{HOSTILE}}}$
"""

FILES: dict[str, str | bytes] = {
    "content/tags.yml": f"""\
navigation:
  description: Finding a way, on foot or otherwise.
  synonyms: [wayfinding]
  formerly: [orientation]
sorting:
  description: Putting things in order.
marmots:
  description: The animal.
C++:
C#:
{HOSTILE!r}:
""",
    "content/images/grey.png": image(1600, 400),
    "content/pages/about.md": f"---\ntitle: About these papers\norder: 1\n---\n{BODY}\n[An old friend](/papers/plain-2024-first-light/)\n",
    "content/papers/plain-2024-first-light.md": paper(
        "First light on quokka navigation",
        BODY,
        authors=[
            "Ada Lovelace",
            {
                "given": "Grace",
                "family": "Hopper",
                "orcid": "0000-0002-1825-0097",
                "url": "https://people.example/hopper",
                "affiliation": "The Navy",
            },
            "Jean de la Fontaine",
        ],
        date="2024-03-15",
        added="2024-04-14",
        updated="2024-05-01",
        added_by="ada",
        tags=["navigation", "marmots", "C++"],
        venue={
            "name": "Proceedings of the Quokka Society",
            "short": "QUOKKA 2024",
            "type": "conference",
            "volume": "3",
            "pages": "1-12",
            "publisher": "Quokka Press",
        },
        organization=["University of Rottnest", "Quokka Labs"],
        editors=["Emmy Noether"],
        arxiv="2403.01234",
        doi="10.1000/quokka.1",
        links={"code": "https://code.example/quokka", "pdf": "https://papers.example/quokka.pdf"},
        discussion={"url": "https://talk.example/quokka", "comments": 12},
        abstract="An abstract of two sentences. This is the second.",
        featured=True,
    ),
    "content/papers/math-2023-marmots.md": paper(
        MATH_TITLE, "Of $x^2$ marmots.", authors=["Ada Lovelace", "Carl Gauss"], date="2023-05", added="2024-04-13",
        tags=["sorting", "marmots"], status="preprint",
    ),
    "content/papers/arabic-2022.md": paper(
        ARABIC, "ملاحظة قصيرة عن هذه الورقة.", authors=["محمد علي", "ليلى حسن"], date="2022", added="2024-04-12",
        tags=["navigation"], language="ar",
    ),
    "content/papers/crowd-2024.md": paper(
        "Fifty people sort one marmot", authors=NAMES, date="2024-03-16", added="2024-04-11", tags=["sorting", "marmots"],
        discussion={"comments": 1},
    ),
    "content/papers/long-2021.md": paper(
        LONG, "n" * 900, authors=["N" * 300, "Grace Hopper"], date="2021-01-01", added="2024-04-10", tags=["sorting"],
        organization="O" * 200, venue="V" * 200,
    ),
    "content/papers/hostile-2020.md": paper(
        HOSTILE, HOSTILE_BODY, authors=[HOSTILE, {"name": '" onmouseover="window.__pwned=1'}], date="2020-02-29", added="2024-04-09",
        tags=[HOSTILE], venue=HOSTILE, organization=HOSTILE, added_by=HOSTILE,
    ),
    "content/papers/undated-thoughts.md": paper(
        "Thoughts of no particular date", authors=["Grace Hopper"], added="2024-04-08", tags=["navigation"],
    ),
    "content/papers/retracted-2019.md": paper(
        "Marmots that never were", authors=["Carl Gauss"], date="2019-12-30", added="2024-04-07", tags=["marmots"], status="retracted",
    ),
    "content/papers/superseded-2018.md": paper(
        "An older light on quokka navigation", authors=["Ada Lovelace"], date="2018-07-01", added="2024-04-06",
        tags=["navigation"], status="superseded", superseded_by="plain-2024-first-light", aliases=["dim-light"],
    ),
    "content/papers/image-2017.md": paper(
        "A paper with a picture", "![Grey all over](/images/grey.png)\n\nThat was it.", authors=["Jean de la Fontaine"], date="2017-11",
        added="2024-04-05", tags=["C#"],
    ),
    "content/papers/counted-2016.md": paper(
        "Seven people without names", author_count=7, date="2016", added="2024-04-04", tags=["C++"],
    ),
    "content/papers/four-2016.md": paper(
        "Four people with names", authors=["A One", "B Two", "C Three", "D Four"], date="2016-06-06", added="2024-04-03", tags=["sorting"],
    ),
    "content/papers/japanese-2015.md": paper(
        JAPANESE, "短いメモ。", authors=[{"name": "山田 花子"}], date="2015-10", added="2024-04-02", tags=["sorting"], language="ja",
    ),
}  # fmt: skip

PAPERS = sorted(
    path.removeprefix("content/papers/").removesuffix(".md") for path in FILES if path.startswith("content/papers/")
)

KINDS = {
    "home": "/",
    "older": "/page/1/",
    "paper": "/papers/plain-2024-first-light/",
    "math": "/papers/math-2023-marmots/",
    "right to left": "/papers/arabic-2022/",
    "crowd": "/papers/crowd-2024/",
    "long": "/papers/long-2021/",
    "hostile": "/papers/hostile-2020/",
    "retracted": "/papers/retracted-2019/",
    "superseded": "/papers/superseded-2018/",
    "picture": "/papers/image-2017/",
    "counted": "/papers/counted-2016/",
    "tags": "/tags/",
    "tag": "/tags/navigation/",
    "archive": "/dates/",
    "year": "/dates/2024/",
    "month": "/dates/2024/03/",
    "day": "/dates/2024/03/15/",
    "week": "/dates/2024/W11/",
    "undated": "/dates/undated/",
    "author counts": "/author-counts/",
    "author count": "/author-counts/50/",
    "authors": "/authors/",
    "author": "/authors/ada-lovelace/",
    "venues": "/venues/",
    "venue": "/venues/quokka-2024/",
    "organizations": "/organizations/",
    "organization": "/organizations/quokka-labs/",
    "curators": "/curators/",
    "curator": "/curators/ada/",
    "search": "/search/",
    "page": "/about/",
    "missing": "/404.html",
}


def files(language: str = "en") -> dict[str, str | bytes]:
    """Return the list's files by path; the pages' own language can be another one."""
    return FILES | {"site.yml": CONFIG.replace("LANGUAGE", language)}
