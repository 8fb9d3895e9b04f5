"""What `bare.load` promises to a test: conversions, fakes, memory, devices and tracebacks."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

import bare
from abi.errno import EIO, ENODEV
from bare import traps
from bare.checked.machine import Machine, UnknownInstructionError
from bare.checked.memory import Memory
from bare.checked.objects import ReadOnlyError
from compiler.frontend.diagnostics import CompileError

SAMPLE = "tests/bare/checked_sample.py"
RAM = 0xFFFF_8000_4000_0000


@pytest.fixture
def sample() -> Any:
    return bare.load(SAMPLE)


@pytest.fixture
def memory() -> Memory:
    made = Memory()
    made.add_ram(RAM, 0x1000)
    return made


# --- values


def test_arguments_have_defaults_and_names(sample: Any) -> None:
    assert (sample.add(1), sample.add(1, 2), sample.add(right=3, left=4)) == (6, 3, 7)
    with pytest.raises(TypeError, match="takes left, right"):
        sample.add()
    with pytest.raises(TypeError, match="does not take"):
        sample.add(1, 2, 3)


def test_arguments_are_checked(sample: Any) -> None:
    with pytest.raises(ValueError, match="300 does not fit u8"):
        sample.add(300)
    with pytest.raises(TypeError, match="not a u8"):
        sample.add("1")
    with pytest.raises(ValueError, match="not a member"):
        sample.opposite(2)
    with pytest.raises(TypeError, match="Device"):
        sample.count_up(sample.Inner())


def test_a_trap_is_no_error_of_the_test(sample: Any) -> None:
    with pytest.raises(traps.OverflowError, match="256 does not fit"):
        sample.add(255, 1)


def test_enum_members_come_out_as_members(sample: Any) -> None:
    assert sample.opposite(sample.Mode.ON) is sample.Mode.OFF


def test_floats_are_rounded_on_the_way_in(sample: Any) -> None:
    assert sample.halve(0.1) == 0.05000000074505806


def test_lists_are_written_back(sample: Any) -> None:
    values = [1, 2, 3]
    sample.reverse(values)
    assert values == [3, 2, 1]


def test_bytearrays_are_shared(sample: Any) -> None:
    data = bytearray(b"\1\0\2\0")
    sample.reverse(data)
    assert data == b"\2\0\1\0"


def test_text_and_bytes(sample: Any) -> None:
    assert sample.first_word(b"ab cd") == b"ab"
    assert sample.first_word(bytearray(b"ab")) == b"ab"
    assert sample.greeting(True) == "HI"


def test_functions_go_in_and_out(sample: Any) -> None:
    assert sample.apply(lambda value: value * 3, 5) == 16
    assert sample.apply(sample.doubler(), 5) == 11
    assert sample.doubler()(7) == 14


def test_tuples(sample: Any) -> None:
    assert sample.bounds([-5, 6, 7]) == (-5, 7)


def test_constants_are_there(sample: Any) -> None:
    assert sample.LIMIT == 100


# --- structs


def test_structs_are_made_and_read_like_dataclasses(sample: Any) -> None:
    device = sample.Device(5, name=b"disk")
    assert (device.number, device.mode, device.name) == (5, sample.Mode.ON, b"disk")
    assert (device.inner.value, bytes(device.data), device.next) == (7, bytes(4), None)
    device.next = sample.Device(6)
    device.data[1] = 9
    assert (device.next.number, device.rename(b"x"), device.name) == (6, 1, b"x")
    assert sample.Device.twice(4) == 8


def test_fields_are_checked(sample: Any) -> None:
    device = sample.Device(5)
    with pytest.raises(ValueError, match="does not fit u32"):
        device.number = -1
    with pytest.raises(TypeError, match="embedded"):
        device.inner = sample.Inner()
    with pytest.raises(TypeError, match="has the fields"):
        sample.Device(5, colour=1)


def test_printing(sample: Any, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    sample.describe(sample.Device(255, name=b"tty\xff"))
    assert capsysbinary.readouterr().out == b"00ff ON tty\xff\n"


def test_a_fake_overrides_an_abstract_method(sample: Any) -> None:
    class FakeDisk(sample.Disk):  # type: ignore[misc]
        def read(self, sector: int, target: memoryview) -> int:
            if sector > 9:
                raise OSError(ENODEV, "no such sector")
            target[:2] = bytes((sector, 1))
            return 1000

    disk = FakeDisk()
    assert sample.checksum(disk, 7) == 1008
    assert (disk.reads, sample.checksum(sample.ZeroDisk(), 1)) == (1, 0)
    with pytest.raises(OSError) as raised:
        sample.checksum(disk, 10)
    assert raised.value.errno == ENODEV != EIO


def test_a_writer_can_be_faked(sample: Any) -> None:
    class Collector(sample.module("bare.lib.writer").Writer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.data = b""

        def write(self, data: Any) -> None:
            self.data += bytes(data)

    writer = Collector()
    sample.log(writer, "some text")
    assert writer.data == b"some text"


def test_two_programs_share_nothing() -> None:
    first, second = bare.load(SAMPLE), bare.load(SAMPLE)
    assert [first.counter(), first.counter(), second.counter()] == [8, 9, 8]
    with pytest.raises(TypeError):
        first.count_up(second.Device(1))


def test_a_store_to_a_constant_is_refused(sample: Any) -> None:
    assert sample.flag(sample.PageEntry(1, 2)) == 3
    with pytest.raises(ReadOnlyError, match="flags of a constant"):
        sample.flag_constant()


# --- tracebacks


def test_a_traceback_shows_the_program_only(sample: Any) -> None:
    with pytest.raises(traps.IndexError) as raised:
        sample.deep(2)
    frames = traceback.extract_tb(raised.tb)
    own = [frame for frame in frames if "checked_sample" in frame.filename]
    assert [frame.name for frame in own] == ["deep", "deep", "deep"]
    assert own[-1].line == "return values[level + 5]"
    assert frames[-3:] == own
    assert (own[-1].colno, own[-1].end_colno) == (15, 32)


def test_a_panic_has_its_message(sample: Any) -> None:
    with pytest.raises(traps.PanicError, match="code -5"):
        sample.fail(-5)


def test_a_module_with_errors_is_refused_with_all_of_them(tmp_path: Any) -> None:
    source = "from bare import u8\n\n\ndef f(a: u8) -> u8:\n    return a / 2\n"
    (tmp_path / "broken.py").write_text(source)
    with pytest.raises(CompileError) as raised:
        bare.load("broken", source_root=tmp_path)
    (note,) = raised.value.__notes__
    assert note.startswith("broken.py:5:12: error[")
    assert "\n 5 |     return a / 2\n   |            ^^^^^" in note


# --- memory, devices, machine


def test_structs_in_memory_are_bytes(memory: Memory) -> None:
    sample: Any = bare.load(SAMPLE, memory=memory)
    assert sample.fill_entry(RAM, 2) == 32
    assert memory.bytes_at(RAM + 32, 12) == bytes.fromhex("8877665544332211 01000000")
    assert memory.load(RAM + 32, 64) == 0x1122_3344_5566_7788


def test_references_in_memory_are_addresses(memory: Memory) -> None:
    sample: Any = bare.load(SAMPLE, memory=memory)
    assert sample.link(RAM + 0x100) == 12
    assert memory.load(RAM + 0x108, 64) == RAM + 0x110


def test_all_kinds_of_fields_stand_in_memory(memory: Memory) -> None:
    sample: Any = bare.load(SAMPLE, memory=memory)
    numbers = bytearray(4)
    assert sample.keep_in_memory(RAM + 0x200, b"name", numbers) == 80 + 1000 + 3 + 2
    assert numbers == b"\7\0\0\0"


def test_memory_ends(memory: Memory) -> None:
    sample: Any = bare.load(SAMPLE, memory=memory)
    memory.store(RAM + 0xFFC, 32, 77)
    assert sample.peek(RAM + 0xFFC) == 77
    for address in (0, RAM - 4, RAM + 0xFFE, RAM + 0x1000):
        with pytest.raises(traps.IndexError, match="not in simulated memory"):
            sample.peek(address)


class Line:
    """A device that is ready at the third look."""

    def __init__(self) -> None:
        self.log: list[tuple[int, ...]] = []

    def read(self, offset: int, width: int) -> int:
        self.log.append((offset, width))
        return 0x31 if len(self.log) > 2 else 0x30

    def write(self, offset: int, width: int, value: int) -> None:
        self.log.append((offset, width, value))


def test_a_device_sees_each_access() -> None:
    memory, line = Memory(), Line()
    memory.add_device(0x900_0000, 0x20, line)
    sample: Any = bare.load(SAMPLE, memory=memory)
    assert sample.send(0x900_0000, 0xABC) == 2
    assert line.log == [(0, 32), (0, 32), (0, 32), (0x10, 16, 0xABC)]


def test_system_registers_hold_what_was_written() -> None:
    machine = Machine()
    sample: Any = bare.load(SAMPLE, machine=machine)
    assert (sample.swap_register(5), sample.swap_register(6)) == (0, 5)
    assert machine.system_registers == {"TPIDR_EL0": 6}


def test_unknown_instructions_are_refused() -> None:
    machine = Machine()
    assert machine.execute("dsb ish\nisb", ()) == 0
    with pytest.raises(UnknownInstructionError, match="hvc #0"):
        machine.execute("hvc #0", ())


@pytest.mark.slow
def test_recursion_ends_as_a_trap(sample: Any) -> None:
    with pytest.raises(traps.RecursionError):
        sample.deep(10_000_000)


def test_the_dot_product_instruction_does_what_the_plain_code_does() -> None:
    simd: Any = bare.load("tests/bare/run_simd.py")
    left, right = [n * 7 % 256 - 128 for n in range(32)], [127 - n * 11 % 256 for n in range(32)]
    wanted = sum(a * b for a, b in zip(left, right, strict=True))
    assert simd.dot_product(left, right) == simd.fast_dot_product(left, right) == wanted
