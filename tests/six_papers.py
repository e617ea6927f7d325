"""Six papers, each odd in its own way, and what belongs to them: a site whose output can be read as a whole."""

from __future__ import annotations

from tests.sites import paper

CONFIG = """\
title: Odd & ends <of> a list
tagline: Six papers
description: What comes out of six papers that each are odd in their own way.
id: tag:list.example,2024:odd
base_url: https://list.example/
repository: https://code.example/odd/list
curators: [Ada Lovelace, 李 明]
license: CC BY 4.0
per_page: 2
"""
HOSTILE = "<script>alert(1)</script> & {{ 7*7 }} \"quoted\" 'too'"

FILES: dict[str, str | bytes] = {
    "site.yml": CONFIG,
    "content/tags.yml": "C++:\nC#:\nhonesty: {description: To tell & show., synonyms: [truth], formerly: [candour]}\n",
    "content/people.yml": "Ada King: {synonyms: [Ada Lovelace], url: 'https://ada.example/'}\n",
    "content/pages/about.md": "---\ntitle: About\n---\nAbout /repo/ and [a paper](/papers/hostile/#top).\n\n## Why\n",
    "content/images/dot.png": b"\x89PNG\r\n\x1a\n and so on",
    "static/.well-known/security.txt": "Contact: mailto:a@list.example\n",
    "static/CNAME": "list.example\n",
    "content/papers/hostile.md": paper(
        HOSTILE,
        f"{HOSTILE}\n\n[x](javascript:alert(1)) <img src=x onerror=alert(1)> </script> ]]> `{{{{ x }}}}`\n\n{{% include 'x' %}}",
        authors=[{"name": HOSTILE}],
        tags=["C++", "C#"],
        venue=HOSTILE,
        organization=HOSTILE,
        date="2024-12-30",
        added="2025-01-01",
    ),
    "content/papers/math.md": paper(
        r"Bounds of $O(\sqrt{n} \log n)$ & <more>",
        "A summary with $x^2 < y$ that is only a summary.\n\nMore, with ![a dot](/images/dot.png) and $$\\frac{1}{2}$$",
        authors=[
            "Ada Lovelace",
            "Jean de La Fontaine",
            {"given": "Grace", "family": "Hopper", "orcid": "0000-0002-1825-0097"},
        ],
        editors=["Emmy Noether"],
        tags=["truth"],
        venue={"name": "Proceedings of Odd Things", "short": "ODD 2024", "type": "conference", "pages": "1-12"},
        date="2024-05",
        added="2024-12-01",
        updated="2025-02-01",
        added_by="ada",
        arxiv="2301.10140",
        doi="10.1000/odd<1>(2)",
        links={"code": "https://code.example/?a=1&b=2"},
        discussion={"url": "https://talk.example/1", "comments": 1},
        featured=True,
        abstract="An abstract.",
    ),
    "content/papers/arabic.md": paper(
        "أثر القراءة", "ملاحظة.", authors=["محمد علي"], language="ar", date="2024", added="2024-11-01", tags=["honesty"]
    ),
    "content/papers/old.md": paper(
        "An old paper",
        "",
        date="2019-02-03",
        added="2024-10-01",
        status="superseded",
        superseded_by="math",
        aliases=["older"],
    ),
    "content/papers/undated.md": paper(
        "Undated", "Nothing *much*.", author_count=40, added="2024-09-01", tags=["honesty"]
    ),
    "content/papers/draft.md": paper("A draft", draft=True, added="2025-03-01"),
}
