"""What the performance and sizing guide names is found in the output of a running guest."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from swiftos import names
from swiftos.guest import Guest
from swiftos.names import Name
from tests.support import http_client
from tests.support.network_guest import NetGuest

BUDGET_S = 120
SERVING = {"httpd": r"httpd: listening on 8080", "llmd": r"llmd: serving on 8080"}
REQUESTS = 32
AT_ONCE = 8


def assert_shows(row: Name, text: str) -> None:
    """Fails where a name's output lacks what the table promises."""
    assert row.shows, f"the table does not say what {row.name} shows"
    assert re.search(row.shows, text, re.MULTILINE), f"{row.name}: no {row.shows!r} in\n{text}"


def row(kind: str, name: str) -> Name:
    return next(found for found in names.of_kind(kind) if found.name == name)


@pytest.mark.parametrize("row", names.of_kind("guest command"), ids=lambda row: row.name)
def test_command_prints_what_the_guide_reads(shell: Guest, row: Name) -> None:
    result = shell.run_command(row.name, BUDGET_S)
    assert result.status == 0
    assert_shows(row, result.text.replace("\r", ""))


def test_top_reports_every_quantity(shell: Guest) -> None:
    text = shell.run_command("top -b -n 1", BUDGET_S).text.replace("\r", "")
    rows = names.of_kind("report of top")
    assert len(rows) == 7
    for found in rows:
        assert_shows(found, text)


def test_llmd_has_the_endpoints_keys_and_marker(net_guest: NetGuest) -> None:
    port = net_guest.host_port(8080)
    with net_guest.serving("/bin/llmd", SERVING["llmd"], BUDGET_S):
        answers = {
            "POST /completion": http_client.post(port, "/completion", b"Tom had", BUDGET_S),
            "GET /health": http_client.get(port, "/health", BUDGET_S),
            "GET /metrics": http_client.get(port, "/metrics", BUDGET_S),
        }
        marker = row("serial marker", "llmd: served")
        net_guest.guest.wait_text(marker.shows, BUDGET_S)
    rows = names.of_kind("HTTP endpoint")
    assert {found.name for found in rows} == answers.keys()
    for found in rows:
        assert answers[found.name].status == 200
        assert_shows(found, answers[found.name].body.decode())
    keys = re.findall(r"^(\w+) \d+$", answers["GET /metrics"].body.decode(), re.MULTILINE)
    assert keys == [found.name for found in names.of_kind("metric key")]


def test_httpd_and_the_network_leave_their_markers(net_guest: NetGuest) -> None:
    port = net_guest.host_port(8080)
    with net_guest.serving("/bin/httpd", SERVING["httpd"], BUDGET_S):
        with ThreadPoolExecutor(AT_ONCE) as clients:
            answers = clients.map(lambda _: http_client.get(port, "/", BUDGET_S), range(REQUESTS))
            assert [answer.status for answer in answers] == [200] * REQUESTS
        net_guest.guest.wait_text(row("serial marker", "httpd: 200").shows, BUDGET_S)
        net_guest.guest.wait_text(row("serial marker", "net-zc OK:").shows, BUDGET_S)
    for name in ("boot: prompt at", "net-a OK:"):
        assert_shows(row("serial marker", name), net_guest.guest.console.text())
