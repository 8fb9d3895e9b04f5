"""The part of gdb's remote protocol that a test needs to stop a guest and change it from outside.

Memory is addressed as the guest's running code sees it, and written whatever its permissions are.
"""

from __future__ import annotations

import socket
import time
from types import TracebackType

from swiftos.console import time_scale

CONNECT_BUDGET_S = 20.0
ANSWER_BUDGET_S = 20.0
POLL_S = 0.05
STACK_POINTER = 31
PROGRAM_COUNTER = 32
"""Register numbers of QEMU's AArch64 target; x0 to x30 come before."""


def free_port() -> int:
    """Returns a port of this host that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class GdbRemote:
    """A connection to QEMU's gdb port; the guest is stopped when it begins."""

    def __init__(self, port: int) -> None:
        self._connection = _connect(port)
        self._connection.settimeout(ANSWER_BUDGET_S * time_scale())
        self._pending = b""
        # QEMU answers for single registers only after it was asked for their description.
        self._ask("qXfer:features:read:target.xml:0,ffb")

    def __enter__(self) -> GdbRemote:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def resume(self) -> None:
        """Lets the guest run."""
        self._send("c")

    def stop(self) -> None:
        """Stops the guest."""
        self._connection.sendall(b"\x03")
        answer = self._answer()
        assert answer[:1] in "ST", answer

    def read_register(self, number: int) -> int:
        """Reads a register of the stopped guest."""
        return int.from_bytes(bytes.fromhex(self._ask(f"p{number:x}")), "little")

    def write_register(self, number: int, value: int) -> None:
        """Writes a register of the stopped guest."""
        self._order(f"P{number:x}={value.to_bytes(8, 'little').hex()}")

    def read_memory(self, address: int, size: int) -> bytes:
        """Reads memory."""
        return bytes.fromhex(self._ask(f"m{address:x},{size:x}"))

    def write_memory(self, address: int, data: bytes) -> None:
        """Writes memory, also where the guest could not."""
        self._order(f"M{address:x},{len(data):x}:{data.hex()}")

    def _order(self, text: str) -> None:
        answer = self._ask(text)
        assert answer == "OK", f"{text}: {answer}"

    def _ask(self, text: str) -> str:
        self._send(text)
        answer = self._answer()
        assert not answer.startswith("E"), f"{text}: {answer}"
        return answer

    def _send(self, text: str) -> None:
        self._connection.sendall(f"${text}#{sum(text.encode()) % 256:02x}".encode())

    def _answer(self) -> str:
        while True:
            start = self._pending.find(b"$")
            end = self._pending.find(b"#", start)
            if start >= 0 and 0 <= end <= len(self._pending) - 3:
                packet = self._pending[start + 1 : end].decode()
                self._pending = self._pending[end + 3 :]
                self._connection.sendall(b"+")
                return packet
            received = self._connection.recv(4096)
            assert received, "the gdb connection was closed"
            self._pending += received


def _connect(port: int) -> socket.socket:
    """Connects to QEMU's gdb port, which opens while QEMU starts, without an event to wait for."""
    deadline = time.monotonic() + CONNECT_BUDGET_S * time_scale()
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=CONNECT_BUDGET_S)
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(POLL_S)
