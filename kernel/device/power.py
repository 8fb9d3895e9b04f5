"""Ending: power off, reset, and leaving the emulator with an exit code."""

from __future__ import annotations

from typing import NoReturn

from bare import struct, u64
from kernel.arch.aarch64.psci import Conduit, power_off, reset
from kernel.arch.aarch64.semihosting import exit_emulator

FAILURE = 1
"""Exit code of an emulator whose guest failed."""


@struct
class Power:
    """How this machine is switched off."""

    conduit: Conduit = Conduit.NONE
    has_semihosting: bool = False
    """Whether an emulator listens to semihosting calls, as the boot argument `semihosting` says."""

    def off(self) -> NoReturn:
        """Switches the machine off."""
        power_off(self.conduit)

    def restart(self) -> NoReturn:
        """Resets the machine."""
        reset(self.conduit)

    def fail(self) -> NoReturn:
        """Switches the machine off so that an emulator says that it failed."""
        if self.has_semihosting:
            exit_emulator(u64(FAILURE))
        power_off(self.conduit)
