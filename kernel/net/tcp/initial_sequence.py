"""Numbers that nobody outside can guess: initial sequence numbers, timestamp offsets, ports."""

from __future__ import annotations

from bare import Bytes, struct, u16, u32, u64
from kernel.net.tcp.segment import Endpoints


@struct
class IsnGenerator:
    """Keyed hashes of the endpoints: RFC 6528 for sequence numbers, RFC 6056 for ports."""

    key_low: u64 = 0
    key_high: u64 = 0

    def start(self, secret: Bytes) -> None:
        """Takes 16 random bytes as its key."""

    def initial_sequence(self, endpoints: Endpoints, now_us: u64) -> u32:
        """Returns the ISS of a connection that begins now: 4 us clock + F(endpoints, secret)."""
        return 0

    def timestamp_offset(self, endpoints: Endpoints) -> u32:
        """Returns what is added to the clock in timestamps between two addresses."""
        return 0

    def port(self, random: u32, attempt: u32) -> u16:
        """Returns the candidate number `attempt` for an ephemeral port, 32768 to 60999; `random` is
        drawn once for a search. After PORT_COUNT attempts every port was a candidate.
        """
        return 0
