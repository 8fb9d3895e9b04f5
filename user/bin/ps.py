"""ps - list processes.

usage: ps [-eA] [-f] [-p PID[,PID...]] [-o FIELD[,FIELD...]]
       ps aux

  -e -A   all processes (always so)
  -f      with owner
  -p      only these
  -o      these columns: pid ppid pgid sid state stat user uid cmd args rss vsz time start
          threads fds caps
  aux     owner, state letter and the whole command line
"""

from __future__ import annotations

from abi.system import ProcessInfo
from bare import Bytes, errno_of, i32, struct, text, usize
from user.lib.arguments import Arguments, Options
from user.lib.numbers import parse_unsigned
from user.lib.process_columns import check_columns, print_columns, print_titles
from user.lib.process_list import (
    ProcessList,
    command_name,
    state_letter,
    state_word,
)
from user.lib.report import leave, report, report_error
from user.lib.strings import find_byte, until_zero

COMMA = ord(",")
LETTER_A = ord("a")
LETTER_F = ord("f")
LETTER_O = ord("o")
LETTER_P = ord("p")
LETTER_U = ord("u")
LETTER_X = ord("x")


@struct
class Wanted:
    """What the arguments ask for. Empty lists mean all processes and no chosen columns."""

    is_full: bool = False
    is_user_oriented: bool = False
    pids: Bytes = b""
    columns: Bytes = b""

    def has_pid(self, pid: i32) -> bool:
        """Whether `pid` is in the list of `-p`, or there is no list."""
        start: usize = 0
        while start < len(self.pids):
            end = find_byte(self.pids, COMMA, start)
            if pid_of(self.pids[start:end]) == pid:
                return True
            start = end + 1
        return len(self.pids) == 0


def pid_of(word: Bytes) -> i32:
    """Reads a process number; a usage error ends the program."""
    try:
        value = parse_unsigned(word)
        if value <= 0x7FFF_FFFF:
            return i32(value)
    except OSError:
        pass
    report("-p requires a pid list")
    leave(2)


def is_bsd_style(word: Bytes) -> bool:
    """Whether the word is a mix of a, u and x with a u in it."""
    has_u = False
    for byte in word:
        if byte == LETTER_U:
            has_u = True
        elif byte != LETTER_A and byte != LETTER_X:
            return False
    return has_u


def parse(arguments: Arguments, wanted: Wanted) -> None:
    """Reads the arguments; an unknown form ends the program with status 2."""
    options = Options(arguments, b"eAfp:o:")
    while options.next():
        if options.letter == LETTER_F:
            wanted.is_full = True
        elif options.letter == LETTER_P:
            wanted.pids = options.value
        elif options.letter == LETTER_O:
            wanted.columns = options.value
            check_columns(options.value)
    if options.index < arguments.count:
        word = arguments.get(options.index)
        if not is_bsd_style(word):
            report("unsupported syntax")
            leave(2)
        wanted.is_user_oriented = True


def print_header(wanted: Wanted) -> None:
    """Prints the line of titles."""
    if len(wanted.columns) > 0:
        print_titles(wanted.columns)
    elif wanted.is_user_oriented:
        print("USER   PID  PPID STAT COMMAND")
    elif wanted.is_full:
        print("UID   PID  PPID STATE CMD")
    else:
        print(" PID PPID STATE CMD")


def print_process(wanted: Wanted, processes: ProcessList, process: ProcessInfo) -> None:
    """Prints the line of one process."""
    if len(wanted.columns) > 0:
        print_columns(wanted.columns, processes, process)
    elif wanted.is_user_oriented:
        processes.print_owner(process, 4)
        print(f" {process.pid:5} {process.parent:5} {state_letter(process.state)}    ", end="")
        print(text(until_zero(process.command[:])))
    elif wanted.is_full:
        processes.print_owner(process, 4)
        print(f" {process.pid:5} {process.parent:5} {state_word(process.state):<5} ", end="")
        print(text(until_zero(process.command[:])))
    else:
        print(f"{process.pid:4} {process.parent:4} {state_word(process.state):<5} ", end="")
        print(text(command_name(process)))


def main(arguments: Arguments) -> i32:
    """Prints the processes that are wanted; status 1 when `-p` found none."""
    wanted = Wanted()
    parse(arguments, wanted)
    processes = ProcessList()
    try:
        processes.update()
    except OSError as error:
        report_error(b"procstat", errno_of(error))
        return 1
    print_header(wanted)
    status: i32 = 1
    for index in range(processes.count):
        process = processes.get(index)
        if wanted.has_pid(process.pid):
            print_process(wanted, processes, process)
            status = 0
    return status
