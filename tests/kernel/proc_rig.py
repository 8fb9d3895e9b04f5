"""Bare Python: processes without programs, for `tests/kernel/proc` and `tests/kernel/syscall`."""

from __future__ import annotations

from abi.errno import E2BIG, EAGAIN, ENOMEM
from abi.system import LogRecord
from bare import (
    Array,
    Bytes,
    Span,
    allocate,
    array,
    i32,
    inline,
    raises,
    release,
    struct,
    text,
    u8,
    u64,
    usize,
)
from bare.unsafe import static_object
from kernel.device.log import Log, LogLevel
from kernel.proc.arguments import Arguments
from kernel.proc.exit import exit_status, leave_groups, tell_of_end
from kernel.proc.family import adopt, disown, is_orphaned, leave_orphans
from kernel.proc.fork import ProcessFactory
from kernel.proc.process import Process, ProcessState
from kernel.proc.signal_send import post_signal
from kernel.proc.signal_state import SignalDetail, SignalState
from kernel.proc.table import InitWatcher, ProcessTable
from kernel.proc.wait import WaitResult, wait_for_child
from kernel.security.credentials import Credentials
from kernel.syscall.log import LogLine, line_start, parse
from kernel.time.clock import ClockSource
from tests.kernel import thread_rig
from tests.kernel.thread_rig import Rig

LOG_BYTES = 600


def make_rig(source: ClockSource, base: u64, pages: u64) -> Rig:
    """Builds the scheduler below."""
    return thread_rig.make_rig(source, base, pages)


def begin() -> None:
    """Where a thread's Python thread starts."""
    thread_rig.begin()


def reschedule() -> None:
    """Gives the CPU to whoever is due."""
    thread_rig.reschedule()


@struct
class Watcher(InitWatcher):
    """Notes that PID 1 has ended."""

    status: i32 = -1

    def init_ended(self, status: i32) -> None:
        self.status = status


@struct
class Processes:
    """The parts."""

    table: ProcessTable = inline()
    factory: ProcessFactory = inline()
    watcher: Watcher = inline()
    log: Log = inline()
    log_buffer: Array[u8] = array(LOG_BYTES)
    signals: SignalState = inline()
    credentials: Credentials = inline()


@raises(ENOMEM)
def make_processes(rig: Rig) -> Processes:
    """Builds an empty process table."""
    made = static_object(Processes)
    made.log.start(made.log_buffer)
    made.table.start(rig.heap, made.log, made.watcher)
    made.factory.table = made.table
    return made


@raises(EAGAIN, ENOMEM)
def make_process(rig: Rig, made: Processes, parent: Process | None) -> Process:
    """Makes a process without a thread."""
    process = allocate(rig.heap, Process)
    process.allocator = rig.heap
    with made.table.lock:
        made.table.add(process)
        process.group = process.pid
        process.session = process.pid
        if parent is not None:
            adopt(parent, process)
            process.group = parent.group
            process.session = parent.session
    return process


def end_process(made: Processes, process: Process, status: i32) -> None:
    """Makes a process a zombie, as its exit does."""
    with made.table.lock:
        process.state = ProcessState.ZOMBIE
        leave_groups(made.table, process)
        leave_orphans(made.table, process)
        process.status = status
        process.has_news = True
        parent = process.parent
        if parent is not None:
            parent.child_waiters.wake_all()


def end_loudly(made: Processes, process: Process, code: i32, signal: i32) -> None:
    """Makes a process a zombie and sends its parent the signal for that."""
    end_process(made, process, exit_status(code) if signal == 0 else signal)
    with made.table.lock:
        tell_of_end(made.table, process)


def is_group_orphaned(made: Processes, group: i32) -> bool:
    """Whether nobody could continue a group."""
    with made.table.lock:
        return is_orphaned(made.table, group)


def stop_process(made: Processes, process: Process, signal: i32) -> None:
    """Makes a process stopped."""
    with made.table.lock:
        process.state = ProcessState.STOPPED
        process.status = signal
        process.has_news = True


def wait_for_release(made: Processes, parent: Process, pid: i32) -> None:
    """Waits as `vfork` does."""
    made.factory.wait_for_release(parent, pid)


@raises()
def wait_child(made: Processes, process: Process, selector: i32, options: i32) -> tuple[i32, i32]:
    """Waits for a child; returns its number and status."""
    result = WaitResult()
    wait_for_child(made.table, process, selector, options, result)
    return result.pid, result.status


def remove_process(rig: Rig, made: Processes, process: Process) -> None:
    """Takes a process away for good."""
    with made.table.lock:
        disown(process)
        made.table.remove(process)
    release(rig.heap, process)


def post(made: Processes, process: Process, signal: i32) -> None:
    """Sends a signal."""
    with made.table.lock:
        post_signal(process, signal, SignalDetail())


@raises(E2BIG, ENOMEM)
def join_words(rig: Rig, words: Span[u8], into: Span[u8]) -> usize:
    """Adds zero-terminated words as arguments; returns how many bytes the block has."""
    made = allocate(rig.heap, Arguments)
    made.begin(rig.heap)
    start: usize = 0
    for index in range(len(words)):
        if words[index] == 0:
            made.add_argument(words[start:index])
            start = index + 1
    made.add_path(b"/bin/x")
    made.write_command(into)
    used = made.used
    made.finish()
    release(rig.heap, made)
    return used


def log_line(made: Processes, level: LogLevel, message: Bytes) -> None:
    """Logs a line."""
    made.log.record(level, text(message))


def next_record(made: Processes, first: u64, record: LogRecord, into: Span[u8]) -> usize:
    """Reads the record from `first` on; returns the length of its text, or all ones at the end."""
    line = LogLine()
    position = line_start(made.log, first, line)
    if not line.read(made.log, position):
        return NOTHING
    message = parse(line, record)
    into[: len(message)].copy_from(message)
    return len(message)


NOTHING: usize = 0xFFFF_FFFF_FFFF_FFFF
