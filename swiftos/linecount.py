"""Counts the lines of the tree's Python, by folder."""

from pathlib import Path

from swiftos import paths

FOLDERS = (
    "abi",
    "bare",
    "compiler",
    "kernel",
    "user",
    "boot",
    "swiftos",
    "models",
    "bench",
    "tests",
)


def count_by_folder() -> dict[str, int]:
    """Returns the number of lines that are not blank, for each folder that exists."""
    counts = {}
    for name in FOLDERS:
        folder = paths.REPOSITORY / name
        if folder.is_dir():
            counts[name] = sum(count(path) for path in sorted(folder.rglob("*.py")))
    return counts


def count(path: Path) -> int:
    """Returns the number of lines of a file that are not blank."""
    return sum(1 for line in path.read_text().splitlines() if line.strip())
