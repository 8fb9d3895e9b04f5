"""Spells figures for people: as many digits as can be told apart, no more."""

SMALL_PERCENT = 0.1


def number(value: float) -> str:
    """Spells whole numbers without a point and others with four or one digit behind it."""
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.4f}" if abs(value) < 10 else f"{value:,.1f}"


def percent(part: float, sign: str = "+") -> str:
    """Spells a part of one as a percentage; `sign` is "+" for changes and "" for sizes."""
    value = 100 * part
    digits = 4 if 0 < abs(value) < SMALL_PERCENT else 2
    return f"{value:{sign}.{digits}f} %"
