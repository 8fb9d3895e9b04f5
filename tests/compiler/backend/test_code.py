"""The machine code of small functions: what must be in it and what must not."""

from __future__ import annotations

import dataclasses
import shutil
import struct
from pathlib import Path

import pytest

from compiler.backend.elf import ElfFile
from compiler.backend.profile import KERNEL, SEMIHOST, Profile
from compiler.build import build_program
from compiler.runtime.harness import QEMU, run_on_target

pytestmark = pytest.mark.slow

CACHE = Path(__file__).parents[3] / "build" / "cache" / "tests"
SOURCE = '''\
"""Functions whose code is looked at."""

from __future__ import annotations

from abc import ABC, abstractmethod

from abi.errno import EIO
from bare import Array, Bytes, Span, array, i64, never_inline, raises, struct, u8, u32, u64
from bare.registers import MmioBlock, Register, bit, ro
from bare.unsafe import Pointer


class Status(Register, width=32):
    """A register."""

    ready = bit(3)


class Device(MmioBlock, size=0x20):
    """A device."""

    status = ro(0x18, Status)


@never_inline
def wait(device: Device) -> None:
    """Polls."""
    while not device.status.read().ready:
        pass


@never_inline
def total(values: Span[u64]) -> u64:
    """Sums; neither index nor sum needs more than the sum's own check."""
    result: u64 = 0
    for index in range(len(values)):
        result += values[index]
    return result


@never_inline
def three_traps(a: u32, b: u32) -> u32:
    """Overflows on one of three lines."""
    c = a + b
    d = c + b
    return d + c


@never_inline
def halved(value: i64) -> i64:
    """Divides by a power of two."""
    return value // 16


@struct
class Source(ABC):
    """Something that is read."""

    @abstractmethod
    @raises(EIO)
    def read(self) -> u64:
        """Reads."""


@struct
class Good(Source):
    """Works."""

    value: u64

    @raises(EIO)
    def read(self) -> u64:
        """Gives the value."""
        return self.value


@struct
class Bad(Source):
    """Fails."""

    @raises(EIO)
    def read(self) -> u64:
        """Raises."""
        raise OSError(EIO)


@never_inline
@raises(EIO)
def read_one(source: Source) -> u64:
    """Calls through the vtable and hands the error on."""
    return source.read()


@never_inline
def copied(data: Bytes) -> u64:
    """Moves bytes, formats and compares: what tempts a compiler to use vectors."""
    buffer: Array[u8] = array(64)
    buffer[: len(data)].copy_from(data)
    other: Array[u64] = array(12)
    other.fill(7)
    return total(other) + buffer[3]


def hidden() -> u64:
    """Returns 0, which the compiler does not know."""
    # SAFETY: RAM above the program.
    return Pointer[u64](0x43F0_0000).load()


def main() -> None:
    """Uses them all."""
    zero = hidden()
    numbers: Array[u64] = array(5)
    numbers.fill(zero + 2)
    print(total(numbers), three_traps(u32(zero), 1), halved(i64(zero) - 17))
    print(copied(b"some bytes" if zero == 0 else b"other"))
    source: Source = Good(zero + 9)
    if zero == 1:
        source = Bad()
    try:
        print(read_one(source))
    except OSError:
        print("failed")
    if zero == 1:
        wait(Device(zero))
'''
OUTPUT = "10 3 -2\n185\n9\n"
NO_FLOATS = dataclasses.replace(SEMIHOST, name="plain", features=KERNEL.features)


def build(folder: Path, profile: Profile) -> Path:
    (folder / "looked_at.py").write_text(SOURCE)
    output = folder / "program.elf"
    build_program("looked_at", source_root=folder, profile=profile, output=output, cache=CACHE)
    return output


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("plain"), NO_FLOATS)


@pytest.fixture(scope="module")
def program(file: Path) -> ElfFile:
    return ElfFile(file.read_bytes())


def words(program: ElfFile, function: str) -> list[int]:
    """Returns the instructions of a function."""
    text = program.section(".text")
    assert text is not None
    address, size = program.functions()[function]
    code = text.data[address - text.address : address - text.address + size]
    return [word for (word,) in struct.iter_unpack("<I", code)]


def is_vector(word: int) -> bool:
    """Scalar or vector floating point: data processing, or a load or store with V set."""
    is_data = (word >> 25) & 0b0111 == 0b0111
    is_access = (word >> 25) & 0b0101 == 0b0100 and word >> 26 & 1 == 1
    return is_data or is_access


def traps(code: list[int]) -> list[int]:
    """Returns the kinds of the trap instructions."""
    return [word >> 5 & 0xFF for word in code if word & 0xFFE0001F == 0xD4200000]


def vector_code(program: ElfFile) -> dict[str, list[str]]:
    """Returns the vector instructions of each function that has any."""
    found = {
        name: [hex(word) for word in words(program, name) if is_vector(word)]
        for name in program.functions()
        if not name.startswith("bare_")
    }
    return {name: code for name, code in found.items() if code}


def test_code_without_floats_uses_no_vector_register(program: ElfFile) -> None:
    assert vector_code(program) == {}


def test_code_with_floats_uses_vector_registers(tmp_path: Path) -> None:
    assert vector_code(ElfFile(build(tmp_path, SEMIHOST).read_bytes())) != {}


@pytest.mark.guest
@pytest.mark.skipif(shutil.which(QEMU) is None, reason=f"{QEMU} is not installed")
def test_the_program_computes_what_it_should(file: Path) -> None:
    assert run_on_target(file).output == OUTPUT


def test_a_device_register_is_read_by_one_plain_load(program: ElfFile) -> None:
    loads = [word for word in words(program, "looked_at.wait") if word & 0x0A000000 == 0x08000000]
    assert len(loads) == 1
    assert loads[0] & 0xFFC00000 == 0xB9400000  # LDR Wt, [Xn, #0]: no write-back, no pair


def test_the_index_check_of_a_counted_loop_is_gone(program: ElfFile) -> None:
    assert traps(words(program, "looked_at.total")) == [1]


def test_equal_traps_on_different_lines_stay_apart(program: ElfFile) -> None:
    assert traps(words(program, "looked_at.three_traps")) == [1, 1, 1]


def test_floor_division_by_a_power_of_two_is_one_shift(program: ElfFile) -> None:
    assert len(words(program, "looked_at.halved")) == 2


def test_an_error_through_a_vtable_costs_no_more_than_twelve_instructions(
    program: ElfFile,
) -> None:
    assert len(words(program, "looked_at.read_one")) <= 12
