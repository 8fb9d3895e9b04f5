"""The log's ring and the boot arguments."""

from __future__ import annotations

from typing import Any

import pytest

from bare import load
from bare.checked.memory import Memory
from tests.kernel.memory_bench import Cpu

LOG_BYTES = 256


@pytest.fixture(scope="module")
def program() -> Any:
    return load("tests/kernel/text_rig.py", memory=Memory(), machine=Cpu())


def read_log(program: Any, rig: Any, position: int = 0) -> str:
    into = bytearray(LOG_BYTES)
    count = program.log_text(rig, position, into)
    return bytes(into)[:count].decode()


def test_lines_have_level_and_time(program: Any) -> None:
    rig = program.make_rig()
    start = rig.log.end_position()
    program.log_line(rig, "disk found")
    assert read_log(program, rig, start) == "<6>[    0.000000] disk found\n"


def test_the_oldest_bytes_go_first(program: Any) -> None:
    rig = program.make_rig()
    for number in range(40):
        program.log_line(rig, f"line {number}")
    text = read_log(program, rig)
    assert len(text) == LOG_BYTES
    assert text.endswith("] line 39\n")
    assert "line 20\n" not in text


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"", (False, False, b"/sbin/init", 0)),
        (b"semihosting  quiet", (True, True, b"/sbin/init", 0)),
        (b"init=/bin/sh fail-allocation=17", (False, False, b"/bin/sh", 17)),
        (b"fail-allocation=1x fail-allocation=", (False, False, b"/sbin/init", 0)),
        (b"fail-allocation=99999999999999999999", (False, False, b"/sbin/init", 0)),
        (b"unknown=1 semihostingx", (False, False, b"/sbin/init", 0)),
    ],
)
def test_boot_arguments_are_words(program: Any, line: bytes, expected: tuple[Any, ...]) -> None:
    semihosting, quiet, init, fail = program.parsed(line)
    assert (semihosting, quiet, bytes(init), fail) == expected
