"""What gdb sees of a compiled program: it stops at Python functions and shows Python names."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from compiler.backend.profile import SEMIHOST, Profile
from compiler.build import build_program
from compiler.runtime.harness import MACHINE, QEMU

pytestmark = [pytest.mark.slow, pytest.mark.guest]

GDB = "gdb-multiarch"
CACHE = Path(__file__).parents[2] / "build" / "cache" / "tests"
SOURCE = '''\
"""A program to be looked at."""

from __future__ import annotations

from bare import Enum8, Span, array, Array, i32, never_inline, struct, u8, u32, u64


class Mood(Enum8):
    """A choice."""

    CALM = 1
    ANGRY = 2


@struct
class Account:
    """An object."""

    number: u32
    balance: i32 = -5

    @never_inline
    def deposit(self, amount: i32, mood: Mood, name: str) -> i32:
        """Is stopped in."""
        before = self.balance
        after = before + amount
        print(name, mood)
        self.balance = after
        return after


@never_inline
def work(values: Span[u64], index: u8) -> u64:
    """Calls the method."""
    account = Account(77)
    total = values[index] + 1
    account.deposit(40, Mood.ANGRY, "rent")
    account.deposit(3, Mood.CALM, "gift")
    return total


def main() -> None:
    """Starts it."""
    numbers: Array[u64] = array(3)
    numbers[1] = 900
    print(work(numbers, 1))
'''


def line_of(text: str) -> int:
    """Returns the number of the line that holds `text`."""
    return next(i for i, line in enumerate(SOURCE.splitlines(), 1) if text in line)


def build(folder: Path, profile: Profile) -> Path:
    (folder / "debugged.py").write_text(SOURCE)
    output = folder / f"{profile.name}.elf"
    build_program("debugged", source_root=folder, profile=profile, output=output, cache=CACHE)
    return output


@pytest.fixture(scope="module", params=["optimised", "debug"])
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    for tool in (GDB, QEMU):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    profile = SEMIHOST if request.param == "optimised" else SEMIHOST.with_debug()
    return build(tmp_path_factory.mktemp(request.param), profile)


def ask(program: Path, *commands: str) -> str:
    """Runs gdb on a stopped machine that holds the program; returns what it printed."""
    console = "-chardev null,id=out -semihosting-config enable=on,target=native,chardev=out"
    machine = f"{QEMU} {' '.join(MACHINE)} {console} -S -gdb stdio -kernel {program}"
    setup = ["set confirm off", "set width 0", f"directory {program.parent}"]
    setup.append(f"target remote | exec {machine}")
    arguments = [item for text in [*setup, *commands] for item in ("-ex", text)]
    result = subprocess.run(
        [GDB, "-nx", "-batch", *arguments, str(program)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return result.stdout + result.stderr


STOPPED = ("break debugged.Account.deposit", "continue")


def test_breakpoint_by_python_name_stops_at_the_first_line(program: Path) -> None:
    text = ask(program, *STOPPED)
    assert re.search(r"Breakpoint 1, .*debugged\.Account\.deposit \(", text)
    assert f"at debugged.py:{line_of('before = self.balance')}" in text
    assert "before = self.balance" in text


def test_backtrace_names_functions_arguments_and_lines(program: Path) -> None:
    text = ask(program, *STOPPED, "backtrace")
    frames = re.findall(r"^#\d+ .*?(\S+) \(.*\) at (\S+):(\d+)$", text, re.MULTILINE)
    assert frames[:3] == [
        ("debugged.Account.deposit", "debugged.py", str(line_of("before = self.balance"))),
        ("debugged.work", "debugged.py", str(line_of("account.deposit(40"))),
        ("debugged.main", "debugged.py", str(line_of("print(work("))),
    ]
    assert frames[3][0] == "compiler.runtime.semihost.run"


def test_arguments_have_their_values_and_types(program: Path) -> None:
    shown = ("info args", "print *self", "print name.length", "print *name.data@4")
    text = ask(program, *STOPPED, *shown)
    assert "amount = 40" in text
    mood = r"mood = (debugged\.Mood::|\(.*\) |)ANGRY"
    if "debug" not in program.name:  # the same in every call: optimised code need not pass it
        mood += "|mood = <optimized out>"
    assert re.search(mood, text)
    assert "number = 77" in text
    assert "balance = -5" in text
    if "debug" in program.name:  # a constant in every call: optimised code need not pass it
        assert '= "rent"' in text


def test_arguments_of_callers_are_right_or_not_known(program: Path) -> None:
    text = ask(program, *STOPPED, "up", "info args")
    index = re.search(r"index = (\d+|<optimized out>)", text)
    length = re.search(r"values = (<optimized out>|.*length = (\d+))", text)
    assert index is not None and length is not None
    if "debug" in program.name:
        assert (index.group(1), length.group(2)) == ("1", "3")
    else:
        assert index.group(1) in ("1", "<optimized out>")
        assert length.group(2) in ("3", None)


def test_locals_in_a_debug_build(program: Path) -> None:
    if "debug" not in program.name:
        pytest.skip("locals are promised in a debug build only")
    text = ask(program, *STOPPED, "next", "next", "info locals", "up", "info locals")
    assert "before = -5" in text
    assert "after = 35" in text
    assert "total = 901" in text
    assert re.search(r"account = (\(.*\) )?0x[0-9a-f]+", text)


def test_the_compilation_unit_names_the_language(program: Path) -> None:
    text = ask(program, *STOPPED, "info source")
    assert "Producer is SwiftOS Bare Python compiler" in text
