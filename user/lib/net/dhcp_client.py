"""`DhcpClient`: gets an address and keeps it, as a state machine without sockets (RFC 2131, 4.4).

How to use it: `begin`, then in turn: where `has_message`, `build` a message and send it to
`destination`; wait until `deadline_ms` for a datagram at port 68; hand it to `take`, or call
`timer`. Both return what has changed: BOUND, also when a lease was renewed with other values, or
LOST. The time is in milliseconds of any clock that does not jump.
"""

from __future__ import annotations

from bare import (
    Array,
    Bytes,
    Enum8,
    Span,
    array,
    inline,
    struct,
    u8,
    u16,
    u32,
    u64,
    usize,
    wrapping_shl,
)
from user.lib.net.address import prefix_length
from user.lib.net.dhcp_message import Kind, Reply, Request, build_message, read_message

BROADCAST: u32 = 0xFFFF_FFFF
FOREVER: u64 = 0xFFFF_FFFF_FFFF_FFFF
INFINITE_LEASE_S: u32 = 0xFFFF_FFFF
FIRST_WAIT_MS: u64 = 4000
LAST_WAIT_MS: u64 = 64_000
LEAST_RENEWAL_MS: u64 = 60_000
"""Between two requests to renew (RFC 2131, 4.4.5)."""
REQUESTS: u32 = 4
"""Requests for an offered address before all begins anew."""
REFUSAL_WAIT_MS: u64 = 10_000
MOST_SECONDS: u64 = 65_535


class State(Enum8):
    """RFC 2131, figure 5."""

    INIT = 0
    SELECTING = 1
    REQUESTING = 2
    BOUND = 3
    RENEWING = 4
    REBINDING = 5


class Change(Enum8):
    """What the caller has to do to the interface."""

    NONE = 0
    BOUND = 1
    """Give it what `lease` says."""
    LOST = 2
    """Take its address away."""


@struct
class Lease:
    """What an interface gets: address, network, router, name servers."""

    address: u32 = 0
    prefix: u32 = 0
    router: u32 = 0
    dns: Array[u32] = array(3)
    dns_count: u32 = 0
    server: u32 = 0
    seconds: u32 = 0

    def is_same(self, reply: Reply) -> bool:
        """Whether a reply brings nothing new but time."""
        if self.address != reply.address or self.prefix != prefix_of(reply):
            return False
        if self.router != reply.router or self.dns_count != reply.dns_count:
            return False
        for index in range(self.dns_count):
            if self.dns[index] != reply.dns[index]:
                return False
        return True

    def copy(self, reply: Reply) -> None:
        """Takes over what a reply says."""
        self.address = reply.address
        self.prefix = prefix_of(reply)
        self.router = reply.router
        self.dns.copy_from(reply.dns)
        self.dns_count = reply.dns_count
        self.server = reply.server
        self.seconds = reply.lease_s


