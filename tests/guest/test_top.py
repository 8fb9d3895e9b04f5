"""`top` tells the truth: its fields are there, and agree with what is known from outside."""

import re
import time

from swiftos.guest import Guest

BUDGET_S = 30
HEADER = "  PID  PPID USER      S   %CPU      RES  TIME+      COMMAND"
ROW = re.compile(r" *(\d+) +(\d+) (\w+) +([RSZT]) +(\d+\.\d) +(\d+)K +(\d+:\d\d\.\d\d) +(\S+)")


def frame(shell: Guest, command: str) -> list[str]:
    return shell.run_command(command, BUDGET_S).text.splitlines()


def test_first_lines_have_every_field(shell: Guest) -> None:
    lines = frame(shell, "top -b -n 1")
    forms = [
        r"top - up \d+:\d\d:\d\d,  \d+ tasks,  hz 100",
        r"Tasks: \d+ total, \d+ running, \d+ sleeping, \d+ zombie",
        r"Cpu:  \d+\.\d% busy, \d+\.\d% idle",
        r"CPUs: 1 present, per-CPU busy: 0=\d+\.\d%",
        r"Mem:  \d+K total, \d+K used, \d+K free",
        r"Kernel: \d+K image, \d+K heap used",
        "",
        re.escape(HEADER),
    ]
    for line, form in zip(lines, forms, strict=False):
        assert re.fullmatch(form, line), line
    rows = [ROW.fullmatch(line) for line in lines[len(forms) :]]
    assert all(rows)
    assert [row.group(8) for row in rows if row and row.group(1) == "1"] == ["/sbin/init"]
    assert any(row.group(8) == "/bin/top" for row in rows if row)


def test_memory_total_is_what_the_machine_was_given(shell: Guest) -> None:
    line = next(line for line in frame(shell, "top -b -n 1") if line.startswith("Mem:"))
    total, used, free = (int(number) for number in re.findall(r"(\d+)K", line))
    assert total == 256 * 1024
    assert used + free == total


def test_second_frame_shows_a_busy_process(shell: Guest) -> None:
    lines = frame(
        shell, "while true; do true; done & top -b -n 2 -d 1; kill $!; wait $! 2>/dev/null"
    )
    second = lines[[n for n, line in enumerate(lines) if line.startswith("top -")][1] :]
    busiest = next(row for row in map(ROW.fullmatch, second) if row)
    assert float(busiest.group(5)) > 50
    assert float(second[2].split()[1].rstrip("%")) > 50


def test_uptime_grows_with_the_hosts_clock(shell: Guest) -> None:
    def uptime_s() -> int:
        hours, minutes, seconds = re.findall(r"\d+", frame(shell, "top -b -n 1")[0])[:3]
        return int(hours) * 3600 + int(minutes) * 60 + int(seconds)

    before, started_s = uptime_s(), time.monotonic()
    shell.run_command("sleep 2", BUDGET_S)
    after, ended_s = uptime_s(), time.monotonic()
    assert 2 <= after - before <= ended_s - started_s + 2


def test_interactive_top_ends_with_q(shell: Guest) -> None:
    shell.type_line("top")
    shell.expect(re.escape(HEADER), BUDGET_S)
    shell.send(b"q")
    shell.wait_prompt(BUDGET_S)
