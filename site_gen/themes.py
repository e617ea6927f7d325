"""Find a theme, digest it, and render a page with it.

A theme is a folder of `templates/` and `assets/`; what it lacks comes from the default theme, and what it replaces
there can still be extended as `default/NAME`. Every file is read once, before anything is rendered, and without
following links. The digest of a template covers all that it can include, so that a page's fingerprint changes with any
of them; a template that chooses another by a value is refused for that reason. Templates are deterministic: no clock,
no randomness, and no function that reads anything but its arguments.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from site_gen.citations.line import cited
from site_gen.contexts import Asset, Page, Site, permalink, resolved
from site_gen.exports import WRITERS, spelt
from site_gen.fingerprint import digest, fingerprint
from site_gen.library import Entry
from site_gen.metadata import head
from site_gen.pages import period_name
from site_gen.papers import PartialDate
from site_gen.problems import Location, Problem, nearest
from site_gen.sources import MAX_STATIC, MAX_TEXT, obstacle, plain_files, read_file, refused_name

PACKAGE = Path(__file__).resolve().parent
CARD = "card.html.j2"  # what a list shows of an entry; rendered once for each entry by the filter `card`


@dataclass(frozen=True)
class Theme:
    """Templates by name with where they stand and their text, and the assets; `folders` come own theme first."""

    folders: tuple[Path, ...]
    templates: Mapping[str, tuple[str, str]]
    assets: tuple[Asset, ...]
    digest: str


def default_theme() -> Path:
    """Return the folder of the default theme: inside an installed package, or beside it in the repository."""
    inside = PACKAGE / "themes" / "default"
    return inside if inside.is_dir() else PACKAGE.parent / "themes" / "default"


def find_theme(root: Path, name: str, config: str = "site.yml") -> tuple[Theme | None, list[Problem]]:
    """Read the theme `name` of the site at `root`, which falls back on the default theme; `config` is what names it."""
    own, default = root / "themes" / name, default_theme()
    in_the_way = obstacle(root, f"themes/{name}")
    if in_the_way:
        return None, [in_the_way]
    folders = tuple(dict.fromkeys(folder.resolve() for folder in (own, default) if folder.is_dir()))
    if name != "default" and not own.is_dir():
        known = {"default", *next(os.walk(own.parent), ("", [], []))[1]}
        close = nearest(name, known)
        hint = f"did you mean  theme: {close}  ?" if close else "the themes are " + ", ".join(sorted(known))
        return None, [Problem("theme-missing", Location(config), f"there is no folder themes/{name}/", hint)]
    problems: list[Problem] = []
    templates: dict[str, tuple[str, str]] = {}
    assets: dict[str, Asset] = {}
    for number, folder in enumerate(folders):
        for path, shown in _files(folder, "templates", problems):
            if not path.endswith(".j2"):
                continue
            called = path.removeprefix("templates/")
            if called in templates:
                if folder != default.resolve():
                    continue
                # A template that takes the place of a default one can still extend it.
                shown, called = f"reading-room/{shown}", f"default/{called}"
            try:
                templates[called] = (shown, read_file(folder / path, MAX_TEXT).decode())
            except (OSError, ValueError) as error:
                problems.append(Problem("unreadable", Location(shown), f"this template cannot be read: {error}"))
        for path, shown in _files(folder, "assets", problems):
            refused = refused_name(shown)
            if refused:
                problems.append(refused)
            elif "/" + path not in assets:
                try:
                    made = digest(read_file(folder / path, MAX_STATIC))
                except (OSError, ValueError) as error:
                    message = f"this file of the theme cannot be read: {error}"
                    problems.append(Problem("unreadable", Location(shown), message))
                else:
                    assets["/" + path] = Asset("/" + path, path, made, f"theme:{number}")
    digests = tuple((name, text) for name, (_, text) in sorted(templates.items()))
    return Theme(folders, templates, tuple(assets.values()), fingerprint(digests)), problems


def _files(theme: Path, folder: str, problems: list[Problem]) -> Iterator[tuple[str, str]]:
    """Yield the path inside the theme, and the one to show, of each plain file below one of the theme's folders."""
    shown = f"{theme.parent.name}/{theme.name}/"
    for path in sorted(plain_files(theme.parent.parent, shown + folder, True, problems)):
        yield path.removeprefix(shown), path


Render = Callable[[Page], tuple[Iterator[bytes], list[Problem]]]


