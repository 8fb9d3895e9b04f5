"""Bare Python: runs a scenario from open to close. Built for the host; also checked.

`sim_run` takes a `Scenario` as u32 words and writes a `Result` as u64 words.
"""

from __future__ import annotations

from abi.errno import ENOMEM
from bare import (
    Allocator,
    Enum8,
    Span,
    allocate,
    allocate_span,
    export,
    inline,
    raises,
    struct,
    u8,
    u32,
    u64,
)
from bare.lib.arena import Arena
from bare.unsafe import object_at, span_at
from kernel.net.tcp.half_open import HalfOpen
from tests.sim.tcp.dice import Dice
from tests.sim.tcp.link import FRAMES, NEVER, Frame, Link
from tests.sim.tcp.peer import Peer
from tests.sim.tcp.scenario import Scenario

HALF_OPEN_ENTRIES = 8
SMALLEST_RING: u32 = 1 << 14
START_US: u64 = 1_000_000


class Outcome(Enum8):
    """How a scenario ended."""

    DONE = 0
    STALLED = 1
    """Nothing was on the way and no timer ran, or nothing came for longer than the limit."""
    WRONG_BYTES = 2
    FAILED = 3
    """A connection ended with an error."""
    INCOMPLETE = 4
    """It ended in good order before all bytes had arrived."""


@struct
class Result:
    """What happened. All u64."""

    outcome: u64 = 0
    error: u64 = 0
    finished_us: u64 = 0
    """When the last byte was read."""
    closed_us: u64 = 0
    delivered_0: u64 = 0
    """Bytes that side 0 read, and side 1."""
    delivered_1: u64 = 0
    sent: u64 = 0
    """Segments."""
    again: u64 = 0
    """Segments that carried old data."""
    timeouts: u64 = 0
    lost: u64 = 0
    overflowed: u64 = 0
    damaged: u64 = 0


@struct
class World:
    """Two peers and what is between them."""

    dice: Dice = inline()
    link: Link = inline()
    first: Peer = inline()
    second: Peer = inline()

    @raises(ENOMEM)
    def start(self, scenario: Scenario, allocator: Allocator) -> None:
        """Makes everything and opens."""
        self.dice.start(scenario.seed)
        frames: Span[Frame] = allocate_span(allocator, Frame, FRAMES)
        self.link.start(scenario, self.dice, frames)
        self._start_peer(self.first, 0, scenario, allocator)
        self._start_peer(self.second, 1, scenario, allocator)
        self.first.connect(START_US)
        if scenario.is_simultaneous != 0:
            self.second.connect(START_US)

    @raises(ENOMEM)
    def _start_peer(self, peer: Peer, side: u32, scenario: Scenario, allocator: Allocator) -> None:
        """Makes one side."""
        peer.scenario = scenario
        peer.link = self.link
        peer.dice = self.dice
        peer.allocator = allocator
        peer.side = side
        entries: Span[HalfOpen] = allocate_span(allocator, HalfOpen, HALF_OPEN_ENTRIES)
        size = SMALLEST_RING
        while size < 2 * scenario.receive_limit_max + 65536:
            size *= 2
        ring: Span[u8] = allocate_span(allocator, u8, size)
        peer.start(entries, ring)

    @raises(ENOMEM)
    def run(self, limit_us: u64, result: Result) -> None:
        """Runs to the end of the scenario."""
        now_us = START_US
        progress_us = START_US
        self.first.run(now_us)
        self.second.run(now_us)
        while not (self.first.is_done() and self.second.is_done()):
            if self.first.error != 0 or self.second.error != 0:
                result.outcome = u64(u8(Outcome.FAILED))
                result.error = u64(max(self.first.error, self.second.error))
                break
            arrival_us = self.link.next_arrival_us()
            own_us = min(self.first.next_us(), self.second.next_us())
            if min(arrival_us, own_us) == NEVER or now_us > progress_us + limit_us:
                result.outcome = u64(u8(Outcome.STALLED))
                break
            now_us = max(now_us, min(arrival_us, own_us))
            self._step(now_us, arrival_us)
            if self._delivered() != result.delivered_0 + result.delivered_1:
                result.finished_us = now_us
                progress_us = now_us
            result.delivered_0 = u64(self.first.reader.consumed)
            result.delivered_1 = u64(self.second.reader.consumed)
        result.closed_us = now_us

    def _delivered(self) -> u64:
        return u64(self.first.reader.consumed) + u64(self.second.reader.consumed)

    @raises(ENOMEM)
    def _step(self, now_us: u64, arrival_us: u64) -> None:
        """Lets the next thing happen."""
        if arrival_us <= now_us:
            frame = self.link.take()
            # The frame's place may be used for what is sent now.
            data = frame.bytes()
            if frame.side == 0:
                self.first.receive(now_us, data)
            else:
                self.second.receive(now_us, data)
            return
        if self.first.next_us() <= now_us:
            self.first.run(now_us)
        if self.second.next_us() <= now_us:
            self.second.run(now_us)


@export("sim_run")
def sim_run(scenario_address: u64, result_address: u64, memory: u64, memory_length: u64) -> None:
    """Runs a scenario in the memory given."""
    # SAFETY: the caller passes the addresses of a Scenario, a Result and of that much memory.
    scenario = object_at(Scenario, scenario_address)
    result = object_at(Result, result_address)
    all_memory = Arena(span_at(u8, memory, memory_length))
    try:
        arena = allocate(all_memory, Arena)
        arena.memory = allocate_span(all_memory, u8, memory_length - 4096)
        world = allocate(arena, World)
        world.start(scenario, arena)
        world.run(u64(scenario.limit_ms) * 1000, result)
        note_result(world, scenario, result)
    except OSError:
        result.outcome = u64(u8(Outcome.FAILED))
        result.error = ENOMEM


def note_result(world: World, scenario: Scenario, result: Result) -> None:
    """Counts, and looks at what has arrived."""
    first = world.first
    second = world.second
    result.sent = u64(first.sent + second.sent)
    result.again = u64(first.again + second.again)
    result.timeouts = u64(first.timeouts + second.timeouts)
    result.lost = u64(world.link.lost)
    result.overflowed = u64(world.link.overflowed)
    result.damaged = u64(first.damaged + second.damaged)
    if first.reader.wrong + second.reader.wrong > 0:
        result.outcome = u64(u8(Outcome.WRONG_BYTES))
    elif result.outcome == 0:
        is_complete = first.reader.consumed == scenario.bytes_1
        if not is_complete or second.reader.consumed != scenario.bytes_0:
            result.outcome = u64(u8(Outcome.INCOMPLETE))


def main() -> None:
    """A program has one; the tests call `sim_run`."""
