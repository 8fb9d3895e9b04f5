"""A running guest: starts QEMU, talks to its console and its control channel, ends it.

How to use it: `with Guest.start(profile, RunFolder.create("label")) as guest:`, then `expect`,
`run_command`, `power_off`. Leaving the block ends QEMU. Both channels are socket pairs made before
QEMU starts: the console is connected at the first instruction and no path is too long.

A failed wait raises GuestError, whose message has the cause, the registers with code addresses
named, the last serial lines and the run folder.
"""

import os
import re
import secrets
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType

from swiftos import diagnosis, emulator, qemu
from swiftos.console import Console, PanicError, WaitError, time_scale
from swiftos.errors import HarnessError, ProductError
from swiftos.qmp import Qmp
from swiftos.runfolder import RunFolder

PROMPT = r"^swiftos:[^\n]*# "
EXIT_BUDGET_S = 10
ECHO_BUDGET_S = 20
PANIC_REPORT_S = 2
SETTLED_READINGS = 5
READING_INTERVAL_S = 0.02


class GuestError(ProductError):
    """The guest did not do what was awaited."""


@dataclass(frozen=True)
class CommandOutput:
    """What a command of the guest printed, and its exit status."""

    text: str
    status: int


class Guest:
    """One QEMU process with a console and a control channel."""

    def __init__(
        self,
        profile: qemu.Profile,
        folder: RunFolder,
        process: subprocess.Popen[bytes],
        console: Console,
        control: Qmp,
        started_s: float,
    ) -> None:
        self.profile = profile
        self.folder = folder
        self.console = console
        self.control = control
        self.started_s = started_s
        self._process = process

    @classmethod
    def start(
        cls, profile: qemu.Profile, folder: RunFolder, inherited: Sequence[int] = ()
    ) -> "Guest":
        """Starts QEMU; returns at once, the guest boots meanwhile.

        `inherited` are file descriptors that the profile names: the far end of a cable.
        """
        program = emulator.obtain()
        console_ours, console_theirs = socket.socketpair()
        control_ours, control_theirs = socket.socketpair()
        handles = (console_theirs.fileno(), control_theirs.fileno())
        argv = [str(program.program), *program.arguments, *qemu.machine_arguments(profile)]
        argv += channel_arguments(handles[0], handles[1], folder)
        folder.record(profile, argv)
        started_s = time.monotonic()
        process = _spawn(argv, (*handles, *inherited), folder, program.full_environment())
        console_theirs.close()
        control_theirs.close()
        console = Console(console_ours)
        return cls(profile, folder, process, console, Qmp(control_ours), started_s)

    @property
    def pid(self) -> int:
        """QEMU's process number."""
        return self._process.pid

    def __enter__(self) -> "Guest":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def expect(self, pattern: str, budget_s: float, is_panic_expected: bool = False) -> str:
        """Waits for a regular expression on the console; returns the text up to its end."""
        self.folder.note(f"expect {pattern!r} within {budget_s} s")
        try:
            return self.console.expect(pattern, budget_s, is_panic_expected)
        except (WaitError, PanicError) as error:
            raise self._failure(f"waited {budget_s} s for {pattern!r}", error) from error

    def wait_text(self, pattern: str, budget_s: float) -> None:
        """Waits until a regular expression matches anywhere in what the console has shown."""
        self.folder.note(f"wait for {pattern!r} within {budget_s} s")
        try:
            self.console.wait_text(pattern, budget_s)
        except (WaitError, PanicError) as error:
            raise self._failure(f"waited {budget_s} s for {pattern!r}", error) from error

    def wait_prompt(self, budget_s: float) -> str:
        """Waits for the shell's prompt."""
        return self.expect(PROMPT, budget_s)

    def type_line(self, line: str, echo_budget_s: float = ECHO_BUDGET_S) -> None:
        """Types a line, waiting for its echo piece by piece, and Enter."""
        self.folder.note(f"type {line!r}")
        try:
            self.console.type_text(line, echo_budget_s)
            self.console.send(b"\r")
        except WaitError as error:
            raise self._failure(f"no echo of the line {line!r}", error) from error

    def send(self, data: bytes) -> None:
        """Sends raw bytes: control characters."""
        self.folder.note(f"send {data!r}")
        try:
            self.console.send(data)
        except WaitError as error:
            raise self._failure(f"could not send {data!r}", error) from error

    def run_command(self, command: str, budget_s: float) -> CommandOutput:
        """Runs a shell command at the prompt and returns its output and status.

        The end is recognised by a random marker, so output that looks like a prompt does no harm.
        """
        mark = f"@@{secrets.token_hex(4)}"
        self.type_line(f'{command}; echo "{mark} $?"')
        self.expect(r"\n", ECHO_BUDGET_S)
        seen = self.expect(rf"{mark} (\d+)\r?\n", budget_s)
        head, _, tail = seen.rpartition(mark)
        match = re.search(r"\d+", tail)
        assert match is not None
        self.wait_prompt(ECHO_BUDGET_S)
        return CommandOutput(head, int(match.group()))

    def settled_blocks(self) -> int:
        """Returns how many blocks of guest code QEMU has translated once the number stands still.

        An idle guest translates nothing new: the number counts when several readings agree.
        """
        readings = [self.translated_blocks()]
        deadline_s = time.monotonic() + EXIT_BUDGET_S * time_scale()
        while len(readings) < SETTLED_READINGS or len(set(readings[-SETTLED_READINGS:])) > 1:
            if time.monotonic() > deadline_s:
                wait = WaitError(False)
                raise self._failure("the number of translated blocks keeps growing", wait)
            time.sleep(READING_INTERVAL_S)
            readings.append(self.translated_blocks())
        return readings[-1]

    def translated_blocks(self) -> int:
        """Returns how many blocks of guest code QEMU has translated so far."""
        text = self.control.monitor("info jit", EXIT_BUDGET_S)
        match = re.search(r"TB count\s+(\d+)", text)
        if match is None:
            raise HarnessError("`info jit` shows no block count", "use QEMU 7.2 or newer with TCG")
        return int(match.group(1))

    def wait_exit(self, budget_s: float) -> int:
        """Waits until QEMU ends by itself and returns its exit code."""
        try:
            code = self._process.wait(budget_s * time_scale())
        except subprocess.TimeoutExpired as error:
            wait = WaitError(False)
            raise self._failure(f"QEMU did not end within {budget_s} s", wait) from error
        self.console.wait_closed(EXIT_BUDGET_S)
        self.folder.note(f"QEMU ended with code {code}")
        return code

    def power_off(self, budget_s: float) -> int:
        """Types `poweroff` and returns QEMU's exit code."""
        self.type_line("poweroff")
        return self.wait_exit(budget_s)

    def end(self) -> None:
        """Ends QEMU if it still runs: asked first, killed after the budget."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(EXIT_BUDGET_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self.control.close()
        self.console.wait_closed(EXIT_BUDGET_S)
        self.console.close()

    def _failure(self, what: str, cause: Exception) -> GuestError:
        """Builds the error of a failed wait, with all that is known about the guest."""
        if isinstance(cause, WaitError) and cause.is_closed:
            self._let_finish(EXIT_BUDGET_S)
        code = self._process.poll()
        if isinstance(cause, PanicError):
            self._let_finish(PANIC_REPORT_S)
            what = f"the kernel panicked; {what}"
        elif code is not None:
            what = f"QEMU ended with code {code}; {what}"
        parts = [what]
        if code is None and not isinstance(cause, PanicError):
            parts.append(diagnosis.describe_cpu(self.control, self.profile.kernel))
        if self.folder.qemu_log.exists() and self.folder.qemu_log.stat().st_size:
            parts.append("QEMU said: " + self.folder.qemu_log.read_text()[-2000:].strip())
        parts.append("last serial lines:\n" + diagnosis.last_lines(self.console.text()))
        message = "\n".join(parts)
        self.folder.note(message)
        return GuestError(message, f"see the run folder {self.folder.path}")

    def _let_finish(self, budget_s: float) -> None:
        """Gives QEMU a moment to end, and a panicking kernel to print its whole report."""
        try:
            self._process.wait(budget_s * time_scale())
        except subprocess.TimeoutExpired:
            return


def channel_arguments(console: int, control: int, folder: RunFolder) -> Sequence[str]:
    """Returns the arguments that connect the serial line and QMP to two inherited sockets."""
    log = qemu.escape(folder.console_log)
    return [
        "-chardev",
        f"socket,id=console,fd={console},logfile={log}",
        "-serial",
        "chardev:console",
        "-chardev",
        f"socket,id=control,fd={control}",
        "-mon",
        "chardev=control,mode=control",
    ]


def _spawn(
    argv: list[str], handles: Sequence[int], folder: RunFolder, environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    """Starts QEMU with the sockets inherited and its messages in the run folder."""
    with open(folder.qemu_log, "wb") as log:
        return subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=handles,
            env=environment,
            cwd=os.sep,
        )
