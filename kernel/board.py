"""The drivers of the board `virt`, from `boards/virt.toml`.

Written by `swiftos/generate.py`; do not edit.
"""

from __future__ import annotations

from kernel.device.registry import Driver
from kernel.drivers.clock.arm_timer import DRIVER as ARM_TIMER
from kernel.drivers.clock.pl031 import DRIVER as PL031
from kernel.drivers.irq.gicv2 import DRIVER as GICV2
from kernel.drivers.irq.gicv3 import DRIVER as GICV3
from kernel.drivers.uart.pl011 import DRIVER as PL011
from kernel.drivers.virtio.blk import DRIVER as BLK
from kernel.drivers.virtio.net import DRIVER as NET

DRIVERS: tuple[Driver, ...] = (GICV2, GICV3, ARM_TIMER, PL011, PL031, BLK, NET)
