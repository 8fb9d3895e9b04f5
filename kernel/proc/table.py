"""`ProcessTable`: all processes by number, and the lock over what relates them.

Numbers are given in rising order and used again only after PID_MAX. Processes are found through a
hash table that doubles when it is full, and listed in the order of their numbers.

Locks: `lock` (PROCESS_TABLE) is the outermost spin lock. A `Process` found here is valid while it
is held, or while its own thread runs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from abi.errno import EAGAIN, ENOMEM
from abi.limits import PID_MAX
from bare import (
    Allocator,
    Span,
    allocate_span,
    i32,
    inline,
    raises,
    release,
    struct,
    u32,
    u64,
    usize,
    wrap_u64,
)
from kernel.device.log import Log
from kernel.proc.process import Process
from kernel.sync.lock_class import LockClass
from kernel.sync.spin_lock import SpinLock

FIRST_BUCKETS: usize = 16


@struct
class Bucket:
    """The processes whose numbers have the same low bits."""

    first: Process | None = None


@struct
class InitWatcher(ABC):
    """Told when PID 1 ends, since nothing useful can follow. `main.py` hands it in."""

    @abstractmethod
    def init_ended(self, status: i32) -> None:
        """Stops the machine; `status` is as for `wait4`. Does not return."""


@struct
class ProcessTable:
    """All processes. One for the kernel."""

    allocator: Allocator
    log: Log
    init_watcher: InitWatcher
    # Guarded by lock.
    buckets: Span[Bucket]
    lock: SpinLock = inline()
    count: u32 = 0
    made: u64 = 0
    """Processes since boot."""
    last_pid: i32 = 0
    first: Process | None = None
    last: Process | None = None
    """The list of all, in the order of their numbers."""

    @raises(ENOMEM)
    def start(self, allocator: Allocator, log: Log, init_watcher: InitWatcher) -> None:
        """Begins empty."""
        self.init_watcher = init_watcher
        self.allocator = allocator
        self.log = log
        self.lock.lock_class = LockClass.PROCESS_TABLE
        self.buckets = allocate_span(allocator, Bucket, FIRST_BUCKETS)

    def find(self, pid: i32) -> Process | None:
        """Returns a process or zombie by number. Lock held."""
        process = self.bucket_of(pid).first
        while process is not None and process.pid != pid:
            process = process.next_in_bucket
        return process

    def first_from(self, pid: i32) -> Process | None:
        """Returns the process with the smallest number that is not below `pid`. Lock held."""
        process = self.find(pid)
        if process is not None:
            return process
        process = self.first
        while process is not None and process.pid < pid:
            process = process.next_process
        return process

    @raises(EAGAIN, ENOMEM)
    def add(self, process: Process) -> None:
        """Gives a new process its number and lists it; EAGAIN when all numbers are taken.

        Lock held.
        """
        if self.count >= u32(PID_MAX):
            raise OSError(EAGAIN)
        if u64(self.count) >= len(self.buckets):
            self.grow()
        process.pid = self.unused_pid()
        self.insert(process)
        bucket = self.bucket_of(process.pid)
        process.next_in_bucket = bucket.first
        bucket.first = process
        self.count += 1
        self.made += 1

    def remove(self, process: Process) -> None:
        """Takes a process off. Lock held."""
        before = process.previous_process
        after = process.next_process
        if before is None:
            self.first = after
        else:
            before.next_process = after
        if after is None:
            self.last = before
        else:
            after.previous_process = before
        self.remove_from_bucket(process)
        self.count -= 1

    def unused_pid(self) -> i32:
        """Returns the next number that neither a process nor a group has. Lock held."""
        while True:
            pid = self.last_pid
            pid = 1 if pid == PID_MAX else pid + 1
            self.last_pid = pid
            if self.find(pid) is None and not self.has_group(pid):
                return pid

    def has_group(self, group: i32) -> bool:
        """Whether a process belongs to a group whose leader is gone. Lock held.

        Only after numbers have wrapped can that be, so the search costs nothing before.
        """
        if self.made < u64(PID_MAX):
            return False
        process = self.first
        while process is not None:
            if process.group == group or process.session == group:
                return True
            process = process.next_process
        return False

    def insert(self, process: Process) -> None:
        """Puts a process into the list of all. Lock held."""
        before = self.last
        while before is not None and before.pid > process.pid:
            before = before.previous_process
        after = self.first if before is None else before.next_process
        process.previous_process = before
        process.next_process = after
        if before is None:
            self.first = process
        else:
            before.next_process = process
        if after is None:
            self.last = process
        else:
            after.previous_process = process

    def bucket_of(self, pid: i32) -> Bucket:
        """Returns the chain in which a number is."""
        return self.buckets[wrap_u64(pid) & (len(self.buckets) - 1)]

    def remove_from_bucket(self, process: Process) -> None:
        """Takes a process out of its chain. Lock held."""
        bucket = self.bucket_of(process.pid)
        following = process.next_in_bucket
        other = bucket.first
        if other is process:
            bucket.first = following
            return
        while other is not None:
            if other.next_in_bucket is process:
                other.next_in_bucket = following
                return
            other = other.next_in_bucket

    @raises(ENOMEM)
    def grow(self) -> None:
        """Doubles the hash table. Lock held."""
        old = self.buckets
        self.buckets = allocate_span(self.allocator, Bucket, 2 * len(old))
        process = self.first
        while process is not None:
            bucket = self.bucket_of(process.pid)
            process.next_in_bucket = bucket.first
            bucket.first = process
            process = process.next_process
        release(self.allocator, old)
