"""What `for` does not walk, and types that nothing tells."""

from __future__ import annotations

from bare import Items, Span, array, struct, u32


@struct
class Numbers:
    """Has no items."""

    count: u32


@struct
class Endless(Items[u32]):
    """Its items never end, says its result."""

    def next_item(self) -> u32:
        return 1


def over(number: u32, word: str, numbers: Numbers, endless: Endless, span: Span[u32]) -> u32:
    for _ in number:
        pass
    for _ in word:
        pass
    for _ in numbers:
        pass
    for _ in endless:
        pass
    for _ in range(0, 9, number):
        pass
    for _ in range(0, 9, 0):
        pass
    for _ in range(0.5):
        pass
    for pair in enumerate(span):
        pass
    for one, other in zip(span):
        pass
    items = range(9)
    return 0


def unknown_types() -> None:
    buffer = array(16)
    node = None


def step(span: Span[u32]) -> Span[u32]:
    return span[0:4:2]

# error[E0603] 24:14-19: `for` over u32
#   help: walk a range, a span, a table, or an object with `next_item`
# error[E0603] 26:14-17: `for` over str
#   help: walk a range, a span, a table, or an object with `next_item`
# error[E0603] 28:14-20: Numbers has no `next_item`
#   help: walk a range, a span, a table, or an object with `next_item`
# error[E0603] 30:14-20: `next_item` gives u32, not `T | None`
#   help: walk a range, a span, a table, or an object with `next_item`
# error[E0902] 32:26-31: this has to be a constant integer
#   help: use a literal or a module-level constant
# error[E0603] 34:26-26: the step of a range is not zero
#   help: walk a range, a span, a table, or an object with `next_item`
# error[E0603] 36:14-23: a range is over integers, not float constant
#   help: walk a range, a span, a table, or an object with `next_item`
# error[E0603] 38:17-31: write `for i, x in enumerate(a)`
#   help: walk a range, a span, a table, or an object with `next_item`
# error[E0603] 40:23-31: write `for x, y in zip(a, b)`
#   help: walk a range, a span, a table, or an object with `next_item`
# error[E0204] 42:13-20: range() belongs in a `for` statement
#   help: call it, or use its value
# error[E0312] 47:14-22: the element type of `array()` is not known here
#   help: annotate: `x: Array[u8] = array(64)`
# error[E0312] 48:12-15: the type of None is not known here
#   help: annotate: `x: T | None = None`
# error[E0306] 52:17-21: a slice has no step
#   help: use a function or a conversion that says what is meant
