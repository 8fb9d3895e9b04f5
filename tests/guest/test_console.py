"""Typing at the console: pipelines, loops, interrupts, scripts, as a person does."""

import re

from swiftos.guest import Guest

BUDGET_S = 30
CONTROL_C = b"\x03"
CONTROL_D = b"\x04"
CONTROL_U = b"\x15"
CONTROL_Z = b"\x1a"
BACKSPACE = b"\x7f"
UP = b"\x1b[A"


def output(shell: Guest, command: str) -> str:
    return shell.run_command(command, BUDGET_S).text


def test_pipeline_counts(shell: Guest) -> None:
    assert output(shell, "ls -l / | grep bin | wc -l").split() == ["2"]


def test_loop_over_a_glob(shell: Guest) -> None:
    names = output(shell, "ls -d /etc/*").split()
    assert "/etc/motd" in names
    assert output(shell, "for f in /etc/*; do echo $f; done").split() == names


def test_interrupt_ends_the_whole_pipeline(shell: Guest) -> None:
    shell.type_line("sh -c 'echo run''ning; sleep 100' | cat")
    shell.expect(r"running\r?\n", BUDGET_S)
    shell.send(CONTROL_C)
    shell.wait_prompt(BUDGET_S)
    assert "sleep" not in output(shell, "ps")
    assert output(shell, "echo $?").strip() != ""


def test_missing_file_is_named(shell: Guest) -> None:
    result = shell.run_command("cat /no/such", BUDGET_S)
    assert "cat: /no/such: No such file or directory" in result.text
    assert result.status == 1


def test_script_file_with_arguments(shell: Guest) -> None:
    lines = ["for word in $@; do", "echo got $word", "done"]
    output(shell, f"echo '{lines[0]}' > /tmp/script")
    for line in lines[1:]:
        output(shell, f"echo '{line}' >> /tmp/script")
    assert output(shell, "sh /tmp/script one two").splitlines() == ["got one", "got two"]
    output(shell, "rm /tmp/script")


def test_owner_in_ps_is_the_principal(shell: Guest) -> None:
    lines = output(shell, "ps aux").splitlines()
    assert lines[0] == "USER   PID  PPID STAT COMMAND"
    assert re.match(r"root     1     0 S    /sbin/init", lines[1])
    assert any(line.endswith("ps aux") for line in lines)
    assert "principal=1(root)" in output(shell, "id")


def start(shell: Guest, command: str) -> None:
    """Types a command and waits until the shell has taken the line."""
    shell.type_line(command)
    shell.expect(r"\n", BUDGET_S)


def test_interrupt_ends_reading(shell: Guest) -> None:
    shell.type_line("unset typed; echo go''ing; read typed; echo not reached")
    shell.expect(r"going\r?\n", BUDGET_S)
    shell.send(b"half a line" + CONTROL_C)
    assert "not reached" not in shell.wait_prompt(BUDGET_S)
    assert output(shell, 'echo "[$typed]"') == "[]\n"


def test_interrupt_typed_ahead_ends_what_it_was_meant_for(shell: Guest) -> None:
    for command in (
        b"cat",
        b"read typed",
        b"sleep 100",
        b"sleep 100 | cat",
        b"while true; do :; done",
    ):
        shell.send(command + b"; echo not rea''ched\r" + CONTROL_C)
        assert "not reached" not in shell.wait_prompt(BUDGET_S)


def test_interrupt_ends_waiting_but_not_the_job(shell: Guest) -> None:
    start(shell, "sleep 100 & wait; echo not reached")
    shell.expect(r"\[1\] \d+\r?\n", BUDGET_S)
    shell.send(CONTROL_C)
    assert "not reached" not in shell.wait_prompt(BUDGET_S)
    assert output(shell, "jobs") == "[1] running  sleep 100\n"
    assert "killed by SIGTERM" in output(shell, "kill %1; wait")


def test_stop_key_leaves_a_loop(shell: Guest) -> None:
    start(shell, "while true; do sh -c 'echo tu\"\"rn; sleep 100'; done")
    shell.expect("turn", BUDGET_S)
    shell.send(CONTROL_Z)
    shell.wait_prompt(BUDGET_S)
    assert output(shell, "jobs").startswith("[1] stopped  sh -c")
    assert "killed by SIGTERM" in output(shell, "kill %1; wait; jobs")


