"""Simulated memory: what addresses mean under `bare.load`.

Owns the map from addresses to RAM that a test lays out, to devices that a test fakes, and to the
Python objects whose address somebody took. Arrays of scalars are bytes, so a span made from an
address aliases the array that stands there. Structs are Python objects; one that is made in RAM
and holds nothing but scalars is a view of the bytes instead.

How to use it: `memory = Memory()`, `memory.add_ram(base, size)`, `memory.add_device(base, size,
fake)`, `bare.load(path, memory=memory)`.
"""

from __future__ import annotations

import bisect
import ctypes
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from bare import traps

Entry = TypeVar("Entry")

OBJECT_AREA = 0x6F00_0000_0000_0000
"""Where objects get addresses that stand in no RAM."""


class Device(Protocol):
    """A fake of a device: sees each access with its offset (bytes) and width (bits)."""

    def read(self, offset: int, width: int) -> int:
        """Returns what a load of `width` bits gives."""

    def write(self, offset: int, width: int, value: int) -> None:
        """Takes a store of `width` bits."""


@dataclass(slots=True)
class Region:
    """Bytes at an address."""

    base: int
    view: memoryview

    @property
    def end(self) -> int:
        """The address behind the last byte."""
        return self.base + len(self.view)


@dataclass(slots=True)
class DeviceRange:
    """A device at an address."""

    base: int
    size: int
    device: Device


@dataclass(slots=True)
class ObjectRange:
    """A Python object that occupies addresses."""

    base: int
    size: int
    value: Any


class RangeMap(Generic[Entry]):
    """Address ranges that do not overlap, found by any address inside."""

    def __init__(self) -> None:
        self._bases: list[int] = []
        self._entries: list[tuple[int, Entry]] = []

    def insert(self, base: int, size: int, entry: Entry) -> None:
        """Adds a range of `size` bytes."""
        index = bisect.bisect_right(self._bases, base)
        self._bases.insert(index, base)
        self._entries.insert(index, (base + max(size, 1), entry))

    def remove(self, base: int) -> None:
        """Takes away the range that begins at exactly `base`, if there is one."""
        index = bisect.bisect_left(self._bases, base)
        if index < len(self._bases) and self._bases[index] == base:
            del self._bases[index], self._entries[index]

    def find(self, address: int) -> Entry | None:
        """Returns the entry of the range that holds `address`."""
        index = bisect.bisect_right(self._bases, address) - 1
        if index < 0:
            return None
        end, entry = self._entries[index]
        return entry if address < end else None


class _Buffer(ctypes.Structure):
    """`Py_buffer`, which alone tells where in its exporter a memoryview begins."""

    _fields_ = (
        ("buf", ctypes.c_void_p),
        ("obj", ctypes.c_void_p),
        ("len", ctypes.c_ssize_t),
        ("itemsize", ctypes.c_ssize_t),
        ("readonly", ctypes.c_int),
        ("ndim", ctypes.c_int),
        ("format", ctypes.c_void_p),
        ("shape", ctypes.c_void_p),
        ("strides", ctypes.c_void_p),
        ("suboffsets", ctypes.c_void_p),
        ("internal", ctypes.c_void_p),
    )


def host_address(exporter: Any) -> int:
    """Returns where the bytes of a buffer are in this process."""
    buffer = _Buffer()
    ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(exporter), ctypes.byref(buffer), 0)
    address = buffer.buf or 0
    ctypes.pythonapi.PyBuffer_Release(ctypes.byref(buffer))
    return int(address)


class Memory:
    """The addresses of one simulated machine."""

    def __init__(self) -> None:
        self._ranges: RangeMap[Region | DeviceRange] = RangeMap()
        self._objects: RangeMap[ObjectRange] = RangeMap()
        self._exporters: dict[int, tuple[Any, Region]] = {}
        self._next_object = OBJECT_AREA
        self.views: dict[tuple[type, int], Any] = {}
        """Struct views of RAM by class and address, so that a reference has one identity."""

    # --- what a test lays out

    def add_ram(self, base: int, size: int) -> memoryview:
        """Adds zeroed RAM and returns its bytes."""
        region = Region(base, memoryview(bytearray(size)))
        self._exporters[id(region.view.obj)] = (region.view.obj, region)
        self._ranges.insert(base, size, region)
        return region.view

    def add_device(self, base: int, size: int, device: Device) -> None:
        """Puts a device at an address range."""
        self._ranges.insert(base, size, DeviceRange(base, size, device))

    def bytes_at(self, address: int, length: int) -> memoryview:
        """Returns the bytes of RAM at an address; traps where there is none."""
        if length == 0:
            return memoryview(bytearray())
        found = self._ranges.find(address)
        if isinstance(found, Region) and address + length <= found.end:
            start = address - found.base
            return found.view[start : start + length]
        raise traps.IndexError(f"{length} bytes at {address:#x} are not in simulated memory")

    # --- accesses

    def is_ram(self, address: int) -> bool:
        """Whether RAM stands at `address`."""
        return isinstance(self._ranges.find(address), Region)

    def load(self, address: int, width: int) -> int:
        """Loads an unsigned integer of `width` bits from RAM or a device."""
        found = self._ranges.find(address)
        if isinstance(found, DeviceRange):
            value = found.device.read(address - found.base, width)
            if not 0 <= value < 1 << width:
                raise ValueError(f"the device gave {value:#x} for a read of {width} bits")
            return value
        return int.from_bytes(self.bytes_at(address, width // 8), "little")

    def store(self, address: int, width: int, value: int) -> None:
        """Stores an unsigned integer of `width` bits to RAM or a device."""
        found = self._ranges.find(address)
        if isinstance(found, DeviceRange):
            found.device.write(address - found.base, width, value)
        else:
            self.bytes_at(address, width // 8)[:] = value.to_bytes(width // 8, "little")

    # --- addresses of Python objects

    def address_of_buffer(self, view: Any) -> int:
        """Returns the address of the first byte of a memoryview or of bytes."""
        exporter = view.obj if isinstance(view, memoryview) else view
        known = self._exporters.get(id(exporter))
        if known is None:
            whole = memoryview(exporter).cast("B")
            region = Region(self._reserve(len(whole)), whole)
            self._exporters[id(exporter)] = (exporter, region)
            self._ranges.insert(region.base, max(len(whole), 1), region)
            known = (exporter, region)
        if len(view) == 0:
            return known[1].base
        return known[1].base + host_address(view) - host_address(exporter)

    def place(self, value: Any, size: int, address: int | None = None) -> int:
        """Gives a Python object an address range, at `address` if given; replaces what is there."""
        if address is None:
            address = self._reserve(size)
        self._objects.remove(address)
        self._objects.insert(address, size, ObjectRange(address, size, value))
        return address

    def forget(self, address: int) -> None:
        """Takes away the object that stands at exactly `address`."""
        self._objects.remove(address)

    def object_range(self, address: int) -> ObjectRange | None:
        """Returns the placed object whose range holds `address`."""
        return self._objects.find(address)

    def _reserve(self, size: int) -> int:
        address = self._next_object
        self._next_object += -(-max(size, 1) // 64) * 64 + 64
        return address
