"""`./swos run` on a pseudo terminal: a person types, Ctrl-A x leaves."""

import sys

import pexpect

from swiftos import paths
from swiftos.console import time_scale

BOOT_S = 60
ANSWER_S = 20
PROMPT = r"swiftos:[^\r\n]*# "


def start(*arguments: str) -> "pexpect.spawn[str]":
    command = [str(paths.REPOSITORY / "swos"), "run", *arguments]
    return pexpect.spawn(
        sys.executable, command, cwd=str(paths.REPOSITORY), encoding="utf-8", timeout=BOOT_S
    )


def test_typed_command_answers_and_control_a_x_leaves() -> None:
    child = start("-m", "64M")
    child.expect(PROMPT, timeout=BOOT_S * time_scale())
    child.send("echo typed | wc -c\r")
    child.expect(r"\n6\s", timeout=ANSWER_S * time_scale())
    child.expect(PROMPT, timeout=ANSWER_S * time_scale())
    child.send("\x01x")
    child.expect(pexpect.EOF, timeout=ANSWER_S * time_scale())
    child.close()
    assert child.exitstatus == 0


def test_power_off_ends_the_command_with_success() -> None:
    child = start("--no-build", "--bin", "--gic", "3")
    child.expect(PROMPT, timeout=BOOT_S * time_scale())
    child.send("poweroff\r")
    child.expect(pexpect.EOF, timeout=ANSWER_S * time_scale())
    child.close()
    assert child.exitstatus == 0
