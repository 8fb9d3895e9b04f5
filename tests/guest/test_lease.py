"""The address of a booted guest is renewed, given up at its end, and asked for again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from swiftos import network, qemu
from swiftos.guest import Guest
from swiftos.runfolder import RunFolder
from tests.support.frame_peer import GUEST_ADDRESS, PEER_ADDRESS, Cable, FramePeer
from tests.support.network_guest import CONFIGURE_BUDGET_S, CONFIGURED
from tests.user.net import dhcp_server as dhcp
from tests.user.net.dhcp_server import Message

BOOT_S = 60
ANSWER_S = 20
LEASE_S = 8
EVERYBODY = "255.255.255.255"


@dataclass(frozen=True)
class Renter:
    """A guest with a short lease, and who gives it away."""

    guest: Guest
    peer: FramePeer

    def servers(self) -> str:
        return self.guest.run_command("cat /etc/resolv.conf", ANSWER_S).text

    def ping_status(self) -> int:
        return self.guest.run_command(f"ping -c 1 -W 0.5 {PEER_ADDRESS}", ANSWER_S).status

    def wait_requests(self, count: int) -> None:
        """Waits in the guest, a second at a time, until so many messages have come."""
        for _ in range(LEASE_S * 4):
            if len(self.peer.requests) >= count:
                return
            self.guest.run_command("sleep 1", ANSWER_S)
        raise AssertionError(f"{len(self.peer.requests)} messages instead of {count}")


@pytest.fixture
def renter(built_profile: qemu.Profile) -> Iterator[Renter]:
    cable = Cable()
    peer = FramePeer(cable)
    peer.lease_s = LEASE_S
    peer.start()
    handle = cable.far.fileno()
    profile = replace(built_profile, network=network.datagram_network(handle))
    with Guest.start(profile, RunFolder.create("lease"), [handle]) as guest:
        cable.far.close()
        guest.wait_prompt(BOOT_S)
        guest.wait_text(CONFIGURED, CONFIGURE_BUDGET_S)
        guest.run_command("true", ANSWER_S)
        yield Renter(guest, peer)
    peer.stop()
    cable.close()


def test_lease_is_renewed_then_lost_and_found_again(renter: Renter) -> None:
    peer = renter.peer
    renter.wait_requests(3)
    renewal = peer.requests[2]
    assert (renewal.source, renewal.destination) == (GUEST_ADDRESS, PEER_ADDRESS)
    assert Message(renewal.payload[8:]).client == GUEST_ADDRESS
    assert renter.servers() == f"nameserver {PEER_ADDRESS}\n"

    peer.lease_s = 0
    before = len(peer.requests)
    renter.wait_requests(before + 3)
    asked = [(packet.destination, Message(packet.payload[8:])) for packet in peer.requests[before:]]
    destinations = [destination for destination, _ in asked]
    assert destinations[:3] == [PEER_ADDRESS, EVERYBODY, EVERYBODY]
    assert [message.kind for _, message in asked[:3]] == [dhcp.REQUEST, dhcp.REQUEST, dhcp.DISCOVER]
    assert asked[1][1].client == GUEST_ADDRESS
    assert asked[2][1].client == "0.0.0.0"
    assert renter.servers() == ""
    assert renter.ping_status() == 1

    peer.lease_s = LEASE_S
    renter.guest.expect(CONFIGURED, CONFIGURE_BUDGET_S)
    renter.guest.run_command("true", ANSWER_S)
    assert renter.ping_status() == 0
