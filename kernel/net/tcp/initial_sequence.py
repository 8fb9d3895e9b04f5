"""Numbers that nobody outside can guess: initial sequence numbers, timestamp offsets, ports."""

from __future__ import annotations

from bare import Bytes, load_u64, struct, u16, u32, u64, wrap_u16, wrap_u32, wrapping_add
from kernel.lib.sip_hash import SipHash
from kernel.net.tcp.segment import Endpoints

FIRST_PORT = 32768
"""The ephemeral range is Linux's default."""
PORT_COUNT = 28232
PORT_STEP = 7919
"""A prime, so that it visits all ports of the range before it repeats one."""
SECRET_SIZE = 16


@struct
class IsnGenerator:
    """Keyed hashes of the endpoints: RFC 6528 for sequence numbers, RFC 6056 for ports."""

    key_low: u64 = 0
    key_high: u64 = 0

    def start(self, secret: Bytes) -> None:
        """Takes SECRET_SIZE random bytes as its key."""
        self.key_low = load_u64(secret, 0)
        self.key_high = load_u64(secret, 8)

    def initial_sequence(self, endpoints: Endpoints, now_us: u64) -> u32:
        """Returns the ISS of a connection that begins now: 4 us clock + F(endpoints, secret)."""
        return wrapping_add(wrap_u32(self.hash(endpoints, 0)), wrap_u32(now_us >> 2))

    def timestamp_offset(self, endpoints: Endpoints) -> u32:
        """Returns what is added to the clock in timestamps between two addresses: the same for all
        their connections, so that a new one's are later than an old one's (RFC 7323, 5.5).
        """
        hash = SipHash()
        hash.start(self.key_low, self.key_high)
        add_addresses(hash, endpoints)
        return wrap_u32(hash.finish(0, 32))

    def hash(self, endpoints: Endpoints, salt: u64) -> u64:
        """Returns a keyed hash of a connection's endpoints and of another number."""
        hash = SipHash()
        hash.start(self.key_low, self.key_high)
        add_addresses(hash, endpoints)
        hash.add(u64(endpoints.local_port) << 16 | u64(endpoints.remote_port))
        hash.add(salt)
        return hash.finish(0, 48)

    def port(self, random: u32, attempt: u32) -> u16:
        """Returns the candidate number `attempt` for an ephemeral port, 32768 to 60999; `random` is
        drawn once for a search. After PORT_COUNT attempts every port was a candidate.
        """
        place = (u64(random) + u64(attempt) * PORT_STEP) % PORT_COUNT
        return wrap_u16(place + FIRST_PORT)


def add_addresses(hash: SipHash, endpoints: Endpoints) -> None:
    """Hashes both addresses."""
    hash.add(endpoints.local_high)
    hash.add(endpoints.local_low)
    hash.add(endpoints.remote_high)
    hash.add(endpoints.remote_low)
