"""`git diff --check` over whole documents: white space at line ends, marks of merges."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from swiftos import paths
from swiftos.documents.markdown import Finding

LINE = re.compile(r"^(?P<name>[^:\n]+):(?P<line>\d+): (?P<what>.+)$", re.MULTILINE)


def check(folder: Path = paths.REPOSITORY) -> Iterator[Finding]:
    """Yields what git finds in the documents of a repository; nothing outside of one."""
    empty = _git(folder, "hash-object", "-t", "tree", "--stdin")
    for arguments in (["--check"], ["--check", empty.strip(), "--", "*.md"]):
        for match in LINE.finditer(_git(folder, "diff", *arguments)):
            path, number = folder / match["name"], int(match["line"])
            yield Finding(path, number, match["what"], "remove it")


def _git(folder: Path, *arguments: str) -> str:
    """Returns what git prints; nothing where the folder is no repository."""
    result = subprocess.run(
        ["git", *arguments], cwd=folder, input="", capture_output=True, text=True, check=False
    )
    return result.stdout
