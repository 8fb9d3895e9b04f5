"""The sender's scoreboard and the receiver's held ranges against sets of numbers."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import bare

MASK = 0xFFFF_FFFF
BASE = 0xFFFF_FF80
"""Numbers of the tests are small and count from here, so that the real ones wrap around."""

PROGRAM: Any = bare.load("kernel/net/tcp/scoreboard.py", "kernel/net/tcp/held_ranges.py")
SCOREBOARD: Any = PROGRAM.module("kernel.net.tcp.scoreboard")
HELD: Any = PROGRAM.module("kernel.net.tcp.held_ranges")

ranges = st.tuples(st.integers(0, 120), st.integers(1, 30))


def at(place: int) -> int:
    return (BASE + place) & MASK


def place_of(sequence: int) -> int:
    return (sequence - BASE) & MASK


def pairs(table: Any) -> list[tuple[int, int]]:
    found = [table.ranges[index] for index in range(table.count)]
    return [(place_of(one.left), place_of(one.right)) for one in found]


@settings(max_examples=150)
@given(st.lists(ranges, max_size=40), st.integers(0, 150), st.integers(0, 150))
def test_scoreboard_knows_what_has_arrived(
    added: list[tuple[int, int]], start: int, other: int
) -> None:
    board = SCOREBOARD.SackScoreboard()
    known: set[int] = set()
    for left, length in added:
        before = len(known)
        known |= set(range(left, left + length))
        assert board.add(at(left), at(left + length)) == len(known) - before
    assert board.total == len(known)
    found = pairs(board)
    assert found == sorted(found)
    assert {place for left, right in found for place in range(left, right)} == known
    low, high = min(start, other), max(start, other)
    missing = [place for place in range(low, high) if place not in known]
    assert board.missing_between(at(low), at(high)) == len(missing)
    first = next(place for place in range(start, 200) if place not in known)
    assert place_of(board.first_missing(at(start))) == first
    behind = min((place for place in known if place > first), default=190)
    assert place_of(board.hole_end(at(first), at(190))) == behind
    board.forget_below(at(start))
    assert board.total == len([place for place in known if place >= start])


@given(st.lists(ranges, min_size=1, max_size=12))
def test_a_hole_is_lost_when_three_segments_are_behind_it(added: list[tuple[int, int]]) -> None:
    board = SCOREBOARD.SackScoreboard()
    for left, length in added:
        board.add(at(left), at(left + length))
    segment = 10
    edges = [
        left
        for index, (left, _) in enumerate(pairs(board))
        if board.count - index >= 3
        or sum(right - begin for begin, right in pairs(board)[index:]) > 2 * segment
    ]
    expected = max(edges, default=199)
    assert place_of(board.lost_edge(segment, at(199))) == expected


def test_a_full_scoreboard_forgets_what_is_new() -> None:
    board = SCOREBOARD.SackScoreboard()
    most = SCOREBOARD.MAX_SACKED_RANGES
    for index in range(most):
        assert board.add(at(10 * index), at(10 * index + 5)) == 5
    assert board.add(at(3), at(8)) == 3
    assert board.add(at(10 * most), at(10 * most + 5)) == 0
    assert board.add(at(0), at(10 * most)) == 10 * most - board_sum(most)
    assert pairs(board) == [(0, 10 * most)]


def board_sum(most: int) -> int:
    """Bytes known before the last step: five in each range, and three more in the first gap."""
    return 5 * most + 3


@settings(max_examples=150)
@given(st.lists(ranges, max_size=12), st.integers(0, 150))
def test_held_ranges_know_what_is_behind_a_gap(added: list[tuple[int, int]], start: int) -> None:
    held = HELD.HeldRanges()
    known: set[int] = set()
    for left, length in added:
        assert held.add(at(left), at(left + length))
        known |= set(range(left, left + length))
        front = pairs(held)[0]
        assert front[0] <= left < left + length <= front[1]
        assert held.contains(at(left), at(left + length))
    found = pairs(held)
    assert len(found) == len(set(found))
    assert {place for left, right in found for place in range(left, right)} == known
    reached = start
    while reached in known or any(left < reached < right for left, right in found):
        reached += 1
    assert place_of(held.take_reachable(at(start))) == reached
    assert all(left > start for left, _ in pairs(held))


def test_held_ranges_refuse_one_gap_too_many() -> None:
    held = HELD.HeldRanges()
    most = HELD.MAX_HELD_RANGES
    for index in range(most):
        assert held.add(at(10 * index), at(10 * index + 5))
    before = pairs(held)
    assert not held.add(at(10 * most), at(10 * most + 5))
    assert pairs(held) == before
    assert held.add(at(5), at(10))
    assert held.count == most - 1
