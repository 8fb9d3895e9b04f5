"""Bare Python: mutated frames for a whole network stack, as fast as this machine goes.

`fuzz_add` takes honest frames as seeds. `fuzz_run` sends mutants of them through the stack, mends
checksums in most of them so that they get past the first look, sends packets of its own now and
then, lets time pass, and takes the wire's frames away at times. What was sent is read back and must
be sound. The numbers come from a seed: a run repeats.
"""

from __future__ import annotations

from bare import (
    Array,
    Span,
    array,
    export,
    load_u16_be,
    load_u32_be,
    rotate_left,
    store_u16_be,
    struct,
    u8,
    u16,
    u32,
    u64,
    wrapping_mul,
)
from bare.unsafe import static_object
from kernel.net.wire.checksum import Checksum, checksum
from tests.kernel.net.stack_rig import (
    Rig,
    pass_time,
    queue_frame,
    send,
    set_full,
    the_rig,
)

FRAME_BYTES: u64 = 2048
SEED_LIMIT = 128
INTERESTING: tuple[u8, ...] = (
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    15,
    16,
    31,
    32,
    63,
    64,
    127,
    128,
    254,
    255,
)
ADDRESSES: tuple[u32, ...] = (
    0x0A00_0202,
    0x0A00_02FF,
    0xFFFF_FFFF,
    0x7F00_0001,
    0x0808_0808,
    0x0A00_020F,
    0xE000_0001,
)
MILLISECOND: u64 = 1_000_000


@struct
class Seed:
    """An honest frame."""

    bytes: Array[u8] = array(FRAME_BYTES)
    length: u64 = 0


@struct
class Fuzzer:
    """The state of a run."""

    seeds: Array[Seed] = array(SEED_LIMIT)
    count: u64 = 0
    state: u64 = 1
    frame: Array[u8] = array(FRAME_BYTES)
    length: u64 = 0
    sent: u64 = 0
    """Frames that the stack sent."""
    seen: u64 = 0
    """Events of receivers."""
    refused: u64 = 0
    """Frames for which there was no packet."""

    def next(self) -> u64:
        """Returns the next number (xorshift and a multiplication: Vigna's xorshift64*)."""
        x = self.state
        x ^= x >> 12
        x ^= (x & 0x7F_FFFF_FFFF) << 25
        x ^= x >> 27
        self.state = x
        return rotate_left(wrapping_mul(x, 0x2545_F491_4F6C_DD1D), 17)

    def below(self, limit: u64) -> u64:
        """Returns a number below `limit`."""
        return self.next() % limit


def the_fuzzer() -> Fuzzer:
    """Returns the one fuzzer."""
    # SAFETY: one thread runs the test.
    return static_object(Fuzzer)


@export("rig_fuzz_add")
def fuzz_add(length: u64) -> u64:
    """Takes the frame in the exchange as a seed; returns how many there are."""
    fuzzer = the_fuzzer()
    seed = fuzzer.seeds[fuzzer.count]
    seed.bytes[:length].copy_from(the_rig().exchange[:length])
    seed.length = length
    fuzzer.count += 1
    return fuzzer.count


@export("rig_fuzz_run")
def fuzz_run(number: u64, frames: u64) -> u64:
    """Runs so many mutants; returns how many frames the stack sent."""
    fuzzer = the_fuzzer()
    rig = the_rig()
    fuzzer.state = number * 2 + 1
    for index in range(frames):
        mutate(fuzzer)
        if not queue_frame(rig, fuzzer.frame[: fuzzer.length]):
            fuzzer.refused += 1
        if index % 8 == 7:
            serve_all(rig)
        if fuzzer.below(64) == 0:
            do_something_else(fuzzer, rig)
        collect(fuzzer, rig)
    set_full(0)
    serve_all(rig)
    collect(fuzzer, rig)
    return fuzzer.sent


@export("rig_fuzz_number")
def fuzz_number(which: u64) -> u64:
    """Returns a number about the run: events, refused frames."""
    fuzzer = the_fuzzer()
    return fuzzer.seen if which == 0 else fuzzer.refused


def serve_all(rig: Rig) -> None:
    """Has all waiting frames served, the rest of a burst by the stack's thread."""
    rig.stack.interrupted(rig.wire)
    while rig.wire.inbound.count > 0:
        with rig.stack.lock:
            rig.stack.serve_pending()


def do_something_else(fuzzer: Fuzzer, rig: Rig) -> None:
    """Sends a packet, lets time pass, or has the wire run full."""
    choice = fuzzer.below(8)
    if choice < 3:
        destination = ADDRESSES[fuzzer.below(len(ADDRESSES))]
        if choice == 0:
            destination = 0x0A00_0200 + u32(fuzzer.below(256))
        rig.exchange[:3000].fill(u8(choice))
        send(destination, 0, 8 + fuzzer.below(2900), 17, 1480)
    elif choice < 6:
        pass_time(fuzzer.below(2000) * MILLISECOND)
    elif choice == 6:
        pass_time(fuzzer.below(100) * 1000 * MILLISECOND)
    else:
        set_full(fuzzer.below(2))


