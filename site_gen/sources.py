"""Which files the content folder holds, read once and without trust.

The rim of the pipeline: everything after this works on values. Files are opened without following symbolic links and
read at most to the limit of their kind; what is no plain file is refused with a message, so no build can be made to
read outside the site's folder or to hang on a pipe.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from site_gen.fields import HIDDEN
from site_gen.fingerprint import digest
from site_gen.problems import Location, Problem, nearest, quoted
from site_gen.yaml_text import Document, Mapping, read

MAX_FRONT = 64 * 1024  # bytes
MAX_BODY = 256 * 1024
MAX_TEXT = MAX_FRONT + MAX_BODY + 16
MAX_VOCABULARY = 4 * 1024 * 1024
MAX_IMAGE = 1024 * 1024
MAX_STATIC = 64 * 1024 * 1024
IMAGE_HEAD = 64  # bytes of an image that are kept, to tell its format


@dataclass(frozen=True, slots=True)
class Source:
    """A file: its path relative to the site's root with slashes, its bytes' digest, and its bytes.

    Files that are only copied keep none or few of them in `data`; they are read again when they are written.
    """

    path: str
    digest: str
    data: bytes = b""

    @property
    def stem(self) -> str:
        return self.path.rsplit("/", 1)[-1].rsplit(".", 1)[0]


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that a build reads but theme and config, each kind sorted by path."""

    papers: tuple[Source, ...] = ()
    pages: tuple[Source, ...] = ()
    vocabularies: tuple[Source, ...] = ()
    images: tuple[Source, ...] = ()
    static: tuple[Source, ...] = ()


def read_file(path: Path | str, limit: int) -> bytes:
    """Return a plain file's bytes, at most `limit` of them; an OSError, or ValueError when it is something else.

    Opened with O_NOFOLLOW and O_NONBLOCK: a symbolic link is not followed and a pipe does not block. A file that
    changes its size while it is read gives what was there; the next build sees the rest.
    """
    handle = os.open(path, _OPEN)
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("not a plain file")
        if found.st_size > limit:
            raise ValueError(f"larger than {limit // 1024:,} KB")
        data = os.read(handle, found.st_size)
        while len(data) < found.st_size and (more := os.read(handle, found.st_size - len(data))):
            data += more
    finally:
        os.close(handle)
    return data


_OPEN = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


_COPIED = ("static", "content/images")  # what keeps its name in the output
_FOLDERS = ("papers", "pages", "images")  # of content/
_REFUSED_NAME = re.compile(  # learn.microsoft.com/windows/win32/fileio/naming-a-file
    r'[<>:"|?*\\\x00-\x1f\x7f]|[. ]$|^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\.|$)', re.IGNORECASE
)


def read_sources(root: Path) -> tuple[Sources, list[Problem]]:
    """Read `content/` and `static/` below `root`. A missing folder is an empty one."""
    problems: list[Problem] = []

    def under(folder: str, endings: tuple[str, ...], limit: int, keep: int, deep: bool = True) -> tuple[Source, ...]:
        found: list[Source] = []
        for path in plain_files(root, folder, deep, problems):
            if endings and not path.lower().endswith(endings):
                if not path.endswith("~"):
                    message = f"this file is not read: {folder}/ holds files that end in {' or '.join(endings)}"
                    problems.append(Problem("stray-file", Location(path), message, "rename it, or move it away"))
                continue
            refused = refused_name(path) if folder in _COPIED else None
            if refused:
                problems.append(refused)
                continue
            try:
                data = read_file(f"{root}/{path}", limit)
            except ValueError as error:
                code = "too-large" if "larger" in str(error) else "not-a-file"
                problems.append(
                    Problem(code, Location(path), f"this file is {error}", "put a smaller plain file in its place")
                )
            except OSError as error:
                problems.append(_unreadable(path, "file", error))
            else:
                found.append(Source(path, digest(data), data[:keep]))
        return tuple(sorted(found, key=lambda source: source.path))

    vocabularies = tuple(
        source
        for source in under("content", (), MAX_VOCABULARY, MAX_VOCABULARY, deep=False)
        if source.path in ("content/tags.yml", "content/people.yml") or _stray(source.path, problems)
    )
    return (
        Sources(
            papers=under("content/papers", (".md",), MAX_TEXT, MAX_TEXT),
            pages=under("content/pages", (".md",), MAX_TEXT, MAX_TEXT, deep=False),
            vocabularies=vocabularies,
            images=under("content/images", (), MAX_IMAGE, IMAGE_HEAD, deep=False),
            static=under("static", (), MAX_STATIC, 0),
        ),
        problems,
    )


