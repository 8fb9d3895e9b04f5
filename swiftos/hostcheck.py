"""Checks what the tools need of the host: a record a tool, with the cure for what is missing.

A check never changes the host. Required tools decide the exit code of `doctor`; optional ones name
what they are for.
"""

import importlib.metadata
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass

from swiftos import bootstrap, emulator
from swiftos.errors import MissingToolError

VERSION = re.compile(r"\d+(\.\d+)+")


@dataclass(frozen=True)
class Check:
    """What was found for one tool. `where` is a path or a package, empty when missing."""

    tool: str
    is_found: bool
    version: str
    needed: str
    where: str
    is_required: bool
    purpose: str
    cure: str

    def to_json(self) -> dict[str, str | bool]:
        """Returns the record for `doctor --json`."""
        return asdict(self)


def check_all() -> list[Check]:
    """Returns the checks in the order in which a newcomer should cure them."""
    return [
        _python(),
        _environment(),
        _qemu(),
        _package("ziglang", "0.17", "compiler: clang and LLD"),
        _program("git", "--version", "any", True, "revision of builds", "git"),
        _program("make", "--version", "any", False, "the make aliases", "make"),
        _gdb(),
        _program("dtc", "--version", "any", False, "device tree tests", "device-tree-compiler"),
    ]


def _python() -> Check:
    version = platform.python_version()
    is_new = sys.version_info >= (3, 11)
    return Check(
        "python", is_new, version, ">= 3.11", sys.executable, True, "everything",
        "install Python 3.11 and start with it: python3.11 ./swos doctor",
    )  # fmt: skip


def _environment() -> Check:
    is_fresh = bootstrap.is_fresh("tools")
    where = str(bootstrap.interpreter()) if is_fresh else ""
    return Check(
        "environment", is_fresh, "as locked" if is_fresh else "stale", "locks/tools.txt", where,
        True, "everything", "remove .venv and run ./swos doctor again",
    )  # fmt: skip


def _qemu() -> Check:
    cure = emulator.CURE + "; without root on Debian and Ubuntu: ./swos doctor --fetch"
    try:
        found = emulator.find()
    except MissingToolError as error:
        return Check(
            emulator.PROGRAM, False, "", ">= 7.2", "", True,
            f"runs the guest ({error.message})", cure,
        )  # fmt: skip
    version = _version_in(found.version) if found else ""
    where = str(found.program) if found else ""
    return Check(
        emulator.PROGRAM, found is not None, version, ">= 7.2", where, True, "runs the guest", cure
    )


def _package(name: str, needed: str, purpose: str) -> Check:
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        version = ""
    is_right = version.startswith(needed + ".")
    where = "locks/tools.txt" if version else ""
    cure = "remove .venv and run ./swos doctor again"
    return Check(name, is_right, version, needed + ".*", where, True, purpose, cure)


def _gdb() -> Check:
    for name in ("gdb-multiarch", "gdb"):
        if shutil.which(name):
            return _program(name, "--version", "any", False, "./swos run --gdb", "gdb-multiarch")
    return _program("gdb-multiarch", "--version", "any", False, "./swos run --gdb", "gdb-multiarch")


def _program(
    name: str, flag: str, needed: str, is_required: bool, purpose: str, package: str
) -> Check:
    where = shutil.which(name)
    cure = f"sudo apt-get install {package} (Debian, Ubuntu), or the package of your system"
    if where is None:
        return Check(name, False, "", needed, "", is_required, purpose, cure)
    result = subprocess.run([where, flag], capture_output=True, text=True, check=False)
    version = _version_in(result.stdout + result.stderr)
    return Check(name, True, version, needed, where, is_required, purpose, cure)


def _version_in(text: str) -> str:
    match = VERSION.search(text)
    return match.group() if match else ""
