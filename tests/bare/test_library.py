"""The containers of `bare.lib` against Python's own, under checked execution."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bare
from abi.errno import ENOMEM
from bare import traps

SAMPLE = bare.load("tests/bare/library_sample.py")
ARENA = SAMPLE.module("bare.lib.arena").Arena

KEYS = st.integers(0, 30) | st.sampled_from([0xFFFF_FFFF, 1 << 16])
STEPS = st.lists(st.tuples(st.sampled_from(["put", "put", "remove", "get"]), KEYS), max_size=60)


def arena(size: int = 1 << 16) -> Any:
    return ARENA(bytearray(size))


@given(steps=STEPS)
def test_map_is_a_dict(steps: list[tuple[str, int]]) -> None:
    table, model = SAMPLE.Numbers(arena()), dict[int, int]()
    for number, (step, key) in enumerate(steps):
        if step == "put":
            table.put(key, number)
            model[key] = number
        elif step == "remove":
            assert table.remove(key) == (model.pop(key, None) is not None)
        else:
            assert table.get(key, 999) == model.get(key, 999)
        assert table.count() == len(model)
    assert table.sum_of_keys() == sum(model)
    assert [table.get(key, 999) for key in range(31)] == [model.get(k, 999) for k in range(31)]


@given(words=st.lists(st.binary(max_size=4), max_size=40))
def test_text_map_is_a_dict(words: list[bytes]) -> None:
    table, model = SAMPLE.Words(arena()), dict[bytes, int]()
    for word in words:
        table.put(word, model.get(word, 0) + 1)
        model[word] = model.get(word, 0) + 1
        if len(word) == 2:
            assert table.remove(word)
            del model[word]
    assert [table.get(word) for word in words] == [model.get(word, 0) for word in words]


@given(steps=st.lists(st.integers(0, 9), max_size=80))
def test_pool_objects_keep_their_contents(steps: list[int]) -> None:
    items, model = SAMPLE.Items(arena()), list[int]()
    for number, step in enumerate(steps):
        if step < 6 or not model:
            assert items.make(number) == 77
            model.append(number)
        else:
            index = step * 7 % len(model)
            assert items.free(index) == model[index]
            model[index] = model[-1]
            model.pop()
        assert items.count() == len(model)
        assert [items.number(index) for index in range(len(model))] == model


@given(steps=st.lists(st.integers(-1, 1000), max_size=80))
def test_vectors_are_lists(steps: list[int]) -> None:
    vector, model = SAMPLE.Sequence(arena()), list[int]()
    for step in steps:
        if step >= 0:
            vector.append(step)
            model.append(step)
        elif model:
            assert vector.pop() == model.pop()
    assert [vector.get(index) for index in range(len(model))] == model
    with pytest.raises(traps.IndexError):
        vector.get(len(model))


@given(pieces=st.lists(st.binary(max_size=50), max_size=20))
def test_text_is_bytes(pieces: list[bytes]) -> None:
    line = SAMPLE.Line(arena())
    for piece in pieces:
        assert line.write(piece)
    assert line.content() == b"".join(pieces)


@given(steps=st.binary(max_size=60), size=st.integers(1, 9))
def test_ring_is_a_queue(steps: bytes, size: int) -> None:
    model, digest = list[int](), 7
    for step in steps:
        if step > 0 and len(model) < size:
            model.append(step)
        elif step == 0 and model:
            digest = (digest * 31 + model.pop(0)) % 1_000_000_007
    assert SAMPLE.ring_trace(bytearray(size), steps) == digest * 1000 + len(model)


@given(numbers=st.lists(st.integers(0, 191), max_size=40))
def test_bitmap_is_a_set(numbers: list[int]) -> None:
    words, target = [0, 0, 0], [0] * 192
    count = SAMPLE.members(words, numbers, target)
    left = sorted(set(numbers) - set(numbers[::3]))
    assert target[:count] == left
    assert sum(word.bit_count() for word in words) == len(left)
    for start in (0, 1, 63, 64, 150, 191):
        missing = next((n for n in range(start, 192) if n not in left), 192)
        assert SAMPLE.first_missing(words, start) == missing


@pytest.mark.parametrize("size", [0, 100, 300, 700, 1500, 3000])
def test_memory_that_ends_changes_nothing(size: int) -> None:
    table, stored = SAMPLE.Numbers(arena(size)), 0
    with pytest.raises(OSError) as raised:
        for key in range(1000):
            table.put(key, key)
            stored += 1
    assert raised.value.errno == ENOMEM
    assert (table.count(), table.sum_of_keys()) == (stored, sum(range(stored)))


def test_arena_aligns_and_zeroes() -> None:
    memory = bytearray(b"\xff" * 64)
    one = ARENA(memory)
    first, second = one.allocate_bytes(3, 1), one.allocate_bytes(16, 16)
    assert second % 16 == 0
    assert memory[:3] == bytes(3)
    assert memory[second - first : second - first + 16] == bytes(16)
    with pytest.raises(OSError):
        one.allocate_bytes(64, 1)
    one.reset()
    assert one.allocate_bytes(64, 1) == first
