"""Two thousand damaged files of every format: each is refused in words, or is a sound model."""

from pathlib import Path

import pytest

from tests.user.llm.engines import CheckedEngine, HostEngine
from tests.user.llm.file_fuzz import TARGETS, Rig, run, run_apart

MUTATIONS = 2000
CHECKED_MUTATIONS = 3


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_files_are_refused_or_sound(
    host_engine: HostEngine, tmp_path: Path, name: str
) -> None:
    outcomes = run_apart(host_engine, TARGETS[name](tmp_path), range(MUTATIONS))
    assert outcomes.total() == MUTATIONS
    assert MUTATIONS // 100 < outcomes["sound"] < MUTATIONS // 2
    assert len(outcomes) > 2


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_files_in_checked_execution(
    checked: CheckedEngine, host_engine: HostEngine, tmp_path: Path, name: str
) -> None:
    cases = range(1, 1 + CHECKED_MUTATIONS)
    target = TARGETS[name](tmp_path)
    assert run(Rig(checked, None), target, cases) == run_apart(host_engine, target, cases)


def test_a_read_beyond_the_file_ends_the_process(host_engine: HostEngine, tmp_path: Path) -> None:
    target = TARGETS["llama2c"](tmp_path)

    def overrun(rig: Rig, file: bytes) -> str:
        address, size = rig.put(file)
        if file != target.file:
            rig.engine.read(address, size + 5)
        return "sound"

    target.outcome = overrun
    with pytest.raises(AssertionError, match="case 7: the engine ended with status"):
        run_apart(host_engine, target, range(7, 9))
