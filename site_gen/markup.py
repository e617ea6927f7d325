"""Markdown and math to safe HTML: what content can put on a page, and nothing more.

Raw HTML is text. A link is http, https, mailto, or a path of this site; an image is one of the site's own; everything
else is shown as it was written. LaTeX becomes MathML here, at build time, through an allow-list, because the
converter escapes nothing; what it cannot read is shown as source. No input raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
from functools import lru_cache
from html import escape, unescape
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import normalizeReference, unescapeAll
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.dollarmath.index import math_block_dollar

from site_gen.fields import is_web_link
from site_gen.problems import Problem, quoted
from site_gen.sources import Source, decoded
from site_gen.text import plain_math, split_math
from site_gen.yaml_text import Document

MAX_MATH = 2000  # characters of one formula; longer ones are shown as source
MAX_FORMULAS = 500  # in one text
Env = MutableMapping[str, Any]

_MATH_TAGS = set(
    "math semantics mrow mi mn mo mtext mspace ms mfrac msqrt mroot mstyle merror mpadded mphantom msub msup msubsup "
    "munder mover munderover mmultiscripts mprescripts mtable mtr mtd menclose".split()
)
_MATH_ATTRIBUTES = set(
    "display displaystyle scriptlevel mathvariant stretchy symmetric fence separator form lspace rspace largeop "
    "movablelimits accent accentunder linethickness width height depth minsize maxsize columnspan rowspan".split()
)
_ATTRIBUTES = {tag: _MATH_ATTRIBUTES | ({"xmlns"} if tag == "math" else set()) for tag in _MATH_TAGS}


def _short(tag: str, attribute: str, value: str) -> str | None:
    """Drop lengths of 100 and more of any unit: `\\hspace{9999em}` would blow up the page."""
    return None if re.match(r"[+-]?[0-9.]*[0-9]{3}", value) and attribute != "xmlns" else value


@lru_cache(maxsize=4096)
def math(source: str, display: str = "inline") -> str:
    """Return LaTeX as MathML, `display` inline or block; its source in `<code>` when it cannot be read."""
    fallback = f'<code class="math">{escape(source)}</code>'
    if len(source) > MAX_MATH:
        return fallback
    from latex2mathml.converter import convert  # only pages with math pay for the import

    try:
        made = convert(source, display=display)
    except Exception:  # the converter raises errors of every kind on hostile input, RecursionError among them
        return fallback
    clean = nh3.clean(
        made,
        tags=_MATH_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_short,
        link_rel=None,
        clean_content_tags={"script", "style"},
    )
    # What stands inside \text is not escaped by the converter, so "a<b" there ends as a tag that is dropped.
    is_whole = unescape(re.sub("<[^>]*>", "", clean)).count("<") >= source.count("<") + len(
        re.findall(r"\\lt\b", source)
    )
    return clean if clean.startswith("<math") and is_whole else fallback


def inline_math(value: str) -> str:
    """Return one line of text, such as a title, as HTML: `$…$` is math, all else is escaped."""
    return "".join(math(part) if is_math else escape(part) for is_math, part in split_math(value))


def is_allowed(address: str) -> bool:
    """Tell whether content may link to an address: the web, mail, a path of this site, or a fragment."""
    if address.startswith(("/", "#")):
        return not address.startswith("//") and "\\" not in address and "/../" not in f"{address}/"
    if address.lower().startswith("mailto:"):
        return re.fullmatch(r"mailto:[^\s<>\"'\\]+@[^\s<>\"'\\]+", address, re.IGNORECASE) is not None
    return is_web_link(address)


def _link_open(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    token = tokens[index]
    address = str(token.attrs["href"])
    if address.startswith("/"):
        token.attrSet("href", env["base"] + address[1:])
    elif not address.startswith("#"):
        token.attrSet("rel", "noopener noreferrer")
    return self.renderToken(tokens, index, options, env)


def _image(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    token = tokens[index]
    source, alt = str(token.attrs["src"]), self.renderInlineAsText(token.children, options, env)
    if not source.startswith("/images/"):
        return escape(alt)
    return f'<img src="{escape(env["base"] + source[1:])}" alt="{escape(alt)}" loading="lazy" decoding="async">'


def _outline(state: Any) -> None:
    """Move headings below the page's own: the highest becomes level `env["level"]`, and none skips a level."""
    headings = [token for token in state.tokens if token.type in ("heading_open", "heading_close")]
    if not headings:
        return
    open_levels: list[tuple[int, int]] = []  # (level as written, level as shown), from the outermost
    for token in headings:
        if token.type == "heading_open":
            written = int(token.tag[1])
            while open_levels and open_levels[-1][0] >= written:
                open_levels.pop()
            shown = open_levels[-1][1] + 1 if open_levels else state.env["level"]
            open_levels.append((written, min(shown, 6)))
        token.tag = f"h{open_levels[-1][1]}"


