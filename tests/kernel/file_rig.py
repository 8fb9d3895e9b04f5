"""Bare Python: a kernel without a machine, for the tests of files and disks.

Real memory, heap, locks and scheduler in simulated RAM; `tests/kernel/bench.py` plays the CPU, the
clock and the devices. All that those tests use is imported here, so that one load serves all.
"""

from __future__ import annotations

from abi.errno import ENOMEM, ENXIO
from bare import (
    Allocator,
    Array,
    Bytes,
    Span,
    allocate,
    allocate_span,
    array,
    i64,
    inline,
    raises,
    release,
    size_of,
    struct,
    u8,
    u16,
    u32,
    u64,
    unreachable,
)
from bare.unsafe import address_of, span_at, static_object
from kernel.arch.aarch64.cpu import install_cpu
from kernel.arch.aarch64.layout import PAGE_SIZE, linear_address
from kernel.device.block import BlockDevice
from kernel.device.log import Log
from kernel.device.machine import Machine
from kernel.device.net import FrameListener, TxFrame
from kernel.device.packet import PacketPool
from kernel.drivers.virtio.blk import BlkInterrupt, VirtioBlk
from kernel.drivers.virtio.mmio import DeviceId
from kernel.drivers.virtio.net import NetInterrupt, VirtioNet
from kernel.fs.dev.device import CharacterDevice
from kernel.fs.dev.file_system import make_dev
from kernel.fs.fd_table import FdTable
from kernel.fs.file import File
from kernel.fs.inode import Inode
from kernel.fs.mounts import Location, Mounts
from kernel.fs.names import make_directory, make_symlink, remove_directory, remove_file, rename
from kernel.fs.open import open_path
from kernel.fs.packed.mount import PackedMount
from kernel.fs.packed.problem import Problem
from kernel.fs.page_cache import PageCache
from kernel.fs.path import LastLink, PathWalk
from kernel.fs.start import FirstMounts
from kernel.fs.tmp.directory import make_root
from kernel.fs.tmp.file_system import TmpFileSystem
from kernel.mm.allocation_fault import AllocationFault
from kernel.mm.frame import FrameAllocator, FrameCache
from kernel.mm.frame_info import FrameInfo
from kernel.mm.heap import KernelHeap
from kernel.sched.cpu import Cpu
from kernel.sched.scheduler import IdleThread
from kernel.sched.thread import Thread
from kernel.security.credentials import Credentials
from kernel.security.random import RandomGenerator
from kernel.time.clock import Clock, ClockSource
from kernel.time.timer_queue import TimerQueue

LOG_BYTES: u64 = 65536
WALL_OFFSET_NS: i64 = 1_700_000_000_000_000_000


@struct
class TestThread(Thread):
    """The thread that runs the test."""

    def run(self) -> None:
        """Not used: it runs already."""
        unreachable()

    def released(self) -> None:
        """Not used: it never ends."""
        unreachable()


@struct
class Rig:
    """The parts."""

    fault: AllocationFault = inline()
    frames: FrameAllocator = inline()
    heap: KernelHeap = inline()
    cpu: Cpu = inline()
    clock: Clock = inline()
    timers: TimerQueue = inline()
    idle: IdleThread = inline()
    thread: TestThread = inline()
    log: Log = inline()
    machine: Machine = inline()
    cache: PageCache = inline()
    mounts: Mounts = inline()
    random: RandomGenerator = inline()
    credentials: Credentials = inline()
    packets: PacketPool = inline()
    frame_cache: Array[FrameCache] = array(1)
    log_buffer: Array[u8] = array(LOG_BYTES)


