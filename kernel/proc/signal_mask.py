"""Signal masks for the length of one call: `ppoll` and `rt_sigsuspend`."""

from __future__ import annotations

from bare import u64
from kernel.proc.process import Process
from kernel.proc.signal_send import set_blocked
from kernel.proc.table import ProcessTable


def suspend_mask(table: ProcessTable, process: Process, mask: u64) -> None:
    """Blocks exactly `mask` until `restore_mask`, or until a signal was delivered."""
    with table.lock:
        signals = process.signals
        signals.suspended_mask = signals.blocked
        signals.is_suspended = True
        set_blocked(process, mask)


def restore_mask(table: ProcessTable, process: Process) -> None:
    """Goes back to the mask before, where no signal did so."""
    with table.lock:
        signals = process.signals
        if signals.is_suspended:
            signals.is_suspended = False
            set_blocked(process, signals.suspended_mask)
