"""Drivers as data: what a driver serves and how it is started.

A driver's module ends with `DRIVER = Driver(...)`; the board's table (`kernel/board.py`, written
from `boards/NAME.toml`) lists those that are linked in. `probe_drivers` starts one class after the
other, in the order that `main.py` says.
"""

from __future__ import annotations

from collections.abc import Callable

from abi.errno import ENODEV
from abi.error_text import strerror
from bare import Bytes, Enum8, Fallible, encode, errno_of, struct, text, u32
from kernel.device.fdt import NodeWalk, is_among
from kernel.device.machine import Machine


class DeviceClass(Enum8):
    """What a driver provides."""

    IRQ_CONTROLLER = 0
    CLOCK = 1
    CONSOLE = 2
    WALL_CLOCK = 3
    TRANSPORT = 4
    """virtio transports: which device is behind one is found by asking it."""


@struct
class Driver:
    """One driver. `probe` raises ENODEV where the node is not for it after all."""

    name: str
    provides: DeviceClass
    compatible: tuple[str, ...]
    probe: Fallible[Callable[[Machine, u32], None]]


def probe_drivers(machine: Machine, drivers: tuple[Driver, ...], provides: DeviceClass) -> u32:
    """Offers every enabled node to the drivers of a class; returns how many took one."""
    found: u32 = 0
    walk = NodeWalk(machine.tree)
    while walk.advance():
        strings = machine.tree.value(walk.node, "compatible")
        if len(strings) > 0:
            for driver in drivers:
                if driver.provides == provides and serves(driver, strings):
                    found += start(machine, driver, walk.node)
    return found


def serves(driver: Driver, strings: Bytes) -> bool:
    """Whether a driver is for one of the devices that a node says it is compatible with."""
    for name in driver.compatible:
        if is_among(strings, encode(name)):
            return True
    return False


def start(machine: Machine, driver: Driver, node: u32) -> u32:
    """Starts a driver on a node; returns 1 where it took it. A failure is logged, not fatal."""
    if not machine.tree.is_enabled(node):
        return 0
    try:
        driver.probe(machine, node)
        return 1
    except OSError as error:
        if errno_of(error) != ENODEV:
            name = text(machine.tree.name(node))
            machine.log.warning(f"{driver.name}: {name} not usable: {strerror(errno_of(error))}")
        return 0
