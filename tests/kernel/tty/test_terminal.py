"""The terminal with threads that read and write it, on a UART that the test drains."""

from __future__ import annotations

import pytest

from tests.kernel.thread_bench import LINEAR_BASE, ThreadBench
from tests.kernel.tree import error_of

UART = LINEAR_BASE + 0x0900_0000
O_RDWR, O_NONBLOCK = 2, 0o4000
ICANON, ISIG, ECHO = 0o2, 0o1, 0o10
OPOST_ONLCR = 0o5
RAW = 0
COOKED = ICANON | ISIG
TIOCSCTTY = 0x540E
CONTROL_D = b"\x04"
BACKSPACE = b"\x7f"
SIGINT = 2
DATA, FLAGS = 0x00, 0x18
TRANSMIT_FULL = 1 << 5
RECEIVE_EMPTY = 1 << 4


class FakeUart:
    """Takes as many bytes as the test lets through."""

    def __init__(self) -> None:
        self.sent = bytearray()
        self.room = 0
        self.registers: dict[int, int] = {}

    def read(self, offset: int, width: int) -> int:
        if offset == FLAGS:
            return RECEIVE_EMPTY | (0 if self.room else TRANSMIT_FULL)
        return self.registers.get(offset, 0)

    def write(self, offset: int, width: int, value: int) -> None:
        if offset == DATA:
            assert self.room > 0, "a byte was sent that the transmitter cannot take"
            self.room -= 1
            self.sent.append(value)
        self.registers[offset] = value


class Console:
    """A terminal, its line, and whoever is in front of it."""

    def __init__(self, local: int = COOKED) -> None:
        self.bench = ThreadBench(rig="tests/kernel/terminal_rig.py")
        self.program = self.bench.program
        self.line = FakeUart()
        self.bench.memory.add_device(UART, 0x1000, self.line)
        self.console = self.program.make_console(self.bench.rig, UART)
        self.jobs = self.console.jobs
        self.set_mode(local)

    def open(self, flags: int = O_RDWR):
        return self.program.open_terminal(self.bench.rig, self.console, flags)

    def set_mode(self, local: int, output: int = 0) -> None:
        self.program.set_mode(self.console, local, output)

    def type(self, text: bytes) -> None:
        for byte in text:
            self.console.terminal.received(byte)

    def read(self, file, size: int = 100) -> bytes:
        into = bytearray(size)
        count = self.program.read_file(file, into)
        return bytes(into[:count])

    def reader(self, file, size: int = 100) -> list[bytes]:
        """Starts a thread that reads once; the list gets what it read."""
        got: list[bytes] = []
        self.bench.spawn(lambda: got.append(self.read(file, size)))
        self.bench.run()
        return got

    def drain(self, count: int) -> None:
        """Lets the line send bytes, as fast as it interrupts for more."""
        self.line.room = count
        before = -1
        while self.line.room not in (0, before):
            before = self.line.room
            self.console.uart.transmit_ready()
            self.bench.run()


@pytest.fixture
def console():
    return Console()


def test_reader_waits_for_a_line(console):
    got = console.reader(console.open())
    console.type(b"hello")
    console.bench.run()
    assert got == []
    console.type(b"\r")
    console.bench.run()
    assert got == [b"hello\n"]


def test_end_of_file_is_read_as_nothing(console):
    got = console.reader(console.open())
    console.type(CONTROL_D)
    console.bench.run()
    assert got == [b""]


def test_end_of_file_is_read_without_blocking_too(console):
    file = console.open(O_RDWR | O_NONBLOCK)
    assert error_of(console.read, file) == "EAGAIN"
    console.type(CONTROL_D)
    assert console.read(file) == b""
    assert error_of(console.read, file) == "EAGAIN"


def test_raw_read_without_blocking(console):
    console.set_mode(RAW)
    file = console.open(O_RDWR | O_NONBLOCK)
    assert error_of(console.read, file) == "EAGAIN"
    console.type(b"ab")
    assert console.read(file) == b"ab"


def test_end_mark_does_not_end_the_input_of_a_raw_terminal(console):
    file = console.open()
    console.type(CONTROL_D)
    console.set_mode(RAW)
    got = console.reader(file)
    assert got == []
    console.type(b"x")
    console.bench.run()
    assert got == [b"x"]


