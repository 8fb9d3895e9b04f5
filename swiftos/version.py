"""The version of the tools and the revision of the tree that they run from."""

import subprocess

from swiftos import paths

VERSION = "0.1.0"


def revision() -> str:
    """Returns the commit's short hash and subject, or `unversioned` outside a repository."""
    return _git(["log", "-1", "--format=%h %s"]) or "unversioned"


def is_dirty() -> bool:
    """Says whether tracked files differ from the commit."""
    return bool(_git(["status", "--porcelain", "--untracked-files=no"]))


def commit() -> str:
    """Returns the full commit hash, or `unversioned`."""
    return _git(["rev-parse", "HEAD"]) or "unversioned"


def branch() -> str:
    """Returns the branch's name, or an empty string on a detached head."""
    return _git(["branch", "--show-current"])


def status_lines() -> list[str]:
    """Returns the lines of `git status --short --branch`: the branch, then each changed file."""
    return _git(["status", "--short", "--branch"]).splitlines()


def commit_time_s() -> int:
    """Returns the commit's time in seconds since 1970, or 0 outside a repository."""
    return int(_git(["log", "-1", "--format=%ct"]) or "0")


def version_text() -> str:
    """Returns what `--version` prints."""
    return f"swos {VERSION}"


def _git(arguments: list[str]) -> str:
    """Returns git's output, or an empty string where git or the repository is missing."""
    try:
        result = subprocess.run(
            ["git", *arguments], cwd=paths.REPOSITORY, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return ""
    return result.stdout.strip() if result.returncode == 0 else ""
