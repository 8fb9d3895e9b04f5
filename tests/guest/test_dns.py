"""`nslookup` with a name server on the host."""

import re

from tests.support.host_services import TYPE_A, TYPE_AAAA, NameServer
from tests.support.network_guest import NetGuest

ANSWER_S = 90


def test_both_kinds_of_address(net_guest: NetGuest) -> None:
    guest = net_guest.guest
    with NameServer() as server:
        plain = guest.run_command(f"nslookup test.swos 10.0.2.2 {server.port}", ANSWER_S)
        other = guest.run_command(f"nslookup test6.swos 10.0.2.2 {server.port} AAAA", ANSWER_S)
        assert ("test.swos", TYPE_A) in server.questions
        assert ("test6.swos", TYPE_AAAA) in server.questions
    assert "test.swos -> 192.0.2.7" in plain.text
    assert re.search(r"test6\.swos -> .*:", other.text)
    assert (plain.status, other.status) == (0, 0)


def test_name_without_an_address(net_guest: NetGuest) -> None:
    with NameServer() as server:
        server.is_empty = True
        output = net_guest.guest.run_command(f"nslookup none.swos 10.0.2.2 {server.port}", ANSWER_S)
    assert "none.swos: not found" in output.text
    assert output.status == 1
