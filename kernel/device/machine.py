"""`Machine`: what drivers need of the kernel, and where they leave what they provide."""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import allocate, raises, struct, u32, u64
from kernel.device.block import BlockDevice
from kernel.device.char import CharSink
from kernel.device.fdt import DeviceTree
from kernel.device.irq import IrqController, IrqTable
from kernel.device.log import Log
from kernel.device.net import NetDevice
from kernel.mm.frame import FrameAllocator
from kernel.mm.heap import KernelHeap
from kernel.mm.kernel_space import KernelSpace
from kernel.time.clock import ClockSource, WallClock

LARGEST_BLOCK = 64 << 20
HIGHEST_ADDRESS = 1 << 44
"""What a device tree can say of a register block and be believed."""


@struct
class BlockEntry:
    """A block device in the order in which it was found."""

    device: BlockDevice
    following: BlockEntry | None = None


@struct
class NetEntry:
    """A network device in the order in which it was found."""

    device: NetDevice
    following: NetEntry | None = None


@struct
class Machine:
    """Passed to every driver's `probe`: what it may use, and what drivers have provided."""

    tree: DeviceTree
    log: Log
    heap: KernelHeap
    frames: FrameAllocator
    space: KernelSpace
    irqs: IrqTable
    entry_counter: u64 = 0
    """What the architecture's counter read when the kernel was entered."""
    # Provided by drivers; None until one was found.
    controller: IrqController | None = None
    clock_source: ClockSource | None = None
    wall_clock: WallClock | None = None
    console: CharSink | None = None
    blocks: BlockEntry | None = None
    """First block device."""
    block_count: u32 = 0
    nets: NetEntry | None = None
    """First network device."""

    @raises(ENOMEM)
    def map_registers(self, node: u32, index: u32) -> u64:
        """Returns the kernel address of a node's register block; 0 where it has none."""
        address, size = self.tree.region(node, index)
        if size == 0 or size > LARGEST_BLOCK or address > HIGHEST_ADDRESS:
            return 0
        if self.frames.manages(address) or self.frames.manages(address + size - 1):
            return 0
        return self.space.map_device(address, size)

    @raises(ENOMEM)
    def add_block_device(self, device: BlockDevice) -> None:
        """Takes a disk that a driver found."""
        entry = allocate(self.heap, BlockEntry)
        entry.device = device
        last = self.blocks
        if last is None:
            self.blocks = entry
        else:
            while last is not None:
                following = last.following
                if following is None:
                    last.following = entry
                last = following
        self.block_count += 1

    @raises(ENOMEM)
    def add_net_device(self, device: NetDevice) -> None:
        """Takes a network device that a driver found."""
        entry = allocate(self.heap, NetEntry)
        entry.device = device
        last = self.nets
        if last is None:
            self.nets = entry
            return
        while True:
            following = last.following
            if following is None:
                last.following = entry
                return
            last = following