def make_rig(source: ClockSource, base: u64, pages: u64) -> Rig:
    """Builds a kernel in `pages` pages of RAM from physical address `base` on.

    The first pages hold the table of frames.
    """
    rig = static_object(Rig)
    install_cpu(address_of(rig.cpu))
    table_pages = (pages * size_of(FrameInfo) + PAGE_SIZE - 1) // PAGE_SIZE
    # SAFETY: the bench gave this RAM, and it is not handed to the allocator below.
    table = span_at(FrameInfo, linear_address(base), pages)
    rig.frames.start(base, table, rig.frame_cache, rig.fault)
    rig.frames.add_range(base + table_pages * PAGE_SIZE, base + pages * PAGE_SIZE)
    rig.heap.start(rig.frames, rig.fault)
    rig.clock.source = source
    rig.clock.wall_offset_ns = WALL_OFFSET_NS
    rig.timers.clock = rig.clock
    start_threads(rig)
    rig.log.start(rig.log_buffer)
    rig.machine.log = rig.log
    rig.machine.heap = rig.heap
    rig.machine.frames = rig.frames
    rig.machine.clock_source = source
    rig.cache.setup(rig.heap, rig.frames)
    rig.frames.reclaimer = rig.cache
    rig.mounts.allocator = rig.heap
    rig.mounts.setup()
    rig.credentials.become_root()
    return rig


def start_threads(rig: Rig) -> None:
    """Makes the idle thread and the one that runs the test."""
    queue = rig.cpu.queue
    queue.start(rig.clock, rig.timers, rig.idle)
    thread = rig.thread
    thread.home = queue
    thread.sleep_timer.thread = thread
    with queue.lock:
        queue.push_new(thread)
        queue.choose()


def choose_next(rig: Rig) -> Thread:
    """Has the CPU choose, as the idle thread would."""
    with rig.cpu.queue.lock:
        return rig.cpu.queue.choose()


@raises()
def mount_tmpfs(rig: Rig, page_limit: u64) -> TmpFileSystem:
    """Makes a tmpfs and mounts it at `/`."""
    tmp = allocate(rig.heap, TmpFileSystem)
    tmp.device_number = 1
    tmp.setup(rig.heap, rig.frames, rig.clock, page_limit)
    rig.mounts.mount_root(make_root(tmp, 0o755))
    return tmp


@raises()
def open_at(walk: PathWalk, start: Location, flags: u32, permissions: u16) -> File:
    """Opens a path."""
    return open_path(walk, start, flags, permissions)


@raises()
def add_directory(walk: PathWalk, name: Bytes, permissions: u16) -> None:
    """Makes a directory."""
    make_directory(walk, name, permissions)


@raises()
def add_symlink(walk: PathWalk, name: Bytes, target: Bytes) -> None:
    """Makes a symbolic link."""
    make_symlink(walk, name, target)


@raises()
def take_file(walk: PathWalk, name: Bytes) -> None:
    """Removes a file."""
    remove_file(walk, name)


@raises()
def take_directory(walk: PathWalk, name: Bytes) -> None:
    """Removes a directory."""
    remove_directory(walk, name)


@raises()
def move_name(
    source: PathWalk, name: Bytes, target: PathWalk, target_name: Bytes, flags: u32
) -> None:
    """Moves a name."""
    rename(source, name, target, target_name, flags)


@struct
class ImageMount:
    """A mount of a packed image and what it said."""

    problem: Problem = inline()
    root: Inode | None = None

    @raises()
    def mount(self, rig: Rig, device: BlockDevice) -> None:
        """Mounts the image on a disk, not in the tree."""
        mount = PackedMount(rig.heap, device, rig.cache, rig.log, 1, self.problem)
        self.root = mount.mount()


@raises()
def mount_image(rig: Rig, device: BlockDevice) -> None:
    """Mounts the image on a disk at `/`."""
    problem = Problem()
    mount = PackedMount(rig.heap, device, rig.cache, rig.log, 1, problem)
    rig.mounts.mount_root(mount.mount())


@raises()
def mount_all(rig: Rig) -> None:
    """Does what the boot does."""
    console = allocate(rig.heap, NoConsole)
    mounts = FirstMounts(rig.machine, rig.mounts, rig.cache, rig.clock, console, rig.random)
    mounts.mount_all()


def cached_pages(rig: Rig) -> u64:
    """Returns the number of pages in the page cache."""
    return rig.cache.pages.load()


