"""Bare Python: the scheduler, a pipe and things to wait for, for `tests/kernel/thread_bench.py`."""

from __future__ import annotations

from abi.errno import EINTR
from bare import (
    Array,
    Span,
    array,
    copy_struct,
    inline,
    raises,
    size_of,
    struct,
    u8,
    u32,
    u64,
    usize,
)
from bare.unsafe import address_of, span_at, static_object
from kernel.arch.aarch64.cpu import install_cpu
from kernel.arch.aarch64.layout import PAGE_SIZE, linear_address
from kernel.ipc.pipe import PipeFiles, PipeReader, PipeWriter, make_pipe
from kernel.mm.allocation_fault import AllocationFault
from kernel.mm.frame import FrameAllocator, FrameCache
from kernel.mm.frame_info import FrameInfo
from kernel.mm.heap import KernelHeap
from kernel.mm.user_copy import KernelBuffer
from kernel.sched.cpu import Cpu
from kernel.sched.mutex import Mutex
from kernel.sched.scheduler import IdleThread, Scheduler
from kernel.sched.switch import begin_thread, breathe, breathe_until_fatal, give_up_cpu
from kernel.sched.wait_queue import WaitQueue
from kernel.sync.lock_class import LockClass
from kernel.sync.spin_lock import SpinLock
from kernel.time.clock import Clock, ClockSource
from kernel.time.timer_queue import TimerQueue


@struct
class Tokens:
    """A count that threads wait to take from."""

    lock: SpinLock = inline()
    count: u64 = 0
    waiters: WaitQueue = inline()

    def give(self) -> None:
        """Adds one; callable from an interrupt."""
        with self.lock:
            self.count += 1
            self.waiters.wake_one()

    @raises(EINTR)
    def take(self) -> None:
        """Takes one, waiting for it."""
        with self.lock:
            while self.count == 0:
                self.waiters.wait_interruptible(self.lock)
            self.count -= 1

    @raises(EINTR)
    def take_until(self, deadline_ns: u64) -> bool:
        """Takes one; False at the deadline."""
        with self.lock:
            while self.count == 0:
                if not self.waiters.wait_until(self.lock, deadline_ns):
                    return False
            self.count -= 1
        return True


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
    scheduler: Scheduler = inline()
    tokens: Tokens = inline()
    mutex: Mutex = inline()
    pipe: PipeFiles = inline()
    frame_cache: Array[FrameCache] = array(1)


def make_rig(source: ClockSource, base: u64, pages: u64) -> Rig:
    """Builds it in `pages` pages of RAM from `base` on."""
    rig = static_object(Rig)
    install_cpu(address_of(rig.cpu))
    table_pages = (pages * size_of(FrameInfo) + PAGE_SIZE - 1) // PAGE_SIZE
    # SAFETY: the bench gave this RAM, and it is not handed to the allocator below.
    table = span_at(FrameInfo, linear_address(base), pages)
    rig.frames.start(base, table, rig.frame_cache, rig.fault)
    rig.frames.add_range(base + table_pages * PAGE_SIZE, base + pages * PAGE_SIZE)
    rig.heap.start(rig.frames, rig.fault)
    rig.clock.source = source
    rig.timers.clock = rig.clock
    rig.timers.lock.lock_class = LockClass.TIMER
    rig.scheduler.clock = rig.clock
    rig.scheduler.timers = rig.timers
    rig.scheduler.start_cpu(rig.cpu, rig.idle)
    return rig


def begin() -> None:
    """Where a thread's Python thread starts."""
    begin_thread(0)


def reschedule() -> None:
    """Gives the CPU to whoever is due."""
    give_up_cpu()


def breathe_in_call() -> tuple[bool, bool]:
    """Does what a long call does between two pieces; says which signals wait: any, a fatal one."""
    return breathe(), breathe_until_fatal()


@raises()
def open_pipe(rig: Rig, flags: u32) -> None:
    """Makes the pipe of the rig."""
    made = PipeFiles()
    make_pipe(rig.heap, rig.frames, flags, made)
    copy_struct(rig.pipe, made)


def reader_of(rig: Rig) -> PipeReader:
    """Returns the reading end."""
    reader = rig.pipe.reader
    assert reader is not None
    return reader


def writer_of(rig: Rig) -> PipeWriter:
    """Returns the writing end."""
    writer = rig.pipe.writer
    assert writer is not None
    return writer


@raises()
def read_pipe(rig: Rig, into: Span[u8]) -> usize:
    """Reads from the pipe."""
    buffer = KernelBuffer(len(into), into)
    return reader_of(rig).read(buffer)


@raises()
def write_pipe(rig: Rig, data: Span[u8]) -> usize:
    """Writes to the pipe."""
    buffer = KernelBuffer(len(data), data)
    return writer_of(rig).write(buffer)
