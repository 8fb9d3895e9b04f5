"""Sockets, epoll, counters and timers, as programs see them over the loopback."""

import re

import pytest

from swiftos.guest import Guest

BUDGET_S = 60
RUNS_S = 120
PROGRAMS = ("socket_check", "datagram_check", "epoll_check", "event_check", "socket_load")
TOUR = "/test/fail_allocation /test/socket_tour 2> /dev/null"
WARM_RUNS = 3
RUNS = 4
SPARE_PACKETS_KIB = 128
"""Free packets that the stack keeps for the next burst: they may still have been few before."""


@pytest.mark.parametrize("program", PROGRAMS)
def test_calls_do_what_they_say(shell: Guest, program: str) -> None:
    result = shell.run_command(f"/test/{program}", BUDGET_S)
    assert "FAILED" not in result.text
    assert f"{program}: 0 failures" in result.text
    assert result.status == 0


def memory_kib(shell: Guest) -> tuple[int, int]:
    """Returns what is used beyond the page cache, and what of it is the kernel's heap."""
    report = shell.run_command("free", BUDGET_S).text.split("Mem:")[1].split()
    used, cached, heap = int(report[1]), int(report[3]), int(report[5])
    return used - cached, heap


def test_any_allocation_of_a_socket_may_fail(shell: Guest) -> None:
    for _ in range(WARM_RUNS):
        shell.run_command(TOUR, RUNS_S)
    used, heap = memory_kib(shell)
    for _ in range(RUNS):
        result = shell.run_command(TOUR, RUNS_S)
        runs = re.search(r"runs: (\d+)", result.text)
        assert runs is not None and int(runs.group(1)) > 30, result.text
    used_after, heap_after = memory_kib(shell)
    assert heap_after <= heap + 1, "objects are lost"
    assert used_after <= used + SPARE_PACKETS_KIB, "frames are lost"
