"""Statements and expressions that Bare Python does not have."""

from __future__ import annotations

from collections.abc import Iterator

from bare import Span, u32


def nested(values: Span[u32]) -> u32:
    def inner() -> u32:
        return 1

    class Local:
        pass

    double = lambda x: x + x  # noqa: E731
    squares = [value * value for value in values]
    numbers = {1: 2}
    del values
    return 0


def generator(limit: u32) -> Iterator[u32]:
    yield limit


def spread(values: tuple[u32, u32]) -> u32:
    return largest(*values)


def largest(a: u32, b: u32) -> u32:
    return a if (c := a > b) else b


async def later() -> None:
    pass


def evaluate() -> u32:
    return eval("1")

# error[E0101] 11:9-13: a function inside a function
#   help: define it at module level
# error[E0101] 14:11-15: a class inside a function
#   help: define it at module level
# error[E0102] 17:14-28: `lambda` is not in Bare Python
#   help: write a function at module level
# error[E0102] 18:15-49: comprehensions are not in Bare Python
#   help: write a loop that fills a span
# error[E0102] 19:15-20: dicts are not in Bare Python
#   help: use `Map` from `bare.lib`
# error[E0101] 20:5-14: `del` is not in Bare Python
#   help: leave the name, or use a smaller function
# error[E0313] 24:30-42: Iterator[...] is not a type of Bare Python
#   help: write a class with `next_item`
# error[E0102] 29:20-26: `*` in calls is not in Bare Python
#   help: pass each argument
# error[E0102] 33:18-27: `:=` is not in Bare Python
#   help: assign in a statement of its own
# error[E0101] 36:11-15: `async` is not in Bare Python
#   help: write an ordinary function
# error[E0803] 41:12-20: eval() is not in Bare Python
#   help: call a function, method, class or Callable