def refused_name(path: str) -> Problem | None:
    """Return the problem of a file that keeps its name in the output and has one that not every system can hold."""
    if not any(_REFUSED_NAME.search(part) for part in path.split("/")):
        return None
    message = "a file system of Windows refuses a name of this file's path, which would be its address"
    return Problem("bad-name", Location(path), message, "use letters, digits, hyphens and dots")


def _stray(path: str, problems: list[Problem], what: str = "file", hint: str = "move it away") -> bool:
    names = "tags.yml, people.yml, papers/, pages/ and images/"
    message = f"this {what} is not read: content/ holds {names}"
    problems.append(Problem("stray-file", Location(path), message, hint))
    return False


def obstacle(root: Path, folder: str) -> Problem | None:
    """Return what is in the way from `root` to a folder below it: a symbolic link, or a folder not to be looked into."""
    place = ""
    for name in folder.split("/"):
        above, place = place, f"{place}/{name}" if place else name
        try:
            if stat.S_ISLNK(os.lstat(root / place).st_mode):
                return _link(place)
        except FileNotFoundError:
            return None
        except OSError as error:
            return _unreadable(above or place, "folder", error)
    return None


def plain_files(root: Path, folder: str, deep: bool, problems: list[Problem]) -> Iterator[str]:
    """Yield the paths of plain files below `folder`; hidden ones are passed over, links and specials are reported."""
    in_the_way = obstacle(root, folder)
    if in_the_way:
        problems.append(in_the_way)
        return
    try:
        with os.scandir(root / folder) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    except OSError as error:
        problems.append(_unreadable(folder, "folder", error))
        return
    for entry in listed:
        path = f"{folder}/{entry.name}"
        try:
            entry.name.encode()
        except UnicodeEncodeError:
            shown = f"{folder}/{os.fsencode(entry.name).decode(errors='replace')}"
            problems.append(Problem("bad-name", Location(shown), "the name of this file is not UTF-8", "rename it"))
            continue
        if entry.name.startswith(".") and not (folder == "static" and entry.name == ".well-known"):
            continue
        if entry.is_symlink():
            problems.append(_link(path))
        elif entry.is_dir(follow_symlinks=False):
            if deep:
                yield from plain_files(root, path, deep, problems)
            elif folder == "content":
                if entry.name not in _FOLDERS:
                    close = nearest(entry.name, _FOLDERS)
                    hint = f"did you mean  content/{close}/  ?" if close else "move it away"
                    _stray(path, problems, "folder", hint)
            else:
                hint = f"move its files to {folder}/"
                problems.append(Problem("stray-file", Location(path), f"folders in {folder}/ are not read", hint))
        elif entry.is_file(follow_symlinks=False):
            yield path
        else:
            problems.append(
                Problem("not-a-file", Location(path), "this is neither a file nor a folder", "take it away")
            )


def _unreadable(path: str, what: str, error: OSError) -> Problem:
    message, hint = f"this {what} cannot be read: {error.strerror}", "let it be read, or move it away"
    return Problem("unreadable", Location(path), message, hint)


def _link(path: str) -> Problem:
    hint = "put the file or folder itself in its place"
    return Problem("not-a-file", Location(path), "this is a symbolic link, which is not followed", hint)


