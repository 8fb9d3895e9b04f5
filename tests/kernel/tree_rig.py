"""Bare Python: everything that the boot asks a device tree, for `device/test_fdt.py`."""

from __future__ import annotations

from bare import Array, Bytes, array, u64
from kernel.boot_arguments import BootArguments
from kernel.boot_tree import count_cpus, find_conduit, find_memory
from kernel.device.fdt import DeviceTree, NodeWalk, find_compatible, open_tree
from kernel.mm.bootstrap import MemoryRegion


def memory_of(tree: DeviceTree) -> tuple[u64, u64, u64]:
    """Returns the number of regions of RAM, and the first."""
    regions: Array[MemoryRegion] = array(4)
    count = find_memory(tree, regions)
    return count, regions[0].start, regions[0].end


def ask_everything(data: Bytes) -> u64:
    """Asks what the boot and the drivers ask; returns the number of nodes."""
    tree = DeviceTree(data)
    if not open_tree(tree, data):
        return 0
    memory_of(tree)
    count_cpus(tree)
    find_conduit(tree)
    find_compatible(tree, "arm,pl011")
    chosen = tree.find_child(tree.root(), "chosen")
    arguments = BootArguments()
    arguments.parse(tree.string(chosen, "bootargs"))
    nodes: u64 = 0
    walk = NodeWalk(tree)
    while walk.advance():
        nodes += 1
        tree.region(walk.node, 0)
        tree.region(walk.node, 1)
        tree.interrupt(walk.node, 2)
        tree.is_enabled(walk.node)
        tree.is_compatible(walk.node, "arm,pl011")
        tree.parent(tree.next_sibling(walk.node))
    return nodes
