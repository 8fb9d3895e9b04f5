"""All checks over all documents."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from swiftos import paths
from swiftos.documents import claims, commands, figures, links, whitespace
from swiftos.documents.markdown import Document, Finding

SKIPPED_FOLDERS = frozenset({".git", ".venv", ".cache", ".evidence", "build"})
CHECKS: tuple[Callable[[Document], Iterator[Finding]], ...] = (
    links.check,
    commands.check,
    figures.check,
    claims.check,
)


def documents() -> list[Document]:
    """Returns the Markdown files of the repository: those that git tracks or would."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "*.md"]
    result = subprocess.run(command, cwd=paths.REPOSITORY, capture_output=True, check=False)
    if result.returncode == 0:
        names = [name for name in result.stdout.decode().split("\0") if name]
        found = [paths.REPOSITORY / name for name in names]
    else:
        found = [path for path in paths.REPOSITORY.rglob("*.md") if not _is_skipped(path)]
    return [Document(path) for path in sorted(found) if path.is_file()]


def check_document(document: Document) -> list[Finding]:
    """Returns what is wrong with one document, in the order of its lines."""
    found = [finding for check in CHECKS for finding in check(document)]
    return sorted(found, key=lambda finding: finding.line)


def check_all(every: list[Document]) -> list[Finding]:
    """Returns what is wrong with all documents, without running their commands."""
    found = [finding for document in every for finding in check_document(document)]
    return [*found, *links.unreachable(every), *whitespace.check()]


def run_commands(every: list[Document]) -> list[Finding]:
    """Runs the blocks that are marked to be run; returns those that fail."""
    done: set[str] = set()
    return [finding for document in every for finding in commands.run(document, done)]


def _is_skipped(path: Path) -> bool:
    return bool(SKIPPED_FOLDERS & set(path.relative_to(paths.REPOSITORY).parts))
