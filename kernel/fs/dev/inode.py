"""Inodes of devfs: its one directory and the device nodes in it."""

from __future__ import annotations

from abi.errno import EACCES, ENOENT
from abi.file import Stat
from bare import Allocator, Bytes, Span, allocate, encode, raises, struct, u8, u16, u32, u64, usize
from kernel.fs.dev.device import CharacterDevice
from kernel.fs.dev.number import device_number
from kernel.fs.directory_sink import DOT_ENTRIES, DirectorySink, add_dot_entries
from kernel.fs.file import File
from kernel.fs.file_system import FileSystem
from kernel.fs.inode import Inode, NewAttributes
from kernel.fs.inode_kind import InodeKind

ROOT_NUMBER: u64 = 1


@struct
class DeviceNode(Inode):
    """A node that opens a device. It stays for good."""

    name: str
    device: CharacterDevice
    special: u64
    allocator: Allocator
    next: DeviceNode | None

    def size(self) -> u64:
        return 0

    def forget(self) -> None:
        """The directory keeps the node, so this is never reached."""

    @raises()
    def open_special(self, flags: u32) -> File | None:
        return self.device.open(self.allocator, flags)

    @raises()
    def truncate(self, length: u64) -> None:
        """Devices have no length; opening one with O_TRUNC is no error."""

    @raises()
    def stat(self, into: Stat) -> None:
        super().stat(into)
        into.special_device = self.special


@struct
class DeviceDirectory(Inode):
    """The root of a devfs."""

    allocator: Allocator
    first: DeviceNode | None
    last: DeviceNode | None
    count: u64

    def size(self) -> u64:
        return self.count

    def forget(self) -> None:
        """The mount keeps the directory, so this is never reached."""

    @raises()
    def lookup(self, name: Bytes) -> Inode:
        node = self.first
        while node is not None:
            if encode(node.name) == name:
                node.get()
                return node
            node = node.next
        raise OSError(ENOENT)

    @raises()
    def parent(self) -> Inode:
        self.get()
        return self

    @raises()
    def name_of(self, child: Inode, into: Span[u8]) -> usize:
        """There is no directory in this one."""
        raise OSError(ENOENT)

    @raises()
    def create(self, name: Bytes, kind: InodeKind, attributes: NewAttributes) -> Inode:
        """The kernel alone makes devices."""
        raise OSError(EACCES)

    @raises()
    def read_directory(self, cursor: u64, sink: DirectorySink) -> u64:
        cursor = add_dot_entries(sink, cursor, self.number, self.number)
        place = DOT_ENTRIES
        node = self.first
        while node is not None and cursor >= DOT_ENTRIES:
            if place == cursor:
                if not sink.add(encode(node.name), node.number, node.kind, cursor + 1):
                    break
                cursor += 1
            place += 1
            node = node.next
        return cursor

    @raises()
    def add(self, name: str, device: CharacterDevice, major: u32, minor: u32, mode: u16) -> None:
        """Adds a device; at boot only. ENOMEM."""
        node = allocate(self.allocator, DeviceNode)
        self.count += 1
        node.start(self.file_system, ROOT_NUMBER + self.count, InodeKind.CHARACTER, mode)
        node.name = name
        node.device = device
        node.special = device_number(major, minor)
        node.allocator = self.allocator
        last = self.last
        if last is None:
            self.first = node
        else:
            last.next = node
        self.last = node


@raises()
def make_device_directory(allocator: Allocator, file_system: FileSystem) -> DeviceDirectory:
    """Makes an empty devfs root, with one reference. ENOMEM."""
    root = allocate(allocator, DeviceDirectory)
    root.start(file_system, ROOT_NUMBER, InodeKind.DIRECTORY, 0o755)
    root.allocator = allocator
    root.links = 2
    return root
