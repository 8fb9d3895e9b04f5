"""Runs threads of the kernel as Python threads, one at a time, on a simulated CPU and clock.

The main thread of the test is the idle thread. Every place where interrupts become unmasked is a
place where the test's interrupt handler may run; a seed decides. A thread that waits for ever makes
`run` return with it unfinished.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

from bare import load
from bare.checked.machine import Machine
from bare.checked.memory import Memory

LINEAR_BASE = 0xFFFF_8000_0000_0000
RAM_BASE = 0x4000_0000
PAGE_SIZE = 4096
MASKED = 0x80
READ_TIME_NS = 50


class Ended(BaseException):
    """Unwinds the Python thread of a thread that has ended."""


class Cpu(Machine):
    """Interrupt masking and the switch."""

    def __init__(self, bench: ThreadBench) -> None:
        super().__init__()
        self.daif = MASKED
        self.bench = bench

    def execute(self, template: str, values: tuple[int, ...]) -> int:
        before = self.daif
        if "mrs {0}, daif" in template:
            if "daifset" in template:
                self.daif |= MASKED
            return before
        if template.startswith("msr daif, {0}"):
            self.daif = values[0]
        elif "daifclr" in template:
            self.daif = 0
        elif "stp x19" in template:
            self.bench.switch()
            return 0
        else:
            return super().execute(template, values)
        if before and not self.daif:
            self.bench.unmasked()
        return 0


class ThreadBench:
    """A scheduler for one test."""

    def __init__(
        self, seed: int = 0, pages: int = 256, rig: str = "tests/kernel/thread_rig.py"
    ) -> None:
        self.random = random.Random(seed)
        self.memory = Memory()
        self.memory.add_ram(LINEAR_BASE + RAM_BASE, pages * PAGE_SIZE)
        self.cpu = Cpu(self)
        self.program = load(rig, memory=self.memory, machine=self.cpu)
        self.now_ns = 1_000_000
        self.alarm_ns: int | None = None
        self.interrupt: Callable[[], None] | None = None
        """Called where an interrupt could come, with interrupts masked."""
        self.errors: list[BaseException] = []
        self.batons: dict[int, threading.Semaphore] = {}
        self.unfinished = 0
        self.rig = self.program.make_rig(self._clock(), RAM_BASE, pages)
        self.batons[id(self.rig.idle)] = threading.Semaphore(0)
        thread_module = self.program.module("kernel.sched.thread")
        self._thread_class = thread_module.Thread
        self._dead = thread_module.ThreadState.DEAD

    def free_frames(self) -> int:
        return int(self.rig.frames.free_frames())

    def spawn(self, work: Callable[[], None]) -> Any:
        """Starts a thread that does `work` and ends."""
        worker = self.make(work)
        self.rig.scheduler.spawn(worker)
        return worker

    def make(self, work: Callable[[], None]) -> Any:
        """Makes a thread that does `work` and ends once it is spawned."""
        bench = self

        class Worker(self._thread_class):  # type: ignore[misc, name-defined]
            def run(self) -> None:
                try:
                    work()
                except Exception as error:
                    bench.errors.append(error)
                bench.unfinished -= 1
                bench.rig.scheduler.exit_current()

            def released(self) -> None:
                pass

        worker = Worker()
        worker.stack_top = 0xFFFF_C000_0000_8000
        self.unfinished += 1
        return worker

    def run(self, limit: int = 100_000) -> None:
        """Is the idle thread until nothing more happens."""
        self.cpu.execute("msr daifclr, #2", ())
        for _ in range(limit):
            if self.rig.cpu.queue.must_reschedule:
                self.program.reschedule()
            elif self.alarm_ns is not None:
                self.now_ns = max(self.now_ns, self.alarm_ns)
                self._in_interrupt(self.rig.timers.run_expired)
            elif self.interrupt is None or not self._idle_interrupt():
                break
        if self.errors:
            raise self.errors[0]

    def compute(self, duration_ns: int) -> None:
        """Uses CPU time in a thread, as a program would: preempted where that is due."""
        self._use_time(duration_ns, self.rig.scheduler.preempt)

    def compute_in_kernel(self, duration_ns: int) -> None:
        """Uses CPU time in a thread, as a long system call does: never preempted."""
        self._use_time(duration_ns, lambda: None)

    def _use_time(self, duration_ns: int, between: Callable[[], None]) -> None:
        end = self.now_ns + duration_ns
        while self.now_ns < end:
            step = min(100_000, end - self.now_ns)
            self.now_ns += step
            if self.alarm_ns is not None and self.alarm_ns <= self.now_ns:
                self._in_interrupt(self.rig.timers.run_expired)
            before = self.now_ns
            between()
            end += self.now_ns - before

    def switch(self) -> None:
        """Plays `switch_context`."""
        previous = self.rig.cpu.left
        following = self.rig.cpu.queue.running
        mine = self.batons[id(previous)]
        is_dead = previous.state == self._dead
        saved = self.cpu.daif
        baton = self.batons.get(id(following))
        if baton is None:
            self.batons[id(following)] = threading.Semaphore(0)
            threading.Thread(target=self._first_run, daemon=True).start()
        else:
            baton.release()
        if is_dead:
            del self.batons[id(previous)]
            raise Ended
        mine.acquire()
        self.cpu.daif = saved

    def unmasked(self) -> None:
        """An interrupt may come now."""
        if self.interrupt is not None and self.random.random() < 0.3:
            self._in_interrupt(self.interrupt)

    def _idle_interrupt(self) -> bool:
        interrupt = self.interrupt
        assert interrupt is not None
        self._in_interrupt(interrupt)
        return bool(self.rig.cpu.queue.must_reschedule) or self.interrupt is not None

    def _in_interrupt(self, handler: Callable[[], None]) -> None:
        self.cpu.daif = MASKED
        handler()
        self.cpu.daif = 0

    def _first_run(self) -> None:
        try:
            self.program.begin()
        except Ended:
            pass
        except BaseException as error:
            self.errors.append(error)
            self.batons[id(self.rig.idle)].release()

    def _clock(self) -> Any:
        bench = self

        class Source(self.program.module("kernel.time.clock").ClockSource):  # type: ignore[misc, name-defined]
            def now_ns(self) -> int:
                bench.now_ns += READ_TIME_NS
                return bench.now_ns

            def set_alarm(self, deadline_ns: int) -> None:
                bench.alarm_ns = deadline_ns

            def clear_alarm(self) -> None:
                bench.alarm_ns = None

        return Source()
