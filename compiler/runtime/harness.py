"""Builds and runs programs outside SwiftOS, many at once: on the host and on bare AArch64.

    for profile in (host_profile(), SEMIHOST):
        for result in run_programs(["tests.bare.run_arithmetic", ...], profile, ...):
            compare(result.output, result.trap, ...)

`output` is what the program printed; a trap has left a traceback behind it, with one entry on the
host and with the calls on the target.
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import re
import resource
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from compiler.backend.profile import Profile
from compiler.build import BuildRequest, build_many
from compiler.frontend.diagnostics import CompileError

TRAP_STATUS = 100
"""A program that trapped ends with this plus the number of the kind."""

HEADING = "Traceback (most recent call last):\n"
QEMU = "qemu-system-aarch64"
MACHINE = ("-M", "virt", "-cpu", "cortex-a72", "-m", "64M", "-nodefaults", "-display", "none")
CONSOLE = ("-chardev", "stdio,id=out", "-semihosting-config", "enable=on,target=native,chardev=out")
TIMEOUT_S = 60


@dataclass(frozen=True, slots=True)
class Execution:
    """What a program did. A traceback at the end of the output is taken off it."""

    output: str
    status: int
    """0, or 100 plus a trap's number; anything else is a failure outside the program's rules."""
    traceback: tuple[str, ...] = ()
    """The traceback's lines: heading, entries with the most recent call last, the last line."""

    @property
    def trap(self) -> str:
        """The last line, where the program trapped; else empty."""
        return self.traceback[-1] if self.traceback else ""

    @property
    def kind(self) -> str:
        """The trap's kind, such as `IndexError`; empty where there was none."""
        return self.trap.partition(":")[0]

    @property
    def line(self) -> int | None:
        """The line of the source that trapped, where it is known."""
        entry = self.traceback[-2] if len(self.traceback) > 1 else ""
        found = _ENTRY.search(entry)
        return int(found.group(1)) if found else None


_ENTRY = re.compile(r", line (\d+), in ")


def execution_of(text: str, status: int) -> Execution:
    """Splits what a program printed into output and traceback."""
    output, heading, entries = text.rpartition(HEADING)
    if not heading or status == 0:
        return Execution(text, status)
    return Execution(output, status, tuple((heading + entries).rstrip("\n").split("\n")))


def run_programs(
    roots: Sequence[str],
    profile: Profile,
    *,
    source_root: Path,
    folder: Path,
    cache: Path,
    jobs: int = 2,
) -> list[Execution | CompileError]:
    """Builds programs into `folder` and runs them, `jobs` at a time; results in order."""
    suffix = ".so" if profile.is_hosted else ".elf"
    requests = [
        BuildRequest(root, folder / f"{root}.{profile.name}{suffix}", profile) for root in roots
    ]
    built = build_many(requests, source_root=source_root, cache=cache, jobs=jobs)
    run = run_on_host if profile.is_hosted else run_on_target
    with ThreadPoolExecutor(max_workers=1 if profile.is_hosted else jobs) as pool:
        return list(
            pool.map(
                lambda result: result if isinstance(result, CompileError) else run(result.output),
                built,
            )
        )


def run_on_target(program: Path, *options: str) -> Execution:
    """Boots a program under QEMU, with further options of QEMU."""
    command = [QEMU, *MACHINE, *CONSOLE, *options, "-kernel", str(program)]
    result = subprocess.run(
        command, capture_output=True, stdin=subprocess.DEVNULL, timeout=TIMEOUT_S, check=False
    )
    text = (result.stdout + result.stderr).decode("utf-8", "surrogateescape")
    return execution_of(text, result.returncode)


def run_on_host(program: Path) -> Execution:
    """Loads a program into a forked child and calls it there."""
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if child == 0:
            _run_in_child(program, output.fileno())
        _, wait_status = os.waitpid(child, 0)
        output.seek(0)
        text = output.read().decode("utf-8", "surrogateescape")
    status = os.waitstatus_to_exitcode(wait_status)
    if status == -signal.SIGSEGV:  # the guard page of the stack: nothing else is unchecked
        return Execution(text, TRAP_STATUS + 8, (HEADING.strip(), "RecursionError"))
    return execution_of(text, status)


def _run_in_child(program: Path, output: int) -> None:
    """Never returns."""
    try:
        faulthandler.disable()
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.dup2(output, 1)
        library = ctypes.CDLL(str(program))
        library.bare_main.restype = None
        library.bare_main()
        os._exit(0)
    finally:
        os._exit(1)
