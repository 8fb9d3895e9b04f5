"""The builtins `wait`, `fg`, `bg` and `kill`."""

from __future__ import annotations

from abi.errno import EINVAL, ENOENT
from abi.signal import SIGCONT, SIGTERM
from bare import Bytes, errno_of, i32, raises, struct, text, u32
from user.lib import sys
from user.lib.report import report, report_error
from user.lib.shell.arithmetic import number_value
from user.lib.shell.characters import MINUS, PERCENT, is_number
from user.lib.shell.fields import Field
from user.lib.shell.jobs import Job, JobState
from user.lib.shell.state import Flow, Shell
from user.lib.signal_names import print_signal_names, signal_number
from user.lib.standard import standard

FAILED: i32 = 1
USAGE: i32 = 2
NOT_FOUND: i32 = 127


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
                shell.jobs.wait_once(0)
            shell.jobs.report(False)
            return 0
        status: i32 = 0
        field: Field | None = argument
        while field is not None:
            job = self.named_job(field.text)
            if job is None:
                status = NOT_FOUND
            else:
                while job.state() == JobState.RUNNING:
                    if not shell.jobs.wait_once(0):
                        break
                status = job.status()
            field = field.next
        return status

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
            return self.shell.jobs.find(u32(number_value(name[1:]) & 0xFFFF))
        if name == b"%%" or name == b"%+":
            return self.shell.jobs.find(0)
        if is_number(name):
            return self.shell.jobs.of_process(i32(number_value(name) & 0x3FFF_FFFF))
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
        process = job.processes
        while process is not None:
            if process.state == JobState.STOPPED:
                process.state = JobState.RUNNING
            process = process.next
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
        if field is not None and field.text == b"-l":
            print_signal_names()
            return 0
        if field is not None and len(field.text) > 1 and field.text[0] == MINUS:
            name = field.text[1:]
            field = field.next
            if name == b"s" and field is not None:
                name = field.text
                field = field.next
            signal = signal_number(name)
            if signal < 0:
                report(f"kill: unknown signal '{text(name)}'")
                return USAGE
        if field is None:
            report("kill: whom?")
            return USAGE
        status: i32 = 0
        while field is not None:
            try:
                sys.kill(self.kill_target(field.text), signal)
            except OSError as error:
                report_error(field.text, errno_of(error))
                status = FAILED
            field = field.next
        return status

    @raises()
    def kill_target(self, word: Bytes) -> i32:
        """Returns what `kill` takes: a process number, or minus the group of a job."""
        if len(word) > 0 and word[0] == PERCENT:
            job = self.named_job(word)
            if job is None:
                raise OSError(ENOENT)
            last = job.last
            if job.group != 0:
                return -job.group
            return 0 if last is None else last.pid
        digits = word[1:] if len(word) > 0 and word[0] == MINUS else word
        if not is_number(digits):
            raise OSError(EINVAL)
        number = i32(number_value(digits) & 0x3FFF_FFFF)
        return -number if len(digits) < len(word) else number
