"""The tables of cases, each against the checked and the compiled library."""

import pytest

from tests.user.http.answers import check, check_finals
from tests.user.http.case import Case
from tests.user.http.message_cases import MESSAGES
from tests.user.http.semantics_cases import SEMANTICS
from tests.user.http.servers import CompiledServer, ProbeServer

CASES = MESSAGES + SEMANTICS


@pytest.mark.parametrize("case", MESSAGES, ids=lambda case: f"9112-{case.identity}")
def test_message(case: Case, server: ProbeServer) -> None:
    check(case, *server.converse([case.sent]))


@pytest.mark.parametrize("case", SEMANTICS, ids=lambda case: f"9110-{case.identity}")
def test_semantics(case: Case, server: ProbeServer) -> None:
    check(case, *server.converse([case.sent]))


def test_byte_by_byte_is_the_same(compiled: CompiledServer) -> None:
    for case in CASES:
        pieces = [case.sent[index : index + 1] for index in range(len(case.sent))]
        check_finals(case, *compiled.converse(pieces))


def test_names_are_unique() -> None:
    names = [case.identity for case in CASES]
    assert len(names) == len(set(names))
