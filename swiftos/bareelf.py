"""Makes tiny bare-metal ELF files: the floor that boot time is measured against.

The floor program writes one character to the PL011 of the `virt` machine and powers off by PSCI:
the time from QEMU's start to that character is what the emulator itself costs.

Encodings: Arm ARM DDI 0487, C6.2. PSCI: Arm DEN 0022, SYSTEM_OFF 0x84000008 by HVC.
"""

import struct

LOAD_ADDRESS = 0x4020_0000
PL011_DATA = 0x0900_0000
PSCI_SYSTEM_OFF = 0x8400_0008
ELF_HEADER = struct.Struct("<4sBBBBB7xHHIQQQIHHHHHH")
PROGRAM_HEADER = struct.Struct("<IIQQQQQQ")


def movz(register: int, value: int, shift: int = 0) -> int:
    """Encodes MOVZ Xd, #value, LSL #shift (0, 16, 32 or 48)."""
    return 0xD280_0000 | (shift // 16) << 21 | value << 5 | register


def movk(register: int, value: int, shift: int) -> int:
    """Encodes MOVK Xd, #value, LSL #shift."""
    return 0xF280_0000 | (shift // 16) << 21 | value << 5 | register


def strb(register: int, base: int) -> int:
    """Encodes STRB Wt, [Xn]."""
    return 0x3900_0000 | base << 5 | register


def branch(words: int) -> int:
    """Encodes B to `words` instructions from here."""
    return 0x1400_0000 | (words & 0x03FF_FFFF)


HVC_0 = 0xD400_0002


def floor_program() -> bytes:
    """Returns the code that writes `>` to the serial line and powers off."""
    words = [
        movz(1, PL011_DATA >> 16, 16),
        movz(0, ord(">")),
        strb(0, 1),
        movz(0, PSCI_SYSTEM_OFF & 0xFFFF),
        movk(0, PSCI_SYSTEM_OFF >> 16, 16),
        HVC_0,
        branch(0),
    ]
    return encode(words)


def encode(words: list[int]) -> bytes:
    """Returns instruction words as little-endian bytes."""
    return b"".join(word.to_bytes(4, "little") for word in words)


def wrap(code: bytes) -> bytes:
    """Returns a static AArch64 ELF file with one segment that starts at its first byte."""
    offset = ELF_HEADER.size + PROGRAM_HEADER.size
    header = ELF_HEADER.pack(
        b"\x7fELF", 2, 1, 1, 0, 0,
        2, 183, 1, LOAD_ADDRESS + offset, ELF_HEADER.size, 0,
        0, ELF_HEADER.size, PROGRAM_HEADER.size, 1, 64, 0, 0,
    )  # fmt: skip
    size = offset + len(code)
    segment = PROGRAM_HEADER.pack(1, 7, 0, LOAD_ADDRESS, LOAD_ADDRESS, size, size, 0x1000)
    return header + segment + code
