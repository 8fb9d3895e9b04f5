"""Registers are values with named bits; a block maps them at an address."""

from __future__ import annotations

from bare import Array, Enum8, array, u32, u64
from bare.registers import MmioBlock, Register, bit, bits, ro, rw, rw_array, wo
from bare.unsafe import address_of


class Parity(Enum8):
    """A choice of two bits."""

    NONE = 0
    ODD = 1
    EVEN = 2


class Control(Register, width=32):
    """A control register."""

    enable = bit(0)
    parity = bits(3, 2, Parity)
    divisor = bits(19, 8)


class Status(Register, width=16):
    """A status register."""

    ready = bit(0)
    count = bits(15, 12)


class Device(MmioBlock, size=0x40):
    """A block of registers."""

    control = rw(0x00, Control)
    status = ro(0x04, Status)
    command = wo(0x08, u32)
    counter = rw(0x10, u64)
    lines = rw_array(0x20, 4, Control, stride=8)


def main() -> None:
    """Maps a block over an array and looks at the bytes."""
    words: Array[u64] = array(8)
    # SAFETY: the block is laid over the array, which is as large and aligned.
    base = address_of(words)
    device = Device(base)
    control = device.control.read()
    print(control.enable, control.parity, control.divisor)
    control.enable = True
    control.parity = Parity.EVEN
    control.divisor = 0xABC
    copy = control
    copy.enable = False
    device.control.write(control)
    print(f"{words[0]:x} {control.value:x} {copy.value:x} {copy.parity}")
    words[0] |= 0x7001 << 32
    status = device.status.read()
    print(status.ready, status.count)
    device.command.write(77)
    device.counter.write(0x1122_3344_5566_7788)
    print(words[1], f"{words[2]:x} {device.counter.read():x}")
    line = Control(0xF00)
    line.parity = Parity.ODD
    device.lines[3].write(line)
    print(f"{words[7]:x}", device.lines[3].read().divisor, device.lines[0].read().value)
