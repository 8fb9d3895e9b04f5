"""Typed programs for checked execution, kept on disk between processes.

Typing a large part of the kernel takes seconds; a test run loads dozens of programs in several
processes. A stored program is used while the compiler and all its sources are as they were.
"""

from __future__ import annotations

import functools
import hashlib
import os
import pickle
import tempfile
import time
from pathlib import Path

from compiler import manifest
from compiler.frontend.diagnostics import CompileError, render
from compiler.frontend.source import Source
from compiler.ir.program import Program
from compiler.pipeline import compile_library

SOURCE_ROOT = Path(__file__).resolve().parents[2]
CACHE = SOURCE_ROOT / "build" / "cache" / "checked"


@functools.cache
def library(names: tuple[str, ...], source_root: Path) -> Program:
    """Returns the typed program of modules; sources do not change while a process runs.

    Only programs of the repository are kept on disk: others are a test's own. Raises `CompileError`
    with every diagnostic, rendered, as a note.
    """
    if source_root != SOURCE_ROOT:
        return _typed(names, source_root)
    roots = [SOURCE_ROOT]
    request = "\0".join(("library", *names))
    place = CACHE / "programs" / hashlib.sha256(request.encode()).hexdigest()[:32]
    known = manifest.load(CACHE, request)
    if known is not None and manifest.is_current(known, roots):
        stored: Program = pickle.loads(place.read_bytes())
        return stored
    began = time.time()
    program = _typed(names, source_root)
    files = [manifest.find_source(path, roots) for path in program.sources.values()]
    if all(file.stat().st_mtime < began for file in files):
        _write(place, pickle.dumps(program, pickle.HIGHEST_PROTOCOL))
        manifest.save(CACHE, request, program.sources.values(), roots, [place])
    return program


def _typed(names: tuple[str, ...], source_root: Path) -> Program:
    try:
        return compile_library(list(names), source_root=source_root, cache=CACHE)
    except CompileError as error:
        for diagnostic in error.diagnostics:
            error.add_note(render(diagnostic, functools.partial(_read_source, source_root)))
        raise


def _read_source(source_root: Path, path: str) -> Source | None:
    """Returns the text that a diagnostic points into."""
    file = manifest.find_source(path, [source_root, SOURCE_ROOT])
    return Source(path, file.read_text()) if file.is_file() else None


def _write(place: Path, data: bytes) -> None:
    """Writes a file at once, so that another process never sees half of it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=place.parent)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
    os.replace(temporary, place)
