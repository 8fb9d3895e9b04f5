"""What files without a name have in common: how they describe themselves, and counters that are
read from them, eight bytes each.
"""

from __future__ import annotations

from abi.errno import EFAULT, EINVAL
from abi.file import Stat
from abi.limits import PAGE_SIZE
from bare import Array, array, i32, raises, store_u64, u8, u64, usize
from kernel.mm.user_copy import IoBuffer

COUNTER_BYTES: usize = 8


@raises(EINVAL)
def require_counter(buffer: IoBuffer) -> None:
    """Raises EINVAL where a counter does not fit."""
    if buffer.remaining < COUNTER_BYTES:
        raise OSError(EINVAL)


@raises(EFAULT)
def hand_out(buffer: IoBuffer, count: u64) -> usize:
    """Writes a counter; returns its bytes."""
    data: Array[u8] = array(COUNTER_BYTES)
    store_u64(data, 0, count)
    buffer.push(data)
    return COUNTER_BYTES


def describe_unnamed(into: Stat) -> None:
    """Fills in what `fstat` says of a file that is neither regular nor anything else."""
    into.mode = 0o600
    into.links = 1
    into.block_size = i32(PAGE_SIZE)
