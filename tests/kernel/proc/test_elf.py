"""ELF validation: what is accepted can be mapped exactly as it says; nothing traps."""

from __future__ import annotations

import errno
import random
import struct

import pytest

from bare import load

PAGE = 4096
ELF = load("kernel/proc/elf.py")


def elf_header(**changes: int) -> bytes:
    fields = dict(
        kind=2, machine=183, version=1, entry=0x400100, phoff=64, phentsize=56, phnum=2,
        file_class=2, data=1,
    )  # fmt: skip
    fields |= changes
    identity = b"\x7fELF" + bytes([fields["file_class"], fields["data"], 1, 0]) + bytes(8)
    return identity + struct.pack(
        "<HHIQQQIHHHHHH", fields["kind"], fields["machine"], fields["version"], fields["entry"],
        fields["phoff"], 0, 0, 64, fields["phentsize"], fields["phnum"], 64, 0, 0,
    )  # fmt: skip


def segment(
    kind: int = 1, flags: int = 5, offset: int = 0, address: int = 0x400000,
    file_size: int = 0x200, memory_size: int = 0x200,
) -> bytes:  # fmt: skip
    return struct.pack(
        "<IIQQQQQQ", kind, flags, offset, address, address, file_size, memory_size, PAGE
    )


def program_file(header: bytes | None = None, segments: tuple[bytes, ...] | None = None) -> bytes:
    if segments is None:
        data = segment(flags=6, offset=0x1000, address=0x402000, file_size=64, memory_size=0x3000)
        segments = (segment(), data)
    header = header or elf_header(phnum=len(segments))
    return (header + b"".join(segments)).ljust(0x1400, b"\0")


def check(file: bytes, length: int | None = None):
    program = ELF.Program(bytearray(file[:PAGE]), len(file) if length is None else length)
    ELF.check_program(program)
    return program


def refused(file: bytes) -> bool:
    try:
        check(file)
    except OSError as error:
        assert error.errno == errno.ENOEXEC
        return True
    return False


def test_accepts_a_static_program():
    program = check(program_file())
    assert (program.entry, program.bias) == (0x400100, 0)
    assert program.end == 0x405000
    assert program.headers_address == 0x400000 + 64


def test_position_independent_program_is_moved():
    header = elf_header(kind=3, entry=0x100)
    program = check(program_file(header, (segment(address=0), segment(kind=4))))
    assert program.entry == 0x40_0000 + 0x100
    assert program.end == 0x40_1000


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"\x7fELF",
        program_file(elf_header(file_class=1)),
        program_file(elf_header(data=2)),
        program_file(elf_header(machine=62)),
        program_file(elf_header(kind=1)),
        program_file(elf_header(version=0)),
        program_file(elf_header(phentsize=32)),
        program_file(elf_header(phnum=0)),
        program_file(elf_header(phnum=200)),
        program_file(elf_header(phoff=4090)),
        program_file(elf_header(phoff=2**64 - 8)),
        program_file(elf_header(entry=0x402000)),
        program_file(elf_header(entry=0x400102)),
        program_file(elf_header(entry=2**63)),
        program_file(segments=(segment(kind=3), segment())),
        program_file(segments=(segment(flags=7),)),
        program_file(segments=(segment(kind=4),)),
        program_file(segments=(segment(offset=0x10000),)),
        program_file(segments=(segment(file_size=2**64 - 1, memory_size=2**64 - 1),)),
        program_file(segments=(segment(memory_size=0x100),)),
        program_file(segments=(segment(memory_size=0x400),)),
        program_file(segments=(segment(address=0x400010),)),
        program_file(segments=(segment(address=0x1000),)),
        program_file(segments=(segment(), segment())),
        program_file(segments=(segment(address=2**64 - 0x1000),)),
        program_file(
            segments=(segment(), segment(flags=6, offset=0, address=0x402000, file_size=0,
                                         memory_size=2**47),)
        ),
    ],
)  # fmt: skip
def test_refuses_what_cannot_be_run(file):
    assert refused(file)


def test_zero_sized_segments_are_passed_over():
    empty = segment(flags=6, address=0, file_size=0, memory_size=0)
    assert check(program_file(segments=(empty, segment()))).end == 0x401000


def mutated(source: random.Random, file: bytes) -> bytes:
    result = bytearray(file)
    for _ in range(source.randint(1, 6)):
        place = source.randrange(64 + 2 * 56)
        choice = source.random()
        if choice < 0.4:
            result[place] = source.randrange(256)
        elif choice < 0.7:
            result[place] ^= 1 << source.randrange(8)
        else:
            width = source.choice((2, 4, 8))
            place -= place % width
            value = source.choice((0, 1, 2**63, 2**64 - 1, 0x7FFF_FFFF, 2**47, 0xFFF, 0x1000))
            result[place : place + width] = (value % 2 ** (8 * width)).to_bytes(width, "little")
    if source.random() < 0.1:
        del result[source.randrange(len(result)) :]
    return bytes(result)


def assert_mappable(program, file: bytes):
    end = 0x10000
    for index in range(program.header_count):
        header = program.header(index)
        if header.kind != 1 or header.memory_size == 0:
            continue
        start = program.start_of(header)
        assert start >= end and start % PAGE == 0
        assert header.offset + header.file_size <= len(file)
        assert header.file_size <= header.memory_size
        assert header.flags & 3 != 3
        end = -(-program.memory_end_of(header) // PAGE) * PAGE
        assert end <= 2**46 + PAGE
    assert program.end == end


@pytest.mark.slow
def test_mutated_programs_are_refused_or_mappable():
    source = random.Random(20261124)
    original = program_file()
    accepted = 0
    for _ in range(2000):
        file = mutated(source, original)
        program = ELF.Program(bytearray(file[:PAGE]), len(file))
        try:
            ELF.check_program(program)
        except OSError as error:
            assert error.errno == errno.ENOEXEC
            continue
        accepted += 1
        assert_mappable(program, file)
    assert 50 < accepted < 1900
