"""init - the first process: starts the console shell and the services, and reaps orphans.

usage: init

Every file `/etc/services/NAME.toml` declares a service:

  command = "/sbin/NAME"                 the program to run
  arguments = ["-p", "80"]               its arguments, when it takes any
  capabilities = ["fs-read", "net"]      what it may do; everything when not given
  restart = "always"                     or "on-failure", or "never" (the default)

The console shell is restarted when it ends. What ends three times within ten seconds waits a second
before each further start.
"""

from __future__ import annotations

from abi.signal import SIGCHLD
from bare import Array, array, errno_of, i32, raises, text, u64
from user.lib import sys
from user.lib.arguments import Arguments
from user.lib.directory import DirectoryReader
from user.lib.report import report, report_error
from user.lib.services import CONSOLE_SHELL, Service, ServiceList
from user.lib.standard import standard

SERVICES = b"/etc/services"
ONLY_PID = 1
FAILED_STATUS = 1


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


def start_or_report(service: Service, arguments: Arguments) -> None:
    """Starts a service; says so where that fails."""
    try:
        start(service, arguments)
    except OSError as error:
        report_error(service.command, errno_of(error))


@raises()
def serve(services: ServiceList, arguments: Arguments) -> None:
    """Waits for children for ever, and restarts those whose policy says so."""
    status: Array[i32] = array(1)
    while True:
        pid = sys.wait4(-1, status[:], 0, None)
        ended = services.find(pid)
        if ended is None:
            continue
        ended.pid = 0
        if ended.restarts_after(status[0]):
            start_or_report(ended, arguments)
        elif status[0] != 0:
            report(f"{text(ended.command)} ended with status {status[0]:#x}")


def main(arguments: Arguments) -> i32:
    """Starts everything and stays; returns only when it is not PID 1 or has no child left."""
    if sys.getpid() != ONLY_PID:
        report("runs only as process 1")
        return FAILED_STATUS
    services = ServiceList()
    try:
        load_services(services)
    except OSError:
        pass
    try:
        services.add_console_shell(CONSOLE_SHELL)
        service = services.first
        while service is not None:
            start_or_report(service, arguments)
            service = service.next
        serve(services, arguments)
    except OSError as error:
        report_error(b"init", errno_of(error))
    return FAILED_STATUS
