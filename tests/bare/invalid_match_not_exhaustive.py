"""A match on an enum covers every member; patterns are constants."""

from __future__ import annotations

from bare import Enum8, u32


class Color(Enum8):
    """Three of them."""

    RED = 0
    GREEN = 1
    BLUE = 2


def name(color: Color) -> u32:
    match color:
        case Color.RED:
            return 1
        case Color.GREEN:
            return 2
    return 0


def capture(number: u32) -> u32:
    match number:
        case 1:
            return 1
        case other:
            return other


def guard(number: u32) -> u32:
    match number:
        case 1 if number > 0:
            return 1
        case _:
            return 2


def twice(number: u32) -> u32:
    match number:
        case 1 | 2:
            return 1
        case 2:
            return 2
        case _:
            return 3


def text(word: str) -> u32:
    match word:
        case "a":
            return 1
        case _:
            return 2

# error[E0601] 17:11-15: `match` does not cover BLUE
#   help: add the missing members or `case _:`
# error[E0602] 29:14-18: a pattern that binds a name
#   help: use `_`, or assign in the body
# error[E0602] 35:19-28: a guard is not in Bare Python
#   help: use `if` inside
# error[E0602] 45:14-14: 2 is covered already
#   help: use `if` for anything else
# error[E0602] 52:11-14: `match` on str
#   help: use `if`
