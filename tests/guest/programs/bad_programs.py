"""bad_programs - execute files that were programs before they were damaged.

usage: bad_programs SEED COUNT

Copies /bin/true, changes a few bytes of its headers or cuts it short, and executes the result. It
may be refused, die, hang (and be killed) or even work; the kernel goes on.
"""

from __future__ import annotations

from abi.errno import EACCES, EINVAL, ENOEXEC, ENOMEM
from abi.file import AT_FDCWD, O_CREAT, O_RDONLY, O_RDWR, O_TRUNC
from abi.process import WNOHANG
from abi.signal import SIGCHLD, SIGKILL
from abi.time import TimeSpec
from bare import (
    Array,
    Span,
    array,
    errno_of,
    i32,
    raises,
    struct,
    u8,
    u64,
    usize,
    wrapping_add,
    wrapping_mul,
)
from bare.unsafe import static_array
from user.lib import sys
from user.lib.arguments import Arguments
from user.lib.numbers import parse_unsigned

LARGEST = 65536
HEADERS = 64 + 6 * 56
"""Bytes of a program's ELF header and program headers."""
PATIENCE = 30
MULTIPLIER: u64 = 6364136223846793005
INCREMENT: u64 = 1442695040888963407
REFUSED = 200
"""Exit status of a child whose file was refused with a right error; 201: with another one."""
NAME = b"/tmp/bad_program"


@struct
class Dice:
    """A generator of numbers: a step of a linear congruence, its upper bits."""

    state: u64

    def roll(self, sides: u64) -> u64:
        """Returns a number below `sides`."""
        self.state = wrapping_add(wrapping_mul(self.state, MULTIPLIER), INCREMENT)
        return (self.state >> 33) % sides


@struct
class Tally:
    """What became of the files."""

    refused: u64 = 0
    ended: u64 = 0
    hung: u64 = 0
    wrong: u64 = 0


@raises()
def read_program(into: Span[u8]) -> usize:
    """Reads /bin/true; returns its length."""
    fd = sys.openat(AT_FDCWD, b"/bin/true", O_RDONLY, 0)
    length: usize = 0
    while length < len(into):
        count = sys.read(fd, into[length:])
        if count == 0:
            break
        length += count
    sys.close(fd)
    return length


def damage(program: Span[u8], dice: Dice) -> usize:
    """Changes bytes of the headers; returns how long the file shall be."""
    for _ in range(1 + dice.roll(4)):
        place = dice.roll(HEADERS)
        if dice.roll(3) == 0:
            program[place] = u8(dice.roll(256))
        else:
            program[place] ^= u8(1 << dice.roll(8))
    if dice.roll(8) == 0:
        return dice.roll(len(program))
    return len(program)


@raises()
def write_program(program: Span[u8]) -> None:
    """Writes the executable file."""
    fd = sys.openat(AT_FDCWD, NAME, O_RDWR | O_CREAT | O_TRUNC, 0o755)
    done: usize = 0
    while done < len(program):
        done += sys.write(fd, program[done:])
    sys.close(fd)


@raises()
def execute(tally: Tally) -> None:
    """Executes the file in a child and counts what became of it."""
    pid = sys.clone(u64(SIGCHLD), 0, 0, 0, 0)
    if pid == 0:
        try:
            sys.execve(NAME, 0, 0)
        except OSError as error:
            code = errno_of(error)
            is_right = code in (ENOEXEC, EACCES, ENOMEM, EINVAL)
            sys.exit_group(REFUSED if is_right else REFUSED + 1)
    status: Array[i32] = array(1)
    for _ in range(PATIENCE):
        if sys.wait4(pid, status[:], WNOHANG, None) != 0:
            count(status[0], tally)
            return
        sys.nanosleep(TimeSpec(0, 1_000_000), None)
    sys.kill(pid, SIGKILL)
    sys.wait4(pid, status[:], 0, None)
    tally.hung += 1


def count(status: i32, tally: Tally) -> None:
    """Counts how a child ended."""
    if status == REFUSED << 8:
        tally.refused += 1
    elif status == (REFUSED + 1) << 8:
        tally.wrong += 1
    else:
        tally.ended += 1


@raises()
def run(seed: u64, rounds: u64, tally: Tally) -> None:
    """Does all rounds."""
    # SAFETY: zeroed storage of its own.
    original = static_array(u8, LARGEST)
    # SAFETY: zeroed storage of its own.
    damaged = static_array(u8, LARGEST)
    length = read_program(original)
    dice = Dice(seed)
    for _ in range(rounds):
        damaged[:length].copy_from(original[:length])
        write_program(damaged[: damage(damaged[:length], dice)])
        execute(tally)
    sys.unlinkat(AT_FDCWD, NAME, 0)


def main(arguments: Arguments) -> i32:
    """Runs the rounds and tells what became of the files."""
    tally = Tally()
    try:
        run(parse_unsigned(arguments.get(1)), parse_unsigned(arguments.get(2)), tally)
    except OSError as error:
        print(f"FAILED by error {errno_of(error)}")
        return 1
    print(f"bad_programs: {tally.refused} refused, {tally.ended} ended, {tally.hung} hung")
    if tally.wrong > 0 or tally.refused == 0:
        print(f"FAILED: {tally.wrong} refused by a wrong error")
        return 1
    return 0