def _table_open(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    return '<div class="table" tabindex="0" role="region" aria-label="Table"><table>\n'


def _cell_without_style(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    """Alignment comes as an inline style, which the page's policy refuses: make it a class."""
    token = tokens[index]
    style = str(token.attrs.pop("style", ""))
    if style:
        token.attrSet("class", "align-" + style.removeprefix("text-align:"))
    return self.renderToken(tokens, index, options, env)


def _math(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: Env) -> str:
    """Render a formula of a text, up to a number of them that no note needs: a formula grows twentyfold as MathML."""
    token = tokens[index]
    env["formulas"] = env.get("formulas", 0) + 1
    source = token.content.strip()
    if env["formulas"] > MAX_FORMULAS:
        return f'<code class="math">{escape(source)}</code>'
    made = math(source, "inline" if token.type == "math_inline" else "block")
    return f"<p>{made}</p>\n" if token.type == "math_block" else made


def _math_block(state: Any, start: int, end: int, silent: bool) -> bool:
    """Read a formula between `$$`, looking for its end no further than its paragraph: all of the text would take too long."""
    if not state.src.startswith("$$", state.bMarks[start] + state.tShift[start]):
        return False
    last = start + 1
    while last < end and not state.isEmpty(last) and state.sCount[last] >= state.blkIndent:
        last += 1
        if state.getLines(last - 1, last, 0, False).rstrip().endswith("$$"):
            break
    return _dollars(state, start, last, silent)


_dollars = math_block_dollar(allow_labels=False)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False})
    parser.enable(["table", "strikethrough"])
    parser.use(
        dollarmath_plugin,
        allow_labels=False,
        allow_space=False,
        allow_digits=False,
        double_inline=True,
    )
    parser.block.ruler.at("math_block", _math_block)
    parser.validateLink = is_allowed  # type: ignore[method-assign, assignment]
    parser.core.ruler.push("outline", _outline)
    parser.add_render_rule("link_open", _link_open)
    parser.add_render_rule("image", _image)
    parser.add_render_rule("table_open", _table_open)
    parser.add_render_rule("table_close", lambda self, tokens, index, options, env: "</table></div>\n")
    for name in ("th_open", "td_open"):
        parser.add_render_rule(name, _cell_without_style)
    for name in ("math_inline", "math_inline_double", "math_block"):
        parser.add_render_rule(name, _math)
    return parser


_MARKDOWN = _parser()


def markdown(source: str, base: str = "/", level: int = 2) -> str:
    """Return Markdown as HTML; `base` is the path that the site's own links start with, `level` the highest heading."""
    return str(_MARKDOWN.render(source, {"base": base, "level": level}))


def inline_markdown(source: str, base: str = "/") -> str:
    """Return one paragraph of Markdown as HTML without the paragraph element."""
    return str(_MARKDOWN.renderInline(source, {"base": base, "level": 2}))


_ADDRESS = re.compile(  # in angle brackets or bare after "](", and after "[label]:"
    r"\]\(\s*(?:<([^<>]*)>|((?:\\.|[^\s()<>\\]|\([^\s()]*\))+))|^ {0,3}\[[^\]]+\]:\s*<?([a-zA-Z][a-zA-Z0-9+.-]*:[^\s<>]+)"
)


def summary(body: str, limit: int = 300) -> tuple[str, bool]:
    """Return the first paragraph of Markdown on one line, at about `limit` characters, and whether anything is left out.

    Headings, images, lists, quotes, code, formulas and tables are passed over.
    """
    blocks: list[Token] = []
    env: Env = {}
    _MARKDOWN.block.parse(body.replace("\0", ""), _MARKDOWN, env, blocks)
    texts = [after.content for one, after in pairwise(blocks) if one.type == "paragraph_open" and one.level == 0]
    first = next((text for text in texts if not text.startswith("![")), "")
    more = sum(token.level == 0 and token.nesting >= 0 for token in blocks) > bool(first)
    first = _with_addresses(" ".join(first.replace("\\\n", " ").split()), env.get("references", {}))
    shown = cut(first, limit)
    return shown, more or shown != first


