"""Writes files so that a reader sees all of what was written, or none of it."""

import contextlib
import os
import tempfile
from pathlib import Path

PARTIAL_SUFFIX = ".partial"
MODE = 0o644


def write(path: Path, data: bytes) -> None:
    """Writes `data` beside `path` and renames it; both reach the disk.

    Raises OSError; nothing of an attempt that failed is left behind then.
    """
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


def append(path: Path, line: bytes) -> None:
    """Adds a line to a file, behind a last one that was cut off as well.

    Raises OSError; the file is as it was then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "ab+") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 1))
        is_cut_off = size > 0 and file.read(1) != b"\n"
        try:
            file.write((b"\n" if is_cut_off else b"") + line)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            # What the buffer still holds would be written again when the file is closed.
            with contextlib.suppress(OSError):
                file.detach().close()
            os.truncate(path, size)
            raise


def _settle(folder: Path) -> None:
    """Makes the new name last: it is the folder's content, which has its own write to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
