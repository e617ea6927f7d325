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
QUEUE = 8192  # blocks at most: the pipe that they wait in holds 65,536 bytes (pipe(7))

Work = Callable[[int], Any]  # the number of an item, to an answer that JSON can carry


class Stop(Exception):
    """Raised by work that makes no sense of going on; its only argument is why, as something that JSON can carry."""


def count(items: int) -> int:
    """Return how many processes to share `items` out to: the cores, or 1 where forking is not safe or does not pay."""
    if items < LEAST or sys.platform != "linux" or threading.active_count() > 1:
        return 1
    return max(1, min(len(os.sched_getaffinity(0)), 16))


def share(items: int, work: Work, processes: int) -> tuple[list[Any], list[Any]]:
    """Return the answers of `work` to the numbers below `items`, in order, and what processes stopped for.

    Each process, this one among them, takes blocks of items as it gets to them. Where one has stopped, answers are
    missing. An OSError in another process is raised here again; one that ends in any other way, killed for want of
    memory for example, is a ChildProcessError.
    """
    parent = os.getpid()
    children: list[tuple[int, int]] = []  # (process, the pipe to read its answers from)
    block = max(BLOCK, items // QUEUE + 1)
    queue = _queue(range(0, items, block))
    try:
        for _ in range(1, processes):
            receive, send = os.pipe()
            child = os.fork()
            if not child:
                os.close(receive)
                _work_and_exit(work, _taken(queue, block, items, parent), send)
            os.close(send)
            children.append((child, receive))
        found, why = _answers(work, _taken(queue, block, items, 0))
        answers, stopped = dict(found), [why] if why else []
        while children:
            child, receive = children[0]
            with open(receive, "rb") as pipe:
                data = pipe.read()
            children.pop(0)
            os.waitpid(child, 0)
            found, why = _read(data)
            answers |= found
            stopped += [why] if why else []
        return [answers.get(number) for number in range(items)], stopped
    finally:
        os.close(queue)
        for child, receive in children:
            with suppress(OSError):
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                os.close(receive)


def _queue(starts: Sequence[int]) -> int:
    """Return a pipe to read the first numbers of all blocks from, four bytes each; at its end it is empty for good."""
    receive, send = os.pipe()
    with open(send, "wb") as pipe:
        pipe.write(b"".join(start.to_bytes(4, "little") for start in starts))
    return receive


def _taken(queue: int, block: int, items: int, parent: int) -> Iterator[int]:
    """Yield the numbers that this process takes out of the queue; end it when its parent is gone."""
    while start := os.read(queue, 4):  # of what is in a pipe already, one reader gets all four bytes
        first = int.from_bytes(start, "little")
        for number in range(first, min(first + block, items)):
            if parent and os.getppid() != parent:
                os._exit(1)
            yield number


def _answers(work: Work, numbers: Iterator[int]) -> tuple[list[tuple[int, Any]], Any]:
    """Return pairs of number and answer, and why it stopped, None where it did not."""
    answers = []
    try:
        for number in numbers:
            answers.append((number, work(number)))
    except Stop as stop:
        return answers, stop.args[0]
    return answers, None


def _work_and_exit(work: Work, numbers: Iterator[int], send: int) -> None:
    """Do the work in a forked process and end it here, whatever happens: it must not return into its parent's code."""
    status = 1
    try:
        try:
            answer: dict[str, Any] = {"answer": _answers(work, numbers)}
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


def _read(data: bytes) -> tuple[list[tuple[int, Any]], Any]:
    if not data:
        raise ChildProcessError("a process that rendered pages was ended from outside")
    answer = json.loads(data)
    if "error" in answer:
        number, text, name = answer["error"]
        raise OSError(number, text, name or None)
    found, why = answer["answer"]
    return found, why
