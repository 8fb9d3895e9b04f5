"""A guest and Linux at the two ends of a cable: see `tests/support/linux_host.py`."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from swiftos import network, qemu
from swiftos.guest import Guest
from swiftos.runfolder import RunFolder
from tests.support import network_guest
from tests.support.frame_peer import Cable
from tests.support.linux_host import LinuxHost, LossyBridge

BOOT_BUDGET_S = 60
RETRY_S = 0.05
PIECE = 65536


@dataclass(frozen=True)
class LinuxPair:
    """A guest at its prompt, Linux, and what is between them."""

    guest: Guest
    host: LinuxHost
    bridge: LossyBridge

    def connect(self, port: int, budget_s: float) -> socket.socket:
        """Connects to a port of the guest, as soon as something listens there."""
        deadline_s = time.monotonic() + budget_s
        while True:
            try:
                return self.host.connect(port, budget_s)
            except ConnectionRefusedError:
                if time.monotonic() > deadline_s:
                    raise
                time.sleep(RETRY_S)


@contextmanager
def started(built_profile: qemu.Profile) -> Iterator[LinuxPair]:
    """Boots a guest on a cable to Linux and ends both behind the block."""
    cable = Cable()
    handle = cable.far.fileno()
    profile = replace(built_profile, network=network.datagram_network(handle))
    host = LinuxHost()
    bridge = LossyBridge(cable, host.tap)
    bridge.start()
    guest = Guest.start(profile, RunFolder.create("linux"), [handle])
    cable.far.close()
    try:
        guest.wait_prompt(BOOT_BUDGET_S)
        guest.wait_text(network_guest.CONFIGURED, network_guest.CONFIGURE_BUDGET_S)
        yield LinuxPair(guest, host, bridge)
    finally:
        guest.end()
        bridge.stop()
        host.stop()
        cable.close()


def exchange(connection: socket.socket, sent: bytes) -> bytes:
    """Sends and receives at once; closes when the guest has sent all, as `nc` expects it."""
    received = bytearray()
    sender = threading.Thread(target=connection.sendall, args=(sent,))
    sender.start()
    while data := connection.recv(PIECE):
        received += data
    sender.join()
    connection.close()
    return bytes(received)
