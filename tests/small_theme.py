"""A theme that shows everything its templates can see, in as few words as possible.

Every template of the default theme has its like here, so that nothing falls back. A context is shown as Python writes
it, so a page that does not follow its context by one character is stale to every test that compares bytes.
"""

from __future__ import annotations

from site_gen.themes import default_theme

MACROS = "{% macro shown(value) %}{{ value }}{% endmacro %}\n"
BASE = """\
{% from "macros.html.j2" import shown %}
<title>{{ page.title }}</title>
<a href="{{ page.url | url }}">{{ site }}</a>
{% block main %}{{ shown(page) }}{% endblock %}
"""
CARD = """\
{% from "macros.html.j2" import shown %}
<article>{{ entry.title | math }} {{ shown(entry) }}</article>
"""
LIST = """\
{% extends "base.html.j2" %}
{% block main %}
{{ page }}
{% for entry in page.entries %}
{{ entry | card }}
{% endfor %}
{% endblock %}
"""
PAPER = """\
{% extends "base.html.j2" %}
{% block main %}
<main data-pagefind-body>
<h1>{{ page.entry.title | math }}</h1>
{{ page.body | markdown }}
{{ page }}
</main>
{% endblock %}
"""
PLAIN = '{% extends "base.html.j2" %}\n'
SPECIAL = {"macros": MACROS, "base": BASE, "card": CARD, "home": LIST, "term": LIST, "period": LIST, "paper": PAPER}


def templates() -> dict[str, str]:
    """Return the templates by file name."""
    names = sorted(path.name for path in (default_theme() / "templates").glob("*.j2"))
    return {name: SPECIAL.get(name.split(".")[0], PLAIN if ".html." in name else "{{ page }}\n") for name in names}


def files(name: str = "small") -> dict[str, str]:
    """Return the theme's files by path in a site; the style sheet and script take the place of the default ones."""
    found = {f"themes/{name}/templates/{template}": text for template, text in templates().items()}
    return {**found, f"themes/{name}/assets/site.css": "body { color: black }\n"}
