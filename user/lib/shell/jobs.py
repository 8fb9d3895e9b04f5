"""Jobs: pipelines that the shell started, and waiting for them."""

from __future__ import annotations

from abi.errno import ECHILD
from abi.process import WNOHANG, WUNTRACED
from abi.signal import SIGINT
from bare import (
    Allocator,
    Array,
    Bytes,
    Enum8,
    Span,
    allocate,
    array,
    errno_of,
    i32,
    raises,
    release,
    struct,
    text,
    u8,
    u32,
)
from user.lib import sys
from user.lib.output import Output
from user.lib.shell.variables import copied
from user.lib.shell.wait_status import ended_status, has_stopped, killing_signal
from user.lib.signal_names import signal_name
from user.lib.standard import standard
from user.lib.terminal import set_foreground_group

TERMINAL = 0
"""The descriptor of the terminal."""
SIGNALLED: i32 = 128
"""Added to the signal in the status of what it killed."""


class JobState(Enum8):
    """Where a process or a job is."""

    RUNNING = 0
    STOPPED = 1
    DONE = 2


@struct
class JobProcess:
    """A process of a job."""

    pid: i32
    state: JobState
    status: i32
    """As `$?` has it."""
    signal: i32
    """What killed or stopped it, else 0."""
    next: JobProcess | None


@struct
class Job:
    """A pipeline. In the heap until it has ended and that was told."""

    number: u32
    group: i32
    """Its process group; 0 without job control."""
    processes: JobProcess | None
    last: JobProcess | None
    text: Span[u8]
    is_background: bool
    next: Job | None

    def state(self) -> JobState:
        """Returns where the job is: stopped as soon as one process is and none runs."""
        result = JobState.DONE
        process = self.processes
        while process is not None:
            if process.state == JobState.RUNNING:
                return JobState.RUNNING
            if process.state == JobState.STOPPED:
                result = JobState.STOPPED
            process = process.next
        return result

    def status(self) -> i32:
        """Returns the status of the last process."""
        last = self.last
        if last is None:
            return 0
        return last.status if last.state == JobState.DONE else SIGNALLED + last.signal

    def find(self, pid: i32) -> JobProcess | None:
        """Returns the process of a number."""
        process = self.processes
        while process is not None:
            if process.pid == pid:
                return process
            process = process.next
        return None

    def note_continued(self) -> None:
        """Takes note that what was stopped is being let go on."""
        process = self.processes
        while process is not None:
            if process.state == JobState.STOPPED:
                process.state = JobState.RUNNING
            process = process.next

    def was_interrupted(self) -> bool:
        """Whether ^C killed one of its processes."""
        process = self.processes
        while process is not None:
            if process.state == JobState.DONE and process.signal == SIGINT:
                return True
            process = process.next
        return False


