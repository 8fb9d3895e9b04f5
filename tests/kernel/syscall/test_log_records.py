"""Lines of the log ring become records, also where the ring has lost their start."""

from __future__ import annotations

import pytest

from tests.kernel.thread_bench import ThreadBench

NOTHING = 2**64 - 1
ERROR, WARNING, INFO, DEBUG = 3, 4, 6, 7


class Logged:
    """A log and who reads it."""

    def __init__(self) -> None:
        self.bench = ThreadBench(rig="tests/kernel/proc_rig.py")
        self.program = self.bench.program
        self.made = self.program.make_processes(self.bench.rig)
        self.level = self.program.module("kernel.device.log").LogLevel
        self.record = self.program.module("abi.system").LogRecord

    def log(self, message: bytes, level: int = INFO) -> None:
        self.program.log_line(self.made, self.level(level), message)

    def read_all(self, first: int = 0):
        records = []
        while True:
            record, into = self.record(), bytearray(512)
            length = self.program.next_record(self.made, first, record, into)
            if length == NOTHING:
                return records
            records.append((record.sequence, record.level, record.time_ns, bytes(into[:length])))
            first = record.sequence + 1


@pytest.fixture
def logged():
    return Logged()


def test_lines_become_records(logged):
    logged.log(b"first")
    logged.log(b"[odd] <7> text", WARNING)
    logged.log(b"", ERROR)
    assert [(level, text) for _, level, _, text in logged.read_all()] == [
        (1, b"first"),
        (2, b"[odd] <7> text"),
        (3, b""),
    ]


def test_time_is_that_of_the_line(logged):
    logged.made.log.clock = logged.bench.rig.clock
    logged.bench.now_ns = 12_345_678_901
    logged.log(b"x")
    assert logged.read_all()[0][2] // 1000 == 12_345_678


def test_records_that_the_ring_lost_are_passed_over(logged):
    for index in range(60):
        logged.log(b"message %d" % index)
    texts = [text for _, _, _, text in logged.read_all()]
    assert texts == [b"message %d" % index for index in range(60 - len(texts), 60)]
    assert 10 < len(texts) < 60


def test_reading_goes_on_where_it_ended(logged):
    logged.log(b"one")
    last = logged.read_all()[-1][0]
    assert logged.read_all(last + 1) == []
    logged.log(b"two")
    assert [text for *_, text in logged.read_all(last + 1)] == [b"two"]


def test_text_that_looks_like_a_late_time_does_no_harm(logged):
    # A line of more than 512 bytes is cut; what is left is read as a line of its own.
    head = b"<6>[    0.000000] "
    logged.log(b"x" * (513 - len(head)) + b"<4>[999999999999.999999] odd")
    records = logged.read_all()
    assert [(level, text) for _, level, _, text in records][1:] == [(2, b"odd")]
