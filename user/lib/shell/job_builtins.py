"""The builtins `wait`, `jobs`, `fg`, `bg` and `kill`."""

from __future__ import annotations

from abi.error_text import strerror
from abi.process import WNOHANG
from abi.signal import SIGCONT, SIGHUP, SIGTERM
from bare import Bytes, errno_of, i32, raises, struct, text, u32, u64
from user.lib import sys
from user.lib.numbers import decimal_value
from user.lib.report import report
from user.lib.shell.characters import MINUS, PERCENT, is_number
from user.lib.shell.fields import Field
from user.lib.shell.interrupt import wait_for_child
from user.lib.shell.jobs import Job, JobState
from user.lib.shell.state import Flow, Shell
from user.lib.signal_names import NAMES, print_signal_names, signal_name, signal_number
from user.lib.standard import standard

FAILED: i32 = 1
USAGE: i32 = 2
NOT_FOUND: i32 = 127
LARGEST_PID: u64 = 0x7FFF_FFFF
KILL_USAGE = "usage: kill [-SIGNAL] {PID | %JOB}...\n       kill -l [NUMBER...]"


@struct
class JobBuiltins:
    """Builtins about jobs. Each takes its fields, its name first, and returns its status."""

    shell: Shell

    @raises()
    def run(self, first: Field) -> i32:
        """Runs the builtin that the first field names."""
        name = first.text
        if name == b"wait":
            return self.wait(first.next)
        if name == b"kill":
            return self.kill(first.next)
        if name == b"jobs":
            self.shell.jobs.update()
            self.shell.jobs.report(True)
            return 0
        return self.resume(first)

    @raises()
    def wait(self, argument: Field | None) -> i32:
        """Waits for all jobs, or for those that are named."""
        shell = self.shell
        if argument is None:
            while self.has_running():
                self.wait_change()
            shell.jobs.report(False)
            return 0
        status: i32 = 0
        field: Field | None = argument
        while field is not None:
            job = self.named_job(field.text)
            if job is None:
                report(f"wait: {text(field.text)}: no such job or child")
                status = NOT_FOUND
            else:
                while job.state() == JobState.RUNNING:
                    self.wait_change()
                status = job.status()
            field = field.next
        return status

    @raises()
    def wait_change(self) -> None:
        """Waits for a change of a child. EINTR: ^C came, in an interactive shell."""
        if not self.shell.is_interactive:
            self.shell.jobs.wait_once(0)
        elif not self.shell.jobs.wait_once(WNOHANG) and self.has_running():
            wait_for_child()

    def has_running(self) -> bool:
        """Whether any job runs."""
        job = self.shell.jobs.first
        while job is not None:
            if job.state() == JobState.RUNNING:
                return True
            job = job.next
        return False

    @raises()
    def named_job(self, name: Bytes) -> Job | None:
        """Returns the job that `%number` or a process number names."""
        if len(name) > 1 and name[0] == PERCENT and is_number(name[1:]):
            return self.shell.jobs.find(u32(decimal_value(name[1:], LARGEST_PID)))
        if name == b"%%" or name == b"%+":
            return self.shell.jobs.find(0)
        if is_number(name):
            return self.shell.jobs.of_process(i32(decimal_value(name, LARGEST_PID)))
        return None

    @raises()
    def resume(self, first: Field) -> i32:
        """Does `fg` and `bg`: lets a stopped job go on."""
        shell = self.shell
        argument = first.next
        job = shell.jobs.find(0)
        if argument is not None:
            job = self.named_job(argument.text)
        if job is None or job.group == 0:
            report(f"{text(first.text)}: no such job")
            return FAILED
        job.note_continued()
        is_foreground = first.text == b"fg"
        if is_foreground:
            print(text(job.text))
            standard().output.flush()
            shell.jobs.give_terminal(job.group)
        sys.kill(-job.group, SIGCONT)
        if not is_foreground:
            return 0
        status = shell.jobs.wait_for(job)
        if job.state() == JobState.STOPPED:
            standard().errors.line(f"\n[{job.number}] stopped  {text(job.text)}")
        else:
            if job.was_interrupted():
                shell.flow = Flow.INTERRUPT
            shell.jobs.remove(job)
        return status

    @raises()
    def kill(self, argument: Field | None) -> i32:
        """Sends a signal to processes and jobs."""
        signal = SIGTERM
        field = argument
        if field is not None and field.text == b"--help":
            print(KILL_USAGE)
            return 0
        if field is not None and field.text == b"-l":
            return list_signals(field.next)
        if field is not None and len(field.text) > 1 and field.text[0] == MINUS:
            name = field.text[1:]
            field = field.next
            if name == b"s" and field is not None:
                name = field.text
                field = field.next
            if name != b"-":
                signal = signal_number(name)
            if signal < 0:
                report(f"kill: unknown signal '{text(name)}'")
                return USAGE
        if field is None:
            report("kill: no process given")
            return USAGE
        status: i32 = 0
        while field is not None:
            status = max(status, self.send(field.text, signal))
            field = field.next
        return status

    def send(self, word: Bytes, signal: i32) -> i32:
        """Sends a signal to what a word names; returns 0, or 1 after a message."""
        try:
            if len(word) > 0 and word[0] == PERCENT:
                job = self.named_job(word)
                if job is None:
                    report(f"kill: {text(word)}: no such job")
                    return FAILED
                send_to_job(job, signal)
                return 0
            digits = word[1:] if len(word) > 0 and word[0] == MINUS else word
            if not is_number(digits):
                report(f"kill: not a process number: '{text(word)}'")
                return FAILED
            number = i32(decimal_value(digits, LARGEST_PID))
            sys.kill(-number if len(digits) < len(word) else number, signal)
        except OSError as error:
            report(f"kill: {text(word)}: {strerror(errno_of(error))}")
            return FAILED
        return 0


@raises()
def send_to_job(job: Job, signal: i32) -> None:
    """Sends a signal to all of a job; one that is to end goes on first if it is stopped."""
    target = -job.group
    if job.group == 0:
        last = job.last
        if last is None:
            return
        target = last.pid
    sys.kill(target, signal)
    if job.state() == JobState.STOPPED and signal in (SIGTERM, SIGHUP):
        sys.kill(target, SIGCONT)
        job.note_continued()


@raises()
def list_signals(argument: Field | None) -> i32:
    """Prints all signals, or the names that belong to numbers or statuses."""
    if argument is None:
        print_signal_names()
        return 0
    field: Field | None = argument
    while field is not None:
        number = decimal_value(field.text, LARGEST_PID) & 0x7F if is_number(field.text) else 0
        if number == 0 or number >= len(NAMES):
            report(f"kill: unknown signal '{text(field.text)}'")
            return USAGE
        print(signal_name(i32(number)))
        field = field.next
    return 0
