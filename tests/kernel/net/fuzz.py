"""Sends mutated frames through a whole network stack, compiled for this machine.

    python -m tests.kernel.net.fuzz --frames 1000000 --seed 1

A trap ends the process with a traceback and 100 plus its number; the same seed does it again.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.kernel.net.rig import (
    OUR_ADDRESS,
    OUR_MAC,
    PEER,
    PEER_MAC,
    CheckedEngine,
    CompiledEngine,
    Engine,
    Number,
    StackRig,
)
from tests.support import frames, host_kernel

MODULE = "tests.kernel.net.stack_fuzz"
PAGES = 8192
STEP = 100_000


@dataclass(frozen=True)
class Outcome:
    """What came of a run, after all timers."""

    sent: int
    seen: int
    refused: int
    packets_left: int
    datagrams_left: int
    neighbours_left: int
    counters: dict[str, int]


def seeds() -> list[bytes]:
    """Returns honest frames of every kind that the stack reads."""
    found = [
        frames.arp(frames.ARP_REQUEST, (PEER_MAC, PEER), (bytes(6), OUR_ADDRESS)),
        frames.arp(frames.ARP_REPLY, (PEER_MAC, PEER), (OUR_MAC, OUR_ADDRESS)),
    ]
    packets = [ipv4(frames.ICMP, frames.icmp(8, 0, 7, bytes(range(size)))) for size in (0, 56, 200)]
    packets += [ipv4(frames.ICMP, frames.icmp(0, 0, 77 << 16, b"reply"))]
    packets += [
        ipv4(frames.UDP, frames.udp((PEER, 53), (OUR_ADDRESS, port), b"data")) for port in (7, 9)
    ]
    packets += [ipv4(frames.TCP, segment) for segment in segments()]
    packets += [errors(kind, code) for kind, code in ((3, 1), (3, 3), (3, 4), (11, 0), (12, 0))]
    packets += fragments()
    packets += [ipv4(frames.UDP, bytes(12), options=options) for options in OPTIONS]
    return [frames.ethernet(OUR_MAC, PEER_MAC, frames.ARP, packet) for packet in found] + [
        frames.ethernet(to, PEER_MAC, frames.IPV4, packet)
        for index, packet in enumerate(packets)
        for to in (OUR_MAC, frames.BROADCAST)[: 2 if index % 4 == 0 else 1]
    ]


OPTIONS = (b"\x07\x07\x04" + bytes(5), b"\x83\x07\x04" + bytes(5), b"\x44\x08\x05\x00" + bytes(4))


def ipv4(protocol: int, payload: bytes, fragment: int = 0, options: bytes = b"") -> bytes:
    return frames.ipv4(
        PEER, OUR_ADDRESS, protocol, payload, identification=1, fragment=fragment, options=options
    )


def segments() -> list[bytes]:
    ends = (PEER, 40000), (OUR_ADDRESS, 80)
    syn = bytes.fromhex("020405b40402080a000000010000000001030307")
    acknowledgment = bytes.fromhex("0101080a0000000200000001")
    sack = acknowledgment + bytes.fromhex("0101050a0000000100000009") + bytes(4)
    return [
        frames.tcp(*ends, 1, 0, frames.SYN, options=syn),
        frames.tcp(*ends, 2, 9, frames.ACK, options=acknowledgment),
        frames.tcp(*ends, 2, 9, frames.ACK | frames.PSH, b"GET / HTTP/1.1\r\n\r\n"),
        frames.tcp(*ends, 2, 9, frames.ACK | frames.FIN, options=sack),
        frames.tcp(*ends, 2, 9, frames.RST),
    ]


def errors(kind: int, code: int) -> bytes:
    segment = frames.tcp((OUR_ADDRESS, 80), (PEER, 40000), 5, 6, frames.ACK)
    quoted = frames.ipv4(OUR_ADDRESS, PEER, frames.TCP, segment)
    return ipv4(frames.ICMP, frames.icmp(kind, code, 1400, quoted))


def fragments() -> list[bytes]:
    datagram = frames.udp((PEER, 53), (OUR_ADDRESS, 7), bytes(range(240)))
    segment = frames.tcp((PEER, 40000), (OUR_ADDRESS, 80), 1, 2, frames.ACK, bytes(200))
    cut = []
    for protocol, whole in ((frames.UDP, datagram), (frames.TCP, segment)):
        for start in range(0, len(whole), 80):
            more = frames.MORE_FRAGMENTS if start + 80 < len(whole) else 0
            cut.append(ipv4(protocol, whole[start : start + 80], more | start // 8))
    return cut


def run(engine: Engine, seed: int, count: int, pages: int = PAGES) -> Outcome:
    """Runs `count` mutants and lets all timers run out."""
    rig = StackRig(engine, pages)
    for frame in seeds():
        engine.put(frame)
        engine.call("fuzz_add", len(frame))
    sent = 0
    for done in range(0, count, STEP):
        sent = engine.call("fuzz_run", seed + done, min(STEP, count - done))
    rig.pass_time(2000)
    rig.sent()
    return Outcome(
        sent,
        engine.call("fuzz_number", 0),
        engine.call("fuzz_number", 1),
        rig.number(Number.PACKETS_IN_USE),
        rig.number(Number.DATAGRAMS),
        rig.number(Number.NEIGHBOURS),
        rig.counters(),
    )


def compiled_engine(folder: Path) -> Engine:
    """Compiles the fuzzer for this machine."""
    output = folder / "fuzz.so"
    host_kernel.build(MODULE, output)
    return CompiledEngine(PAGES, output)


def checked_engine() -> Engine:
    """Returns the fuzzer with every operation checked."""
    return CheckedEngine(PAGES, MODULE)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="swiftos-fuzz-") as folder:
        engine = compiled_engine(Path(folder))
        began = time.monotonic()
        outcome = run(engine, given.seed, given.frames)
        print(f"{given.frames} frames in {time.monotonic() - began:.2f} s: {outcome}")


if __name__ == "__main__":
    main()
