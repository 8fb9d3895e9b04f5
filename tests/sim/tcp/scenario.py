"""Bare Python: what a simulated connection is like. All fields are u32, in this order."""

from __future__ import annotations

from bare import struct, u32


@struct
class Scenario:
    """The link is the same both ways; index 0 is the side that opens, 1 the other one."""

    seed: u32 = 0
    loss: u32 = 0
    """Permille of frames, as the three below."""
    reordering: u32 = 0
    duplication: u32 = 0
    corruption: u32 = 0
    delay_us: u32 = 10_000
    """One way; reordered and duplicated frames come up to `jitter_us` later."""
    jitter_us: u32 = 20_000
    rate: u32 = 1250
    """Bytes a millisecond; 0: no limit."""
    queue_us: u32 = 100_000
    """How long the longest queue in front of the link is; what comes to a full one is dropped."""
    bytes_0: u32 = 100_000
    """What side 0 sends, and side 1."""
    bytes_1: u32 = 0
    mss_0: u32 = 1460
    mss_1: u32 = 1460
    send_room: u32 = 65536
    """Bytes in a send queue."""
    receive_limit: u32 = 65536
    receive_limit_max: u32 = 65536
    write_chunk: u32 = 8192
    write_pause_ms: u32 = 0
    read_chunk: u32 = 65536
    read_pause_ms: u32 = 0
    long_pause_ms: u32 = 0
    """After half of the stream a reader rests so long, its window closed."""
    initial_0: u32 = 0
    """ISS of side 0; side 1 computes its own."""
    stripped: u32 = 0
    """Options that the link takes out of SYNs: 1 timestamps, 2 SACK, 4 window scale."""
    is_simultaneous: u32 = 0
    """Both sides open."""
    is_no_delay: u32 = 0
    is_polite: u32 = 0
    """Side 1 closes only when it has seen the end of the other stream."""
    busy: u32 = 0
    """Permille: the device has no room when a segment is planned."""
    shortened: u32 = 0
    """Permille: a segment is shortened before it is sent."""
    is_traced: u32 = 0
    """Every segment that is sent is printed."""
    limit_ms: u32 = 3_600_000
    """Simulated time without a byte delivered, or without an end, that counts as a stall."""
