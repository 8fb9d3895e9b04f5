"""Writes a file so that a reader sees all of it or none: beside its place first, then renamed."""

import contextlib
import os
import tempfile
from pathlib import Path

PARTIAL_SUFFIX = ".partial"
MODE = 0o644


def write(path: Path, data: bytes) -> None:
    """Writes `data` to `path` and its folder's entry to the disk. Raises OSError; nothing of an
    attempt that failed is left behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(
        prefix=path.stem[:16] + "-", suffix=PARTIAL_SUFFIX, dir=path.parent
    )
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), MODE)
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    _settle(path.parent)


def _settle(folder: Path) -> None:
    """Makes the new name last: it is the folder's content, which has its own write to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
