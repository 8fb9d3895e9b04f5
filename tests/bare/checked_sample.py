"""A module for the tests of checked execution: one function or class for each thing they try."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from abi.errno import EIO, ENODEV
from bare import (
    Array,
    Bytes,
    Enum8,
    FormatStr,
    Span,
    Writer,
    array,
    f32,
    i32,
    inline,
    panic,
    raises,
    struct,
    text,
    u8,
    u16,
    u32,
    u64,
    usize,
    write_to,
)
from bare.registers import MmioBlock, Register, bit, bits, ro, rw
from bare.unsafe import (
    Pointer,
    address_of,
    object_at,
    read_system_register,
    span_at,
    static_object,
    write_system_register,
)

LIMIT = 100


class Mode(Enum8):
    """A mode."""

    OFF = 0
    ON = 3


@struct
class Inner:
    """Embedded."""

    value: u16 = 7


@struct
class Device:
    """A struct with a field of each kind."""

    number: u32
    mode: Mode = Mode.ON
    name: Bytes = b"none"
    inner: Inner = inline()
    data: Array[u8] = array(4)
    next: Device | None = None

    def rename(self, name: Bytes) -> usize:
        """Changes the name and returns its length."""
        self.name = name
        return len(name)

    @staticmethod
    def twice(value: u32) -> u32:
        """Doubles."""
        return 2 * value


@struct
class Disk(ABC):
    """What a test may fake."""

    reads: u32 = 0

    @abstractmethod
    @raises(EIO, ENODEV)
    def read(self, sector: u64, target: Span[u8]) -> u32:
        """Reads a sector."""


@struct
class ZeroDisk(Disk):
    """A disk of zeros."""

    @raises(EIO)
    def read(self, sector: u64, target: Span[u8]) -> u32:
        """Reads zeros."""
        target.fill(0)
        return 0


@raises(EIO, ENODEV)
def checksum(disk: Disk, sector: u64) -> u32:
    """Adds the bytes of a sector."""
    buffer: Array[u8] = array(16)
    total = disk.read(sector, buffer)
    for byte in buffer:
        total += byte
    disk.reads += 1
    return total


def add(left: u8, right: u8 = 5) -> u8:
    """Adds."""
    return left + right


def opposite(mode: Mode) -> Mode:
    """Switches."""
    return Mode.OFF if mode == Mode.ON else Mode.ON


def halve(value: f32) -> f32:
    """Halves."""
    return value / 2.0


def reverse(values: Span[u16]) -> None:
    """Reverses in place."""
    for index in range(len(values) // 2):
        kept = values[index]
        values[index] = values[len(values) - 1 - index]
        values[len(values) - 1 - index] = kept


def first_word(data: Bytes) -> Bytes:
    """Returns what stands before a space."""
    for index, byte in enumerate(data):
        if byte == 0x20:
            return data[:index]
    return data


def greeting(is_loud: bool) -> str:
    """Returns text."""
    return "HI" if is_loud else "hi"


def apply(operation: Callable[[u32], u32], value: u32) -> u32:
    """Calls back."""
    return operation(value) + 1


def doubler() -> Callable[[u32], u32]:
    """Returns a function."""
    return Device.twice


def bounds(values: Span[i32]) -> tuple[i32, i32]:
    """Returns the first and the last."""
    return values[0], values[len(values) - 1]


def count_up(device: Device | None) -> u32:
    """Takes None too."""
    return 0 if device is None else device.number + 1


def log(writer: Writer, message: FormatStr) -> None:
    """Formats."""
    write_to(writer, message)


def describe(device: Device) -> None:
    """Prints."""
    print(f"{device.number:04x} {device.mode} {text(device.name)}")


def deep(level: u32) -> u32:
    """Traps at the end of some calls."""
    if level == 0:
        values: Array[u8] = array(2)
        return values[level + 5]
    return deep(level - 1)


def fail(code: i32) -> None:
    """Panics."""
    panic(f"code {code}")


class Status(Register, width=32):
    """A status register."""

    is_ready = bit(0)
    level = bits(7, 4)


class Port(MmioBlock, size=0x20):
    """Two registers."""

    status = ro(0x00, Status)
    data = rw(0x10, u16)


def send(port: Port, value: u16) -> u32:
    """Waits until the device is ready and writes."""
    turns: u32 = 0
    while not port.status.read().is_ready:
        turns += 1
    port.data.write(value)
    return turns


@struct
class PageEntry:
    """Stands in memory."""

    frame: u64
    flags: u32
    count: u32 = 9


@struct
class Node:
    """Links through memory."""

    value: u32
    next: Node | None = None


ORIGIN = PageEntry(5, 6)


def flag(entry: PageEntry) -> u32:
    """Writes to what it is given."""
    entry.flags += 1
    return entry.flags


def flag_constant() -> u32:
    """Reads a constant, then gives it to a function that writes."""
    return ORIGIN.flags * 100 + flag(ORIGIN)


@struct
class Mixed:
    """Holds what is not a scalar."""

    mode: Mode
    name: Bytes
    numbers: Span[u16]
    operation: Callable[[u32], u32]
    limit: u32 | None
    is_set: bool
    ratio: f32
    entries: Array[PageEntry] = array(2)
    nodes: Array[Node | None] = array(2)


def keep_in_memory(address: usize, name: Bytes, numbers: Span[u16]) -> u64:
    """Sets every field of a struct that stands in memory, and reads them back."""
    # SAFETY: the test gives memory for the struct and a node.
    kept = object_at(Mixed, address)
    node = object_at(Node, address + 256)
    unset = kept.limit is None and kept.nodes[0] is None and len(kept.name) == 0
    assert unset, "memory was zero"
    kept.mode = Mode.ON
    kept.name = name
    kept.numbers = numbers
    kept.operation = Device.twice
    kept.limit = 40
    kept.is_set = True
    kept.ratio = 0.5
    kept.entries[1].frame = 1000
    kept.nodes[1] = node
    node.value = 3
    again = object_at(Mixed, address)
    limit = again.limit
    there = again.nodes[1]
    assert again.mode == Mode.ON and again.name == name and again.is_set, "fields are kept"
    assert limit is not None and there is not None and there is node, "references are kept"
    again.numbers[0] = 7
    return again.operation(limit) + again.entries[1].frame + there.value + u64(again.ratio * 4.0)


def fill_entry(address: usize, index: usize) -> u64:
    """Writes an entry of a table in memory."""
    # SAFETY: the test gives memory for the table.
    table = span_at(PageEntry, address, 8)
    table[index].frame = 0x1122_3344_5566_7788
    table[index].flags += 1
    return address_of(table[index]) - address


def link(address: usize) -> u32:
    """Links two nodes that stand in memory and walks them."""
    # SAFETY: the test gives memory for the nodes.
    first = object_at(Node, address)
    second = object_at(Node, address + 16)
    first.value = 1
    second.value = 2
    first.next = second
    total: u32 = 0
    node: Node | None = object_at(Node, address)
    while node is not None:
        total = total * 10 + node.value
        node = node.next
    return total


def peek(address: usize) -> u32:
    """Reads a word."""
    # SAFETY: the test decides whether there is memory.
    return Pointer[u32](address).load()


def counter() -> u32:
    """Counts calls in a static object."""
    # SAFETY: one thread.
    state = static_object(Inner)
    state.value += 1
    return state.value


def swap_register(value: u64) -> u64:
    """Reads and writes a system register."""
    # SAFETY: simulated.
    before = read_system_register("TPIDR_EL0")
    write_system_register("TPIDR_EL0", value)
    return before
