"""Runs scenarios in the machine code that the compiler makes of `world.py` for this machine.

A trap ends a process, so seeds are run by forked children, which report through a pipe.
"""

from __future__ import annotations

import ctypes
import os
import random
import struct
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from compiler.backend.profile import host_profile
from compiler.build import build_program
from swiftos import paths
from tests.sim.tcp.scenario import Scenario
from tests.sim.tcp.world import Outcome, Result

WORLD = "tests.sim.tcp.world"
HOSTILE = "tests.sim.tcp.hostile"
SCENARIO_FIELDS = tuple(Scenario.__annotations__)
RESULT_FIELDS = tuple(Result.__annotations__)
MEMORY_BYTES = 12 << 20
HOSTILE_MEMORY_BYTES = 1 << 20
REPORT = struct.Struct(f"<Q{len(RESULT_FIELDS)}Q")
TRAPPED = "TRAPPED"


@dataclass(frozen=True, slots=True)
class Run:
    """A scenario and what came of it."""

    seed: int
    outcome: str
    result: dict[str, int] = field(default_factory=dict)

    @property
    def is_right(self) -> bool:
        return self.outcome == Outcome.DONE.name


def build(folder: Path, module: str = WORLD) -> Path:
    """Compiles the simulation, or the hostile peer, and returns the shared object."""
    folder.mkdir(parents=True, exist_ok=True)
    output = folder / f"{module.rpartition('.')[2]}.so"
    build_program(
        module,
        source_root=paths.REPOSITORY,
        profile=host_profile(),
        output=output,
        cache=paths.REPOSITORY / "build" / "cache" / "tests",
    )
    return output


class Simulation:
    """The loaded program. Its calls may end the process."""

    def __init__(self, program: Path) -> None:
        library = ctypes.CDLL(str(program))
        self._run: Any = library.sim_run
        self._run.argtypes = [ctypes.c_uint64] * 4
        self._run.restype = None
        self._memory = ctypes.create_string_buffer(MEMORY_BYTES)

    def run(self, scenario: dict[str, int]) -> tuple[int, ...]:
        """Runs one scenario; returns the fields of its result."""
        words = [scenario.get(name, default_of(name)) for name in SCENARIO_FIELDS]
        inside = (ctypes.c_uint32 * len(words))(*words)
        outside = (ctypes.c_uint64 * len(RESULT_FIELDS))()
        self._run(
            ctypes.addressof(inside),
            ctypes.addressof(outside),
            ctypes.addressof(self._memory),
            MEMORY_BYTES,
        )
        return tuple(outside)


def default_of(name: str) -> int:
    """Returns what a scenario has in a field that is not named."""
    return int(getattr(Scenario, name))


def scenario_of(seed: int, loss: int | None = None) -> dict[str, int]:
    """Makes the scenario of a seed: every kind of link and program, mixed."""
    dice = random.Random(seed)
    mss = [dice.choice((1460, 1460, 1400, 536, 200, 64)) for _ in range(2)]
    smallest = min(mss)
    most = min(300_000, 600 * smallest)
    limit = dice.choice((2048, 8192, 32768, 65536))
    return {
        "seed": seed,
        "loss": dice.choice((0, 0, 10, 30, 50, 100, 150, 200, 250, 300)) if loss is None else loss,
        "reordering": dice.choice((0, 0, 10, 100, 400)),
        "duplication": dice.choice((0, 0, 10, 100)),
        "corruption": dice.choice((0, 0, 5, 50)),
        "delay_us": dice.choice((100, 1_000, 10_000, 50_000, 150_000)),
        "jitter_us": dice.choice((100, 5_000, 50_000, 400_000)),
        "rate": dice.choice((0, 100, 1_250, 12_500)),
        "queue_us": dice.choice((20_000, 100_000, 500_000)),
        "bytes_0": dice.choice((0, 1, dice.randrange(5_000), dice.randrange(most))),
        "bytes_1": dice.choice((0, 1, dice.randrange(5_000), dice.randrange(most))),
        "mss_0": mss[0],
        "mss_1": mss[1],
        "send_room": dice.choice((4096, 16384, 65536, 200_000)),
        "receive_limit": limit,
        "receive_limit_max": dice.choice((limit, limit, 262_144)),
        "write_chunk": dice.choice((1, 10, 100, 1000, 8192, 65536)),
        "write_pause_ms": dice.choice((0, 0, 0, 1, 3)),
        "read_chunk": dice.choice((64, 1000, 65536, 65536)),
        "read_pause_ms": dice.choice((0, 0, 0, 1, 5)),
        "long_pause_ms": dice.choice((0, 0, 0, 2_000, 100_000)),
        "initial_0": dice.choice((0, 0xFFFF_FFF0, 0x7FFF_FF00, dice.randrange(1 << 32))),
        "stripped": dice.choice((0, 0, 0, 1, 2, 3, 4, 7)),
        "is_simultaneous": int(dice.random() < 0.1),
        "is_no_delay": dice.randrange(2),
        "is_polite": dice.randrange(2),
        "busy": dice.choice((0, 0, 20)),
        "shortened": dice.choice((0, 0, 50)),
    }


def run_seeds(program: Path, scenarios: Iterable[dict[str, int]]) -> Iterator[Run]:
    """Runs scenarios in order, in children; one that traps is an outcome like another."""
    rest = list(scenarios)
    while rest:
        done = 0
        for report in run_in_child(program, rest):
            seed, values = report[0], report[1:]
            result = dict(zip(RESULT_FIELDS, values, strict=True))
            yield Run(seed, Outcome(result["outcome"]).name, result)
            done += 1
        if done < len(rest):
            yield Run(rest[done]["seed"], TRAPPED)
            done += 1
        rest = rest[done:]


def run_in_child(program: Path, scenarios: list[dict[str, int]]) -> Iterator[tuple[int, ...]]:
    """Yields reports until the scenarios are done or the child has ended."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        simulation = Simulation(program)
        for scenario in scenarios:
            os.write(writer, REPORT.pack(scenario["seed"], *simulation.run(scenario)))
        os._exit(0)
    os.close(writer)
    try:
        with os.fdopen(reader, "rb") as pipe:
            while len(data := pipe.read(REPORT.size)) == REPORT.size:
                yield REPORT.unpack(data)
    finally:
        os.waitpid(child, 0)
        sys.stdout.flush()


def run_hostile(program: Path, seed: int, steps: int) -> int:
    """Fires at connections in a child; returns how many were established, -1 after a trap."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        library = ctypes.CDLL(str(program))
        library.hostile_run.argtypes = [ctypes.c_uint64] * 4
        library.hostile_run.restype = ctypes.c_uint64
        memory = ctypes.create_string_buffer(HOSTILE_MEMORY_BYTES)
        place = ctypes.addressof(memory)
        established = library.hostile_run(seed, steps, place, HOSTILE_MEMORY_BYTES)
        os.write(writer, int(established).to_bytes(8, "little"))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return int.from_bytes(answer, "little") if answer else -1
