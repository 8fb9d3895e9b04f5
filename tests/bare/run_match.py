"""match on enums and integers with constants, alternatives and _."""

from __future__ import annotations

from bare import Enum8, u32

FIRST = 10
SECOND = 11


class State(Enum8):
    """States."""

    NEW = 0
    READY = 1
    RUN = 2
    DEAD = 9


def name(state: State) -> str:
    """Covers every member."""
    match state:
        case State.NEW:
            return "new"
        case State.READY | State.RUN:
            return "alive"
        case State.DEAD:
            return "dead"


def classify(number: u32) -> u32:
    """Has a default."""
    result: u32 = 0
    match number:
        case 0:
            result = 1
        case 1 | 2 | 3:
            result = 2
        case 0xFFFF_FFFF:
            result = 3
        case _:
            result = 4
    return result


def main() -> None:
    """Matches."""
    print(name(State.NEW), name(State.READY), name(State.RUN), name(State.DEAD))
    print(classify(0), classify(2), classify(4_294_967_295), classify(99))
    for number in range(3):
        match number:
            case 1:
                continue
            case _:
                print(number)
