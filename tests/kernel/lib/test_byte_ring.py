"""The byte ring against a queue."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bare import load
from bare.checked.memory import Memory
from tests.kernel.memory_bench import Cpu

RING_BYTES = 16


@settings(deadline=None, max_examples=60)
@given(st.lists(st.one_of(st.binary(max_size=24), st.integers(0, 24)), max_size=30))
def test_bytes_come_out_in_order(steps: list[bytes | int]) -> None:
    program = load("tests/kernel/text_rig.py", memory=Memory(), machine=Cpu())
    rig = program.make_rig()
    queue = b""
    for step in steps:
        if isinstance(step, bytes):
            fitted = program.put(rig, step)
            assert fitted == min(len(step), RING_BYTES - len(queue))
            queue += step[:fitted]
        else:
            into = bytearray(step)
            taken = program.take(rig, into)
            assert taken == min(step, len(queue))
            assert bytes(into)[:taken] == queue[:taken]
            queue = queue[taken:]
