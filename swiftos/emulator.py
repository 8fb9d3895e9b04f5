"""Finds QEMU, or obtains it without root on Debian and Ubuntu.

Order: the `QEMU` variable, the PATH, then our own copy under `.cache/qemu`. The copy is unpacked
from the host's packages and runs with its own libraries and data folder.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from swiftos import apt, paths
from swiftos.errors import MissingToolError

PROGRAM = "qemu-system-aarch64"
PACKAGE = "qemu-system-arm"
MINIMUM_VERSION = (7, 2)
CURE = (
    "sudo apt-get install qemu-system-arm (Debian, Ubuntu); brew install qemu (macOS); "
    "dnf install qemu-system-aarch64 (Fedora)"
)
VERSION_PATTERN = re.compile(r"version (\d+)\.(\d+)\.(\d+)")


@dataclass(frozen=True)
class Emulator:
    """A QEMU that can be run: its program, what its environment needs, its version text."""

    program: Path
    version: str
    arguments: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)

    def full_environment(self) -> dict[str, str]:
        """Returns this process's environment with what the emulator needs added."""
        return {**os.environ, **self.environment}


def find() -> Emulator | None:
    """Returns a usable QEMU of this host, or None. Raises MissingToolError for one too old."""
    chosen = os.environ.get("QEMU")
    located = shutil.which(chosen or PROGRAM)
    if located is not None:
        return _checked(Emulator(Path(located), ""))
    if chosen:
        raise MissingToolError(f"QEMU={chosen} is not a program", "unset QEMU or correct it")
    copy = _own_copy()
    return _checked(copy) if copy is not None else None


def obtain() -> Emulator:
    """Returns a usable QEMU, fetching one without root where the host has apt.

    Raises MissingToolError with the cure where neither works.
    """
    found = find()
    if found is not None:
        return found
    if not apt.is_available():
        raise MissingToolError(f"{PROGRAM} is not on the PATH", CURE)
    state = paths.CACHE / "apt-qemu"
    with apt.exclusive(state):
        if _own_copy() is None:
            apt.fetch([PACKAGE], True, paths.CACHE / "qemu", state)
    copy = _own_copy()
    if copy is None:
        raise MissingToolError(f"the package {PACKAGE} holds no {PROGRAM}", CURE)
    return _checked(copy)


def _own_copy() -> Emulator | None:
    """Describes the unpacked copy under .cache, if there is one."""
    root = paths.CACHE / "qemu"
    program = root / "usr" / "bin" / PROGRAM
    if not program.exists():
        return None
    folders = sorted({str(path.parent) for path in root.glob("**/*.so*") if path.is_file()})
    data = root / "usr" / "share" / "qemu"
    return Emulator(program, "", ("-L", str(data)), {"LD_LIBRARY_PATH": os.pathsep.join(folders)})


def _checked(emulator: Emulator) -> Emulator:
    """Returns the emulator with its version filled in; refuses one older than the minimum."""
    result = subprocess.run(
        [str(emulator.program), "--version"],
        env=emulator.full_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    match = VERSION_PATTERN.search(result.stdout)
    if result.returncode != 0 or match is None:
        raise MissingToolError(
            f"{emulator.program} --version failed: {result.stderr.strip()[:200]}", CURE
        )
    version = tuple(int(part) for part in match.groups())
    if version < MINIMUM_VERSION:
        raise MissingToolError(f"{emulator.program} is version {version}: 7.2 is needed", CURE)
    text = result.stdout.splitlines()[0]
    return Emulator(emulator.program, text, emulator.arguments, emulator.environment)
