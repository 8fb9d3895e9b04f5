"""The window that we announce: silly-window avoidance, scaling, and its growth.

RFC 9293, 3.8.6.2.2; RFC 7323, 2. The right edge of the window never moves to the left.
"""

from __future__ import annotations

from bare import u8, u16, u32, u64
from kernel.net.tcp.receive_state import ReceiveState
from kernel.net.tcp.segment import MAX_WINDOW_SHIFT
from kernel.net.tcp.sequence import advance, is_at_or_before

LARGEST_UNSCALED: u32 = 65535
SMALLEST_ROUND_MS = 1


def shift_for(limit: u32) -> u8:
    """Returns the smallest window scale that can announce a buffer of `limit` bytes."""
    shift: u8 = 0
    while shift < MAX_WINDOW_SHIFT and limit >> shift > LARGEST_UNSCALED:
        shift += 1
    return shift


def window_field(receive: ReceiveState) -> u16:
    """Returns what the window field of the next segment says."""
    old = receive.window()
    room = receive.room()
    limit = min(receive.limit, LARGEST_UNSCALED << receive.shift)
    room = min(room, limit)
    if room >= old + min(limit // 2, receive.mss):
        return u16(room >> receive.shift)
    # Not to move the edge to the left, the field is rounded up.
    unit = (u32(1) << receive.shift) - 1
    return u16(min((old + unit) >> receive.shift, LARGEST_UNSCALED))


def edge_of(receive: ReceiveState, field: u16) -> u32:
    """Returns the right edge that a window field announces."""
    return advance(receive.next, u32(field) << receive.shift)


def can_open(receive: ReceiveState) -> bool:
    """Says whether the window can be opened by enough to tell the peer at once."""
    limit = min(receive.limit, LARGEST_UNSCALED << receive.shift)
    room = min(receive.room(), limit)
    old = receive.window()
    # Where the peer still has much of its window, the next ACK is early enough.
    return room >= old + min(limit // 2, receive.mss) and old < limit // 2


def note_received(receive: ReceiveState, now_ms: u64) -> None:
    """The stream has grown: measures the round trip by how long a window takes to fill."""
    if not is_at_or_before(receive.round_end, receive.next):
        return
    if receive.round_start_ms != 0:
        elapsed = min(now_ms - receive.round_start_ms, 10_000)
        measured = max(u32(elapsed), SMALLEST_ROUND_MS)
        if receive.round_ms == 0 or measured < receive.round_ms:
            receive.round_ms = measured
        else:
            receive.round_ms += (measured - receive.round_ms) // 8
    receive.round_start_ms = now_ms
    receive.round_end = advance(receive.next, max(receive.window(), receive.mss))


def note_consumed(receive: ReceiveState, now_ms: u64, count: u32) -> None:
    """The program has read: grows the buffer where it reads half of it in a round trip."""
    receive.unread -= count
    receive.consumed += count
    elapsed = now_ms - receive.consumed_start_ms
    if receive.round_ms > 0 and elapsed >= receive.round_ms:
        in_a_round = u64(receive.consumed) * receive.round_ms // elapsed
        wanted = min(2 * in_a_round, u64(receive.limit_max))
        receive.limit = max(receive.limit, u32(wanted))
        receive.consumed = 0
        receive.consumed_start_ms = now_ms


def sack_blocks(receive: ReceiveState, has_timestamps: bool) -> u32:
    """Returns how many SACK blocks the next ACK carries (RFC 2018, 3)."""
    return min(receive.held.count, 3 if has_timestamps else 4)


def sack_option_size(blocks: u32) -> u32:
    """Returns the bytes that so many blocks take in a header, padded."""
    return 4 + 8 * blocks if blocks > 0 else 0
