"""What `spent`, `httpload` and `callload` say the system spent agrees with what was done."""

import re

from swiftos.guest import Guest

BUDGET_S = 30
LINE = re.compile(r"^spent: (.*)$", re.MULTILINE)
URL = "http://127.0.0.1:8080/hello.txt"
REQUESTS = 40


def spending(text: str) -> dict[str, int]:
    """Returns the fields of the line of `spent`."""
    match = LINE.search(text)
    assert match is not None, text
    pairs = (word.split("=") for word in match.group(1).split())
    return {name: int(value) for name, value in pairs}


def test_sleeping_is_idle_time_and_not_busy_time(shell: Guest) -> None:
    spent = spending(shell.run_command("spent sleep 0.3", BUDGET_S).text)
    assert spent["idle_ns"] >= 250_000_000
    assert spent["processes_made"] == 1
    assert spent["busy_ns"] > 0 and spent["system_calls"] > 0


def test_computing_is_busy_time(shell: Guest) -> None:
    line = "spent sh -c 'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done'"
    spent = spending(shell.run_command(line, BUDGET_S).text)
    assert spent["busy_ns"] > 20 * spent["idle_ns"]


def test_command_is_run_with_its_status_and_environment(shell: Guest) -> None:
    output = shell.run_command("A=here spent sh -c 'echo is $A; exit 3'", BUDGET_S)
    assert "is here" in output.text
    assert output.status == 3
    assert shell.run_command("spent no-such-command", BUDGET_S).status == 127
    assert spending(shell.run_command("spent", BUDGET_S).text)["used_before"] == 0


def test_load_over_loopback_is_answered_whole(shell: Guest) -> None:
    load = f"httpload -n {REQUESTS} -w 4"
    script = f"{load} -k {URL}; {load} -c 4 {URL}; {load} -k {URL}nothing; echo status $?"
    line = f"httpd -q & P=$!; sleep 0.2; {script}; kill $P; wait $P"
    text = shell.run_command(line, BUDGET_S).text
    size = len(shell.run_command("cat /www/hello.txt", BUDGET_S).text)
    answered = f"httpload: {REQUESTS} requests, 0 failed, {REQUESTS * size} bytes"
    assert text.count(answered) == 2, text
    assert f"httpload: {REQUESTS} requests, {REQUESTS} failed" in text
    assert "status 1" in text
    steps = re.findall(r"steps: kept=(\d+) least_ns=(\d+) median_ns=(\d+) most_ns=(\d+)", text)
    kept = [int(step[0]) for step in steps]
    assert kept == [REQUESTS, REQUESTS // 4, REQUESTS]
    for step in steps:
        assert 0 < int(step[1]) <= int(step[2]) <= int(step[3])
    for line in LINE.findall(text):
        assert int(line.split()[0].split("=")[1]) > 0


def test_every_call_of_a_load_of_calls_is_counted(shell: Guest) -> None:
    spent = spending(shell.run_command("callload -n 3000", BUDGET_S).text)
    assert 3000 < spent["system_calls"] < 3100
    assert spent["allocations"] < 100
    assert shell.run_command("callload -n 0", BUDGET_S).status == 2
    assert shell.run_command("callload now", BUDGET_S).status == 2


def test_kept_echo_answers_all_that_comes(shell: Guest) -> None:
    ask = "(echo first; sleep 0.1; echo second) | nc 127.0.0.1 5557"
    wait = "until ss -lt | grep -q :5557; do sleep 0.01; done"
    line = f"tcpecho -k -p 5557 & P=$!; {wait}; {ask}; {ask}; kill $P; wait $P"
    text = shell.run_command(line, BUDGET_S).text
    assert text.count("first\nsecond\n") == 2, text
