"""Bare Python: rings, the log and boot arguments, for `lib/` and `device/`."""

from __future__ import annotations

from bare import Array, Bytes, FormatStr, Span, array, inline, struct, u8, u64, usize
from bare.unsafe import address_of, static_object
from kernel.arch.aarch64.cpu import CpuBase, install_cpu
from kernel.boot_arguments import BootArguments
from kernel.device.log import Log
from kernel.lib.byte_ring import ByteRing

RING_BYTES = 16
LOG_BYTES = 256


@struct
class Rig:
    """The parts."""

    cpu: CpuBase = inline()
    ring: ByteRing = inline()
    ring_buffer: Array[u8] = array(RING_BYTES)
    log: Log = inline()
    log_buffer: Array[u8] = array(LOG_BYTES)


def make_rig() -> Rig:
    """Makes an empty ring and an empty log."""
    rig = static_object(Rig)
    install_cpu(address_of(rig.cpu))
    rig.ring.start(rig.ring_buffer)
    rig.log.start(rig.log_buffer)
    return rig


def put(rig: Rig, data: Bytes) -> usize:
    """Puts bytes into the ring; returns how many fitted."""
    return rig.ring.put(data)


def take(rig: Rig, into: Span[u8]) -> usize:
    """Takes bytes out of the ring; returns how many there were."""
    return rig.ring.take(into)


def log_line(rig: Rig, message: FormatStr) -> None:
    """Logs a line."""
    rig.log.info(message)


def log_text(rig: Rig, position: u64, into: Span[u8]) -> usize:
    """Copies from the log."""
    return rig.log.copy_from(position, into)


def parsed(line: Bytes) -> tuple[bool, bool, Bytes, u64]:
    """Returns what boot arguments say."""
    arguments = BootArguments()
    arguments.parse(line)
    return (
        arguments.has_semihosting,
        arguments.is_quiet,
        arguments.init,
        arguments.fail_allocation,
    )