def tmpfs_use(tmp: TmpFileSystem) -> tuple[u64, u64]:
    """Returns the pages and inodes of a tmpfs."""
    return tmp.pages_used.load(), tmp.inodes_used.load()


@raises()
def mount_second(rig: Rig, path: Bytes) -> None:
    """Mounts a further tmpfs at `path`."""
    tmp = allocate(rig.heap, TmpFileSystem)
    tmp.device_number = 2
    tmp.setup(rig.heap, rig.frames, rig.clock, 64)
    walk = PathWalk(rig.mounts, rig.credentials, rig.heap)
    start = Location()
    rig.mounts.root(start)
    walk.begin()
    walk.set_path(path)
    walk.resolve(start, LastLink.FOLLOW)
    rig.mounts.mount_at(walk.location, make_root(tmp, 0o755))
    walk.finish()
    start.clear()


@raises()
def make_fd_table(rig: Rig, limit: u32) -> FdTable:
    """Makes a table of descriptors."""
    table = allocate(rig.heap, FdTable)
    table.setup(rig.heap, limit)
    return table


@raises()
def start_disk(rig: Rig, address: u64) -> VirtioBlk:
    """Starts a virtio disk whose registers are at `address`."""
    disk = allocate(rig.heap, VirtioBlk)
    disk.machine = rig.machine
    clock = rig.machine.clock_source
    assert clock is not None, "rig without a clock"
    disk.clock = clock
    disk.transport.address = address
    disk.transport.open(rig.machine, DeviceId.BLOCK)
    disk.setup()
    return disk


@raises()
def interrupt(rig: Rig, disk: VirtioBlk) -> None:
    """Does what the disk's interrupt does."""
    handler = BlkInterrupt(disk)
    handler.handle_irq()


@raises()
def make_net(rig: Rig, address: u64, packet_limit: u32) -> VirtioNet:
    """Sets up the virtio network interface whose registers are at `address`."""
    rig.packets.start(rig.frames, rig.heap, packet_limit, 0)
    device = allocate(rig.heap, VirtioNet)
    device.machine = rig.machine
    device.transport.address = address
    try:
        device.transport.open(rig.machine, DeviceId.NETWORK)
        device.setup()
    except OSError:
        release(rig.heap, device)
        raise
    return device


@raises(ENOMEM)
def start_net(rig: Rig, device: VirtioNet, listener: FrameListener) -> None:
    """Starts an interface."""
    device.start(rig.packets, listener)


def interrupt_net(device: VirtioNet) -> None:
    """Does what the interface's interrupt does."""
    handler = NetInterrupt(device)
    handler.handle_irq()


def add_payload(rig: Rig, frame: TxFrame, content: Bytes) -> None:
    """Adds a packet's memory with this content as a fragment that the frame owns."""
    try:
        packet = rig.packets.take()
    except OSError:
        unreachable()
    packet.memory[: len(content)].copy_from(content)
    frame.packet = packet
    frame.add_fragment(packet.address, u32(len(content)), 0)


@raises()
def read_frame(disk: VirtioBlk, first: u64, count: u32, frames: Span[u64]) -> None:
    """Reads into frames."""
    disk.read_frames(first, frames[:count])


@raises()
def read_bytes(rig: Rig, disk: VirtioBlk, first: u64, size: u64) -> Span[u8]:
    """Reads into memory of the heap and returns it."""
    into = allocate_span(rig.heap, u8, size)
    try:
        disk.read_blocks(first, into)
    except OSError:
        release(rig.heap, into)
        raise
    return into


def give_back(rig: Rig, data: Span[u8]) -> None:
    """Frees what `read_bytes` returned."""
    release(rig.heap, data)


@struct
class NoConsole(CharacterDevice):
    """A console that cannot be opened."""

    @raises()
    def open(self, allocator: Allocator, flags: u32) -> File:
        raise OSError(ENXIO)


@raises()
def mount_devices(rig: Rig) -> None:
    """Mounts a devfs at `/`."""
    rig.mounts.mount_root(make_dev(rig.heap, 3, allocate(rig.heap, NoConsole), rig.random))
