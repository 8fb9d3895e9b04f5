"""Typing at the console: pipelines, loops, interrupts, scripts, as a person does."""

import re

from swiftos.guest import Guest

BUDGET_S = 30
CONTROL_C = b"\x03"
CONTROL_D = b"\x04"
CONTROL_U = b"\x15"
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
