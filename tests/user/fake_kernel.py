"""A kernel in Python for programs in checked execution: files to be opened, mapped and listed.

Use: `kernel = FakeKernel({"/a/b": b"content"})`, then `bare.load(path, memory=kernel.memory,
machine=kernel)`. What is written to any descriptor is collected in `written`.
"""

import struct
from collections.abc import Callable
from pathlib import PurePosixPath

from abi.errno import EBADF, ENOENT, ENOSYS
from bare.checked.machine import Machine
from bare.checked.memory import Memory

RAM_BASE = 0x1000_0000
PAGE = 4096
LONGEST_PATH = 4096
OPENAT, CLOSE, GETDENTS64, WRITE, FSTAT, MMAP = 56, 57, 61, 64, 80, 222
S_IFREG, S_IFDIR = 0o100000, 0o040000
DT_UNKNOWN = 0


class FakeKernel(Machine):
    """Answers system calls about the files that it was given."""

    def __init__(self, files: dict[str, bytes], ram_bytes: int = 1 << 24) -> None:
        super().__init__()
        self.files = files
        self.memory = Memory()
        self.memory.add_ram(RAM_BASE, ram_bytes)
        self.next_page = RAM_BASE
        self.open_paths: dict[int, str] = {}
        self.written = bytearray()

    def execute(self, template: str, values: tuple[int, ...]) -> int:
        """Runs the instruction of a system call."""
        if template != "svc #0":
            return super().execute(template, values)
        number, *arguments = values
        calls: dict[int, Callable[..., int]] = {
            OPENAT: self.open,
            CLOSE: self.close,
            GETDENTS64: self.list,
            WRITE: self.write,
            FSTAT: self.describe,
            MMAP: self.map,
        }
        result = calls[number](*arguments) if number in calls else -ENOSYS
        return result % (1 << 64)

    def open(self, _directory: int, path_address: int, *_rest: int) -> int:
        """Opens a file, or a folder that has files."""
        path = bytes(self.memory.bytes_at(path_address, LONGEST_PATH)).split(b"\0")[0].decode()
        if path not in self.files and not self.names_in(path):
            return -ENOENT
        descriptor = 3
        while descriptor in self.open_paths:
            descriptor += 1
        self.open_paths[descriptor] = path
        return descriptor

    def names_in(self, folder: str) -> list[str]:
        """Returns the names in a folder."""
        parts = [PurePosixPath(path).parts for path in self.files]
        above = PurePosixPath(folder).parts
        depth = len(above)
        return sorted({p[depth] for p in parts if len(p) > depth and p[:depth] == above})

    def close(self, descriptor: int, *_rest: int) -> int:
        """Closes a descriptor."""
        return 0 if self.open_paths.pop(descriptor, None) is not None else -EBADF

    def list(self, descriptor: int, address: int, size: int, *_rest: int) -> int:
        """Gives all entries of a folder at once, then none. They must fit."""
        folder = self.open_paths[descriptor]
        records = bytearray()
        for name in () if folder.endswith("\0") else self.names_in(folder):
            length = -(-(19 + len(name) + 1) // 8) * 8
            head = struct.pack("<QqHB", 1, 0, length, DT_UNKNOWN)
            records += (head + name.encode()).ljust(length, b"\0")
        self.open_paths[descriptor] = folder.rstrip("\0") + "\0"
        self.memory.bytes_at(address, size)[: len(records)] = records
        return len(records)

    def write(self, _descriptor: int, address: int, size: int, *_rest: int) -> int:
        """Collects what is written."""
        self.written += self.memory.bytes_at(address, size)
        return size

    def describe(self, descriptor: int, address: int, *_rest: int) -> int:
        """Fills kind and size of an open file."""
        path = self.open_paths[descriptor]
        found = self.memory.object_range(address)
        assert found is not None
        found.value.mode = S_IFREG if path in self.files else S_IFDIR
        found.value.size_bytes = len(self.files.get(path, b""))
        return 0

    def map(
        self, _address: int, size: int, _protection: int, _flags: int, fd: int, _at: int
    ) -> int:
        """Copies a file to whole pages of memory, or gives empty ones where none is named."""
        address = self.next_page
        self.next_page += -(-size // PAGE) * PAGE
        if fd in self.open_paths:
            self.memory.bytes_at(address, size)[:] = self.files[self.open_paths[fd]][:size]
        return address