def collect(fuzzer: Fuzzer, rig: Rig) -> None:
    """Takes what was sent, and checks it; forgets events."""
    if rig.events.used > 0:
        fuzzer.seen += 1
        rig.events.used = 0
        rig.events.taken = 0
    while True:
        packet = rig.wire.queue.take_first()
        if packet is None:
            return
        fuzzer.sent += 1
        check_sent(packet.bytes())
        packet.release()


def check_sent(frame: Span[u8]) -> None:
    """Traps where a frame is not what we may send."""
    assert len(frame) > 34, "a frame without payload was sent"
    type = load_u16_be(frame, 12)
    if type == 0x0806:
        assert len(frame) == 42 and load_u32_be(frame, 14) == 0x0001_0800, "bad ARP was sent"
        return
    assert type == 0x0800 and frame[14] == 0x45, "something else was sent"
    length = u64(load_u16_be(frame, 16))
    assert length == len(frame) - 14, "bad length was sent"
    assert checksum(frame[14:34]) == 0, "bad IPv4 checksum was sent"
    source = load_u32_be(frame, 26)
    assert source == 0x0A00_020F, "a source that is not ours was sent"
    fragment = load_u16_be(frame, 20) & 0x3FFF
    if frame[23] == 1 and fragment == 0:
        assert checksum(frame[34:]) == 0, "bad ICMP checksum was sent"


def mutate(fuzzer: Fuzzer) -> None:
    """Makes the next frame."""
    seed = fuzzer.seeds[fuzzer.below(fuzzer.count)]
    fuzzer.length = seed.length
    fuzzer.frame[: seed.length].copy_from(seed.bytes[: seed.length])
    for _ in range(fuzzer.below(5)):
        change(fuzzer)
    if fuzzer.below(8) != 0:
        mend(fuzzer.frame[: fuzzer.length])


def change(fuzzer: Fuzzer) -> None:
    """Does one mutation."""
    frame = fuzzer.frame
    length = fuzzer.length
    choice = fuzzer.below(10)
    if length == 0 or choice == 0:
        fuzzer.length = fuzzer.below(FRAME_BYTES + 1)
        return
    near = min(length, 80) if fuzzer.below(4) != 0 else length
    place = fuzzer.below(near)
    if choice < 3:
        frame[place] ^= u8(u64(1) << fuzzer.below(8))
    elif choice < 6:
        frame[place] = INTERESTING[fuzzer.below(len(INTERESTING))]
    elif choice == 6:
        frame[place] = u8(fuzzer.below(256))
    elif choice == 7:
        fuzzer.length = place
    elif choice == 8 and length >= 22:
        store_u16_be(frame, 20, u16(fuzzer.below(4) << 13 | fuzzer.below(64)))
    else:
        splice(fuzzer, place)


def splice(fuzzer: Fuzzer, place: u64) -> None:
    """Goes on with another seed's bytes."""
    other = fuzzer.seeds[fuzzer.below(fuzzer.count)]
    if other.length > place:
        size = other.length - place
        fuzzer.frame[place : place + size].copy_from(other.bytes[place : place + size])
        fuzzer.length = other.length


def mend(frame: Span[u8]) -> None:
    """Puts right checksums into an IPv4 frame as far as its lengths allow."""
    if len(frame) < 34 or load_u16_be(frame, 12) != 0x0800:
        return
    header = u64(frame[14] & 15) * 4
    if header < 20 or len(frame) < 14 + header:
        return
    store_u16_be(frame, 24, 0)
    store_u16_be(frame, 24, checksum(frame[14 : 14 + header]))
    total = u64(load_u16_be(frame, 16))
    if total < header or len(frame) < 14 + total:
        return
    mend_transport(frame[14 : 14 + total], header)


def mend_transport(datagram: Span[u8], header: u64) -> None:
    """Puts the right checksum behind the IPv4 header."""
    protocol = datagram[9]
    payload = datagram[header:]
    at: u64 = 2
    if protocol == 6:
        at = 16
    elif protocol == 17:
        at = 6
    if protocol not in (1, 6, 17) or len(payload) < at + 2:
        return
    store_u16_be(payload, at, 0)
    sum = Checksum()
    if protocol != 1:
        sum.add_pseudo_header(
            load_u32_be(datagram, 12), load_u32_be(datagram, 16), protocol, u32(len(payload))
        )
    sum.add(payload)
    store_u16_be(payload, at, sum.finish())
