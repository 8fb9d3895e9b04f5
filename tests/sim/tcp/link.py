"""Bare Python: a link that delays, loses, damages, doubles and reorders frames."""

from __future__ import annotations

from bare import Array, Span, array, struct, u8, u32, u64
from tests.sim.tcp.dice import Dice
from tests.sim.tcp.scenario import Scenario

FRAME_BYTES = 1600
FRAMES: u32 = 1024
NEVER: u64 = 0xFFFF_FFFF_FFFF_FFFF


@struct
class Frame:
    """A segment on its way."""

    arrival_us: u64 = 0
    order: u64 = 0
    """Frames that arrive together do so in this order."""
    side: u32 = 0
    """Where it goes."""
    length: u32 = 0
    content: Array[u8] = array(FRAME_BYTES)

    def bytes(self) -> Span[u8]:
        """Views the segment."""
        return self.content[: self.length]


@struct
class Link:
    """Both directions. Frames in use are listed in `active`, the others behind them."""

    scenario: Scenario
    dice: Dice
    frames: Span[Frame]
    active: Array[u32] = array(FRAMES)
    count: u32 = 0
    order: u64 = 0
    busy_until_us: Array[u64] = array(2)
    """When each direction has sent what waits in front of it."""
    lost: u32 = 0
    overflowed: u32 = 0

    def start(self, scenario: Scenario, dice: Dice, frames: Span[Frame]) -> None:
        """Begins empty."""
        self.scenario = scenario
        self.dice = dice
        self.frames = frames
        for index in range(FRAMES):
            self.active[index] = index

    def next_frame(self) -> Frame:
        """Returns a frame to be filled in, then `send`."""
        assert self.count < FRAMES, "too many frames on the way"
        return self.frames[self.active[self.count]]

    def send(self, now_us: u64, side: u32) -> None:
        """Takes the frame that `next_frame` gave, on its way to a side."""
        frame = self.next_frame()
        frame.side = side
        is_full = self.count >= FRAMES - 2
        if is_full or not self._pass_queue(now_us, frame):
            self.overflowed += 1
            return
        if self.dice.happens(self.scenario.loss):
            self.lost += 1
            return
        frame.arrival_us += self.scenario.delay_us
        if self.dice.happens(self.scenario.reordering):
            frame.arrival_us += self._jitter()
        if self.dice.happens(self.scenario.corruption):
            place = self.dice.below(frame.length)
            frame.content[place] ^= u8(1) << self.dice.below(8)
        self._launch(frame)
        if self.dice.happens(self.scenario.duplication) and self.count < FRAMES:
            self._double(frame)

    def next_arrival_us(self) -> u64:
        """Returns when the next frame arrives."""
        frame = self._first()
        return NEVER if frame is None else frame.arrival_us

    def take(self) -> Frame:
        """Takes the next frame; it is valid until the next one is sent."""
        frame = self._first()
        assert frame is not None, "nothing is on the way"
        for index in range(self.count):
            if self.frames[self.active[index]] is frame:
                self.count -= 1
                place = self.active[index]
                self.active[index] = self.active[self.count]
                self.active[self.count] = place
                return frame
        return frame

    def _first(self) -> Frame | None:
        """Returns the frame that arrives first."""
        found: Frame | None = None
        for index in range(self.count):
            frame = self.frames[self.active[index]]
            if found is None or comes_before(frame, found):
                found = frame
        return found

    def _pass_queue(self, now_us: u64, frame: Frame) -> bool:
        """Waits for the frames before it; False where too many wait."""
        frame.arrival_us = now_us
        if self.scenario.rate == 0:
            return True
        start = max(now_us, self.busy_until_us[frame.side])
        if start - now_us > self.scenario.queue_us:
            return False
        frame.arrival_us = start + u64(frame.length + 54) * 1000 // self.scenario.rate
        self.busy_until_us[frame.side] = frame.arrival_us
        return True

    def _jitter(self) -> u32:
        """Returns how much later a frame comes."""
        return self.dice.below(self.scenario.jitter_us + 1)

    def _launch(self, frame: Frame) -> None:
        """Puts the frame on its way."""
        self.order += 1
        frame.order = self.order
        self.count += 1

    def _double(self, frame: Frame) -> None:
        """Sends the same bytes once more."""
        copy = self.next_frame()
        copy.side = frame.side
        copy.length = frame.length
        copy.bytes().copy_from(frame.bytes())
        copy.arrival_us = frame.arrival_us + self._jitter()
        self._launch(copy)


def comes_before(left: Frame, right: Frame) -> bool:
    """Says whether a frame arrives before another one."""
    if left.arrival_us == right.arrival_us:
        return left.order < right.order
    return left.arrival_us < right.arrival_us
