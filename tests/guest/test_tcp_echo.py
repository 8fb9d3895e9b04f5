"""`tcpecho` with a client on the host."""

from tests.support.network_guest import NetGuest

LISTEN_S = 80
ANSWER_S = 20
TEXT = b"swos-tcp"


def test_text_comes_back_and_is_counted(net_guest: NetGuest) -> None:
    guest = net_guest.guest
    guest.type_line("tcpecho")
    guest.expect(r"^tcpecho: listening on 5555", LISTEN_S)
    with net_guest.connect(5555, ANSWER_S) as client:
        client.sendall(TEXT)
        received = b""
        while len(received) < len(TEXT):
            piece = client.recv(100)
            assert piece, f"the connection ended behind {received!r}"
            received += piece
        assert received == TEXT
    guest.expect(r"^tcpecho: got 8 bytes", ANSWER_S)
    guest.wait_prompt(ANSWER_S)
