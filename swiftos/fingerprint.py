"""Hashes source files for the question "has anything changed?".

A file's hash is remembered with its size and modification time, so that asking again costs one
`stat` a file. The memory is a cache: losing it costs time, never correctness.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

from swiftos import paths

IGNORED_FOLDERS = frozenset({"__pycache__"})


class Fingerprints:
    """Hashes of files, remembered in one JSON file."""

    def __init__(self, memory: Path) -> None:
        self._memory = memory
        self._known: dict[str, list[int | str]] = {}
        self._is_changed = False
        if memory.exists():
            try:
                self._known = json.loads(memory.read_text())
            except json.JSONDecodeError:
                self._known = {}

    def of_paths(self, sources: Iterable[Path], salt: str) -> str:
        """Returns one hash over names and contents of files and of all files under folders."""
        digest = hashlib.sha256(salt.encode())
        for path in sorted(self._files(sources)):
            digest.update(f"{paths.relative(path)} {self._hash(path)}\n".encode())
        return digest.hexdigest()

    def save(self) -> None:
        """Writes the memory if it changed."""
        if self._is_changed:
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            self._memory.write_text(json.dumps(self._known))

    def _files(self, sources: Iterable[Path]) -> set[Path]:
        found: set[Path] = set()
        for source in sources:
            if source.is_dir():
                for folder, names, files in os.walk(source):
                    names[:] = [name for name in names if name not in IGNORED_FOLDERS]
                    found.update(Path(folder, name) for name in files)
            elif source.exists() or source.is_symlink():
                found.add(source)
        return found

    def _hash(self, path: Path) -> str:
        if path.is_symlink():
            return f"link {os.readlink(path)}"
        status = path.stat()
        key = str(path)
        known = self._known.get(key)
        if known is not None and known[:2] == [status.st_mtime_ns, status.st_size]:
            return str(known[2])
        value = hashlib.sha256(path.read_bytes()).hexdigest()
        self._known[key] = [status.st_mtime_ns, status.st_size, value]
        self._is_changed = True
        return value
