"""What is written down of refusals: one line in the log for each denied request."""

from __future__ import annotations

from bare import i32
from kernel.device.log import Log
from kernel.security.credentials import Credentials


def log_denial(log: Log, pid: i32, credentials: Credentials, request: str) -> None:
    """Logs that a process was refused `request` for want of a capability."""
    log.warning(
        f"security: denied {request} to pid {pid} principal {credentials.principal}"
        f" capabilities {credentials.capabilities:#x}"
    )
