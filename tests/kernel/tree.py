"""A small vocabulary for tests of file systems: paths and contents in, errors by name out."""

from __future__ import annotations

import errno
from typing import Any

from tests.kernel.bench import Bench

O_WRONLY = 1
O_RDWR = 2
O_CREAT = 0x40
O_EXCL = 0x80
O_TRUNC = 0x200
O_APPEND = 0x400


class Tree:
    """The files of a bench, as root sees them."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._walk_type = bench.get("kernel.fs.path:PathWalk")
        self._buffer_type = bench.get("kernel.mm.user_copy:KernelBuffer")
        self._location_type = bench.get("kernel.fs.mounts:Location")
        self._follow = bench.get("kernel.fs.path:LastLink").FOLLOW
        self._keep = bench.get("kernel.fs.path:LastLink").KEEP

    def walk(self, path: bytes) -> Any:
        """Returns a walk along `path`, begun."""
        rig = self.bench.rig
        walk = self._walk_type(rig.mounts, rig.credentials, rig.heap)
        walk.begin()
        try:
            walk.set_path(path)
        except OSError:
            walk.finish()
            raise
        return walk

    def root(self) -> Any:
        """Returns the location `/`; to be cleared."""
        place = self._location_type()
        self.bench.rig.mounts.root(place)
        return place

    def open(self, path: bytes, flags: int = 0, permissions: int = 0o644) -> Any:
        """Opens a file; to be put."""
        walk = self.walk(path)
        start = self.root()
        try:
            return self.bench.program.open_at(walk, start, flags, permissions)
        finally:
            start.clear()
            walk.finish()

    def write(self, path: bytes, data: bytes, flags: int = O_CREAT | O_TRUNC) -> int:
        """Writes a file, from the start or where `flags` say."""
        file = self.open(path, flags | O_WRONLY)
        try:
            return self.write_file(file, data)
        finally:
            file.put()

    def write_file(self, file: Any, data: bytes) -> int:
        """Writes to an open file at its position."""
        buffer = self._buffer_type(remaining=len(data), place=bytearray(data))
        return int(file.write(buffer))

    def read(self, path: bytes) -> bytes:
        """Returns the content of a file."""
        file = self.open(path)
        try:
            return self.read_file(file, file_size(self.bench, file) + 1)
        finally:
            file.put()

    def read_file(self, file: Any, count: int) -> bytes:
        """Reads from an open file at its position."""
        place = bytearray(count)
        buffer = self._buffer_type(remaining=count, place=place)
        moved = int(file.read(buffer))
        return bytes(buffer.place[index] for index in range(moved))

    def mkdir(self, path: bytes) -> None:
        """Makes a directory."""
        self._at_parent(path, "add_directory", 0o755)

    def symlink(self, path: bytes, target: bytes) -> None:
        """Makes a symbolic link."""
        self._at_parent(path, "add_symlink", target)

    def unlink(self, path: bytes) -> None:
        """Removes a file."""
        self._at_parent(path, "take_file")

    def rmdir(self, path: bytes) -> None:
        """Removes a directory."""
        self._at_parent(path, "take_directory")

    def rename(self, old: bytes, new: bytes, flags: int = 0) -> None:
        """Moves a name."""
        source = self.walk(old)
        target = None
        start = self.root()
        try:
            target = self.walk(new)
            name = source.resolve_parent(start)
            target_name = target.resolve_parent(start)
            self.bench.program.move_name(source, name, target, target_name, flags)
        finally:
            source.finish()
            if target is not None:
                target.finish()
            start.clear()

    def names(self, path: bytes, room: int = 1 << 20) -> list[bytes]:
        """Returns the names in a directory in its order, `.` and `..` left out."""
        names: list[bytes] = []
        file = self.open(path)
        try:
            while True:
                taken = self.list_some(file, room)
                if not taken:
                    return [name for name in names if name not in (b".", b"..")]
                names += taken
        finally:
            file.put()

    def list_some(self, file: Any, room: int) -> list[bytes]:
        """Returns up to `room` further entries of an open directory."""
        names: list[bytes] = []

        class Sink(self.bench.get("kernel.fs.directory_sink:DirectorySink")):  # type: ignore[misc]
            def add(self, name: bytes, number: int, kind: Any, next_cursor: int) -> bool:
                if len(names) == room:
                    return False
                names.append(bytes(name))
                return True

        file.read_directory(Sink())
        return names

    def stat(self, path: bytes, follow: bool = True) -> Any:
        """Returns the `Stat` of what a path names."""
        walk = self.walk(path)
        start = self.root()
        try:
            walk.resolve(start, self._follow if follow else self._keep)
            record = self.bench.get("abi.file:Stat")()
            walk.location.inode.stat(record)
            return record
        finally:
            walk.finish()
            start.clear()

    def path_of(self, path: bytes) -> bytes:
        """Returns the absolute path of a directory."""
        walk = self.walk(path)
        start = self.root()
        try:
            walk.resolve(start, self._follow)
            room = bytearray(4096)
            length = self.bench.rig.mounts.path_of(walk.location, room)
            return bytes(room[:length])
        finally:
            walk.finish()
            start.clear()

    def _at_parent(self, path: bytes, operation: str, *arguments: Any) -> None:
        walk = self.walk(path)
        start = self.root()
        try:
            name = walk.resolve_parent(start)
            getattr(self.bench.program, operation)(walk, name, *arguments)
        finally:
            walk.finish()
            start.clear()


def file_size(bench: Bench, file: Any) -> int:
    """Returns the length of an open file."""
    record = bench.get("abi.file:Stat")()
    file.stat(record)
    return int(record.size_bytes)


def error_of(action: Any, *arguments: Any) -> str:
    """Runs an action and returns the name of the error that it raises, "" for none."""
    try:
        action(*arguments)
    except OSError as error:
        number = error.errno if error.errno is not None else error.args[0]
        return errno.errorcode[number]
    return ""
