"""Reads `images/NAME.toml` and gathers an image's entries: base files, programs, further files.

A specification names everything that goes in; what it names and what is missing is an error.
"""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from swiftos import packer, paths
from swiftos.errors import UsageError
from swiftos.packer import Entry
from swiftos.targets import Target, program_files, program_target

KEYS = frozenset({"mtime_s", "base", "programs", "directories", "files"})


@dataclass(frozen=True)
class ImageSpec:
    """What goes into an image.

    `mtime_s` is seconds since 1970 for every file; `programs` and `files` are pairs of a path in
    the image and a pattern in the repository.
    """

    name: str
    mtime_s: int
    base: Path
    programs: tuple[tuple[str, str], ...]
    directories: tuple[str, ...]
    files: tuple[tuple[str, str], ...]


def load(name: str) -> ImageSpec:
    """Reads a specification. Raises UsageError for an unknown image or key."""
    path = paths.REPOSITORY / "images" / f"{name}.toml"
    if not path.exists():
        known = sorted(found.stem for found in path.parent.glob("*.toml"))
        raise UsageError(f"no image is called {name}", f"choose one of: {', '.join(known)}")
    table = tomllib.loads(path.read_text())
    if unknown := sorted(set(table) - KEYS):
        raise UsageError(f"{paths.relative(path)}: unknown key {unknown[0]}", "remove it")
    return ImageSpec(
        name=name,
        mtime_s=int(os.environ.get("SOURCE_DATE_EPOCH", table["mtime_s"])),
        base=paths.REPOSITORY / table["base"],
        programs=_pairs(table["programs"]),
        directories=tuple(table["directories"]),
        files=_pairs(table["files"]),
    )


def program_targets(spec: ImageSpec) -> dict[str, Target]:
    """Returns the programs of an image: path in it, like `bin/ls`, and what is compiled.

    Raises UsageError for a pattern that matches no program.
    """
    found: dict[str, Target] = {}
    for folder, pattern in spec.programs:
        files = program_files(pattern)
        if not files:
            raise UsageError(
                f"images/{spec.name}.toml: no program matches {pattern}",
                f"correct the pattern or add {pattern}.py",
            )
        for path in files:
            found[f"{folder.strip('/')}/{path.stem}"] = program_target(path)
    return found


def gather(spec: ImageSpec, programs: dict[str, bytes]) -> list[Entry]:
    """Returns all entries; `programs` maps paths like `bin/ls` to the built ELF files."""
    entries = {entry.path: entry for entry in _base_entries(spec.base)}
    for path in spec.directories:
        entries.setdefault(path.strip("/"), packer.directory(path.strip("/"), _permissions(path)))
    for path, content in programs.items():
        entries[path] = packer.regular(path, content, 0o755)
    for target, source in spec.files:
        for entry in _file_entries(target, source):
            entries[entry.path] = entry
    return list(entries.values())


def _pairs(table: dict[str, str | list[str]]) -> tuple[tuple[str, str], ...]:
    """Returns (path in the image, pattern) for a table whose values are patterns or lists."""
    pairs = []
    for target, patterns in table.items():
        listed = [patterns] if isinstance(patterns, str) else patterns
        pairs += [(target, pattern) for pattern in listed]
    return tuple(pairs)


def _permissions(path: str) -> int:
    return 0o1777 if path == "/tmp" else 0o755


def _base_entries(folder: Path) -> list[Entry]:
    """Returns the files of the base folder; only the executable bit is taken from the host."""
    found = []
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found.append(packer.symlink(name, os.readlink(path)))
        elif path.is_file() and path.name != ".gitkeep":
            found.append(_regular(name, path))
    return found


def _file_entries(target: str, source: str) -> list[Entry]:
    """Returns the entries of what a pattern matches: into the folder that ends in a slash, or as
    the one file that the target names.
    """
    if "*" not in source and not target.endswith("/"):
        path = paths.REPOSITORY / source
        if not path.is_file():
            raise UsageError(f"the image wants {source}, which does not exist", "restore the file")
        return [_regular(target.strip("/"), path)]
    matches = sorted(path for path in paths.REPOSITORY.glob(source) if path.is_file())
    if not matches:
        raise UsageError(f"the image wants {source}, which matches nothing", "correct the pattern")
    return [_regular(f"{target.strip('/')}/{path.name}", path) for path in matches]


def _regular(name: str, path: Path) -> Entry:
    is_executable = bool(path.stat().st_mode & 0o100)
    return packer.regular(name, path.read_bytes(), 0o755 if is_executable else 0o644)