class Renderer:
    """Renders pages with one theme for one site. Holds the compiled templates and the cards of entries, no state else."""

    def __init__(self, theme: Theme, site: Site):
        import jinja2  # a build that renders nothing does without

        from site_gen import markup

        self.theme, self.site = theme, site
        self._jinja2 = jinja2
        self._cards: dict[str, bytes] = {}
        self._cache: dict[tuple[str, str], bytes] = {}

        class Template(jinja2.Template):
            """A template whose macros start afresh on every page: Jinja would keep what they have set for the next one."""

            def _get_default_module(self, ctx: Any = None) -> Any:
                return self.make_module()

        environment = jinja2.Environment(
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            loader=jinja2.FunctionLoader(lambda name: self._source(name)),
            auto_reload=False,
        )
        environment.template_class = Template
        for name in ("lipsum", "cycler", "joiner"):
            del environment.globals[name]
        del environment.filters["random"]
        markup_type = environment.filters["safe"]("").__class__
        base = site.base_path
        environment.filters |= {
            "url": lambda url: resolved(url, base),
            "permalink": lambda url: permalink(url, site),
            "math": lambda value: markup_type(markup.inline_math(value)),
            "markdown": lambda source, level=2, base=base: markup_type(markup.markdown(source, base, level)),
            "inline_markdown": lambda source: markup_type(markup.inline_markdown(source, base)),
            "date": long_date,
            "iso": lambda when: when.iso if isinstance(when, PartialDate) else when.isoformat(),
            "rtl": is_right_to_left,
            "get": lambda pairs, name, default="": next((value for key, value in pairs if key == name), default),
            "card": self.card,
            "cited": cited,
            "bibtex": lambda record: spelt("bibtex", record, self._cache).decode(),
            "biblatex": lambda record: spelt("biblatex", record, self._cache).decode(),
            "metadata": lambda page: markup_type(head(page, site)),
        }
        environment.globals["site"] = site
        self.environment = environment

    def _source(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        found = self.theme.templates.get(name)
        return (found[1], found[0], lambda: True) if found else None

    def card(self, entry: Entry) -> Any:
        """Return the HTML of an entry in a list, rendered once however many lists hold it."""
        made = self._cards.get(entry.fingerprint)
        if made is None:
            html = self.environment.get_template(CARD).render(entry=entry)
            made = self._cards[entry.fingerprint] = html.encode()  # half of what text with a curly quote takes
        return self.environment.filters["safe"](made.decode())

    def digests(self) -> tuple[Mapping[str, str], list[Problem]]:
        """Return by template name the digest of the template and of all that it can include; of a writer it is "".

        What a writer does is part of the digest of the code.
        """
        problems: list[Problem] = []
        found: dict[str, set[str]] = {}
        digests = dict.fromkeys(WRITERS, "")
        for name in self.theme.templates:
            if name.startswith("default/"):  # looked at when another template asks for it
                continue
            closure: set[str] = set()
            todo = [name]
            while todo:
                one = todo.pop()
                if one not in found:
                    found[one] = self._references(one, problems)
                if one not in closure:
                    closure.add(one)
                    todo += found[one]
            digests[name] = fingerprint(tuple((one, self.theme.templates[one][1]) for one in sorted(closure)))
        return digests, problems

    def _references(self, name: str, problems: list[Problem]) -> set[str]:
        from jinja2 import meta, nodes

        shown, source = self.theme.templates[name]
        try:
            tree = self.environment.parse(source, name, shown)
        except self._jinja2.TemplateSyntaxError as error:
            problems.append(_template_problem(shown, source, error.lineno, str(error.message)))
            return set()
        references = set()
        for node in tree.find_all((nodes.Extends, nodes.FromImport, nodes.Import, nodes.Include)):
            for reference in meta.find_referenced_templates(nodes.Template([node])):
                if reference is None:
                    message = "a template is included by a name that is not written out, so its pages could go stale"
                    hint = "write the template's name in quotes"
                    problems.append(_template_problem(shown, source, node.lineno, message, hint))
                elif reference not in self.theme.templates:
                    close = nearest(reference, self.theme.templates)
                    hint = f"did you mean {close}?" if close else ""
                    message = f"there is no template {reference}"
                    problems.append(_template_problem(shown, source, node.lineno, message, hint))
                else:
                    references.add(reference)
        for used in tree.find_all(nodes.Filter):
            # `map` applies the filter that its first argument names; if that is `map` again, the next one, and so on.
            named = used.name == "map" and any(
                not isinstance(argument, nodes.Const) or argument.value == "card" for argument in used.args
            )
            if used.name == "card" or named or (used.name == "map" and used.dyn_args is not None):
                references.add(CARD)
        return references

    def __call__(self, page: Page) -> tuple[Iterator[bytes], list[Problem]]:
        """Return the bytes of a page in parts, or problems of its template."""
        if page.template in WRITERS:
            written = WRITERS[page.template](page.context, self.site, self._cache)
            return (part if isinstance(part, bytes) else part.encode() for part in written), []
        try:
            text = self.environment.get_template(page.template).render(page=page.context)
        except self._jinja2.TemplateNotFound as error:
            place = Location(f"themes/{self.theme.folders[0].name}/templates")
            return iter(()), [Problem("theme-missing", place, f"the theme has no template {error.name}")]
        except Exception as error:  # whatever a template does wrong is the theme's problem, reported with its line
            return iter(()), [self._located(error, page)]
        return iter((text.encode("utf-8", "xmlcharrefreplace"),)), []

    def _located(self, error: Exception, page: Page) -> Problem:
        by_path = dict(self.theme.templates.values())
        shown, line = getattr(error, "filename", None), getattr(error, "lineno", 0)
        for frame in traceback.extract_tb(error.__traceback__):
            if frame.filename in by_path:
                shown, line = frame.filename, frame.lineno or 0
        if shown not in by_path:
            shown = self.theme.templates[page.template][0]
        message = f"{type(error).__name__} while rendering {page.url}: {error}"
        return _template_problem(shown, by_path[shown], line, message, "docs/themes.md lists what each template sees")


def _template_problem(shown: str, source: str, line: int, message: str, hint: str = "") -> Problem:
    lines = source.split("\n")
    excerpt = lines[line - 1] if 0 < line <= len(lines) else ""
    return Problem("template-error", Location(shown, line, 0, excerpt), message, hint)


def long_date(when: PartialDate | date) -> str:
    """Return a date in words at the precision it has: 29 September 2025."""
    return period_name(when if isinstance(when, PartialDate) else PartialDate(when.year, when.month, when.day))


def is_right_to_left(language: str) -> bool:
    """Tell whether a language is written from right to left by default (CLDR, script metadata)."""
    parts = language.lower().split("-")
    if "latn" in parts or "cyrl" in parts:
        return False
    return parts[0] in {"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ps", "sd", "syr", "ug", "ur", "yi"} or bool(
        {"arab", "hebr", "syrc", "thaa", "nkoo"} & set(parts)
    )
