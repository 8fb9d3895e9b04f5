"""Plays the machine for `file_rig.py`: interrupt masking, a clock that the test moves, and devices.

One thread runs the test. When it blocks, the bench lets the devices work, or moves the clock to the
next alarm where they have nothing to do, until the thread is ready again. A thread that nobody can
wake is a failure of the test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bare.checked.loading import load
from bare.checked.machine import Machine
from bare.checked.memory import Memory

LINEAR_BASE = 0xFFFF_8000_0000_0000
RAM_BASE = 0x4000_0000
PAGE_SIZE = 4096
MASKED = 0x80


class DeadlockError(AssertionError):
    """The thread of the test waits and nothing will wake it."""


class Cpu(Machine):
    """Interrupt masking, and the switch to another thread, which the bench plays."""

    def __init__(self, switch: Callable[[], None]) -> None:
        super().__init__()
        self.daif = 0
        self._switch = switch

    def execute(self, template: str, values: tuple[int, ...]) -> int:
        """Runs the few instructions that locks and switches need."""
        if "mrs {0}, daif" in template:
            before = self.daif
            if "daifset" in template:
                self.daif |= MASKED
            return before
        if template.startswith("msr daif, {0}"):
            self.daif = values[0]
            return 0
        if "stp x19" in template:
            self._switch()
            return 0
        return super().execute(template, values)


class Bench:
    """A kernel for one test."""

    def __init__(self, pages: int = 1024) -> None:
        self.memory = Memory()
        self.ram = self.memory.add_ram(LINEAR_BASE + RAM_BASE, pages * PAGE_SIZE)
        self.cpu = Cpu(self._run_others)
        self.program = load("tests/kernel/file_rig.py", memory=self.memory, machine=self.cpu)
        self.now_ns = 1_000_000
        self.tmp: Any = None
        self.alarm_ns: int | None = None
        self.devices: list[Callable[[], bool]] = []
        """Each does a piece of work, and says whether it had one."""
        self.rig = self.program.make_rig(self._make_source(), RAM_BASE, pages)

    def get(self, path: str) -> Any:
        """Returns `module:name` of the program."""
        module, _, name = path.partition(":")
        return getattr(self.program.module(module), name)

    def log_text(self) -> str:
        """Returns what the kernel logged."""
        ring = self.rig.log.ring
        return bytes(ring.buffer[i] for i in range(ring.written)).decode()

    def free_frames(self) -> int:
        """Returns the number of free frames."""
        return int(self.rig.frames.free_frames())

    def _make_source(self) -> Any:
        bench = self

        class Source(self.get("kernel.time.clock:ClockSource")):  # type: ignore[misc]
            def now_ns(self) -> int:
                bench.now_ns += 100
                return bench.now_ns

            def set_alarm(self, deadline_ns: int) -> None:
                bench.alarm_ns = deadline_ns

            def clear_alarm(self) -> None:
                bench.alarm_ns = None

        return Source()

    def _run_others(self) -> None:
        while True:
            if not any([device() for device in self.devices]):
                self._advance()
            self.program.choose_next(self.rig)
            if self.rig.cpu.queue.running is not self.rig.idle:
                return

    def _advance(self) -> None:
        if self.alarm_ns is None:
            raise DeadlockError("the thread waits, and no device or timer will wake it")
        self.now_ns = max(self.now_ns, self.alarm_ns)
        self.rig.timers.run_expired()
