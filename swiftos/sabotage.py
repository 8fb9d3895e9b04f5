"""Proves that tests can fail: puts one fault at a time into a copy of the tree and runs its test.

Faults are declared in `tests/sabotage/*.toml`, a table each: `file`, `old` (text that occurs once),
`new`, `test` (a pytest id that must go red), `why`. The working tree is never touched. A copy is
first shown to be green with the chosen tests, so that red means the fault.
"""

import fcntl
import random
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from swiftos.errors import HarnessError, UsageError

FIELDS = {"file", "old", "new", "test", "why"}
SHARED_FOLDERS = (".venv", ".cache")
NOT_COPIED = ("runs", "sabotage", "evidence", "prove")
TESTS_FAILED = 1
BUILD_ARGUMENTS = ["build", "--image", "default", "--image", "test"]
"""What `./swos test` builds: guests boot the test image."""


class Verdict(Enum):
    """What a fault led to."""

    CAUGHT = "caught"
    SURVIVED = "SURVIVED"
    NOT_BUILT = "does not build"
    NOT_RUN = "test did not run"


@dataclass(frozen=True)
class Fault:
    """A one-place change and the test that must notice it."""

    name: str
    file: str
    old: str
    new: str
    test: str
    why: str

    @property
    def needs_build(self) -> bool:
        """Says whether the test boots what is built."""
        return self.test.startswith("tests/guest/")


@dataclass(frozen=True)
class Finding:
    """The verdict on a fault, with the end of what the tools printed."""

    fault: Fault
    verdict: Verdict
    output: str


def load(folder: Path) -> list[Fault]:
    """Reads all faults, by name. Raises UsageError for a malformed one."""
    faults = []
    for path in sorted(folder.glob("*.toml")):
        for name, table in tomllib.loads(path.read_text()).items():
            if set(table) != FIELDS:
                wanted = ", ".join(sorted(FIELDS))
                raise UsageError(f"{path.name}: [{name}] needs exactly {wanted}", "correct it")
            faults.append(Fault(name=name, **table))
    return faults


def choose(faults: list[Fault], count: int, seed: str) -> list[Fault]:
    """Returns `count` faults that follow from the seed."""
    return random.Random(seed).sample(faults, min(count, len(faults)))


def check_text(faults: list[Fault], root: Path) -> None:
    """Raises HarnessError for a fault whose text is not in its file exactly once."""
    for fault in faults:
        path = root / fault.file
        number = path.read_text().count(fault.old) if path.exists() else 0
        if number != 1:
            raise HarnessError(
                f"fault {fault.name}: its text occurs {number} times in {fault.file}",
                "bring tests/sabotage up to date with the code",
            )


def run(faults: list[Fault], root: Path, copy: Path) -> Iterator[Finding]:
    """Yields a finding for each fault. Raises HarnessError when a test is red without its fault, or
    another run uses the copy.
    """
    check_text(faults, root)
    with claim(copy):
        make_copy(root, copy)
        prove_green(faults, copy)
        for fault in faults:
            yield run_one(fault, copy)
        shutil.rmtree(copy)


@contextmanager
def claim(copy: Path) -> Iterator[None]:
    """Holds the place of a copy, by a lock that ends with the process. Raises HarnessError if it is
    held.
    """
    copy.parent.mkdir(parents=True, exist_ok=True)
    with open(copy.with_name(copy.name + ".lock"), "w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HarnessError(
                f"another run has its copy in {copy}", "let it end first, or stop it"
            ) from None
        yield


def make_copy(root: Path, copy: Path) -> None:
    """Copies the tree with its build; environment and downloads are shared."""
    shutil.rmtree(copy, ignore_errors=True)
    ignored = shutil.ignore_patterns(".git", "__pycache__", ".*_cache", *SHARED_FOLDERS)
    skip = root / "build"

    def ignore(folder: str, names: list[str]) -> set[str]:
        found = set(ignored(folder, names))
        if Path(folder) == skip:
            found.update(NOT_COPIED)
        return found

    shutil.copytree(root, copy, ignore=ignore, symlinks=True)
    for name in SHARED_FOLDERS:
        if (root / name).exists():
            (copy / name).symlink_to(root / name)


def prove_green(faults: list[Fault], copy: Path) -> None:
    """Runs the tests of all faults without any fault."""
    if any(fault.needs_build for fault in faults):
        build = _tool(copy, BUILD_ARGUMENTS)
        if build.returncode:
            raise HarnessError(f"the copy does not build:\n{_tail(build)}", "./swos build")
    tests = sorted({fault.test for fault in faults})
    result = _pytest(copy, tests)
    if result.returncode:
        raise HarnessError(f"red without any fault:\n{_tail(result)}", "make the tests pass first")


def run_one(fault: Fault, copy: Path) -> Finding:
    """Puts in one fault, builds if needed, runs its test, and takes the fault out again."""
    path = copy / fault.file
    text = path.read_text()
    path.write_text(text.replace(fault.old, fault.new))
    try:
        if fault.needs_build:
            build = _tool(copy, BUILD_ARGUMENTS)
            if build.returncode:
                return Finding(fault, Verdict.NOT_BUILT, _tail(build))
        result = _pytest(copy, [fault.test])
    finally:
        path.write_text(text)
    if result.returncode == 0:
        verdict = Verdict.SURVIVED
    elif result.returncode == TESTS_FAILED:
        verdict = Verdict.CAUGHT
    else:
        verdict = Verdict.NOT_RUN
    return Finding(fault, verdict, _tail(result))


def _tool(copy: Path, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(copy / "swos"), *arguments]
    return subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)


def _pytest(copy: Path, tests: list[str]) -> subprocess.CompletedProcess[str]:
    """Runs tests in the copy, without byte code so that a quick change of a file is seen."""
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    return subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)


def _tail(result: subprocess.CompletedProcess[str]) -> str:
    return (result.stdout + result.stderr).strip()[-1500:]
