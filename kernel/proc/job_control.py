"""Job control for terminals: groups and sessions, on top of the process table."""

from __future__ import annotations

from abi.signal import SI_KERNEL
from bare import i32, struct
from kernel.proc.family import has_group_in_session, is_orphaned
from kernel.proc.process import Process, UserThread
from kernel.proc.signal_send import post_to_group
from kernel.proc.signal_state import SignalDetail, signal_bit
from kernel.proc.table import ProcessTable
from kernel.sched.cpu import current_thread
from kernel.tty.job_control import JobControl


@struct
class ProcessJobs(JobControl):
    """What terminals ask of processes."""

    table: ProcessTable | None = None

    def caller_group(self) -> i32:
        process = running_process()
        return 0 if process is None else process.group

    def caller_session(self) -> i32:
        process = running_process()
        return 0 if process is None else process.session

    def caller_is_leader(self) -> bool:
        process = running_process()
        return process is not None and process.session == process.pid

    def is_session_alive(self, session: i32) -> bool:
        table = self.processes()
        with table.lock:
            leader = table.find(session)
            return leader is not None and leader.session == session and not leader.is_zombie()

    def is_group_of(self, group: i32, session: i32) -> bool:
        table = self.processes()
        with table.lock:
            return has_group_in_session(table, group, session)

    def signal_group(self, group: i32, signal: i32) -> None:
        table = self.processes()
        with table.lock:
            post_to_group(table, group, signal, SignalDetail(code=SI_KERNEL))

    def stop_caller(self, signal: i32) -> bool:
        process = running_process()
        if process is None:
            return False
        table = self.processes()
        with table.lock:
            signals = process.signals
            if signals.blocked & signal_bit(signal) != 0 or signals.is_ignored(signal):
                return False
            if is_orphaned(table, process.group):
                return False
            post_to_group(table, process.group, signal, SignalDetail(code=SI_KERNEL))
        return True

    def set_terminal(self, session: i32) -> None:
        table = self.processes()
        with table.lock:
            process = table.first
            while process is not None:
                process.has_terminal = session != 0 and process.session == session
                process = process.next_process

    def processes(self) -> ProcessTable:
        """Returns the table, which is set at boot."""
        table = self.table
        assert table is not None, "job control without processes"
        return table


def running_process() -> Process | None:
    """Returns the process of the running thread, None for a kernel thread."""
    thread = current_thread()
    if isinstance(thread, UserThread):
        return thread.process
    return None
