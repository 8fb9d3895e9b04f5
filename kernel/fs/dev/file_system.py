"""`DeviceFileSystem`, and what a new `/dev` holds."""

from __future__ import annotations

from abi.file import StatFs
from abi.limits import NAME_MAX, PAGE_SIZE
from bare import Allocator, allocate, i64, raises, struct, u32, u64
from kernel.fs.dev.device import CharacterDevice
from kernel.fs.dev.inode import DeviceDirectory, make_device_directory
from kernel.fs.dev.memory import MEMORY_MAJOR, MemoryDevice, MemoryKind
from kernel.fs.file_system import FileSystem
from kernel.security.random import RandomGenerator

DEVFS_MAGIC: i64 = 0x1373
TERMINAL_MAJOR = 5
TTY_MINOR = 0
CONSOLE_MINOR = 1
EVERYBODY = 0o666
OWNER_ONLY = 0o600


@struct
class DeviceFileSystem(FileSystem):
    """A devfs."""

    @raises()
    def statfs(self, into: StatFs) -> None:
        into.kind = DEVFS_MAGIC
        into.block_size = i64(PAGE_SIZE)
        into.fragment_size = i64(PAGE_SIZE)
        into.name_length = i64(NAME_MAX)
        into.identity = self.device_number


@raises()
def make_dev(
    allocator: Allocator, device_number: u64, console: CharacterDevice, random: RandomGenerator
) -> DeviceDirectory:
    """Returns the root of a new devfs with all devices. ENOMEM."""
    file_system = allocate(allocator, DeviceFileSystem)
    file_system.device_number = device_number
    root = make_device_directory(allocator, file_system)
    root.add("console", console, TERMINAL_MAJOR, CONSOLE_MINOR, OWNER_ONLY)
    root.add("tty", console, TERMINAL_MAJOR, TTY_MINOR, EVERYBODY)
    add_memory_device(root, "null", MemoryKind.NULL, random)
    add_memory_device(root, "zero", MemoryKind.ZERO, random)
    add_memory_device(root, "full", MemoryKind.FULL, random)
    add_memory_device(root, "random", MemoryKind.RANDOM, random)
    add_memory_device(root, "urandom", MemoryKind.URANDOM, random)
    return root


@raises()
def add_memory_device(
    root: DeviceDirectory, name: str, kind: MemoryKind, random: RandomGenerator
) -> None:
    """Adds a device without hardware."""
    device = allocate(root.allocator, MemoryDevice)
    device.kind = kind
    device.random = random
    root.add(name, device, MEMORY_MAJOR, u32(kind), EVERYBODY)
