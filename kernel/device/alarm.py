"""The clock's interrupt: runs the timers that are due."""

from __future__ import annotations

from bare import struct
from kernel.device.irq import IrqHandler
from kernel.time.timer_queue import TimerQueue


@struct
class AlarmHandler(IrqHandler):
    """Runs the timers."""

    timers: TimerQueue

    def handle_irq(self) -> None:
        """Fires the expired timers and sets the next alarm."""
        self.timers.run_expired()
