"""Copying files and trees, for `cp`, and for `mv` across file systems."""

from __future__ import annotations

from abi.file import (
    AT_FDCWD,
    DT_DIR,
    O_CLOEXEC,
    O_CREAT,
    O_RDONLY,
    O_TRUNC,
    O_WRONLY,
    S_IFDIR,
    S_IFMT,
    Stat,
)
from bare import Array, Bytes, array, copy_struct, i32, raises, u8, usize
from user.lib import sys
from user.lib.directory import DirectoryReader
from user.lib.inputs import close_quietly
from user.lib.paths import PathBuffer, parent_of

PIECE_BYTES = 16384
PERMISSION_BITS = 0o777


def is_directory(path: Bytes) -> bool:
    """Whether `path` is a directory."""
    stat = Stat()
    try:
        sys.newfstatat(AT_FDCWD, path, stat, 0)
    except OSError:
        return False
    return stat.mode & S_IFMT == S_IFDIR


def exists(path: Bytes) -> bool:
    """Whether there is anything at `path`."""
    try:
        sys.newfstatat(AT_FDCWD, path, Stat(), 0)
    except OSError:
        return False
    return True


def is_same_file(path: Bytes, stat: Stat) -> bool:
    """Whether `path` is there and is the file that `stat` describes."""
    other = Stat()
    try:
        sys.newfstatat(AT_FDCWD, path, other, 0)
    except OSError:
        return False
    return other.device == stat.device and other.inode == stat.inode


@raises()
def is_inside(path: Bytes, directory: Stat) -> bool:
    """Whether a path, which need not exist, lies in or below a directory."""
    place = PathBuffer()
    place.set(parent_of(path))
    here = Stat()
    sys.newfstatat(AT_FDCWD, place.content(), here, 0)
    while here.device != directory.device or here.inode != directory.inode:
        place.append(b"/..")
        above = Stat()
        sys.newfstatat(AT_FDCWD, place.content(), above, 0)
        if above.device == here.device and above.inode == here.inode:
            return False
        copy_struct(here, above)
    return True


@raises()
def copy_file(source: Bytes, target: Bytes) -> None:
    """Copies the contents and the permission bits of one file; replaces the target's contents."""
    reading = sys.openat(AT_FDCWD, source, O_RDONLY | O_CLOEXEC, 0)
    try:
        stat = Stat()
        sys.fstat(reading, stat)
        flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
        writing = sys.openat(AT_FDCWD, target, flags, stat.mode & PERMISSION_BITS)
        try:
            copy_descriptor(reading, writing)
        finally:
            close_quietly(writing)
    finally:
        close_quietly(reading)


@raises()
def copy_descriptor(reading: i32, writing: i32) -> None:
    """Copies what is left of one open file into another."""
    piece: Array[u8] = array(PIECE_BYTES)
    length = sys.read(reading, piece[:])
    while length > 0:
        start: usize = 0
        while start < length:
            start += sys.write(writing, piece[start:length])
        length = sys.read(reading, piece[:])


@raises()
def copy_tree(source: Bytes, target: Bytes) -> None:
    """Copies a directory with all that is in it."""
    if not is_directory(target):
        sys.mkdirat(AT_FDCWD, target, PERMISSION_BITS)
    reader = DirectoryReader()
    reader.open(source)
    try:
        copy_entries(reader, source, target)
    finally:
        reader.close()


@raises()
def copy_entries(reader: DirectoryReader, source: Bytes, target: Bytes) -> None:
    """Copies every entry that `reader` still has."""
    from_path = PathBuffer()
    to_path = PathBuffer()
    while reader.next():
        from_path.join(source, reader.name)
        to_path.join(target, reader.name)
        if reader.kind == DT_DIR:
            copy_tree(from_path.content(), to_path.content())
        else:
            copy_file(from_path.content(), to_path.content())
