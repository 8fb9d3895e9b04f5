"""What is written down of refusals: one line in the log for each call that lacked a capability."""

from __future__ import annotations

from bare import i32, u64
from kernel.device.log import Log
from kernel.security.credentials import Credentials


def log_denial(log: Log, pid: i32, credentials: Credentials, call: u64) -> None:
    """Logs which capability the system call `call` of a process lacked, and forgets it."""
    log.warning(
        f"security: denied call {call} to pid {pid} principal {credentials.principal}:"
        f" needs {credentials.denied:#x}, has {credentials.capabilities:#x}"
    )
    credentials.denied = 0
