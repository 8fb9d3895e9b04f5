"""The engine as tests call it: in checked execution, or compiled for this machine.

Both lend memory by address, so that a test is the same for both.
"""

import ctypes
from abc import ABC, abstractmethod
from itertools import pairwise
from pathlib import Path

import numpy as np

import bare
from bare.checked.memory import Memory
from compiler.backend.profile import host_profile
from compiler.build import build_program
from models.corpus import REPOSITORY

PROBE = "tests.user.llm.probe"
RAM_BASE = 0x1000_0000
ALIGNMENT = 64


class Engine(ABC):
    """An execution of `probe.py` and the buffers lent to it."""

    @abstractmethod
    def lend(self, content: bytes) -> int:
        """Copies bytes to where the engine can read and write them; returns the address."""

    @abstractmethod
    def read(self, address: int, size: int) -> bytes:
        """Reads lent memory."""

    @abstractmethod
    def call(self, name: str, *arguments: int) -> int:
        """Calls `probe_NAME`."""

    @abstractmethod
    def forget(self) -> None:
        """Takes all lent memory back."""

    def lend_f32(self, values: np.ndarray) -> int:
        """Lends numbers as f32."""
        return self.lend(np.asarray(values, "<f4").tobytes())

    def read_f32(self, address: int, count: int) -> np.ndarray:
        """Reads f32 numbers as float64."""
        return np.frombuffer(self.read(address, 4 * count), "<f4").astype(np.float64)

    def open(self, model: bytes, tokenizer: bytes, memory_bytes: int = 1 << 24) -> int:
        """Opens a model; returns the fault."""
        memory = self.lend(bytes(memory_bytes))
        files = (self.lend(model), len(model), self.lend(tokenizer), len(tokenizer))
        return self.call("open", memory, memory_bytes, *files)

    def explain(self, fault: int) -> str:
        """Returns what the last opening found to be wrong, in words."""
        out = self.lend(bytes(1024))
        return self.read(out, self.call("explain", fault, out)).decode()

    def logits(self, ids: list[int], vocab: int, first: int = 0) -> np.ndarray:
        """Runs tokens from position `first` on; returns the logits after each."""
        out = self.lend(bytes(4 * vocab))
        rows = []
        for position, token in enumerate(ids, first):
            self.call("forward", token, position, out)
            rows.append(self.read_f32(out, vocab))
        return np.array(rows)

    def integer_logits(
        self, ids: list[int], vocab: int, first: int = 0, chunk: int = 1
    ) -> tuple[np.ndarray, np.ndarray]:
        """Runs tokens through the integer engine, some at once; returns the logits and units
        after each call.
        """
        out = self.lend(bytes(4 * vocab + 4))
        rows, units = [], []
        for at in range(0, len(ids), chunk):
            part = ids[at : at + chunk]
            lent = self.lend(np.array(part, "<u4").tobytes())
            best = self.call("integer_forward", lent, len(part), first + at, out)
            found = self.read(out, 4 * vocab + 4)
            rows.append(np.frombuffer(found, "<i4", vocab).astype(np.int64))
            units.append(np.frombuffer(found, "<f4", 1, 4 * vocab)[0])
            assert best == int(np.argmax(rows[-1]))
        return np.array(rows), np.array(units)

    def encode(self, text: bytes) -> list[int]:
        """Returns the ids of a text, BOS first."""
        ids = self.lend(bytes(4 * (len(text) + 2)))
        count = self.call("encode", self.lend(text), len(text), ids)
        return [int(token) for token in np.frombuffer(self.read(ids, 4 * count), "<u4")]

    def decode(self, ids: list[int]) -> bytes:
        """Returns the text of ids, of which the first adds none."""
        out = self.lend(bytes(1024))
        parts = []
        for previous, token in pairwise(ids):
            parts.append(self.read(out, self.call("text", token, previous, out)))
        return b"".join(parts)

    def set_knobs(self, temperature: float, top_p: float, top_k: int, seed: int) -> None:
        """Sets the sampler."""
        bits = np.array([temperature, top_p], "<f4").view("<u4")
        self.call("knobs", int(bits[0]), int(bits[1]), top_k, seed)

    def choose(self, logits: np.ndarray) -> int:
        """Chooses a token."""
        return self.call("choose", self.lend_f32(logits))


class CheckedEngine(Engine):
    """Every operation checked, in CPython."""

    def __init__(self, ram_bytes: int = 1 << 26) -> None:
        self.memory = Memory()
        self.memory.add_ram(RAM_BASE, ram_bytes)
        self.module = bare.load(PROBE, memory=self.memory)
        self.forget()

    def forget(self) -> None:
        """Takes all lent memory back."""
        self.next_address = RAM_BASE

    def lend(self, content: bytes) -> int:
        """Copies bytes into simulated RAM."""
        address = self.next_address
        if content:
            self.memory.bytes_at(address, len(content))[:] = content
        self.next_address += -(-max(len(content), 1) // ALIGNMENT) * ALIGNMENT
        return address

    def read(self, address: int, size: int) -> bytes:
        """Reads simulated RAM."""
        return bytes(self.memory.bytes_at(address, size))

    def call(self, name: str, *arguments: int) -> int:
        """Calls a checked function."""
        result = getattr(self.module, f"probe_{name}")(*arguments)
        return 0 if result is None else int(result)


class HostEngine(Engine):
    """Machine code of this machine. A trap ends the process: only for what must not trap."""

    def __init__(self, folder: Path) -> None:
        output = folder / "probe.so"
        cache = REPOSITORY / "build" / "cache"
        build_program(
            PROBE, source_root=REPOSITORY, profile=host_profile(), output=output, cache=cache
        )
        self.library = ctypes.CDLL(str(output))
        self.forget()

    def forget(self) -> None:
        """Takes all lent memory back."""
        self.buffers: list[ctypes.Array[ctypes.c_char]] = []

    def lend(self, content: bytes) -> int:
        """Copies bytes into a buffer that is kept."""
        buffer = ctypes.create_string_buffer(len(content) + ALIGNMENT)
        self.buffers.append(buffer)
        address = -(-ctypes.addressof(buffer) // ALIGNMENT) * ALIGNMENT
        ctypes.memmove(address, content, len(content))
        return address

    def read(self, address: int, size: int) -> bytes:
        """Reads process memory."""
        return ctypes.string_at(address, size)

    def call(self, name: str, *arguments: int) -> int:
        """Calls a C function."""
        function = getattr(self.library, f"probe_{name}")
        function.argtypes = [ctypes.c_uint64] * len(arguments)
        function.restype = ctypes.c_uint64
        return int(function(*arguments))
