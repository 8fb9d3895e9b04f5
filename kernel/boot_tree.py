"""What the boot needs of the device tree before there are drivers: memory, CPUs, console,
firmware.
"""

from __future__ import annotations

from bare import Span, u32, u64
from kernel.arch.aarch64.layout import BLOCK_SIZE, round_down, round_up
from kernel.arch.aarch64.psci import Conduit
from kernel.device.fdt import NO_NODE, DeviceTree, NodeWalk
from kernel.mm.bootstrap import MemoryRegion

HIGHEST_ADDRESS = 1 << 44
"""RAM above is not believed; the linear map reaches further."""
CHUNK_LIMIT = 64
"""Entries of one `reg` that are looked at."""


def find_memory(tree: DeviceTree, regions: Span[MemoryRegion]) -> u64:
    """Fills `regions` with the RAM, in whole blocks of 2 MiB; returns how many there are."""
    count: u64 = 0
    walk = NodeWalk(tree)
    while walk.advance():
        if tree.string(walk.node, "device_type") == b"memory" and tree.is_enabled(walk.node):
            count += add_regions(tree, walk.node, regions[count:])
    return count


def add_regions(tree: DeviceTree, node: u32, regions: Span[MemoryRegion]) -> u64:
    """Fills `regions` with what one memory node lists; returns how many there are."""
    count: u64 = 0
    for index in range(u32(CHUNK_LIMIT)):
        start, size = tree.region(node, index)
        if size == 0 or count == len(regions):
            break
        if start < HIGHEST_ADDRESS and size < HIGHEST_ADDRESS:
            region = regions[count]
            region.start = round_up(start, BLOCK_SIZE)
            region.end = round_down(start + size, BLOCK_SIZE)
            if region.start < region.end:
                count += 1
    return count


def count_cpus(tree: DeviceTree) -> u64:
    """Returns the number of CPUs that the tree names, at least 1."""
    count: u64 = 0
    cpus = tree.find_child(tree.root(), "cpus")
    if cpus != NO_NODE:
        cpu = tree.first_child(cpus)
        while cpu != NO_NODE:
            if tree.string(cpu, "device_type") == b"cpu":
                count += 1
            cpu = tree.next_sibling(cpu)
    return max(count, 1)


def find_conduit(tree: DeviceTree) -> Conduit:
    """Returns how the firmware is called."""
    node = tree.find_child(tree.root(), "psci")
    if node == NO_NODE:
        return Conduit.NONE
    method = tree.string(node, "method")
    if method == b"hvc":
        return Conduit.HVC
    return Conduit.SMC if method == b"smc" else Conduit.NONE
