"""The memory routines of freestanding programs do what the C library's do."""

from __future__ import annotations

import ctypes
import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.backend.profile import host_profile
from compiler.build import MEMORY_MODULE, build_program
from compiler.manifest import LIBRARY_ROOT

pytestmark = pytest.mark.slow

CACHE = LIBRARY_ROOT / "build" / "cache" / "tests"
ROOM = 512
sizes = st.one_of(st.integers(0, 40), st.integers(0, ROOM))
places = st.integers(0, ROOM - 1)
contents = st.binary(min_size=2 * ROOM, max_size=2 * ROOM)

Routine = Callable[..., int]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    profile = dataclasses.replace(host_profile(), runtime=None, traps="instruction")
    output: Path = tmp_path_factory.mktemp("memory") / "memory.so"
    build_program(
        MEMORY_MODULE, source_root=LIBRARY_ROOT, profile=profile, output=output, cache=CACHE
    )
    return ctypes.CDLL(str(output))


def routine(library: ctypes.CDLL, name: str, result: type) -> Routine:
    found = library[name]
    found.restype = result
    return found


def pointer(buffer: ctypes.Array[ctypes.c_char], place: int) -> ctypes.c_uint64:
    return ctypes.c_uint64(ctypes.addressof(buffer) + place)


@given(data=contents, to=places, source=places, size=sizes)
def test_memmove(library: ctypes.CDLL, data: bytes, to: int, source: int, size: int) -> None:
    buffer = ctypes.create_string_buffer(data, len(data))
    move = routine(library, "memmove", ctypes.c_uint64)
    result = move(pointer(buffer, to), pointer(buffer, source), ctypes.c_uint64(size))
    wanted = bytearray(data)
    wanted[to : to + size] = data[source : source + size]
    assert buffer.raw == bytes(wanted)
    assert result == pointer(buffer, to).value


@given(data=contents, to=places, size=sizes)
def test_memcpy(library: ctypes.CDLL, data: bytes, to: int, size: int) -> None:
    buffer = ctypes.create_string_buffer(2 * ROOM)
    source = ctypes.create_string_buffer(data, len(data))
    copy = routine(library, "memcpy", ctypes.c_uint64)
    copy(pointer(buffer, to), pointer(source, 0), ctypes.c_uint64(size))
    assert buffer.raw == bytes(to) + data[:size] + bytes(2 * ROOM - to - size)


@given(data=contents, to=places, size=sizes, value=st.integers(-(1 << 31), (1 << 31) - 1))
def test_memset(library: ctypes.CDLL, data: bytes, to: int, size: int, value: int) -> None:
    buffer = ctypes.create_string_buffer(data, len(data))
    fill = routine(library, "memset", ctypes.c_uint64)
    fill(pointer(buffer, to), ctypes.c_int(value), ctypes.c_uint64(size))
    wanted = bytearray(data)
    wanted[to : to + size] = bytes([value & 0xFF]) * size
    assert buffer.raw == bytes(wanted)


@pytest.mark.parametrize("name", ["memcmp", "bcmp"])
@given(data=contents, at=places, size=sizes, place=places, byte=st.integers(0, 255))
def test_comparison(
    library: ctypes.CDLL, name: str, data: bytes, at: int, size: int, place: int, byte: int
) -> None:
    left = ctypes.create_string_buffer(data, len(data))
    changed = data[:place] + bytes([byte]) + data[place + 1 :]
    right = ctypes.create_string_buffer(changed, len(changed))
    compare = routine(library, name, ctypes.c_int)
    result = compare(pointer(left, at), pointer(right, at), ctypes.c_uint64(size))
    one, other = data[at : at + size], changed[at : at + size]
    if name == "bcmp":
        assert (result == 0) == (one == other)
    else:
        assert (result > 0) - (result < 0) == (one > other) - (one < other)
