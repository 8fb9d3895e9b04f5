"""From file to descriptor."""

from __future__ import annotations

from abi.errno import ENOSYS
from bare import i32, raises, u64
from kernel.arch.aarch64.layout import UserAddr
from kernel.syscall.call import Call


@raises()
def sendfile(call: Call, target: i32, source: i32, offset: UserAddr, count: u64) -> u64:
    """Sends from a regular file; to a TCP socket without a copy of the data."""
    raise OSError(ENOSYS)
