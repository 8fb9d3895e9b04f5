"""The server of `probe.py` as tests call it: in checked execution, or compiled for this machine."""

from __future__ import annotations

import ctypes
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path

import bare
from bare.checked.memory import Memory
from compiler.backend.profile import host_profile
from compiler.build import build_program

PROBE = "tests.user.http.probe"
REPOSITORY = Path(__file__).parents[3]
MEMORY_BYTES = 1 << 20
INPUT_BYTES = 1 << 16
RAM_BASE = 0x1000_0000


class ProbeServer(ABC):
    """An execution of `probe.py`, with memory lent to it by address."""

    memory: int
    exchange: int

    @abstractmethod
    def put(self, content: bytes) -> None:
        """Copies bytes to the exchange buffer."""

    @abstractmethod
    def get(self, size: int) -> bytes:
        """Reads the start of the exchange buffer."""

    @abstractmethod
    def call(self, name: str, *arguments: int) -> int:
        """Calls `probe_NAME`."""

    def converse(self, pieces: Iterable[bytes], echoes: bool = False) -> tuple[bytes, bool]:
        """Sends pieces on a new connection; returns the answers and whether it was closed."""
        assert self.call("open", self.memory, MEMORY_BYTES, int(echoes)) == 0
        is_closed = False
        for piece in pieces:
            self.put(piece)
            state = self.call("feed", self.exchange, len(piece))
            assert state != 2, "no memory"
            is_closed = state == 1
        return self.get(self.call("output", self.exchange)), is_closed


class CheckedServer(ProbeServer):
    """Every operation checked, in CPython."""

    def __init__(self) -> None:
        self.ram = Memory()
        self.ram.add_ram(RAM_BASE, MEMORY_BYTES * 2)
        self.module = bare.load(PROBE, memory=self.ram)
        self.memory = RAM_BASE
        self.exchange = RAM_BASE + MEMORY_BYTES

    def put(self, content: bytes) -> None:
        """Copies bytes to simulated RAM."""
        if content:
            self.ram.bytes_at(self.exchange, len(content))[:] = content

    def get(self, size: int) -> bytes:
        """Reads simulated RAM."""
        return bytes(self.ram.bytes_at(self.exchange, size)) if size else b""

    def call(self, name: str, *arguments: int) -> int:
        """Calls a checked function."""
        result = getattr(self.module, f"probe_{name}")(*arguments)
        return 0 if result is None else int(result)


class CompiledServer(ProbeServer):
    """Machine code of this machine; a trap ends the process."""

    def __init__(self, folder: Path) -> None:
        output = folder / "probe.so"
        cache = REPOSITORY / "build" / "cache"
        build_program(
            PROBE, source_root=REPOSITORY, profile=host_profile(), output=output, cache=cache
        )
        self.library = ctypes.CDLL(str(output))
        self.buffers = [ctypes.create_string_buffer(MEMORY_BYTES) for _ in range(2)]
        self.memory, self.exchange = (ctypes.addressof(buffer) for buffer in self.buffers)

    def put(self, content: bytes) -> None:
        """Copies bytes to the buffer."""
        ctypes.memmove(self.exchange, content, len(content))

    def get(self, size: int) -> bytes:
        """Reads the buffer."""
        return ctypes.string_at(self.exchange, size)

    def call(self, name: str, *arguments: int) -> int:
        """Calls a C function."""
        function = getattr(self.library, f"probe_{name}")
        function.argtypes = [ctypes.c_uint64] * len(arguments)
        function.restype = ctypes.c_int64
        return int(function(*arguments))
