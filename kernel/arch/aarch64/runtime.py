"""What the compiler calls in the kernel: the text of an `assert` or `panic()`, before its trap.

The text is kept with the CPU; the trap instruction that follows brings it to the panic handler.
"""

from __future__ import annotations

from bare import Bytes, FormatStr, Writer, struct, u8, write_to
from kernel.arch.aarch64.cpu import PANIC_TEXT_BYTES, CpuBase, this_cpu


@struct
class PanicText(Writer):
    """Writes into the CPU's panic text; what does not fit is dropped."""

    cpu: CpuBase

    def write(self, data: Bytes) -> None:
        """Appends what fits."""
        for byte in data:
            if self.cpu.panic_length < PANIC_TEXT_BYTES:
                self.cpu.panic_text[self.cpu.panic_length] = byte
                self.cpu.panic_length += 1


def trap_message(kind: u8, message: FormatStr) -> None:
    """Keeps the text of a trap of any kind."""
    cpu = this_cpu()
    cpu.panic_length = 0
    write_to(PanicText(cpu), message)
