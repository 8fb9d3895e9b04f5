"""Numbers with units as documents write them: finding them, and comparing one with a record.

What counts as a figure is a number with a unit that somebody measures: time, size, rate, share.
"""

import re
from dataclasses import dataclass

TIME = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "seconds": 1.0, "second": 1.0}
TIME |= {"minutes": 60.0, "minute": 60.0, "hours": 3600.0, "hour": 3600.0}
SIZE = {"bytes": 1.0, "KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30}
SIZE |= {"kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9}
RATE = {"tok/s": 1.0, "tokens a second": 1.0, "req/s": 1.0, "requests a second": 1.0}
RATE |= {"1/s": 1.0, "/s": 1.0}
RATE |= {"Mbit/s": 1e6, "Gbit/s": 1e9, "MiB/s": 2.0**20, "MB/s": 1e6}
OTHER = {"%": 1.0, "percent": 1.0, "blocks": 1.0, "translated blocks": 1.0}
OTHER |= {"instructions": 1.0, "times faster": 1.0, "times slower": 1.0, "times as": 1.0}
FAMILIES = (TIME, SIZE, RATE, OTHER)
SMALLEST_BYTES = 10_000
"""Fewer bytes are a field's or a buffer's length, not a size that was measured."""

_UNITS = sorted((unit for family in FAMILIES for unit in family), key=len, reverse=True)
NUMBER = r"(?<![\w.,-])(?P<number>\d[\d,]*(?:\.\d+)?)"
FIGURE = re.compile(
    NUMBER + r"[ \u00a0]?(?P<unit>" + "|".join(map(re.escape, _UNITS)) + r")(?![\w/-])"
)
ONLY_NUMBER = re.compile(r"^\s*" + NUMBER + r"\s*(?P<unit>.*?)\s*$")


@dataclass(frozen=True)
class Quantity:
    """A number as it was written, with the unit behind it; `resolution` is its last digit's."""

    value: float
    resolution: float
    unit: str

    def is_rounded_from(self, value: float, unit: str) -> bool:
        """Whether this is `value` in `unit`, rounded to the digits that are written."""
        factor = 1.0 if self.unit in ("", unit) else conversion(unit, self.unit)
        if factor is None:
            return False
        return abs(value * factor - self.value) <= self.resolution / 2 * (1 + 1e-9)


def conversion(source: str, target: str) -> float | None:
    """Returns the factor from one unit to another, or None where they measure different things."""
    for family in FAMILIES:
        if source in family and target in family:
            return family[source] / family[target]
    return None


def read(text: str) -> Quantity | None:
    """Reads a number with an optional unit and nothing else; None where it is no number."""
    match = ONLY_NUMBER.match(text)
    if match is None:
        return None
    digits = match["number"].replace(",", "")
    decimals = len(digits.partition(".")[2])
    return Quantity(float(digits), 10.0**-decimals, match["unit"])


def figures(text: str) -> list[re.Match[str]]:
    """Returns the figures of a line, without lengths of a few bytes."""
    found = FIGURE.finditer(text)
    return [match for match in found if not _is_short_length(match)]


def _is_short_length(match: re.Match[str]) -> bool:
    return match["unit"] == "bytes" and float(match["number"].replace(",", "")) < SMALLEST_BYTES