def test_waiting_reader_sees_no_end_when_the_terminal_becomes_raw(console):
    file = console.open()
    got = console.reader(file)
    console.type(CONTROL_D)
    console.set_mode(RAW)
    console.bench.run()
    assert got == []
    console.type(b"y")
    console.bench.run()
    assert got == [b"y"]


def test_typed_bytes_survive_the_change_to_raw(console):
    file = console.open()
    console.type(b"one" + CONTROL_D + b"two" + CONTROL_D + b"three")
    console.set_mode(RAW)
    assert console.reader(file) == [b"onetwothree"]


def test_typed_bytes_survive_the_change_to_lines(console):
    console.set_mode(RAW)
    file = console.open()
    console.type(b"one\ntw")
    console.set_mode(COOKED)
    assert console.reader(file) == [b"one\n"]
    got = console.reader(file)
    console.bench.run()
    assert got == []
    console.type(b"o\n")
    console.bench.run()
    assert got == [b"two\n"]


def test_keys_erase_what_was_typed_before_the_change_to_lines(console):
    console.set_mode(RAW)
    file = console.open()
    console.type(b"kept\nwro" + BACKSPACE)
    console.set_mode(COOKED)
    console.type(b"ng" + BACKSPACE * 9 + b"right" + CONTROL_D)
    assert console.reader(file) == [b"kept\n"]
    assert console.reader(file) == [b"right"]


def test_signal_key_of_raw_input_counts_when_lines_are_wanted(console):
    take_terminal(console, 7)
    console.set_mode(RAW)
    file = console.open()
    console.type(b"dropped\ntoo\x03kept\n")
    assert console.jobs.signalled == 0
    console.set_mode(COOKED)
    assert console.jobs.signalled == SIGINT
    assert console.reader(file) == [b"kept\n"]


def test_output_goes_out_in_order(console):
    file = console.open()
    data = bytes(range(256)) * 3
    counts = []
    console.bench.spawn(lambda: counts.append(console.program.write_file(file, bytearray(data))))
    console.bench.run()
    console.drain(10_000)
    assert counts == [len(data)]
    assert bytes(console.line.sent) == data


@pytest.mark.parametrize("drained", [0, 1, 100, 200, 300, 500])
def test_interrupted_write_tells_exactly_what_went_out(console, drained):
    file = console.open()
    data = bytes(range(256)) * 4
    counts = []
    writer = console.bench.spawn(
        lambda: counts.append(console.program.write_file(file, bytearray(data)))
    )
    console.bench.run()
    console.drain(drained)
    writer.interrupt()
    console.bench.run()
    console.drain(10_000)
    (count,) = counts
    assert 0 < count < len(data)
    assert bytes(console.line.sent) == data[:count]


def test_write_translates_what_an_interruption_leaves_out_only_once(console):
    console.set_mode(COOKED, OPOST_ONLCR)
    file = console.open()
    data = b"line\n" * 200
    sent = 0

    def write():
        nonlocal sent
        while sent < len(data):
            writer.must_interrupt = False
            sent += console.program.write_file(file, bytearray(data[sent:]))

    writer = console.bench.spawn(write)
    console.bench.run()
    for _ in range(20):
        console.drain(61)
        writer.interrupt()
        console.bench.run()
    console.drain(10_000)
    assert bytes(console.line.sent) == data.replace(b"\n", b"\r\n")


def take_terminal(console, session: int, is_leader: bool = True) -> str:
    """Makes the terminal that of a session; returns the name of the error."""
    console.jobs.session = session
    console.jobs.group = session
    console.jobs.is_leader = is_leader
    return error_of(console.program.request, console.open(), TIOCSCTTY)


def test_terminal_without_a_session_is_taken(console):
    assert take_terminal(console, 7, is_leader=False) == "EPERM"
    assert take_terminal(console, 7) == ""
    assert (console.console.terminal.session, console.jobs.owner) == (7, 7)


def test_terminal_of_a_living_session_is_not_stolen(console):
    assert take_terminal(console, 7) == ""
    console.jobs.is_held = True
    assert take_terminal(console, 8) == "EPERM"
    assert (console.console.terminal.session, console.jobs.owner) == (7, 7)
    assert take_terminal(console, 7) == ""


def test_terminal_of_a_session_that_ended_is_taken(console):
    assert take_terminal(console, 7) == ""
    assert take_terminal(console, 8) == ""
    assert (console.console.terminal.session, console.jobs.owner) == (8, 8)
