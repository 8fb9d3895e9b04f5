"""Cases over TCP: what `httpd` itself answers, wherever it runs."""

from __future__ import annotations

import socket

from tests.user.http.answers import check
from tests.user.http.case import Case
from tests.user.http.message_cases import MESSAGES
from tests.user.http.semantics_cases import SEMANTICS

PROGRAM_CASES = tuple(case for case in MESSAGES + SEMANTICS if not case.is_of_library)
TIMEOUT_S = 20.0


def run_case(case: Case, address: tuple[str, int]) -> None:
    """Sends a case's bytes on a connection of its own and checks all that comes back."""
    with socket.create_connection(address, TIMEOUT_S) as connection:
        connection.sendall(case.sent)
        if not case.closes:
            connection.shutdown(socket.SHUT_WR)
        received = bytearray()
        while piece := connection.recv(1 << 16):
            received += piece
    check(case, bytes(received), case.closes)
