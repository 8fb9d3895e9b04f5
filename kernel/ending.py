"""How the machine is stopped: by `reboot(2)`, and when PID 1 ends."""

from __future__ import annotations

from bare import i32, struct
from kernel.arch.aarch64.interrupts import mask_interrupts
from kernel.device.machine import Machine
from kernel.device.power import PowerSwitch
from kernel.panic import KernelPanic
from kernel.proc.table import InitWatcher
from kernel.syscall.system_state import Power


@struct
class SystemPower(Power):
    """Stops the machine after the console has sent what it holds."""

    switch: PowerSwitch | None = None
    machine: Machine | None = None

    def power_off(self) -> None:
        """Switches the machine off."""
        self.finish_console()
        if self.switch is not None:
            self.switch.off()

    def restart(self) -> None:
        """Resets the machine."""
        self.finish_console()
        if self.switch is not None:
            self.switch.restart()

    def finish_console(self) -> None:
        """Sends what the console's queue holds."""
        mask_interrupts()
        machine = self.machine
        if machine is not None and machine.console is not None:
            machine.console.put_now(b"")


@struct
class InitEnd(InitWatcher):
    """Stops the machine when PID 1 ends."""

    panic: KernelPanic | None = None

    def init_ended(self, status: i32) -> None:
        """Says with which status init ended; nothing useful can follow."""
        if self.panic is not None:
            self.panic.fail_boot(f"init has ended, status {status:#x}")
