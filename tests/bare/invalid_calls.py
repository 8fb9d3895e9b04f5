"""Functions without annotations, calls that do not match, results that do not fit."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Generic, TypeVar

from bare import Span, struct, u32

T = TypeVar("T")
N = TypeVar("N", bound="Item")


@struct
class Item:
    """Something."""

    value: u32 = 0


@struct
class Holder(Generic[T]):
    """Holds nothing."""

    count: u32 = 0


def no_parameter_annotation(value) -> u32:
    return value


def no_result_annotation(value: u32):
    return value


def variable(*values: u32) -> u32:
    return 0


def add(left: u32, right: u32 = 1) -> u32:
    return left + right


def made() -> Holder[T]:
    return Holder()


def first(items: Span[N]) -> u32:
    return items[0].value


def wrong_calls(number: u32, function: Callable[[u32], u32], numbers: Span[u32]) -> u32:
    add()
    add(1, 2, 3)
    add(1, middle=2)
    add(1, left=2)
    number()
    function(1, 2)
    first(numbers)
    Holder()
    Holder[u32, u32]()
    ord("a")
    return 0


def values(number: u32) -> u32:
    function = u32
    module = Span
    result = nothing()
    return number


def nothing() -> None:
    return 1


def something(number: u32) -> u32:
    if number > 1:
        return


def falls_off(number: u32) -> u32:
    if number > 1:
        return 1


@cache
def decorated(number: u32) -> u32:
    return number


def calls_decorated() -> u32:
    return decorated(1)

# error[E0801] 29:29-33: parameter 'value' has no annotation
#   help: annotate it
# error[E0801] 33:5-24: function 'no_result_annotation' has no result annotation
#   help: write `-> None` where it returns nothing
# error[E0101] 37:15-25: a function takes a fixed number of arguments
#   help: take a Span, or several parameters
# error[E0802] 54:5-9: add() needs 'left'
#   help: pass each parameter once
# error[E0802] 55:15-15: add() takes 2 arguments, not 3
#   help: pass each parameter once
# error[E0802] 56:12-19: add() has no parameter 'middle'
#   help: pass each parameter once
# error[E0802] 57:12-17: parameter 'left' is given twice
#   help: pass each parameter once
# error[E0803] 58:5-10: u32 is not callable
#   help: call a function, method, class or Callable
# error[E0802] 59:5-18: expected 1 argument
#   help: pass each parameter once
# error[E0804] 60:5-18: u32 is not derived from Item, as N asks
#   help: give them explicitly, as in `Pool[Task](...)`
# error[E0804] 61:5-12: the type T of Holder() is not known from its arguments
#   help: give them explicitly, as in `Pool[Task](...)`
# error[E0804] 62:5-20: Holder takes 1 type arguments, not 2
#   help: give them explicitly, as in `Pool[Task](...)`
# error[E0803] 63:5-12: ord() is not in Bare Python
#   help: call a function, method, class or Callable
# error[E0204] 68:16-18: u32 is a word of the language, not a value
#   help: call it, or use its value
# error[E0204] 69:14-17: Span is a word of the language, not a value
#   help: call it, or use its value
# error[E0301] 70:5-10: the value is None: the function returns nothing
#   help: call it as a statement of its own
# error[E0805] 75:5-12: this function is declared `-> None`
#   help: return what the annotation says
# error[E0805] 80:9-14: this function returns u32
#   help: return what the annotation says
# error[E0604] 83:5-13: falls_off() returns u32, but its end can be reached
#   help: return a value on every path
# error[E0005] 94:12-20: decorated is a value of type _lru_cache_wrapper, not a constant
#   help: use an integer, float, bool, str, bytes, enum member, tuple, struct instance, function or type
