"""Speaks QMP, QEMU's control protocol, over a connected socket. Synchronous, one caller at a time.

Manual: QEMU, docs/interop/qmp-spec. Events are read and dropped; nothing here waits for one.
"""

import json
import socket
from typing import Any

from swiftos.errors import HarnessError

CURE = "look at qemu.log in the run folder"


class Qmp:
    """A QMP session. Every call has a time budget in seconds and raises HarnessError past it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = b""
        self._is_ready = False

    def execute(self, command: str, budget_s: float, **arguments: Any) -> Any:
        """Runs one command and returns its result."""
        self._connection.settimeout(budget_s)
        if not self._is_ready:
            self._read_message()
            self._request("qmp_capabilities", {})
            self._is_ready = True
        return self._request(command, arguments)

    def monitor(self, line: str, budget_s: float) -> str:
        """Runs a line of the human monitor and returns its text."""
        result = self.execute("human-monitor-command", budget_s, **{"command-line": line})
        return str(result).replace("\r", "")

    def close(self) -> None:
        """Closes the session; QEMU goes on."""
        self._connection.close()

    def _request(self, command: str, arguments: dict[str, Any]) -> Any:
        message = {"execute": command, "arguments": arguments}
        try:
            self._connection.sendall(json.dumps(message).encode() + b"\n")
        except OSError as error:
            raise HarnessError(f"QMP {command}: QEMU is gone ({error})", CURE) from error
        while True:
            answer = self._read_message()
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise HarnessError(f"QMP {command}: {answer['error'].get('desc')}", CURE)

    def _read_message(self) -> dict[str, Any]:
        """Reads one line of JSON."""
        while b"\n" not in self._buffer:
            try:
                received = self._connection.recv(65536)
            except (TimeoutError, OSError) as error:
                raise HarnessError(f"QMP: no answer ({error})", CURE) from error
            if not received:
                raise HarnessError("QMP: QEMU closed the channel", CURE)
            self._buffer += received
        line, self._buffer = self._buffer.split(b"\n", 1)
        message = json.loads(line)
        assert isinstance(message, dict)
        return message
