"""What did a command cost: time by the clock, time of all its processes, and memory at its peak?

Used by the benchmarks; every command is waited for, so that the kernel's account of it and of its children
is complete. Invariant: a command that fails ends the benchmark with what it wrote, and is never a figure.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sample:
    """What a process and its children took: seconds by the clock and of CPU, bytes of the largest of them."""

    wall: float
    cpu: float
    largest: int


def measure(command: list[str]) -> Sample:
    """Run a command to its end; SystemExit with what it wrote when it fails."""
    os.sync()  # what others have written must not reach the disk at its expense
    with tempfile.TemporaryFile() as log:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=log, stderr=log)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            log.seek(0)
            text = log.read().decode(errors="replace")
            raise SystemExit(f"{' '.join(command)}\nended with {process.returncode}:\n{text[-4000:]}")
    # macOS counts in bytes, Linux in kilobytes (getrusage(2)).
    largest = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return Sample(wall, used.ru_utime + used.ru_stime, largest)


def peak_memory(command: list[str]) -> int:
    """Return the most bytes that a command and its children held together.

    The kernel knows the peak of each process only. On Linux the sum is sampled, pages that they share counted
    once; this costs time, so it is a run of its own.
    """
    measured = [sys.executable, __file__, *command]
    with subprocess.Popen(measured, stdout=subprocess.PIPE, text=True) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, sum(map(_proportional, _descendants(process.pid))))
            time.sleep(0.02)
        assert process.stdout is not None
        largest = process.stdout.read()
    if process.returncode:
        raise SystemExit(process.returncode)
    return max(peak, int(largest))


def _descendants(pid: int) -> Iterator[int]:
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found = [int(child) for child in children.read_text().split()]
        except OSError:  # it has ended
            continue
        for child in found:
            yield child
            yield from _descendants(child)


def _proportional(pid: int) -> int:
    try:
        found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


if __name__ == "__main__":
    # For `peak_memory`: until its first `exec` a process counts as large as its parent: this one is small.
    print(measure(sys.argv[1:]).largest)
