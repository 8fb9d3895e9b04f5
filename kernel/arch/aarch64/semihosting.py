"""Semihosting: ending the emulator with an exit code. Arm Semihosting for AArch32 and AArch64, 2.0.

Only where a boot argument says that somebody listens: elsewhere the instruction is undefined.
"""

from __future__ import annotations

from bare import struct, u64
from bare.unsafe import address_of, asm

EXIT_EXTENDED = 0x20
APPLICATION_EXIT = 0x20026


@struct
class ExitBlock:
    """The parameters of SYS_EXIT_EXTENDED."""

    reason: u64
    code: u64


def exit_emulator(code: u64) -> None:
    """Ends the emulator with an exit code."""
    block = ExitBlock(APPLICATION_EXIT, code)
    # SAFETY: the listener reads the block and does not come back.
    asm("hlt #0xf000", x0=u64(EXIT_EXTENDED), x1=address_of(block))
