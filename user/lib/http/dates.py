"""Dates as HTTP writes them (RFC 9110, 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`."""

from __future__ import annotations

from bare import Array, Bytes, Span, array, i32, i64, struct, u8, usize
from user.lib.dates import Date
from user.lib.http.characters import COLON, COMMA, SPACE, ZERO
from user.lib.strings import find_byte, is_digit

DATE_BYTES: usize = 29
DAYS: bytes = b"SunMonTueWedThuFriSat"
LONG_DAYS: tuple[bytes, ...] = (
    b"Sunday",
    b"Monday",
    b"Tuesday",
    b"Wednesday",
    b"Thursday",
    b"Friday",
    b"Saturday",
)
MONTHS: bytes = b"JanFebMarAprMayJunJulAugSepOctNovDec"
DAYS_BEFORE_MONTH: tuple[i64, ...] = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
MONTH_COUNT = 12
WEEKDAY_COUNT = 7
FIRST_YEAR = 1970
NO_DATE: i64 = -1
SECONDS_PER_DAY = 86_400
LATEST_SECOND = 59
"""A leap second, 60, is refused: no clock here shows one."""


@struct
class DateText:
    """A moment as text, kept until the second changes."""

    seconds: i64 = -1
    buffer: Array[u8] = array(DATE_BYTES)

    def set(self, seconds: i64) -> None:
        """Makes the text that of `seconds` since 1970, at least 0 and before the year 10000."""
        if seconds == self.seconds:
            return
        self.seconds = seconds
        write_date(self.buffer[:], seconds)

    def view(self) -> Bytes:
        """Returns the text, valid until the next `set`."""
        return self.buffer[:]


def write_date(target: Span[u8], seconds: i64) -> None:
    """Writes the 29 bytes of a date."""
    date = Date()
    date.set_from_seconds(seconds)
    weekday = usize(date.weekday)
    month = usize(date.month) - 1
    target[0:3].copy_from(DAYS[3 * weekday : 3 * weekday + 3])
    target[3:5].copy_from(b", ")
    put_two(target, 5, date.day)
    target[7] = SPACE
    target[8:11].copy_from(MONTHS[3 * month : 3 * month + 3])
    target[11] = SPACE
    put_two(target, 12, i32(date.year // 100))
    put_two(target, 14, i32(date.year % 100))
    target[16] = SPACE
    put_two(target, 17, date.hour)
    target[19] = COLON
    put_two(target, 20, date.minute)
    target[22] = COLON
    put_two(target, 23, date.second)
    target[25:29].copy_from(b" GMT")


def put_two(target: Span[u8], index: usize, value: i32) -> None:
    """Writes two digits."""
    target[index] = u8(ZERO + value // 10)
    target[index + 1] = u8(ZERO + value % 10)


def parse_date(text: Bytes, now: i64) -> i64:
    """Returns the seconds since 1970 that a date of one of the three forms means, or NO_DATE.

    `now` decides the century of the form with two digits of the year: at most 50 years ahead.
    """
    if len(text) == DATE_BYTES and is_day_name(text[:3]) and text[3:5] == b", ":
        return parse_fixed(text)
    comma = find_byte(text, COMMA, 0)
    if comma < len(text):
        return parse_long(text, comma, now)
    return parse_asctime(text)


def parse_fixed(text: Bytes) -> i64:
    """Parses `Sun, 06 Nov 1994 08:49:37 GMT`."""
    if text[7:8] != b" " or text[11:12] != b" " or text[16:17] != b" " or text[25:29] != b" GMT":
        return NO_DATE
    year = digits_value(text[12:16])
    return moment(year, month_of(text[8:11]), digits_value(text[5:7]), text[17:25])


def parse_long(text: Bytes, comma: usize, now: i64) -> i64:
    """Parses `Sunday, 06-Nov-94 08:49:37 GMT`."""
    rest = text[comma:]
    if not is_long_day_name(text[:comma]) or len(rest) != 24 or rest[:2] != b", ":
        return NO_DATE
    if rest[4:5] != b"-" or rest[8:9] != b"-" or rest[11:12] != b" " or rest[20:] != b" GMT":
        return NO_DATE
    short_year = digits_value(rest[9:11])
    if short_year < 0:
        return NO_DATE
    return moment(
        full_year(short_year, now), month_of(rest[5:8]), digits_value(rest[2:4]), rest[12:20]
    )


def parse_asctime(text: Bytes) -> i64:
    """Parses `Sun Nov  6 08:49:37 1994`."""
    if len(text) != 24 or not is_day_name(text[:3]) or text[3:4] != b" ":
        return NO_DATE
    if text[7:8] != b" " or text[10:11] != b" " or text[19:20] != b" ":
        return NO_DATE
    day = digits_value(text[9:10]) if text[8:9] == b" " else digits_value(text[8:10])
    return moment(digits_value(text[20:24]), month_of(text[4:7]), day, text[11:19])


def full_year(short_year: i64, now: i64) -> i64:
    """Returns the year that ends in two digits and is not more than 50 years ahead of `now`."""
    date = Date()
    date.set_from_seconds(now)
    year = date.year // 100 * 100 + short_year
    return year - 100 if year > date.year + 50 else year


def moment(year: i64, month: i64, day: i64, clock: Bytes) -> i64:
    """Returns the seconds since 1970 of a date and `HH:MM:SS`, NO_DATE if there is none such."""
    if clock[2:3] != b":" or clock[5:6] != b":":
        return NO_DATE
    hour = digits_value(clock[0:2])
    minute = digits_value(clock[3:5])
    second = digits_value(clock[6:8])
    if hour < 0 or hour > 23 or minute < 0 or minute > 59 or second < 0 or second > LATEST_SECOND:
        return NO_DATE
    if year < FIRST_YEAR or month < 0 or day < 1 or day > days_in(year, month):
        return NO_DATE
    days = days_before(year) + DAYS_BEFORE_MONTH[month] + day - 1
    if month > 1 and is_leap(year):
        days += 1
    return days * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second


def days_before(year: i64) -> i64:
    """Returns the days from 1970-01-01 to the first of January of `year`."""
    before = year - 1
    leap_days = before // 4 - before // 100 + before // 400
    return 365 * (year - FIRST_YEAR) + leap_days - 477


def is_leap(year: i64) -> bool:
    """Whether `year` has a 29th of February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in(year: i64, month: i64) -> i64:
    """Returns how many days a month, from 0 on, has."""
    if month == 1:
        return 29 if is_leap(year) else 28
    return 30 if month in (3, 5, 8, 10) else 31


def digits_value(digits: Bytes) -> i64:
    """Returns the value of decimal digits, -1 where one is not."""
    value: i64 = 0
    for byte in digits:
        if not is_digit(byte):
            return -1
        value = value * 10 + (byte - ZERO)
    return value


def month_of(name: Bytes) -> i64:
    """Returns the number of a month, from 0 on, or -1. Names have a case."""
    for month in range(usize(MONTH_COUNT)):
        if MONTHS[3 * month : 3 * month + 3] == name:
            return i64(month)
    return -1


def is_day_name(name: Bytes) -> bool:
    """Whether `name` is a weekday's short name."""
    for weekday in range(usize(WEEKDAY_COUNT)):
        if DAYS[3 * weekday : 3 * weekday + 3] == name:
            return True
    return False


def is_long_day_name(name: Bytes) -> bool:
    """Whether `name` is a weekday's whole name."""
    for weekday in range(WEEKDAY_COUNT):
        if LONG_DAYS[weekday] == name:
            return True
    return False
