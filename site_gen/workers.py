"""Share independent work out to forked processes, where that is possible and pays; the result is the same without.

A forked process sees everything that its parent had computed and needs nothing sent to it; what it answers goes back
through a pipe as JSON. A process whose parent was killed notices before its next item and ends, and holds the parent's
lock until then, so no later build meets it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

LEAST = 200  # items below which one process is faster
BLOCK = 16  # items that follow each other and go to one process: what a page and the files beside it share is made once

Work = Callable[[Iterator[int]], Any]  # the numbers of the items to do, to an answer that JSON can carry


def count(items: int) -> int:
    """Return how many processes to share `items` out to: the cores, or 1 where forking is not safe or does not pay."""
    if items < LEAST or sys.platform != "linux" or threading.active_count() > 1:
        return 1
    return max(1, min(len(os.sched_getaffinity(0)), 16))


def share(items: int, work: Work, processes: int) -> list[Any]:
    """Return the answers of `processes` calls of `work`, which together get each number below `items` once.

    The first share is done in this process. An OSError in another process is raised here again; one that ends in any
    other way, killed for want of memory for example, is a ChildProcessError.
    """
    parent = os.getpid()
    children: list[tuple[int, int]] = []  # (process, the pipe to read its answer from)
    try:
        for number in range(1, processes):
            receive, send = os.pipe()
            child = os.fork()
            if not child:
                os.close(receive)
                _work_and_exit(work, _watched(numbers(number, items, processes), parent), send)
            os.close(send)
            children.append((child, receive))
        answers = [work(numbers(0, items, processes))]
        while children:
            child, receive = children[0]
            with open(receive, "rb") as pipe:
                data = pipe.read()
            children.pop(0)
            os.waitpid(child, 0)
            answers.append(_answer(data))
        return answers
    finally:
        for child, receive in children:
            with suppress(OSError):
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                os.close(receive)


def numbers(process: int, items: int, processes: int) -> Iterator[int]:
    """Yield the numbers of the items that go to one of so many processes, blocks of them in turn."""
    for start in range(process * BLOCK, items, processes * BLOCK):
        yield from range(start, min(start + BLOCK, items))


def joined(answers: Sequence[Sequence[Any]], items: int) -> list[Any]:
    """Return what came of each item, from answers of `share` that each are a list of what came of one's own items."""
    made: list[Any] = [None] * items
    for process, answer in enumerate(answers):
        for number, one in zip(numbers(process, items, len(answers)), answer, strict=True):
            made[number] = one
    return made


def _watched(own: Iterator[int], parent: int) -> Iterator[int]:
    for number in own:
        if os.getppid() != parent:
            os._exit(1)
        yield number


def _work_and_exit(work: Work, numbers: Iterator[int], send: int) -> None:
    """Do the work in a forked process and end it here, whatever happens: it must not return into its parent's code."""
    status = 1
    try:
        try:
            answer = {"answer": work(numbers)}
        except OSError as error:
            answer = {"error": [error.errno, error.strerror, str(error.filename or "")]}
        with open(send, "wb") as pipe:
            pipe.write(json.dumps(answer).encode())
        status = 0
    except BaseException as error:  # an interrupt, a bug: told by the missing answer and on standard error
        if not isinstance(error, KeyboardInterrupt):
            sys.excepthook(type(error), error, error.__traceback__)
    finally:
        os._exit(status)


def _answer(data: bytes) -> Any:
    if not data:
        raise ChildProcessError("a process that rendered pages was ended from outside")
    answer = json.loads(data)
    if "error" in answer:
        number, text, name = answer["error"]
        raise OSError(number, text, name or None)
    return answer["answer"]
