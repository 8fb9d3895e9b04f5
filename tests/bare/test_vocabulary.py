"""The vocabulary in a plain CPython import, and what the type checker makes of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bare
from bare import traps
from bare.registers import MmioBlock, Register, bit, bits, ro, rw, rw_array
from bare.scalars import SCALARS

REPOSITORY = Path(__file__).resolve().parents[2]
INTEGERS = [scalar for scalar in SCALARS.values() if not scalar.is_float]


@pytest.mark.parametrize("scalar", INTEGERS, ids=str)
def test_integer_types_convert_what_fits(scalar: type[int]) -> None:
    low, high = SCALARS[scalar.__name__].minimum, SCALARS[scalar.__name__].maximum
    assert (scalar(low), scalar(high)) == (low, high)
    for value in (low - 1, high + 1):
        with pytest.raises(OverflowError):
            scalar(value)


@given(st.integers(-(1 << 70), 1 << 70))
def test_wrapping_takes_the_low_bits(value: int) -> None:
    assert bare.wrap_u16(value) == value % (1 << 16)
    assert bare.wrap_i8(value) == (value + 128) % 256 - 128
    assert bare.wrap_u64(bare.wrap_i64(value)) == value % (1 << 64)


@given(st.floats())
def test_float_bits_go_there_and_back(value: float) -> None:
    back = bare.f64_from_bits(bare.f64_bits(value))
    assert back == value or (value != value and bare.f64_bits(back) == 0x7FF8_0000_0000_0000)


@pytest.mark.parametrize("name", ["wrapping_add", "saturating_sub", "rotate_left"])
def test_functions_that_need_a_width_say_so(name: str) -> None:
    with pytest.raises(TypeError, match="typed operands"):
        getattr(bare, name)(1, 2)


def test_spans_are_checked_windows() -> None:
    whole = bare.array(6)
    part = whole[1:5]
    part[3] = 7
    part.copy_from(bytes((1, 2, 3, 4)))
    assert (list(whole), part == b"\1\2\3\4", len(part[2:])) == ([0, 1, 2, 3, 4, 0], True, 2)
    for bad in (slice(3, 2), slice(0, 5), slice(0, 4, 2)):
        with pytest.raises(traps.IndexError):
            part[bad]
    with pytest.raises(traps.IndexError):
        part[-1]


def test_register_fields_may_not_overlap_or_leave_the_register() -> None:
    with pytest.raises(TypeError, match="bits 7:3 are already taken"):

        class Overlapping(Register, width=32):
            """Two fields share a bit."""

            low = bits(3, 0)
            high = bits(7, 3)

    with pytest.raises(TypeError, match="leave the register"):

        class Outside(Register, width=8):
            """Has no bit 8."""

            flag = bit(8)


def test_registers_may_not_overlap_or_leave_the_block() -> None:
    with pytest.raises(TypeError, match="overlaps"):

        class Overlapping(MmioBlock, size=0x10):
            """Two registers share a byte."""

            first = rw(0x00, bare.u64)
            second = ro(0x04, bare.u32)

    for offset in (2, 0x10):
        with pytest.raises(TypeError, match="is not valid"):
            type("Bad", (MmioBlock,), {"word": rw(offset, bare.u32)}, size=0x10)
    with pytest.raises(TypeError, match="is not valid"):

        class Long(MmioBlock, size=0x10):
            """The array ends behind the block."""

            words = rw_array(0x08, 3, bare.u32)


def test_a_register_value_keeps_its_other_bits() -> None:
    class Control(Register, width=16):
        """Two fields."""

        enable = bit(0)
        level = bits(7, 4)

    value = Control(0xFF00)
    value.enable = True
    value.level = 9
    assert (value.value, value.enable, value.level) == (0xFF91, True, 9)
    with pytest.raises(traps.OverflowError):
        value.level = 16


CHECKED = """
from bare import Array, Bytes, Enum8, Span, array, struct, u8, u32
from bare.registers import MmioBlock, Register, bits, ro, rw


class Mode(Enum8):
    OFF = 0


class Control(Register, width=32):
    mode = bits(1, 0, Mode)


class Block(MmioBlock, size=8):
    control = rw(0, Control)
    status = ro(4, u32)


@struct
class Point:
    x: u32
    y: u32 = 1
    data: Array[u8] = array(4)


def f(block: Block, point: Point | None, bytes_: Bytes) -> None:
    block.status.write(1)  # error: attr-defined
    block.control.write(1)  # error: arg-type
    value = block.control.read()
    value.mode = 1  # error: assignment
    point.x = 1  # error: union-attr
    bytes_[0] = 1  # error: index
    Point()  # error: call-arg
    Point(1, data=array(4))  # error: call-arg
    words: Span[str] = array(3)[:]
    words.fill(1)  # error: arg-type
"""


@pytest.mark.slow
def test_the_type_checker_sees_what_the_compiler_would_refuse(tmp_path: Path) -> None:
    (tmp_path / "sample.py").write_text(CHECKED)
    command = [sys.executable, "-m", "mypy", "--strict", str(tmp_path / "sample.py")]
    command += ["--config-file", str(REPOSITORY / "pyproject.toml"), "--cache-dir", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, check=False)
    found = {
        int(line.split(":")[1]): line.rpartition("[")[2].rstrip("]")
        for line in done.stdout.splitlines()
        if ": error:" in line
    }
    wanted = {
        number: line.partition("# error: ")[2]
        for number, line in enumerate(CHECKED.splitlines(), start=1)
        if "# error: " in line
    }
    assert found == wanted
