"""The check of frames beside the build: nothing is built that it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler import frame_check
from compiler.backend.profile import SEMIHOST
from compiler.build import BuildResult, build_program
from compiler.frontend.diagnostics import CompileError
from compiler.frontend.front_end import FrontEnd

CACHE = Path(__file__).parents[2] / "build" / "cache" / "tests"
PROGRAM = '''\
"""A function that returns what lies in its frame."""

from __future__ import annotations

from bare import struct, u32


@struct
class Node:
    """A number."""

    value: u32 = 0


def fresh() -> Node:
    """A reference."""
    node = Node(1)
    return RETURNED


def main() -> None:
    """Prints."""
    print(fresh().value)
'''


def build(folder: Path, returned: str) -> BuildResult:
    (folder / "program.py").write_text(PROGRAM.replace("RETURNED", returned))
    return build_program(
        "program", source_root=folder, profile=SEMIHOST, output=folder / "a.elf", cache=CACHE
    )


@pytest.mark.slow
@pytest.mark.parametrize("large", [0, frame_check.LARGE_FUNCTIONS])
def test_a_refused_program_leaves_no_output(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, large: int
) -> None:
    monkeypatch.setattr(frame_check, "LARGE_FUNCTIONS", large)
    with pytest.raises(CompileError) as caught:
        build(tmp_path, "node")
    assert [found.code for found in caught.value.diagnostics] == ["E0501"]
    assert not (tmp_path / "a.elf").exists()


@pytest.mark.slow
def test_a_check_that_dies_is_no_consent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(front_end: FrontEnd) -> None:
        raise SystemExit(1)

    monkeypatch.setattr(frame_check, "LARGE_FUNCTIONS", 0)
    monkeypatch.setattr(frame_check, "check_frames", die)
    with pytest.raises(RuntimeError, match="without a verdict"):
        build(tmp_path, "node")
    assert not (tmp_path / "a.elf").exists()
