"""Fetches Debian and Ubuntu packages without root, with apt's state in a folder of ours.

Nothing is installed on the host: packages are downloaded by the host's own `apt-get`, from the
sources that the host is configured for, and unpacked with `dpkg -x` into a folder of ours. What
the host has installed already is not fetched again. Only the standard library is used, so that the
bootstrapper can call it.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from swiftos.errors import MissingToolError

HOST_STATUS = Path("/var/lib/dpkg/status")
STATE_FOLDERS = ("lists/partial", "archives/partial", "log")


def is_available() -> bool:
    """Says whether this host has the two programs that fetching needs."""
    return shutil.which("apt-get") is not None and shutil.which("dpkg") is not None


def fetch(packages: list[str], with_dependencies: bool, target: Path, cache: Path) -> None:
    """Downloads `packages` (and what they depend on) and unpacks all into `target`.

    `target` appears when it is complete. Raises MissingToolError when the host's apt cannot get or
    does not know the packages, or dpkg cannot unpack them.
    """
    names = " ".join(packages)
    print(f"swos: fetching {names} from the host's packages, without root", file=sys.stderr)
    options = _state_options(cache)
    _apt(["update", "-qq"], options, cache)
    archives = cache / "archives"
    if with_dependencies:
        flags = ["-qq", "-y", "--no-install-recommends", "--reinstall", "-d"]
        _apt(["install", *flags, *packages], options, cache)
    else:
        _apt(["download", "-qq", *packages], options, archives)
    unpacked = target.with_name(f"{target.name}.part")
    shutil.rmtree(unpacked, ignore_errors=True)
    unpacked.mkdir(parents=True)
    for archive in sorted(archives.glob("*.deb")):
        _run(["dpkg", "-x", str(archive), str(unpacked)], cache)
    shutil.rmtree(target, ignore_errors=True)
    unpacked.rename(target)


@contextmanager
def exclusive(cache: Path) -> Iterator[None]:
    """Keeps other starts from fetching into the same folders at once."""
    cache.mkdir(parents=True, exist_ok=True)
    with open(cache / "lock", "w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _state_options(cache: Path) -> list[str]:
    """Returns the options that keep all of apt's state under `cache`."""
    for name in STATE_FOLDERS:
        (cache / name).mkdir(parents=True, exist_ok=True)
    settings = {
        "Dir::State": cache,
        "Dir::State::lists": cache / "lists",
        "Dir::State::status": HOST_STATUS,
        "Dir::Cache": cache,
        "Dir::Cache::archives": cache / "archives",
        "Dir::Log": cache / "log",
        "Debug::NoLocking": "true",
        "APT::Sandbox::User": "",
    }
    options: list[str] = []
    for key, value in settings.items():
        options += ["-o", f"{key}={value}"]
    return options


def _apt(arguments: list[str], options: list[str], folder: Path) -> None:
    """Runs apt-get."""
    _run(["apt-get", *options, *arguments], folder)


def _run(command: list[str], folder: Path) -> None:
    """Runs a program of the host; its last lines become the error message."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    result = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        tail = " / ".join(result.stderr.strip().splitlines()[-3:])
        raise MissingToolError(
            f"{Path(command[0]).name} failed: {tail}",
            "check the network and the host's apt sources, or install the packages as root",
        )