_INVISIBLE = re.compile(f"[{''.join(sorted(HIDDEN))}]|[\u0300-\u036f]{{8}}")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufffe\uffff]")


def decoded(source: Source) -> tuple[str | None, list[Problem]]:
    """Return a source's text with a byte order mark taken off and line ends as `\\n`, or None with problems."""
    try:
        value = source.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = source.data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        place = Location(source.path, line, column)
        message = f"this file is not UTF-8 text: byte {source.data[error.start]:#04x} at position {error.start}"
        if source.data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            message = "this file is UTF-16; UTF-8 is expected"
        return None, [Problem("not-utf8", place, message, "save the file as UTF-8")]
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    found = _CONTROL.search(value)
    if found:
        line = value.count("\n", 0, found.start()) + 1
        column = found.start() - value.rfind("\n", 0, found.start())
        place = Document(source.path, value.split("\n")).at(line, column)
        message = f"the control character U+{ord(found.group()):04X} is here, which no text needs"
        return None, [Problem("control-character", place, message, "take it out")]
    return value, []


@dataclass(frozen=True, slots=True)
class Content:
    """A Markdown file taken apart: its front matter, its body, and the line on which the body starts."""

    front: Mapping
    body: str
    body_line: int
    document: Document


def split(source: Source) -> tuple[Content | None, list[Problem]]:
    """Take a Markdown file apart: one YAML mapping between two lines of `---`, then the body."""
    value, problems = decoded(source)
    if value is None:
        return None, problems
    lines = value.split("\n")
    document = Document(source.path, lines)
    hint = "start the file with  ---  on a line of its own, then lines of  key: value , then  ---  again"
    if lines[0].rstrip() != "---":
        start = lines[0].strip()
        message = f"the first line is {quoted(start)} where --- is expected" if start else "the first line is not ---"
        return None, [Problem("bad-front-matter", document.at(1, 1), message, hint)]
    end = next((n for n, line in enumerate(lines) if n and line.rstrip() == "---"), None)
    if end is None:
        message = "the front matter that starts here has no closing ---"
        return None, [Problem("bad-front-matter", document.at(1, 1), message, hint)]
    front, body = "\n".join(lines[1:end]), "\n".join(lines[end + 1 :])
    for part, limit, called in ((front, MAX_FRONT, "front matter"), (body, MAX_BODY, "text")):
        if len(part.encode()) > limit:
            message = f"the {called} is larger than {limit // 1024} KB"
            return None, [Problem("too-large", Location(source.path), message, "make it shorter")]
    mapping, problems = read(front, document, 2)
    if mapping is None:
        return None, problems
    found = _INVISIBLE.search(body)
    if found:
        line, column = body.count("\n", 0, found.start()), found.start() - body.rfind("\n", 0, found.start())
        message = (
            f"the text holds a character that cannot be seen or changes its direction: U+{ord(found.group()[0]):04X}"
        )
        place = document.at(end + 2 + line, column)
        problems.append(Problem("invisible-character", place, message, "take it out unless it is meant"))
    return Content(mapping, body.rstrip(), end + 2, document), problems


_FORMATS = (  # what each image format starts with, and where; the endings it may have
    (0, b"\x89PNG\r\n\x1a\n", (".png",)),
    (0, b"\xff\xd8\xff", (".jpg", ".jpeg")),
    (8, b"WEBP", (".webp",)),
    (4, b"ftypavif", (".avif",)),
    (4, b"ftypavis", (".avif",)),
)


def image_problems(source: Source) -> list[Problem]:
    """Check an image: it is what its bytes say it is, and its ending must agree, because browsers are told by that."""
    if any(
        source.data[start : start + len(magic)] == magic and source.path.lower().endswith(endings)
        for start, magic, endings in _FORMATS
    ):
        return []
    message = "this is not a PNG, JPEG, WebP or AVIF image with the ending of its format"
    return [Problem("bad-image", Location(source.path), message, "save the image as PNG, JPEG, WebP or AVIF")]
