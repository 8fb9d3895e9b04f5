"""Linux's TCP/IP at the other end of the guest's cable, and a bridge that loses frames.

A thread of its own enters a fresh network namespace: there stands a TAP device with an address, and
every socket that is made in that thread is Linux's on that device, wherever it is used later. Needs
root and `/dev/net/tun`. The bridge also answers DHCP, which Linux would not.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import queue
import random
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from tests.support import frames, pcap, peer_dhcp
from tests.support.frame_peer import GUEST_ADDRESS, PEER_ADDRESS, PEER_MAC, Cable

TUN = Path("/dev/net/tun")
CLONE_NEWNET = 0x4000_0000
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x4004_54CA, 2, 0x1000
SIOCSIFFLAGS, SIOCSIFADDR, SIOCSIFNETMASK, SIOCSIFHWADDR = 0x8914, 0x8916, 0x891C, 0x8924
IFF_UP, ARPHRD_ETHER = 1, 1
NAME = b"tap0"
LARGEST_FRAME = 2048
POLL_S = 0.05


def why_impossible() -> str | None:
    """Returns why there can be no such host here; None if there can."""
    if os.geteuid() != 0:
        return "a network namespace needs root"
    if not TUN.exists():
        return "no /dev/net/tun"
    try:
        host = LinuxHost()
    except OSError as problem:
        return f"no network namespace: {problem.strerror}"
    host.stop()
    return None


class LinuxHost:
    """The namespace, its TAP device, and sockets in it."""

    def __init__(self) -> None:
        self._work: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name="linux host", daemon=True)
        self._thread.start()
        try:
            self.inside(enter_namespace)
            self.tap: int = self.inside(make_tap)
        except OSError:
            self._work.put(None)
            raise

    def inside(self, call: Callable[[], Any]) -> Any:
        """Calls something in the namespace and returns its result."""
        answers: queue.Queue[tuple[Any, OSError | None]] = queue.Queue()

        def work() -> None:
            try:
                answers.put((call(), None))
            except OSError as problem:
                answers.put((None, problem))

        self._work.put(work)
        result, problem = answers.get()
        if problem is not None:
            raise problem
        return result

    def listen(self, port: int, timeout_s: float) -> socket.socket:
        """Returns a listening socket."""

        def make() -> socket.socket:
            found = socket.socket()
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            found.bind((PEER_ADDRESS, port))
            found.listen(8)
            found.settimeout(timeout_s)
            return found

        return self.inside(make)  # type: ignore[no-any-return]

    def connect(self, port: int, timeout_s: float) -> socket.socket:
        """Returns a socket that is connected to a port of the guest."""
        found: socket.socket = self.inside(socket.socket)
        found.settimeout(timeout_s)
        found.connect((GUEST_ADDRESS, port))
        return found

    def stop(self) -> None:
        """Ends the thread; the namespace goes with the last socket in it."""
        os.close(self.tap)
        self._work.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()


def enter_namespace() -> None:
    """Takes the thread that calls into a network namespace of its own."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def make_tap() -> int:
    """Makes the device with the peer's addresses and returns its file."""
    tap = os.open(TUN, os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", NAME, IFF_TAP | IFF_NO_PI))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        hardware = struct.pack("16sH6s16x", NAME, ARPHRD_ETHER, PEER_MAC)
        fcntl.ioctl(control, SIOCSIFHWADDR, hardware)
        for request, address in ((SIOCSIFADDR, PEER_ADDRESS), (SIOCSIFNETMASK, "255.255.255.0")):
            value = struct.pack("16sHH4s16x", NAME, socket.AF_INET, 0, socket.inet_aton(address))
            fcntl.ioctl(control, request, value)
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH22x", NAME, IFF_UP))
    return tap


class LossyBridge:
    """Carries frames between a cable and a TAP device; some of TCP's get lost, by a seed."""

    def __init__(self, cable: Cable, tap: int) -> None:
        self._cable = cable.near
        self._tap = tap
        self._dice = random.Random(1)
        self._is_ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bridge", daemon=True)
        self.loss = 0.0
        """The share of TCP's frames that is dropped, either way."""
        self.dropped = 0
        self.carried = 0
        self._capture: BinaryIO | None = None

    def start(self) -> None:
        """Begins to carry."""
        self._cable.settimeout(POLL_S)
        self._thread.start()

    @contextmanager
    def recording(self, path: Path) -> Iterator[None]:
        """Writes what is carried during the block into a file for `tests/support/pcap.py`."""
        with open(path, "wb") as capture:
            capture.write(struct.pack("<IHHiIII", pcap.MAGIC, 2, 4, 0, 0, LARGEST_FRAME, 1))
            self._capture = capture
            yield
            self._capture = None

    def stop(self) -> None:
        """Ends the thread."""
        self._is_ending.set()
        self._thread.join()

    def _run(self) -> None:
        watched: list[Any] = [self._cable, self._tap]
        while not self._is_ending.is_set():
            ready, _, _ = select.select(watched, [], [], POLL_S)
            try:
                if self._cable in ready:
                    self._from_guest(self._cable.recv(LARGEST_FRAME))
                if self._tap in ready:
                    self._to_guest(os.read(self._tap, LARGEST_FRAME))
            except OSError:
                return

    def _from_guest(self, frame: bytes) -> None:
        if self._is_lost(frame):
            return
        packet = ipv4_in(frame)
        if packet is not None and peer_dhcp.is_request(packet):
            answer = peer_dhcp.answer(packet.payload[8:], PEER_ADDRESS, GUEST_ADDRESS)
            if answer is not None:
                whole = frames.ethernet(frames.BROADCAST, PEER_MAC, frames.IPV4, answer)
                self._send(whole)
            return
        os.write(self._tap, frame)

    def _to_guest(self, frame: bytes) -> None:
        if not self._is_lost(frame):
            self._send(frame)

    def _send(self, frame: bytes) -> None:
        """Sends to the guest; waits while it has no room, so that only `loss` loses."""
        while not self._is_ending.is_set():
            try:
                self._cable.send(frame)
                return
            except TimeoutError:
                pass

    def _is_lost(self, frame: bytes) -> bool:
        """Counts a frame of TCP, and says whether it gets lost."""
        if frame[12:14] != struct.pack(">H", frames.IPV4) or frame[23] != frames.TCP:
            return False
        if self._dice.random() < self.loss:
            self.dropped += 1
            return True
        self.carried += 1
        capture = self._capture
        if capture is not None:
            seconds, rest = divmod(time.time_ns(), 10**9)
            capture.write(struct.pack("<IIII", seconds, rest // 1000, len(frame), len(frame)))
            capture.write(frame)
        return False


def ipv4_in(frame: bytes) -> frames.Packet | None:
    """Returns the IPv4 packet in a frame, if there is one."""
    if frame[12:14] != struct.pack(">H", frames.IPV4):
        return None
    try:
        return frames.read_ipv4(frame[14:])
    except ValueError:
        return None
