"""Remembers what a build read and wrote, so that an unchanged program is not even parsed again.

A manifest is a file in the cache, named by what was asked for and by the compiler's hash. It holds
the hashes of each source file and of each output; all must be as they were.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from compiler.backend.toolchain import version

LIBRARY_ROOT = Path(__file__).resolve().parents[1]
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """Hashes by path; sources relative to a search root, outputs as they were asked for."""

    sources: dict[str, str]
    outputs: dict[str, str]


def file_hash(path: Path) -> str:
    """SHA-256 of a file's contents; empty when there is no such file."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""


@functools.cache
def compiler_hash() -> str:
    """Identifies the compiler itself: its sources, the vocabulary's, the tools' version."""
    digest = hashlib.sha256(f"{FORMAT} {version()}".encode())
    for folder in ("compiler", "bare"):
        for path in sorted((LIBRARY_ROOT / folder).rglob("*.py")):
            digest.update(path.relative_to(LIBRARY_ROOT).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _place(cache: Path, request: str) -> Path:
    key = hashlib.sha256(f"{compiler_hash()}\0{request}".encode()).hexdigest()[:32]
    return cache / "manifests" / f"{key}.json"


def load(cache: Path, request: str) -> Manifest | None:
    """The manifest of an earlier build of the same request by the same compiler."""
    try:
        stored = json.loads(_place(cache, request).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return Manifest(stored["sources"], stored["outputs"])


def is_current(manifest: Manifest, roots: Iterable[Path]) -> bool:
    """Whether all sources and outputs are as the manifest says."""
    folders = list(roots)
    sources = all(
        file_hash(find_source(path, folders)) == digest for path, digest in manifest.sources.items()
    )
    return sources and all(
        file_hash(Path(path)) == digest for path, digest in manifest.outputs.items()
    )


def save(
    cache: Path,
    request: str,
    sources: Iterable[str],
    roots: Iterable[Path],
    outputs: Iterable[Path],
) -> None:
    """Records a build."""
    folders = list(roots)
    manifest = Manifest(
        {path: file_hash(find_source(path, folders)) for path in sorted(set(sources))},
        {str(path): file_hash(path) for path in outputs},
    )
    place = _place(cache, request)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")


def find_source(path: str, roots: Iterable[Path]) -> Path:
    """The file of a relative path under the first root that has it."""
    candidates = [root / path for root in roots]
    return next((place for place in candidates if place.is_file()), candidates[0])
