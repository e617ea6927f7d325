"""What can go wrong while a build writes, made to happen on purpose.

`killed_at` stops the process's changes to the disk before the n-th of them, for good, as SIGKILL does: nothing that a
build has planned for such a case runs any more. `failing_at` makes the n-th change fail, and all later ones of the
same kind, as a full disk does; the build goes on and may tidy up. Both count what happens through `os` and through the
files that the modules of `site_gen` open for writing.
"""

from __future__ import annotations

import builtins
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from errno import EACCES, ENOSPC
from pathlib import Path
from typing import Any

import pytest

from site_gen import output, search

CHANGES = ("replace", "rename", "unlink", "mkdir", "rmdir")  # as called by pathlib, tempfile and shutil, too


class Killed(BaseException):
    """The process is gone. No `except Exception` sees it, and every further change raises it again."""


class Count:
    """How many changes there were."""

    def __init__(self) -> None:
        self.done = 0


@contextmanager
def changes(before: Callable[[str], None], half_written: Callable[[], None]) -> Iterator[None]:
    """Call `before` with the name of each change; `half_written` when the first half of some bytes is in a file."""

    class Writer:
        def __init__(self, file: Any):
            self.file = file

        def __enter__(self) -> Writer:
            return self

        def __exit__(self, *error: object) -> None:
            self.file.close()

        def __getattr__(self, name: str) -> Any:
            return getattr(self.file, name)

        def write(self, data: Any) -> int:
            before("write")
            middle = len(data) // 2
            self.file.write(data[:middle])
            half_written()
            self.file.write(data[middle:])
            return len(data)

    def opened(path: Any, mode: str = "r", **options: Any) -> Any:
        if not set(mode) & set("wxa+"):
            return builtins.open(path, mode, **options)
        before("open")
        return Writer(builtins.open(path, mode, **options))

    def counted(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def changed(*arguments: Any, **options: Any) -> Any:
            before(name)
            return call(*arguments, **options)

        return changed

    with pytest.MonkeyPatch.context() as patch:
        for name in CHANGES:
            patch.setattr(os, name, counted(name, getattr(os, name)))
        patch.setattr(output, "open", opened, raising=False)
        patch.setattr(search, "exchange", counted("exchange", search.exchange))
        yield


@contextmanager
def killed_at(number: int) -> Iterator[Count]:
    """Let `number` changes happen and no more; with a number out of reach, count them."""
    count = Count()

    def before(name: str) -> None:
        if count.done >= number:
            raise Killed
        count.done += 1

    def half_written() -> None:
        if count.done >= number:
            raise Killed

    with changes(before, half_written), suppress(Killed):
        yield count


@contextmanager
def failing_at(number: int, kinds: tuple[str, ...] = ("open", "write", "mkdir"), code: int = ENOSPC) -> Iterator[Count]:
    """Let `number` changes of the given kinds succeed; the others of these kinds fail with an OSError."""
    count = Count()

    def fail() -> None:
        raise OSError(code, os.strerror(code))

    def before(name: str) -> None:
        if name in kinds:
            if count.done >= number:
                fail()
            count.done += 1

    def half_written() -> None:
        if "write" in kinds and count.done >= number:
            fail()

    with changes(before, half_written):
        yield count


def tree(folder: Path) -> dict[str, bytes | None]:
    """Return everything below a folder: the bytes of each file, None for a folder."""
    return {
        path.relative_to(folder).as_posix(): None if path.is_dir() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
    }


@contextmanager
def forbidden(folder: Path) -> Iterator[None]:
    """Make a folder as if its mode were 000: it can be seen, and neither listed nor looked into. Root is refused, too."""

    def guarded(name: str, itself: bool) -> Callable[..., Any]:
        call = getattr(os, name)

        def guard(path: Any, *given: Any, **named: Any) -> Any:
            place = Path(os.fsdecode(path)) if isinstance(path, str | bytes | os.PathLike) else Path()
            if folder in place.parents or (itself and place == folder):
                raise PermissionError(EACCES, os.strerror(EACCES), os.fspath(path))
            return call(path, *given, **named)

        return guard

    with pytest.MonkeyPatch.context() as patch:
        for name, itself in {"lstat": False, "stat": False, "open": True, "scandir": True, "listdir": True}.items():
            patch.setattr(os, name, guarded(name, itself))
        yield