@struct
class JobTable:
    """All jobs of a shell."""

    allocator: Allocator
    first: Job | None = None
    has_control: bool = False
    """Whether jobs get process groups and the terminal: in an interactive shell."""
    own_group: i32 = 0

    @raises()
    def add(self, command: Bytes) -> Job:
        """Makes a job without processes."""
        job = allocate(self.allocator, Job)
        job.text = copied(self.allocator, command)
        job.number = self.unused_number()
        job.next = self.first
        self.first = job
        return job

    def unused_number(self) -> u32:
        """Returns one more than the largest number in use."""
        number: u32 = 0
        job = self.first
        while job is not None:
            number = max(number, job.number)
            job = job.next
        return number + 1

    @raises()
    def add_process(self, job: Job, pid: i32) -> None:
        """Adds a process that was started for a job, and puts it into its group."""
        process = allocate(self.allocator, JobProcess)
        process.pid = pid
        last = job.last
        if last is None:
            job.processes = process
        else:
            last.next = process
        job.last = process
        if self.has_control:
            if job.group == 0:
                job.group = pid
            set_group(pid, job.group)

    def remove(self, job: Job) -> None:
        """Forgets a job and frees it."""
        before: Job | None = None
        entry = self.first
        while entry is not None and entry is not job:
            before = entry
            entry = entry.next
        if entry is None:
            return
        if before is None:
            self.first = job.next
        else:
            before.next = job.next
        process = job.processes
        while process is not None:
            following = process.next
            release(self.allocator, process)
            process = following
        release(self.allocator, job.text)
        release(self.allocator, job)

    def find(self, number: u32) -> Job | None:
        """Returns the job of a number; 0 stands for the latest."""
        job = self.first
        while job is not None:
            if number == 0 or job.number == number:
                return job
            job = job.next
        return None

    def of_process(self, pid: i32) -> Job | None:
        """Returns the job that a process belongs to."""
        job = self.first
        while job is not None:
            if job.find(pid) is not None:
                return job
            job = job.next
        return None

    def forget_all(self) -> None:
        """Forgets the jobs of the parent, in a child."""
        self.first = None
        self.has_control = False

    def give_terminal(self, group: i32) -> None:
        """Makes a group the foreground group, if there is job control."""
        if not self.has_control or group == 0:
            return
        set_foreground_group(TERMINAL, group)

    @raises()
    def wait_for(self, job: Job) -> i32:
        """Waits until a job has ended or stopped; returns its status. It stays in the table."""
        self.give_terminal(job.group)
        try:
            while job.state() == JobState.RUNNING:
                if not self.wait_once(0):
                    break
        finally:
            self.give_terminal(self.own_group)
        return job.status()

    def update(self) -> None:
        """Takes note of processes that ended, without waiting."""
        try:
            while self.wait_once(WNOHANG):
                pass
        except OSError:
            return

    @raises()
    def wait_once(self, options: i32) -> bool:
        """Takes one change of a child; false where there is none to take, or no child.

        EINTR: a signal came.
        """
        status: Array[i32] = array(1)
        if self.has_control:
            options |= WUNTRACED
        pid: i32 = 0
        try:
            pid = sys.wait4(-1, status[:], options, None)
        except OSError as error:
            if errno_of(error) == ECHILD:
                self.lose_children()
                return False
            raise
        if pid == 0:
            return False
        job = self.of_process(pid)
        if job is not None:
            process = job.find(pid)
            if process is not None:
                note_status(process, status[0])
        return True

    def lose_children(self) -> None:
        """Ends all jobs: the kernel says that there are no children left."""
        job = self.first
        while job is not None:
            process = job.processes
            while process is not None:
                process.state = JobState.DONE
                process = process.next
            job = job.next

    def report(self, is_listing: bool) -> None:
        """Tells of background jobs that ended, or lists all jobs; forgets those that ended."""
        job = self.after(0)
        while job is not None:
            following = self.after(job.number)
            state = job.state()
            if is_listing or (state == JobState.DONE and job.is_background):
                print_job(job, state, is_listing)
            if state == JobState.DONE:
                self.remove(job)
            job = following

    def after(self, number: u32) -> Job | None:
        """Returns the job with the next larger number: new jobs get the largest, and come first."""
        found: Job | None = None
        job = self.first
        while job is not None and job.number > number:
            found = job
            job = job.next
        return found


def note_status(process: JobProcess, status: i32) -> None:
    """Takes over what `wait4` said of a process."""
    process.signal = killing_signal(status)
    process.status = ended_status(status)
    process.state = JobState.STOPPED if has_stopped(status) else JobState.DONE


def set_group(pid: i32, group: i32) -> None:
    """Puts a process into a group; that it has gone on already is no error."""
    try:
        sys.setpgid(pid, group)
    except OSError:
        return


def print_job(job: Job, state: JobState, is_listing: bool) -> None:
    """Prints a line of `jobs`."""
    output = standard().output if is_listing else standard().errors
    match state:
        case JobState.RUNNING:
            output.line(f"[{job.number}] running  {text(job.text)}")
        case JobState.STOPPED:
            output.line(f"[{job.number}] stopped  {text(job.text)}")
        case JobState.DONE:
            output.print(f"[{job.number}] ")
            print_ending(output, job)
            output.line(f"  {text(job.text)}")


def print_ending(output: Output, job: Job) -> None:
    """Prints how a job ended, as its last process did."""
    last = job.last
    if last is None or last.status == 0:
        output.print("done")
    elif last.signal != 0:
        output.print(f"killed by SIG{signal_name(last.signal)}")
    else:
        output.print(f"exit {last.status}")


def report_death(signal: i32) -> None:
    """Says which signal killed a foreground process, as the user did not ask for it by ^C."""
    standard().errors.line(f"killed by SIG{signal_name(signal)}")
