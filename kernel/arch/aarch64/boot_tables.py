"""The page tables that the kernel starts on. Runs once, at physical addresses, with the MMU off.

Seven tables: the user's half maps this code one to one, read-only, until `kernel_main` takes it
away. The kernel's half maps the image with its permissions, the rest of the image's 2 MiB block,
and the device tree; `kernel/mm/bootstrap.py` adds the rest of RAM when the tree has said how much
there is. The kernel's tables stay for ever.

With the MMU off all memory is device memory: these functions make aligned accesses only.
"""

from __future__ import annotations

from bare import byte_swap, cpu_feature, export, u32, u64
from bare.unsafe import Pointer, linker_symbol
from kernel.arch.aarch64.layout import (
    BLOCK_SIZE,
    KERNEL_LOAD,
    LINEAR_BASE,
    PAGE_SIZE,
    PhysAddr,
    round_down,
)
from kernel.arch.aarch64.pte import (
    KERNEL_DATA,
    KERNEL_RODATA,
    KERNEL_TEXT,
    TABLE,
    VALID,
    table_index,
)

TREE_MAGIC = 0xD00DFEED
RAM_START = 0x4000_0000
"""Where QEMU leaves the device tree of a kernel that is no Linux image."""
GIGABYTE = 1 << 30
LOW_BITS = 0x0000_7FFF_FFFF_FFFF
"""What is left of a linear address when its base is taken away."""


@export("make_boot_tables")
@cpu_feature("strict-align")
def make_boot_tables(handed: u64) -> PhysAddr:
    """Fills the tables in .bss; returns the device tree's address, 0 where there is none.

    `handed` is what the loader left in x0.
    """
    tree = find_tree(handed)
    identity_root = physical(linker_symbol("boot_tables"))
    identity_gigabytes = identity_root + PAGE_SIZE
    kernel_root = identity_root + 2 * PAGE_SIZE
    kernel_gigabytes = identity_root + 3 * PAGE_SIZE
    devices = identity_root + 4 * PAGE_SIZE
    blocks = identity_root + 5 * PAGE_SIZE
    pages = identity_root + 6 * PAGE_SIZE
    put(identity_root, table_index(KERNEL_LOAD, 0), identity_gigabytes | VALID | TABLE)
    put(identity_gigabytes, table_index(KERNEL_LOAD, 1), RAM_START | KERNEL_TEXT)
    put(kernel_root, table_index(LINEAR_BASE, 0), kernel_gigabytes | VALID | TABLE)
    put(kernel_gigabytes, 0, devices | VALID | TABLE)
    put(kernel_gigabytes, table_index(KERNEL_LOAD, 1), blocks | VALID | TABLE)
    put(blocks, table_index(KERNEL_LOAD, 2), pages | VALID | TABLE)
    fill_image(pages)
    map_tree(blocks, tree)
    return tree


@cpu_feature("strict-align")
def fill_image(pages: PhysAddr) -> None:
    """Maps the 2 MiB block that holds the image, each section as it may be used."""
    rodata = physical(linker_symbol("rodata_start"))
    data = physical(linker_symbol("data_start"))
    guard = physical(linker_symbol("boot_stack_guard"))
    page: u64 = KERNEL_LOAD
    while page < KERNEL_LOAD + BLOCK_SIZE:
        attributes: u64 = KERNEL_DATA
        if page < rodata:
            attributes = KERNEL_TEXT
        elif page < data:
            attributes = KERNEL_RODATA
        if page != guard:
            put(pages, table_index(page, 3), page | attributes | TABLE)
        page += PAGE_SIZE


@cpu_feature("strict-align")
def map_tree(blocks: PhysAddr, tree: PhysAddr) -> None:
    """Maps the blocks that may hold the tree: it is at most 2 MiB and in the first GiB of RAM."""
    if tree == 0:
        return
    block = round_down(tree, BLOCK_SIZE)
    for place in range(block, block + 2 * BLOCK_SIZE, BLOCK_SIZE):
        is_image = place == KERNEL_LOAD
        if not is_image and place < RAM_START + GIGABYTE:
            put(blocks, table_index(place, 2), place | KERNEL_DATA)


@cpu_feature("strict-align")
def find_tree(handed: u64) -> PhysAddr:
    """Returns where a device tree begins: where the loader said, or at the start of RAM."""
    if handed % 8 == 0 and RAM_START <= handed < RAM_START + GIGABYTE and is_tree(handed):
        return handed
    return RAM_START if is_tree(RAM_START) else 0


@cpu_feature("strict-align")
def is_tree(address: PhysAddr) -> bool:
    """Whether the magic number of a device tree is at an address."""
    # SAFETY: the address is in RAM; the MMU is off.
    return byte_swap(Pointer[u32](address).load()) == TREE_MAGIC


@cpu_feature("strict-align")
def put(table: PhysAddr, index: u64, entry: u64) -> None:
    """Sets an entry of a table."""
    # SAFETY: the table is one of ours, in .bss; the MMU is off.
    Pointer[u64](table + 8 * index).store(entry)


@cpu_feature("strict-align")
def physical(address: u64) -> PhysAddr:
    """Returns the physical address of a symbol, which PC-relative code gives already."""
    return address & LOW_BITS
