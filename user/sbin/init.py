"""init - the first process: starts the console shell and the services, and reaps orphans.

usage: init

Every file `/etc/services/NAME.toml` declares a service:

  command = "/sbin/NAME"                 the program to run
  arguments = ["-p", "80"]               its arguments, when it takes any
  capabilities = ["fs-read", "net"]      what it may do; everything when not given
  restart = "always"                     or "on-failure", or "never" (the default)

The console shell is restarted when it ends. What ends three times within ten seconds waits a second
before each further start. What cannot be started for lack of memory is tried again until there is
some. Services are started behind the shell's first prompt.
"""

from __future__ import annotations

from typing import NoReturn

from abi.errno import EAGAIN, ECHILD, ENOENT, ENOMEM
from abi.file import O_CLOEXEC, PipeEnds
from abi.process import WNOHANG
from abi.signal import SIGCHLD
from abi.time import TimeSpec
from bare import Array, Span, array, errno_of, i32, i64, raises, text, u64
from user.lib import sys
from user.lib.arguments import Arguments
from user.lib.directory import DirectoryReader
from user.lib.inputs import close_quietly
from user.lib.report import report, report_error
from user.lib.services import CONSOLE_SHELL, NO_DESCRIPTOR, Service, ServiceList
from user.lib.standard import standard
from user.lib.terminal import wait_for_input

SERVICES = b"/etc/services"
ONLY_PID = 1
FAILED_STATUS = 1
RETRY_NS: i64 = 200_000_000
"""Time between two attempts to start what there was no memory for."""
PROMPT_LIMIT_NS: u64 = 2_000_000_000
"""After this long without a prompt the services are started all the same."""


@raises()
def load_services(services: ServiceList) -> None:
    """Reads every service file; a bad one is reported and left out."""
    reader = DirectoryReader()
    reader.open(SERVICES)
    while reader.next():
        try:
            services.load(SERVICES, reader.name)
        except OSError as error:
            report_error(reader.name, errno_of(error))
    reader.close()


@raises()
def start(service: Service, arguments: Arguments) -> None:
    """Forks a process for the service; in the child becomes its program."""
    service.wait_if_too_fast()
    standard().output.flush()
    pid = sys.clone(u64(SIGCHLD), 0, 0, 0, 0)
    if pid > 0:
        service.pid = pid
        return
    try:
        service.become(arguments)
    except OSError as error:
        report_error(service.command, errno_of(error))
    sys.exit_group(FAILED_STATUS)


def try_start(service: Service, arguments: Arguments) -> None:
    """Starts a service; where that fails says so, once, and leaves it due if that may change."""
    service.is_due = False
    try:
        start(service, arguments)
        service.has_failed = False
    except OSError as error:
        service.is_due = errno_of(error) in (EAGAIN, ENOMEM)
        if not service.has_failed:
            report_error(service.command, errno_of(error))
        service.has_failed = True


def start_due(services: ServiceList, arguments: Arguments) -> bool:
    """Starts what could not be started before; returns whether something still cannot."""
    is_any_due = False
    service = services.first
    while service is not None:
        if service.is_due:
            try_start(service, arguments)
            is_any_due = is_any_due or service.is_due
        service = service.next
    return is_any_due


@raises()
def serve(services: ServiceList, arguments: Arguments) -> NoReturn:
    """Waits for children for ever, and restarts those whose policy says so."""
    status: Array[i32] = array(1)
    while True:
        options = WNOHANG if start_due(services, arguments) else 0
        pid = wait_for_child(status[:], options)
        if pid == 0:
            sys.nanosleep(TimeSpec(0, RETRY_NS), None)
        else:
            note_end(services.find(pid), status[0])


@raises()
def wait_for_child(status: Span[i32], options: i32) -> i32:
    """Waits for a child to end; 0 where there is none, or none with news."""
    try:
        return sys.wait4(-1, status, options, None)
    except OSError as error:
        if errno_of(error) != ECHILD:
            raise
    return 0


def note_end(ended: Service | None, status: i32) -> None:
    """Makes a service that has ended due again, if its policy says so."""
    if ended is None:
        return
    ended.pid = 0
    ended.is_due = ended.restarts_after(status)
    if not ended.is_due and status != 0:
        report(f"{text(ended.command)} ended with status {status:#x}")


@raises()
def add_console_shell(services: ServiceList) -> None:
    """Adds the shell without which nobody could do anything; waits for memory where there is none.
    """
    while True:
        try:
            services.add_console_shell(CONSOLE_SHELL)
            return
        except OSError as error:
            if errno_of(error) != ENOMEM:
                raise
        sys.nanosleep(TimeSpec(0, RETRY_NS), None)


def start_console(shell: Service, arguments: Arguments) -> None:
    """Starts the shell and waits for its prompt, but not for long."""
    ends = PipeEnds()
    try:
        sys.pipe2(ends, O_CLOEXEC)
    except OSError:
        try_start(shell, arguments)
        return
    shell.ready = ends.write_end
    try_start(shell, arguments)
    shell.ready = NO_DESCRIPTOR
    close_quietly(ends.write_end)
    try:
        wait_for_input(ends.read_end, PROMPT_LIMIT_NS)
    except OSError:
        pass
    close_quietly(ends.read_end)


def main(arguments: Arguments) -> i32:
    """Starts everything and stays; returns only when it is not PID 1."""
    if sys.getpid() != ONLY_PID:
        report("runs only as process 1")
        return FAILED_STATUS
    standard().output.is_vital = False
    services = ServiceList()
    try:
        load_services(services)
    except OSError as error:
        if errno_of(error) != ENOENT:
            report_error(SERVICES, errno_of(error))
    try:
        add_console_shell(services)
        shell = services.first
        if shell is not None:
            start_console(shell, arguments)
            service = shell.next
            while service is not None:
                try_start(service, arguments)
                service = service.next
        serve(services, arguments)
    except OSError as error:
        report_error(b"init", errno_of(error))
    return FAILED_STATUS
