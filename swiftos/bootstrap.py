"""Makes `.venv` from a lock file with hashes and re-executes `./swos` in it.

It owns `.venv`. Only the standard library is used, and only modules of this package that keep to
it. A stamp in the environment holds the hash of the lock that filled it, so that a start with
nothing to do costs one comparison. Two locks exist: `locks/tools.txt` runs the tools,
`locks/dev.txt` adds what tests and linters need and is used by the subcommands that want it.

Rules: nothing outside the repository is written (an emptied or absent HOME works, root is not
needed); an environment that is still in use stays usable while it is updated.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from swiftos import apt, paths
from swiftos.errors import MissingToolError, ToolError

DEV_SUBCOMMANDS = frozenset({"test", "lint", "sabotage", "ci", "dev-env"})
ENVIRONMENT_MARK = "SWOS_ENVIRONMENT"
ZIG_CACHES = ("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR")
LOCK_NAMES = ("tools", "dev")


def main(argv: list[str]) -> None:
    """Ensures the environment, then runs the tool in it; never returns."""
    try:
        lock_name = "dev" if needs_dev(argv[1:]) else "tools"
        ensure(lock_name)
        if not is_inside():
            _execute(argv)
        os.environ.pop(ENVIRONMENT_MARK, None)
    except ToolError as error:
        print(f"swos: {error.message}\n  cure: {error.cure}", file=sys.stderr)
        sys.exit(int(error.exit_code))
    from swiftos.cli import run  # deferred: needs the environment made above

    run()


def needs_dev(arguments: list[str]) -> bool:
    """Says whether the subcommand named by `arguments` wants the test and lint packages."""
    words = [word for word in arguments if not word.startswith("-")]
    return bool(words) and words[0] in DEV_SUBCOMMANDS


def is_inside() -> bool:
    """Says whether this interpreter already is the environment's."""
    return Path(sys.prefix).resolve() == paths.VENV.resolve()


def interpreter() -> Path:
    """Returns the environment's Python."""
    return paths.VENV / "bin" / "python"


def ensure(lock_name: str) -> None:
    """Fills the environment from the named lock unless its stamp says that it is up to date."""
    if is_fresh(lock_name):
        return
    with _exclusive():
        if is_fresh(lock_name):
            return
        if not interpreter().exists():
            _create()
        _install(lock_name)
        _stamp(lock_name).write_text(_digest(lock_name) + "\n")


def is_fresh(lock_name: str) -> bool:
    """Says whether the environment holds the lock's packages (the dev lock includes the tools)."""
    candidates = LOCK_NAMES[LOCK_NAMES.index(lock_name) :]
    return interpreter().exists() and any(
        _stamp(name).exists() and _stamp(name).read_text().strip() == _digest(name)
        for name in candidates
    )


def _stamp(lock_name: str) -> Path:
    return paths.VENV / f"lock-{lock_name}.sha256"


def _digest(lock_name: str) -> str:
    return hashlib.sha256((paths.LOCKS / f"{lock_name}.txt").read_bytes()).hexdigest()


@contextmanager
def _exclusive() -> Iterator[None]:
    """Holds the lock that keeps two starts from filling the environment at once."""
    paths.CACHE.mkdir(exist_ok=True)
    with open(paths.CACHE / "venv.lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _create() -> None:
    """Makes an empty environment, with pip in it where the host's Python carries one."""
    print("swos: making .venv", file=sys.stderr)
    command = [sys.executable, "-m", "venv", str(paths.VENV)]
    if not _has_ensurepip():
        command.append("--without-pip")
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        tail = (result.stdout + result.stderr).strip().splitlines()[-1:]
        shutil.rmtree(paths.VENV, ignore_errors=True)
        raise MissingToolError(
            f"cannot make a virtual environment: {' '.join(tail)}",
            "sudo apt-get install python3-venv (Debian, Ubuntu), or another Python 3.11",
        )


def _has_ensurepip() -> bool:
    """Debian splits ensurepip out of Python into python3-venv."""
    probe = [sys.executable, "-c", "import ensurepip"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def _install(lock_name: str) -> None:
    """Installs the lock's packages, each checked against its hash."""
    print(f"swos: installing locks/{lock_name}.txt into .venv", file=sys.stderr)
    command = [*_pip(), "install", "--quiet", "--require-hashes", "--no-deps"]
    command += ["--disable-pip-version-check", "--no-input", "--only-binary=:all:"]
    command += ["-r", str(paths.LOCKS / f"{lock_name}.txt")]
    environment = {**os.environ, "PIP_CACHE_DIR": str(paths.CACHE / "pip")}
    wheel = _fetched_pip()
    if wheel is not None:
        environment["PYTHONPATH"] = str(wheel)
    result = subprocess.run(command, env=environment, stdout=sys.stderr, check=False)
    if result.returncode != 0:
        raise MissingToolError(
            f"pip could not install locks/{lock_name}.txt (its message is above)",
            "check the network; behind a mirror, configure pip (pip.conf or PIP_INDEX_URL)",
        )


def _pip() -> list[str]:
    """Returns the command that runs pip in the environment, fetching pip where there is none."""
    python = str(interpreter())
    probe = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False)
    if probe.returncode != 0 and _fetched_pip() is None:
        if not apt.is_available():
            raise MissingToolError(
                "this Python has neither ensurepip nor pip",
                "install the host's package for Python virtual environments (python3-venv)",
            )
        apt.fetch(["python3-pip-whl"], False, paths.CACHE / "pip-package", paths.CACHE / "apt-pip")
    return [python, "-m", "pip"]


def _fetched_pip() -> Path | None:
    """Returns the pip wheel that was unpacked from the host's package, if there is one."""
    folder = paths.CACHE / "pip-package" / "usr" / "share" / "python-wheels"
    return next(iter(sorted(folder.glob("pip-*.whl"))), None)


def _execute(argv: list[str]) -> None:
    """Replaces this process by the environment's Python running the same command."""
    if ENVIRONMENT_MARK in os.environ:
        raise MissingToolError(
            f"{interpreter()} is not a working virtual environment",
            "remove the .venv folder and start again",
        )
    python = str(interpreter())
    environment = {**os.environ, ENVIRONMENT_MARK: str(paths.VENV)}
    for name in ZIG_CACHES:
        environment.setdefault(name, str(paths.CACHE / "zig"))
    os.execve(python, [python, str(paths.REPOSITORY / "swos"), *argv[1:]], environment)
