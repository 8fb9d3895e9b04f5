"""Bare-metal guests of a few instructions, for testing the harness without a kernel.

A guest prints a text, then does what its ending says. The program is assembled here from encodings
of Arm ARM DDI 0487, C6.2; the ELF wrapper and some encodings are the tools' own.
"""

from enum import Enum
from pathlib import Path

from swiftos import bareelf
from swiftos.bareelf import HVC_0, branch, movk, movz, strb

FLAG_RECEIVE_EMPTY = 4
PL011_FLAGS_OFFSET = 0x18
SEMIHOSTING_EXIT = 0x18
APPLICATION_EXIT = 0x20026
HLT_SEMIHOSTING = 0xD45E_0000


class Ending(Enum):
    """What a guest does behind its text."""

    POWER_OFF = "power off"
    HANG = "hang"
    ECHO = "echo"
    FAIL = "fail"


def write(folder: Path, text: str, ending: Ending, exit_code: int = 0) -> Path:
    """Writes a guest's ELF file and returns its path."""
    path = folder / "guest.elf"
    path.write_bytes(bareelf.wrap(assemble(text, ending, exit_code)))
    return path


def assemble(text: str, ending: Ending, exit_code: int) -> bytes:
    """Returns the code of a guest: a loop that prints, the ending, then the text itself."""
    tail = _ending(ending, exit_code)
    # adr x2, text; loop: ldrb w0, [x2], #1; cbz w0, out; strb w0, [x1]; b loop; out:
    words = [movz(1, bareelf.PL011_DATA >> 16, 16)]
    distance = 4 * (5 + len(tail))
    words += [_adr(2, distance), _ldrb_next(0, 2), _cbz(0, 3), strb(0, 1), branch(-3)]
    return bareelf.encode(words + tail) + text.encode() + b"\0"


def _ending(ending: Ending, exit_code: int) -> list[int]:
    if ending is Ending.POWER_OFF:
        call = [movz(0, 0x0008), movk(0, 0x8400, 16), HVC_0]
        return [*call, branch(0)]
    if ending is Ending.FAIL:
        block = [movz(3, APPLICATION_EXIT & 0xFFFF), movk(3, APPLICATION_EXIT >> 16, 16)]
        store = [movz(4, exit_code), movz(1, 0x4100, 16), _stp(3, 4, 1)]
        return [*block, *store, movz(0, SEMIHOSTING_EXIT), HLT_SEMIHOSTING, branch(0)]
    if ending is Ending.ECHO:
        # again: ldr w3, [x1, #0x18]; tbnz w3, #4, again; ldrb w0, [x1]; strb w0, [x1]; b again
        poll = [_ldr(3, 1, PL011_FLAGS_OFFSET), _tbnz(3, FLAG_RECEIVE_EMPTY, -1)]
        return [*poll, _ldr(0, 1, 0), strb(0, 1), branch(-4)]
    return [branch(0)]


def _adr(register: int, distance: int) -> int:
    return 0x1000_0000 | (distance & 3) << 29 | (distance >> 2) << 5 | register


def _ldrb_next(register: int, base: int) -> int:
    return 0x3840_1400 | base << 5 | register


def _ldr(register: int, base: int, offset: int) -> int:
    return 0xB940_0000 | (offset // 4) << 10 | base << 5 | register


def _cbz(register: int, words: int) -> int:
    return 0x3400_0000 | (words & 0x7FFFF) << 5 | register


def _tbnz(register: int, bit: int, words: int) -> int:
    return 0x3700_0000 | bit << 19 | (words & 0x3FFF) << 5 | register


def _stp(first: int, second: int, base: int) -> int:
    return 0xA900_0000 | second << 10 | base << 5 | first