def cut(paragraph: str, limit: int) -> str:
    """Return a paragraph of Markdown that is at most a fifth longer than `limit` characters.

    Cut after a sentence where that keeps half of the length, else between words, and never inside math, emphasis, code
    or a link: what is kept reads as it did.
    """
    if len(paragraph) <= limit * 1.2:
        return paragraph
    marked = _MARKS.search(paragraph, 0, limit)
    whole = _reading(paragraph[: 3 * limit]) if marked else ""
    ends = [found.end() for found in re.finditer(r"[.!?。！？](?=\s|$)", paragraph[:limit])]
    spaces = [found.start() for found in re.finditer(r"\s", paragraph[: limit + 1])]
    for end in [*reversed([e for e in ends if e >= limit // 2]), *reversed(spaces)]:
        if not marked or whole.startswith(_reading(paragraph[:end])):
            return paragraph[:end] + ("" if end in ends else " …")
    return re.sub(r"[*_`$\[\]()<>\\]", " ", paragraph[:limit]).rstrip() + " …"


_MARKS = re.compile(r"[\\$*_`~<&\[]")


def readable(paragraph: str) -> str:
    """Return a paragraph of Markdown as it is read: plain text, with formulas as in plain titles."""
    return _reading(paragraph, plain_math) if _MARKS.search(paragraph) else paragraph


def _reading(paragraph: str, formula: Callable[[str], str] = str) -> str:
    (parsed,) = _MARKDOWN.parseInline(paragraph, {"base": "/", "level": 2})
    return "".join(
        formula(token.content) if token.type.startswith("math_") else token.content for token in parsed.children or ()
    )


def _with_addresses(paragraph: str, references: Mapping[str, Mapping[str, str]]) -> str:
    """Return a paragraph whose links by label have their addresses beside them, as the definitions stay behind."""

    def link(found: re.Match[str]) -> str:
        known = references.get(normalizeReference(found[2] or found[1]))
        return f"[{found[1]}](<{known['href']}>)" if known else found[0]

    return re.sub(r"\[([^\[\]]+)\](?:\[([^\[\]]*)\])?(?!\()", link, paragraph) if references else paragraph


def body_problems(body: str, first_line: int, source: Source, images: Collection[str]) -> list[Problem]:
    """Return what will not be shown as the author of a text meant it: links that are refused, images that are missing.

    `body` starts at `first_line` of `source`; `images` are the site's own, as `/images/name`.
    """
    if "](" not in body and "]:" not in body:
        return []
    lines = body.split("\n")
    suspects = []  # what looks like a link to an address that is refused; the parser knows whether it is one
    for number, text in enumerate(lines):
        for match in _ADDRESS.finditer(text):
            address = _MARKDOWN.normalizeLink(unescapeAll(match[match.lastindex or 0]))
            if not is_allowed(address):
                suspects.append((number, match, address))
    if not suspects and "![" not in body:  # nearly all texts: a parser costs more than the page
        return []
    document = Document(source.path, (decoded(source)[0] or "").split("\n"))
    found: list[Problem] = []
    refused: set[str] = set()
    parser = _parser()
    parser.validateLink = lambda address: is_allowed(address) or bool(refused.add(address))  # type: ignore[assignment, func-returns-value, method-assign]
    tokens = parser.parse(body, {"base": "/", "level": 2})

    def report(code: str, line: int, message: str, hint: str, column: int = 1) -> None:
        found.append(Problem(code, document.at(first_line + line, column), message, hint))

    for number, match, address in suspects:
        if address in refused:
            message = f"a link to {quoted(match[match.lastindex or 0])} is shown as plain text"
            hint = "links start with  https://  or, inside the site, with  /"
            report("refused-link", number, message, hint, match.start(match.lastindex or 0) + 1)
    for token in tokens:
        line, column = token.map[0] if token.map else 0, 0
        for child in token.children or ():
            if child.type in ("softbreak", "hardbreak"):
                line, column = line + 1, 0
            if child.type == "image":
                column = lines[line].find("![", column) + 1
                _check_image(child, line, max(column, 1), images, report)
    return found


def _check_image(token: Token, line: int, column: int, images: Collection[str], report: Callable[..., None]) -> None:
    source = unquote(str(token.attrs["src"]))
    if not source.startswith("/images/"):
        hint = "put the image into content/images/ and write  ![What it shows](/images/name.png)"
        report("bad-image", line, f"the image {quoted(source)} is not one of this site", hint, column)
        return
    if source not in images:
        report("bad-image", line, f"there is no image {quoted(source)} in content/images/", "look for a typo", column)
    if not token.content.strip():
        hint = f"write  ![What it shows]({source})"
        report("bad-image", line, f"the image {quoted(source)} has no alt text", hint, column)