def test_jobs_are_listed_in_order(shell: Guest) -> None:
    start(shell, "sleep 100 & sleep 101 & sleep 102 &")
    shell.wait_prompt(BUDGET_S)
    lines = output(shell, "jobs").splitlines()
    assert lines == [f"[{job + 1}] running  sleep {100 + job}" for job in range(3)]
    output(shell, "kill %1 %2 %3; wait")


def test_interrupt_ends_top(shell: Guest) -> None:
    start(shell, "top")
    shell.expect("/bin/top", BUDGET_S)
    shell.send(CONTROL_C)
    shell.wait_prompt(BUDGET_S)


def test_top_stops_and_goes_on(shell: Guest) -> None:
    start(shell, "top")
    shell.expect("/bin/top", BUDGET_S)
    shell.send(CONTROL_Z)
    shell.expect(r"\[1\] stopped  top", BUDGET_S)
    shell.wait_prompt(BUDGET_S)
    start(shell, "fg")
    shell.expect("/bin/top", BUDGET_S)
    shell.send(b"q")
    shell.wait_prompt(BUDGET_S)


def test_terminal_is_usable_after_a_killed_program(shell: Guest) -> None:
    killer = "ps | while read pid parent state name; do [ $name = top ] && kill -9 $pid; done"
    awaiter = "until ps | grep -q 'BLOCK top'; do sleep 0.1; done"
    start(shell, f"({awaiter}; {killer}) & top")
    shell.expect("killed by SIGKILL", BUDGET_S)
    shell.wait_prompt(BUDGET_S)
    output(shell, "wait")
    shell.type_line("echo go''ing; cat > /tmp/typed")
    shell.expect(r"going\r?\n", BUDGET_S)
    shell.type_line("a line")
    shell.send(CONTROL_D)
    shell.wait_prompt(BUDGET_S)
    assert output(shell, "cat /tmp/typed; rm /tmp/typed") == "a line\n"


def test_a_closed_pipe_is_no_news(shell: Guest) -> None:
    assert output(shell, "sh -c 'cat /dev/zero; echo not read' | head -c 1 | wc -c") == "1\n"


def test_top_fits_the_screen(shell: Guest) -> None:
    numbers = [str(number) for number in range(1, 21)]
    output(shell, f"for i in {' '.join(numbers)}; do sleep 100 & done")
    on_screen = output(shell, "top -n 1").split("\x1b[2J")[-1].splitlines()
    in_batch = output(shell, "top -b -n 1").splitlines()
    output(shell, f"for i in {' '.join(numbers)}; do kill %$i; done; wait")
    assert len(on_screen) == 23
    assert len(in_batch) > 24


def test_end_of_input_ends_cat(shell: Guest) -> None:
    shell.type_line("echo go''ing; cat > /tmp/typed")
    shell.expect(r"going\r?\n", BUDGET_S)
    shell.type_line("a line")
    shell.send(CONTROL_D)
    shell.wait_prompt(BUDGET_S)
    assert output(shell, "cat /tmp/typed").strip() == "a line"
    output(shell, "rm /tmp/typed")


def test_line_editing_and_history(shell: Guest) -> None:
    shell.send(b"echo wronk" + BACKSPACE + b"g\r")
    shell.expect(r"\nwrong\r?\n", BUDGET_S)
    shell.wait_prompt(BUDGET_S)
    shell.send(UP + b"er\r")
    shell.expect(r"\nwronger\r?\n", BUDGET_S)
    shell.wait_prompt(BUDGET_S)
    shell.send(b"this line is dropped" + CONTROL_U + b"echo kept\r")
    shell.expect(r"\nkept\r?\n", BUDGET_S)
    shell.wait_prompt(BUDGET_S)


def test_help_comes_from_the_docstring(shell: Guest) -> None:
    assert output(shell, "wc --help").startswith("wc - count lines, words and bytes.")


def test_what_is_typed_ahead_is_run_in_order(shell: Guest) -> None:
    """All is typed at once: most of it while programs run, or the shell takes the terminal over."""
    commands = ("true &", "sleep 0.01;", "ls / > /dev/null &", "true | cat;", "wronk" + "\x7f" * 5)
    lines = [f"{commands[n % 5]} echo {n} >> /tmp/typed\r" for n in range(40)]
    shell.send("".join(lines).encode() + b"wait; echo al''l\r")
    shell.expect(r"all\r?\n", BUDGET_S)
    shell.wait_prompt(BUDGET_S)
    assert output(shell, "cat /tmp/typed; rm /tmp/typed").split() == [str(n) for n in range(40)]
