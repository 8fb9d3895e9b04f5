"""Frames, heap and address spaces of the kernel on simulated RAM; see `memory_rig.py`."""

from __future__ import annotations

from typing import Any

from bare import load
from bare.checked.machine import Machine
from bare.checked.memory import Memory

LINEAR_BASE = 0xFFFF_8000_0000_0000
RAM_BASE = 0x4000_0000
PAGE_SIZE = 4096
STACKS_BASE = 0xFFFF_C000_0000_0000
STACKS_BYTES = 1 << 20
"""Where kernel stacks are: memory of its own, as the simulation translates no addresses."""
MASKED = 0x80
READ, WRITE, EXECUTE = 1, 2, 4
SHARED, STACK = 1, 2

Event = str | tuple[int, int]
"""A barrier, an invalidation, a system register that was written; or a stored word: (address,
value).
"""


class WatchedMemory(Memory):
    """RAM that tells of every aligned word that is stored."""

    def __init__(self, events: list[Event]) -> None:
        super().__init__()
        self.events = events

    def store(self, address: int, width: int, value: int) -> None:
        """Stores, and notes it."""
        super().store(address, width, value)
        if width == 64:
            self.events.append((address, value))


class Cpu(Machine):
    """Interrupt masking, cache and TLB maintenance; counts the invalidations."""

    def __init__(self, events: list[Event] | None = None) -> None:
        super().__init__()
        self.daif = 0
        self.flushed: list[str] = []
        self.events = [] if events is None else events

    def write_system_register(self, name: str, value: int) -> None:
        """Writes, and notes it."""
        super().write_system_register(name, value)
        self.events.append(name)

    def execute(self, template: str, values: tuple[int, ...]) -> int:
        """Runs the instructions that memory management uses."""
        if "mrs {0}, daif" in template:
            before = self.daif
            if "daifset" in template:
                self.daif |= MASKED
            return before
        if template.startswith("msr daif, {0}"):
            self.daif = values[0]
            return 0
        if template.startswith(("dmb", "dsb", "tlbi")):
            self.events.append(template.removesuffix(", {0}"))
        if template.startswith("tlbi"):
            self.flushed.append(template.split()[1].rstrip(","))
            return 0
        if template.startswith(("dc cvau", "ic ialluis")):
            return 0
        return super().execute(template, values)


class MemoryBench:
    """A memory for one test."""

    def __init__(self, pages: int = 512) -> None:
        self.events: list[Event] = []
        """What other CPUs may see, in order: see `Event`."""
        self.ram = WatchedMemory(self.events)
        self.ram.add_ram(LINEAR_BASE + RAM_BASE, pages * PAGE_SIZE)
        self.ram.add_ram(STACKS_BASE, STACKS_BYTES)
        self.cpu = Cpu(self.events)
        self.program = load("tests/kernel/memory_rig.py", memory=self.ram, machine=self.cpu)
        self.rig: Any = self.program.make_rig(RAM_BASE, pages)
        self.results: Any = self.program.module("kernel.mm.page_fault").FaultResult
        self.access: Any = self.program.module("kernel.arch.aarch64.exceptions").Access

    def free_frames(self) -> int:
        """Returns the number of free frames."""
        return int(self.rig.frames.free_frames())
