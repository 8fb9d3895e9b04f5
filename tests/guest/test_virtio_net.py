"""The network interface of a booted guest: its lines, its gateway, its link."""

import re
import socket
import threading
import time

from swiftos import network
from swiftos.guest import Guest
from tests.guest.conftest import BOOT_BUDGET_S, Boot
from tests.support import network_guest
from tests.support.host_services import TcpService
from tests.support.network_guest import CableGuest, NetGuest

ANSWER_S = 20
END_OF_INPUT = b"\x04"
LINES = (
    r"net-a: virtio-net up, MAC 52:54:00:12:34:56",
    r"net-a: ARP reply, 10\.0\.2\.2 is at 52:55:0a:00:02:02",
    r"net-a OK: ICMP echo reply from 10\.0\.2\.2",
)


def test_interface_comes_up_and_the_gateway_answers(net_guest: NetGuest) -> None:
    text = net_guest.guest.console.text()
    places = [re.search(f"^.*{line}$", text, re.MULTILINE) for line in LINES]
    assert all(places), text
    assert [place.start() for place in places if place] == sorted(
        place.start() for place in places if place
    )


def test_without_an_interface_the_kernel_says_so(shell: Guest) -> None:
    assert "\nnet: no virtio-net device attached\n" in shell.console.text()


def test_guest_answers_pings_of_every_length_that_fits_a_frame(cable_guest: CableGuest) -> None:
    for number, length in enumerate((0, 1, 2, 17, 18, 500, 1471, 1472)):
        payload = bytes(index & 0xFF for index in range(length))
        cable_guest.peer.ping(number, ANSWER_S, payload)
    assert cable_guest.peer.unsound == 0


def test_link_that_is_pulled_and_put_back(net_guest: NetGuest) -> None:
    guest = net_guest.guest
    guest.control.execute("set_link", ANSWER_S, name="n0", up=False)
    guest.expect("net-a: link down", ANSWER_S)
    guest.control.execute("set_link", ANSWER_S, name="n0", up=True)
    guest.expect("net-a: link up", ANSWER_S)
    started_s = time.monotonic()
    assert guest.run_command("ping -c 1 10.0.2.2", ANSWER_S).status == 0
    assert time.monotonic() - started_s < ANSWER_S


def test_what_was_sent_while_the_link_was_pulled_arrives_behind_it(net_guest: NetGuest) -> None:
    guest = net_guest.guest
    is_open, is_sent = threading.Event(), threading.Event()
    lines = []

    def talk(connection: socket.socket) -> None:
        is_open.set()
        stream = connection.makefile("rb")
        lines.append(stream.readline())
        is_sent.set()
        # Until `nc` has taken its end of input: behind an early close the shell would take it.
        stream.read()

    with TcpService(talk) as server:
        guest.type_line(f"nc 10.0.2.2 {server.port}")
        assert is_open.wait(ANSWER_S)
        guest.control.execute("set_link", ANSWER_S, name="n0", up=False)
        guest.expect("net-a: link down", ANSWER_S)
        guest.type_line("behind the break")
        # Until the guest is idle: it has tried to send.
        guest.settled_blocks()
        assert not is_sent.is_set()
        guest.control.execute("set_link", ANSWER_S, name="n0", up=True)
        assert is_sent.wait(ANSWER_S)
        guest.send(END_OF_INPUT)
        guest.wait_prompt(ANSWER_S)
    assert lines == [b"behind the break\n"]


def test_smallest_machine_with_the_other_interrupt_controller_has_a_network(boot: Boot) -> None:
    guest = boot(memory="24M", gic="3", network=network.user_network())
    guest.wait_prompt(BOOT_BUDGET_S)
    guest.wait_text(network_guest.CONFIGURED, network_guest.CONFIGURE_BUDGET_S)
    assert guest.run_command("ping -c 3 10.0.2.2", ANSWER_S).status == 0
