"""Two TCPs over a link that loses, mixes up, doubles and damages: nothing stalls, no byte is wrong.

`python -m tests.sim.tcp --seeds 10000` runs many more.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import bare
from bare.checked.memory import Memory
from tests.sim.tcp import simulator
from tests.sim.tcp.world import Outcome, Result

pytestmark = pytest.mark.slow

SEEDS = range(400)
CHECKED_SEEDS = (1, 53, 82)
RAM_BASE = 0x1000_0000
RESULT_PLACE = RAM_BASE + 4096
MEMORY_PLACE = RAM_BASE + 8192


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulator.build(tmp_path_factory.mktemp("tcp"))


def test_every_byte_arrives_whatever_the_link_does(program: Path) -> None:
    scenarios = [simulator.scenario_of(seed) for seed in SEEDS]
    runs = list(simulator.run_seeds(program, scenarios))
    wrong = [
        f"python -m tests.sim.tcp --seed {run.seed}: {run}" for run in runs if not run.is_right
    ]
    assert not wrong, "\n".join(wrong)
    assert len(runs) == len(SEEDS)
    assert sum(run.result["again"] for run in runs) > 1000, "the link lost nothing"


@pytest.mark.parametrize(("loss", "least"), [(0, 950), (1, 600), (5, 250), (20, 5)])
def test_goodput_stays_near_what_the_algorithm_allows(
    program: Path, loss: int, least: float
) -> None:
    """kB/s over 10 Mbit/s and 20 ms; the bounds leave room below what was measured."""
    scenarios = [
        {"seed": seed, "loss": loss * 10, "bytes_0": 300_000, "receive_limit_max": 1 << 18}
        for seed in range(8)
    ]
    runs = list(simulator.run_seeds(program, scenarios))
    assert all(run.is_right for run in runs)
    rates = [300_000 / (run.result["finished_us"] - 1_000_000) * 1000 for run in runs]
    assert sum(rates) / len(rates) > least


def test_a_seed_repeats_itself(program: Path) -> None:
    scenario = simulator.scenario_of(77)
    first, second = simulator.run_seeds(program, [scenario, scenario])
    assert first == second


@pytest.mark.parametrize("seed", CHECKED_SEEDS)
def test_checked_execution_does_the_same(program: Path, seed: int) -> None:
    scenario = simulator.scenario_of(seed)
    (compiled,) = simulator.run_seeds(program, [scenario])
    assert run_checked(scenario) == compiled.result


def run_checked(scenario: dict[str, int]) -> dict[str, int]:
    """Runs a scenario under `bare.load`."""
    memory = Memory()
    memory.add_ram(RAM_BASE, 16 << 20)
    module = bare.load("tests/sim/tcp/world.py", memory=memory)
    words = b"".join(
        scenario.get(name, simulator.default_of(name)).to_bytes(4, "little")
        for name in simulator.SCENARIO_FIELDS
    )
    memory.bytes_at(RAM_BASE, len(words))[:] = words
    module.sim_run(RAM_BASE, RESULT_PLACE, MEMORY_PLACE, simulator.MEMORY_BYTES)
    names = tuple(Result.__annotations__)
    data = bytes(memory.bytes_at(RESULT_PLACE, 8 * len(names)))
    return {
        name: int.from_bytes(data[8 * index : 8 * index + 8], "little")
        for index, name in enumerate(names)
    }


def test_outcomes_can_be_wrong(program: Path) -> None:
    """The judge notices: where nothing gets through there is a stall."""
    (run,) = simulator.run_seeds(program, [{"seed": 1, "loss": 1000, "limit_ms": 5_000}])
    assert run.outcome == Outcome.STALLED.name


def test_no_segment_of_a_stranger_traps(tmp_path: Path) -> None:
    """A trap would be a panic of the kernel; `python -m tests.sim.tcp --hostile` fires more."""
    program = simulator.build(tmp_path, simulator.HOSTILE)
    for seed in range(5):
        assert simulator.run_hostile(program, seed, 200_000) > 1000, f"--hostile --first {seed}"
