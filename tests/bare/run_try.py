"""try, except, else, finally."""

from __future__ import annotations

from abi.errno import EAGAIN, EIO
from bare import errno_of, i32, raises, u32


@raises(EAGAIN, EIO)
def step(number: u32) -> u32:
    """Fails at two and three."""
    if number == 2:
        raise OSError(EAGAIN)
    if number == 3:
        raise OSError(EIO)
    return number * 10


@raises(EIO)
def guarded(number: u32) -> u32:
    """Handles one error and hands the other on."""
    try:
        value = step(number)
    except OSError as error:
        print("handler", errno_of(error))
        if errno_of(error) == EAGAIN:
            return 1
        raise OSError(EIO) from None
    else:
        print("else", value)
        return value
    finally:
        print("finally", number)


@raises(EAGAIN, EIO)
def again(number: u32) -> u32:
    """Re-raises."""
    try:
        return step(number)
    except OSError:
        print("again")
        raise


def loop() -> u32:
    """Leaves loops through finally."""
    done: u32 = 0
    for number in range(u32(5)):
        try:
            if number == 1:
                continue
            if number == 3:
                break
            done += 1
        finally:
            done += 100
    return done


def nested() -> i32:
    """An error in a handler runs the outer finally."""
    try:
        try:
            step(2)
        except OSError:
            step(3)
        finally:
            print("inner")
    except OSError as error:
        return errno_of(error)
    finally:
        print("outer")
    return 0


def main() -> None:
    """Takes every way out."""
    for number in range(u32(1), u32(4)):
        try:
            print("value", guarded(number))
        except OSError as error:
            print("error", errno_of(error))
    try:
        print(again(2))
    except OSError as error:
        print("error", errno_of(error))
    print(loop())
    print(nested())
