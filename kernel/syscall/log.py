"""Bodies of the calls that read the kernel's log: lines of the ring become records.

A line is `<LEVEL>[SECONDS.MICROS] text` (`kernel/device/log.py`); a record's number is the position
of its line in all that was ever logged.
"""

from __future__ import annotations

from abi.errno import EFAULT
from abi.system import LogRecord, LogStats
from bare import (
    Array,
    Bytes,
    array,
    raises,
    size_of,
    struct,
    u8,
    u32,
    u64,
    usize,
)
from kernel.arch.aarch64.layout import UserAddr
from kernel.device.log import Log
from kernel.mm.user_copy import copy_out, object_bytes
from kernel.syscall.call import Call

LONGEST_LINE: usize = 512
ALIGNMENT: usize = 8
NEWLINE: u8 = 0x0A
DIGIT_0: u8 = 0x30
DIGIT_9: u8 = 0x39
US_PER_SECOND: u64 = 1_000_000
NS_PER_US: u64 = 1000
NUMBER_LIMIT: u64 = 1 << 33
"""Above what the log writes; as many seconds are still less than 64 bits of nanoseconds."""
LEVELS: tuple[u32, ...] = (4, 4, 4, 3, 2, 1, 1, 0)
"""From syslog's levels to those of a record: debug 0, info 1, warning 2, error 3, panic 4."""


@struct
class LogLine:
    """One line of the ring, copied."""

    start: u64 = 0
    length: usize = 0
    text: Array[u8] = array(LONGEST_LINE)

    def read(self, log: Log, position: u64) -> bool:
        """Copies the line that starts at `position`; False at the end. A long line is cut."""
        self.start = max(position, log.ring.oldest())
        count = log.copy_from(self.start, self.text)
        self.length = 0
        while self.length < count and self.text[self.length] != NEWLINE:
            self.length += 1
        return count > 0

    def following(self) -> u64:
        """Returns where the next line starts, if this one was not cut."""
        return self.start + self.length + 1

    def number(self, place: usize) -> u64:
        """Returns the decimal number at a place of the line."""
        value: u64 = 0
        while place < self.length and DIGIT_0 <= self.text[place] <= DIGIT_9:
            value = (value * 10 + self.text[place] - DIGIT_0) % NUMBER_LIMIT
            place += 1
        return value

    def after(self, byte: u8, place: usize) -> usize:
        """Returns the place behind the first `byte` from a place on, or the line's end."""
        while place < self.length:
            place += 1
            if self.text[place - 1] == byte:
                return place
        return self.length

    def after_spaces(self, place: usize) -> usize:
        """Returns the first place from `place` on that holds no space."""
        while place < self.length and self.text[place] == 0x20:
            place += 1
        return place


@raises(EFAULT)
def log_read(call: Call, first: u64, buffer: UserAddr, count: usize) -> usize:
    """Writes records from a number on, as many as fit."""
    log = call.services.log
    line = LogLine()
    position = line_start(log, first, line)
    done: usize = 0
    while line.read(log, position):
        record = LogRecord()
        text = parse(line, record)
        size = record_size(text)
        if size > count - done:
            break
        copy_out(buffer + done, object_bytes(record, size_of(LogRecord)))
        copy_out(buffer + done + size_of(LogRecord), text)
        done += size
        position = line.following()
    return done


def line_start(log: Log, first: u64, line: LogLine) -> u64:
    """Returns the first start of a line that is not before `first`."""
    oldest = log.ring.oldest()
    if first == 0 and oldest == 0:
        return 0
    # The byte before a line is a newline; what the ring lost the start of is passed over.
    position = max(first, oldest + 1) - 1
    if line.read(log, position):
        return line.following()
    return position


def parse(line: LogLine, record: LogRecord) -> Bytes:
    """Fills in a record and returns its text."""
    record.sequence = line.start
    level = line.number(1)
    record.level = LEVELS[level] if level < len(LEVELS) else 0
    seconds_place = line.after(0x5B, 0)
    seconds = line.number(line.after_spaces(seconds_place))
    micros = line.number(line.after(0x2E, seconds_place))
    record.time_ns = (seconds * US_PER_SECOND + micros) * NS_PER_US
    start = min(line.after(0x5D, 0) + 1, line.length)
    record.length = u32(line.length - start)
    return line.text[start : line.length]


def record_size(text: Bytes) -> usize:
    """Returns the bytes that a record takes."""
    return size_of(LogRecord) + (len(text) + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT


@raises(EFAULT)
def log_stats(call: Call, record: UserAddr) -> None:
    """Tells how full the log is."""
    ring = call.services.log.ring
    answer = LogStats()
    answer.capacity = len(ring.buffer)
    answer.written = ring.written
    answer.overwritten = ring.oldest()
    answer.available = answer.written - answer.overwritten
    copy_out(record, object_bytes(answer, size_of(LogStats)))
