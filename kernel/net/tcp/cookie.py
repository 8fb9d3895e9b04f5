"""SYN cookies: handshakes without memory, for when the half-open table is full (RFC 4987, 3.6).

The SYN-ACK's number holds a time, the peer's MSS and a keyed hash of both and of the connection;
the ACK that completes the handshake brings it back. Window scale and SACK go into the low bits of
our timestamp, which the ACK echoes; without timestamps such a connection does without them.

    bits 31..27 time in units of 64 s    26..24 MSS class    23..0 hash
"""

from __future__ import annotations

from bare import struct, u16, u32, u64, wrap_u8, wrap_u32, wrapping_sub
from kernel.net.tcp.initial_sequence import IsnGenerator
from kernel.net.tcp.opening import Handshake
from kernel.net.tcp.segment import DEFAULT_MSS, Endpoints, TcpSegment
from kernel.net.tcp.sequence import retreat

MSS_CLASSES: tuple[u16, ...] = (216, 536, 776, 1024, 1220, 1400, 1440, 1460)
"""The peer's MSS is rounded down to one of these."""
UNIT_US = 64_000_000
LIFE_UNITS: u32 = 2
"""A cookie is good for 64 to 128 seconds, as long as a SYN-ACK is sent again."""
HASH_MASK: u32 = 0xFF_FFFF
TIME_MASK: u32 = 0x1F
OPTION_BITS: u32 = 5
"""In a timestamp: four of the window scale, 15 for none, and one of SACK."""
OPTION_MASK: u32 = 31
NO_SCALE: u32 = 15


@struct
class SynCookies:
    """Makes and checks them."""

    numbers: IsnGenerator

    def make(self, endpoints: Endpoints, now_us: u64, remote_initial: u32, mss: u16) -> u32:
        """Returns the initial sequence number of a SYN-ACK."""
        time = wrap_u32(now_us // UNIT_US) & TIME_MASK
        index = mss_class(mss)
        return time << 27 | index << 24 | self._hash(endpoints, remote_initial, time, index)

    def check(
        self, endpoints: Endpoints, now_us: u64, segment: TcpSegment, handshake: Handshake
    ) -> bool:
        """Says whether an ACK brings back a cookie, and writes what the handshake agreed on, the
        endpoints and the timestamps' offset excepted.
        """
        cookie = retreat(segment.acknowledgment, 1)
        remote_initial = retreat(segment.sequence, 1)
        time = cookie >> 27
        index = cookie >> 24 & 7
        age = wrapping_sub(wrap_u32(now_us // UNIT_US), time) & TIME_MASK
        if age >= LIFE_UNITS:
            return False
        if cookie & HASH_MASK != self._hash(endpoints, remote_initial, time, index):
            return False
        handshake.local_initial = cookie
        handshake.remote_initial = remote_initial
        handshake.mss = MSS_CLASSES[index]
        handshake.has_round_trip = False
        handshake.retries = 0
        return True

    def _hash(self, endpoints: Endpoints, remote_initial: u32, time: u32, index: u32) -> u32:
        """Returns the keyed hash in a cookie."""
        salt = u64(remote_initial) << 32 | time << 8 | index << 1 | 1
        return wrap_u32(self.numbers.hash(endpoints, salt)) & HASH_MASK


def mss_class(mss: u16) -> u32:
    """Returns the class of a peer's MSS."""
    wanted = mss if mss > 0 else DEFAULT_MSS
    index: u32 = 0
    while index < 7 and MSS_CLASSES[index + 1] <= wanted:
        index += 1
    return index


def timestamp_with_options(timestamp: u32, segment: TcpSegment) -> u32:
    """Returns our timestamp with the options of the peer's SYN in its low bits; not later than it
    is, so that the next one is not before it.
    """
    options = segment.window_shift if segment.has_window_scale else NO_SCALE
    options = options & 15 | u32(segment.is_sack_permitted) << 4
    marked = timestamp - (timestamp & OPTION_MASK) + options
    if marked > timestamp:
        marked = wrapping_sub(marked, OPTION_MASK + 1)
    return marked


def take_options(segment: TcpSegment, handshake: Handshake) -> None:
    """Writes the options that an ACK's echo brings back."""
    handshake.has_timestamps = segment.has_timestamps
    handshake.timestamp_recent = segment.timestamp
    options = segment.timestamp_echo & OPTION_MASK if segment.has_timestamps else NO_SCALE
    handshake.has_window_scale = options & 15 != NO_SCALE
    handshake.window_shift = wrap_u8(options & 15) if handshake.has_window_scale else 0
    handshake.is_sack_on = options >> 4 == 1
