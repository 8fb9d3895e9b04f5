"""Ending: power off, reset, and leaving the emulator with an exit code."""

from __future__ import annotations

from typing import NoReturn

from bare import struct, u64
from kernel.arch.aarch64.psci import Conduit, power_off, reset
from kernel.arch.aarch64.semihosting import exit_emulator

FAILURE = 1
"""Exit code of an emulator whose guest failed."""


@struct
class PowerSwitch:
    """How this machine is switched off."""

    conduit: Conduit = Conduit.NONE
    has_semihosting: bool = False
    """Whether an emulator listens to semihosting calls, as the boot argument `semihosting` says."""
    is_leaving: bool = False
    """Whether an undefined instruction only means that nobody listens."""

    def off(self) -> NoReturn:
        """Switches the machine off."""
        power_off(self.conduit)

    def restart(self) -> NoReturn:
        """Resets the machine."""
        reset(self.conduit)

    def guess(self) -> None:
        """Supposes what a device tree would say: tries all ways out."""
        self.has_semihosting = True
        self.conduit = Conduit.HVC

    def fail(self) -> NoReturn:
        """Switches the machine off so that an emulator says that it failed."""
        if self.has_semihosting and not self.is_leaving:
            self.is_leaving = True
            exit_emulator(u64(FAILURE))
        power_off(self.conduit)
