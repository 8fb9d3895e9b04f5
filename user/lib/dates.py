"""Dates: the proleptic Gregorian calendar in UTC."""

from __future__ import annotations

from bare import i32, i64, struct

SECONDS_PER_DAY = 86_400
DAYS_PER_ERA = 146_097
DAYS_TO_EPOCH = 719_468
FEBRUARY = 2
DAYS_BEFORE_MONTH: tuple[i32, ...] = (
    0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334,
)  # fmt: skip


@struct
class Date:
    """A moment in UTC: month 1-12, day 1-31, weekday 0 for Sunday."""

    year: i64 = 1970
    month: i32 = 1
    day: i32 = 1
    hour: i32 = 0
    minute: i32 = 0
    second: i32 = 0
    weekday: i32 = 4

    def set_from_seconds(self, seconds: i64) -> None:
        """Sets the date from seconds since 1970-01-01 00:00:00 UTC, of any sign.

        Years are counted from 1 March, so that the leap day is the last of its year; 400 such
        years, an era, have 146,097 days.
        """
        days = seconds // SECONDS_PER_DAY
        rest = i32(seconds % SECONDS_PER_DAY)
        self.hour = rest // 3600
        self.minute = rest // 60 % 60
        self.second = rest % 60
        self.weekday = i32((days + 4) % 7)
        shifted = days + DAYS_TO_EPOCH
        era = shifted // DAYS_PER_ERA
        day_of_era = shifted % DAYS_PER_ERA
        leap_free = day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096
        year_of_era = leap_free // 365
        day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
        shifted_month = (5 * day_of_year + 2) // 153
        self.day = i32(day_of_year - (153 * shifted_month + 2) // 5 + 1)
        self.month = i32(shifted_month + 3 if shifted_month < 10 else shifted_month - 9)
        self.year = year_of_era + era * 400 + (1 if self.month <= 2 else 0)

    def day_of_year(self) -> i32:
        """Returns the day's number in its year, 1 for 1 January."""
        first = DAYS_BEFORE_MONTH[self.month - 1] + self.day
        is_leap = self.year % 4 == 0 and (self.year % 100 != 0 or self.year % 400 == 0)
        return first + 1 if is_leap and self.month > FEBRUARY else first
