"""Registers are accessed as their block says, fields by their types."""

from __future__ import annotations

from bare import Enum8, u32, usize
from bare.registers import MmioBlock, Register, bit, bits, ro, rw, rw_array, wo


class Mode(Enum8):
    """What it does."""

    OFF = 0
    ON = 1


class Control(Register, width=32):
    """The control register."""

    enable = bit(0)
    mode = bits(2, 1, Mode)
    level = bits(7, 4)


class Device(MmioBlock, size=0x1000):
    """A device."""

    status = ro(0x00, u32)
    data = wo(0x04, u32)
    control = rw(0x08, Control)
    lines = rw_array(0x10, 4, u32)


def write_status(device: Device) -> None:
    device.status.write(1)


def read_data(device: Device) -> u32:
    return device.data.read()


def wrong_types(device: Device, number: u32) -> None:
    control = device.control.read()
    control.enable = 1
    control.mode = number
    control.level = 16
    control.speed = 1
    device.control.write(number)


def arrays(device: Device, index: usize) -> u32:
    device.control[index].write(Control(1))
    return device.lines.read()


def unknown(device: Device) -> u32:
    return device.missing.read()

# error[E0901] 34:5-23: register status is read-only
#   help: see the access mode in its block: `ro`, `wo` or `rw`
# error[E0901] 38:12-27: register data is write-only
#   help: see the access mode in its block: `ro`, `wo` or `rw`
# error[E0301] 43:22-22: expected bool, got integer constant
#   help: write a comparison, such as `x != 0`
# error[E0301] 44:20-25: expected Mode, got u32
#   help: write `Mode(x)`, which traps when there is no such member
# error[E0305] 45:21-22: constant 16 does not fit the field
#   help: use a wider type or another constant
# error[E0203] 46:5-17: register Control has no field 'speed'
#   help: check the spelling and the type
# error[E0301] 47:26-31: expected Control, got u32
#   help: use a value of that type
# error[E0901] 51:5-31: register control is one
#   help: see the access mode in its block: `ro`, `wo` or `rw`
# error[E0901] 52:12-28: register lines is an array
#   help: see the access mode in its block: `ro`, `wo` or `rw`
# error[E0203] 56:12-25: block Device has no register 'missing'
#   help: check the spelling and the type
