"""The harness against guests of a few instructions: exit codes, waits, panics, hangs, echo."""

from pathlib import Path

import pytest

from swiftos.guest import Guest, GuestError
from swiftos.qemu import Clock, Profile
from swiftos.runfolder import RunFolder
from tests.support import tinyguest
from tests.support.tinyguest import Ending

pytestmark = [pytest.mark.guest, pytest.mark.slow]


def start(folder: Path, text: str, ending: Ending, exit_code: int = 0) -> Guest:
    kernel = tinyguest.write(folder, text, ending, exit_code)
    profile = Profile(kernel=kernel, has_semihosting=True)
    return Guest.start(profile, RunFolder.create("tiny", folder / "runs"))


def test_first_byte_reaches_console_and_log(tmp_path: Path) -> None:
    with start(tmp_path, "hello\n", Ending.POWER_OFF) as guest:
        assert guest.expect("hello\n", 20) == "hello\n"
        assert guest.wait_exit(20) == 0
        assert guest.folder.console_log.read_text() == "hello\n"


def test_failing_exit_code_reaches_the_caller(tmp_path: Path) -> None:
    with start(tmp_path, "bye\n", Ending.FAIL, exit_code=7) as guest:
        assert guest.wait_exit(20) == 7


def test_wait_after_the_end_names_exit_code_and_serial_lines(tmp_path: Path) -> None:
    with start(tmp_path, "only this\n", Ending.POWER_OFF) as guest:
        with pytest.raises(GuestError) as caught:
            guest.expect("never", 20)
        assert "QEMU ended with code 0" in caught.value.message
        assert "only this" in caught.value.message


def test_hung_guest_is_diagnosed_with_its_program_counter(tmp_path: Path) -> None:
    with start(tmp_path, "stuck\n", Ending.HANG) as guest:
        guest.expect("stuck", 20)
        with pytest.raises(GuestError) as caught:
            guest.expect("never", 0.2)
        assert "cpu 0 PC  0x0000000040200" in caught.value.message
        assert str(guest.folder.path) in caught.value.cure


def test_panic_ends_a_wait_at_once(tmp_path: Path) -> None:
    guest = start(tmp_path, "boot\npanic: out of frames\n", Ending.HANG)
    with guest, pytest.raises(GuestError, match="the kernel panicked"):
        guest.expect("prompt", 60)


def test_expected_panic_is_returned(tmp_path: Path) -> None:
    with start(tmp_path, "panic: on purpose\n", Ending.HANG) as guest:
        seen = guest.expect("panic: .*\n", 20, is_panic_expected=True)
        assert "on purpose" in seen


def test_typed_line_longer_than_the_fifo_arrives_whole(tmp_path: Path) -> None:
    line = "".join(chr(33 + index % 90) for index in range(300))
    with start(tmp_path, "ready\n", Ending.ECHO) as guest:
        guest.expect("ready\n", 20)
        guest.type_line(line)
        guest.expect("\r", 20)
        assert line in guest.console.text()


def test_silent_guest_fails_naming_the_typed_line(tmp_path: Path) -> None:
    with start(tmp_path, "ready\n", Ending.HANG) as guest:
        guest.expect("ready", 20)
        with pytest.raises(GuestError, match="no echo of the line 'ls'"):
            guest.type_line("ls", echo_budget_s=0.2)


def test_counted_clock_and_block_count(tmp_path: Path) -> None:
    kernel = tinyguest.write(tmp_path, "x", Ending.HANG)
    counts = []
    for turn in range(2):
        profile = Profile(kernel=kernel, clock=Clock.CLOSED)
        folder = RunFolder.create(f"count-{turn}", tmp_path / "runs")
        with Guest.start(profile, folder) as guest:
            guest.expect("x", 20)
            counts.append(guest.settled_blocks())
    assert 0 < counts[0] < 20
    assert counts[0] == counts[1]


def test_run_folder_tells_what_was_run(tmp_path: Path) -> None:
    with start(tmp_path, "x", Ending.POWER_OFF) as guest:
        guest.wait_exit(20)
        names = {path.name for path in guest.folder.path.iterdir()}
    assert names >= {"argv.json", "profile.json", "artifacts.json", "console.log", "harness.log"}