@struct
class DhcpClient:
    """One interface's client."""

    hardware: Array[u8] = array(6)
    state: State = State.INIT
    has_message: bool = False
    deadline_ms: u64 = 0
    lease: Lease = inline()
    transaction: u32 = 0
    random: u32 = 1
    tries: u32 = 0
    """Messages sent in this state."""
    started_ms: u64 = 0
    """When this exchange began."""
    asked_ms: u64 = 0
    """When the request was first sent whose answer the lease's time counts from."""
    renewal_ms: u64 = FOREVER
    rebinding_ms: u64 = FOREVER
    expiry_ms: u64 = FOREVER
    offered: u32 = 0
    offering_server: u32 = 0
    reply: Reply = inline()

    def begin(self, now_ms: u64, hardware: Bytes, random: u32) -> None:
        """Starts without an address. `random` is a random number."""
        self.hardware.copy_from(hardware)
        self.random = random | 1
        self._discover(now_ms)

    def is_bound(self) -> bool:
        """Whether there is an address to be used."""
        return self.state in (State.BOUND, State.RENEWING, State.REBINDING)

    def destination(self) -> u32:
        """Returns whom the message goes to."""
        return self.lease.server if self.state == State.RENEWING else BROADCAST

    def build(self, now_ms: u64, into: Span[u8], host_name: Bytes) -> usize:
        """Writes the message that is due into MESSAGE_LIMIT bytes; returns its length."""
        self.has_message = False
        self.tries += 1
        seconds = min((now_ms - self.started_ms) // 1000, MOST_SECONDS)
        is_bound = self.is_bound()
        kind = Kind.DISCOVER if self.state == State.SELECTING else Kind.REQUEST
        request = Request(kind, self.transaction, u16(seconds), not is_bound)
        if is_bound:
            request.client = self.lease.address
        elif self.state == State.REQUESTING:
            request.address = self.offered
            request.server = self.offering_server
        self._set_deadline(now_ms)
        return build_message(into, request, self.hardware, host_name)

    def take(self, now_ms: u64, message: Bytes) -> Change:
        """Takes a datagram that came for port 68."""
        reply = self.reply
        if not read_message(message, self.hardware, reply):
            return Change.NONE
        if reply.transaction != self.transaction or reply.server == 0:
            return Change.NONE
        match reply.kind:
            case Kind.OFFER:
                if self.state == State.SELECTING and is_usable(reply):
                    self._request(now_ms, reply)
            case Kind.ACK:
                if self._expects_answer(reply) and is_usable(reply):
                    return self._bind(now_ms, reply)
            case Kind.NAK:
                if self._expects_answer(reply):
                    return self._lose(now_ms, REFUSAL_WAIT_MS)
            case _:
                pass
        return Change.NONE

    def timer(self, now_ms: u64) -> Change:
        """Does what is due at `deadline_ms`."""
        if now_ms < self.deadline_ms:
            return Change.NONE
        match self.state:
            case State.INIT:
                self._discover(now_ms)
            case State.SELECTING:
                self.has_message = True
            case State.REQUESTING:
                if self.tries >= REQUESTS:
                    self._discover(now_ms)
                self.has_message = True
            case State.BOUND | State.RENEWING | State.REBINDING:
                return self._age(now_ms)
        return Change.NONE

    def _discover(self, now_ms: u64) -> None:
        """Looks for servers."""
        self._enter(State.SELECTING, now_ms)
        self.transaction = self._next_random()
        self.started_ms = now_ms

    def _request(self, now_ms: u64, offer: Reply) -> None:
        """Asks for the address that a server offers: the first one is good enough."""
        self._enter(State.REQUESTING, now_ms)
        self.asked_ms = now_ms
        self.offered = offer.address
        self.offering_server = offer.server

    def _expects_answer(self, reply: Reply) -> bool:
        """Whether a request waits for this server's word; when rebinding, for any server's."""
        if self.state == State.REQUESTING:
            return reply.server == self.offering_server
        if self.state == State.RENEWING:
            return reply.server == self.lease.server
        return self.state == State.REBINDING

    def _bind(self, now_ms: u64, reply: Reply) -> Change:
        """Has the address, from when it was asked for."""
        is_new = not self.is_bound() or not self.lease.is_same(reply)
        self.lease.copy(reply)
        self._enter(State.BOUND, now_ms)
        self.has_message = False
        self._set_times(reply)
        self.deadline_ms = self.renewal_ms
        return Change.BOUND if is_new else Change.NONE

    def _set_times(self, reply: Reply) -> None:
        """Sets when to renew, rebind and give up (RFC 2131, 4.4.5)."""
        if self.lease.seconds == INFINITE_LEASE_S:
            self.renewal_ms = FOREVER
            self.rebinding_ms = FOREVER
            self.expiry_ms = FOREVER
            return
        lease_ms = u64(self.lease.seconds) * 1000
        t1_ms = u64(reply.t1_s) * 1000
        t2_ms = u64(reply.t2_s) * 1000
        if t2_ms == 0 or t2_ms >= lease_ms:
            t2_ms = lease_ms // 8 * 7
        if t1_ms == 0 or t1_ms >= t2_ms:
            t1_ms = min(lease_ms // 2, t2_ms)
        self.renewal_ms = self.asked_ms + t1_ms
        self.rebinding_ms = self.asked_ms + t2_ms
        self.expiry_ms = self.asked_ms + lease_ms

    def _age(self, now_ms: u64) -> Change:
        """Renews the lease, first with its server, then with any; loses it at its end."""
        if now_ms >= self.expiry_ms:
            return self._lose(now_ms, 0)
        if self.state == State.BOUND:
            self.transaction = self._next_random()
            self.started_ms = now_ms
            self.asked_ms = now_ms
        if now_ms >= self.rebinding_ms:
            if self.state != State.REBINDING:
                self._enter(State.REBINDING, now_ms)
        elif self.state == State.BOUND:
            self._enter(State.RENEWING, now_ms)
        self.has_message = True
        return Change.NONE

    def _lose(self, now_ms: u64, wait_ms: u64) -> Change:
        """Has no address any more, and begins anew after a time."""
        had_address = self.is_bound()
        self._enter(State.INIT, now_ms)
        self.has_message = False
        self.deadline_ms = now_ms + wait_ms
        if wait_ms == 0:
            self._discover(now_ms)
        return Change.LOST if had_address else Change.NONE

    def _enter(self, state: State, now_ms: u64) -> None:
        """Goes to a state, where a message is due at once."""
        self.state = state
        self.tries = 0
        self.has_message = True
        self.deadline_ms = now_ms

    def _set_deadline(self, now_ms: u64) -> None:
        """Sets when the message just built is to be sent again."""
        if self.state == State.RENEWING:
            self.deadline_ms = halfway(now_ms, self.rebinding_ms)
        elif self.state == State.REBINDING:
            self.deadline_ms = halfway(now_ms, self.expiry_ms)
        else:
            wait_ms = min(FIRST_WAIT_MS << min(self.tries - 1, 4), LAST_WAIT_MS)
            self.deadline_ms = now_ms + wait_ms - 1000 + self._next_random() % 2001

    def _next_random(self) -> u32:
        """Returns the next number of a xorshift generator (Marsaglia, 2003)."""
        value = self.random
        value ^= wrapping_shl(value, 13)
        value ^= value >> 17
        value ^= wrapping_shl(value, 5)
        self.random = value
        return value


def halfway(now_ms: u64, end_ms: u64) -> u64:
    """Returns the middle of the time that is left, but not within a minute, nor behind its end."""
    if end_ms <= now_ms:
        return now_ms
    return min(now_ms + max((end_ms - now_ms) // 2, LEAST_RENEWAL_MS), end_ms)


def is_usable(reply: Reply) -> bool:
    """Whether a reply gives an address that a host can have."""
    first = reply.address >> 24
    return first not in (0, 127) and first < 224 and reply.lease_s != 0


def prefix_of(reply: Reply) -> u32:
    """Returns the length of the network's prefix: by the mask, or by class where that is none."""
    try:
        if reply.mask != 0:
            return prefix_length(reply.mask)
    except OSError:
        pass
    first = reply.address >> 24
    if first < 128:
        return 8
    return 16 if first < 192 else 24
