"""Objects from an allocator, and the layout of types.

`allocate` gives a zeroed object with its defaults set; `__init__` is not called. Freed memory goes
back with `release`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from bare.spans import Span

if TYPE_CHECKING:
    from bare.lib.allocator import Allocator

T = TypeVar("T")


def _compiled_only(name: str) -> NoReturn:
    raise TypeError(f"{name}() exists in compiled code and under bare.load")


def allocate(allocator: Allocator, object_type: type[T]) -> T:
    """Returns a new object; raises ENOMEM where the allocator does."""
    _compiled_only("allocate")


def allocate_span(allocator: Allocator, element_type: type[T], length: int) -> Span[T]:
    """Returns a span of `length` zeroed elements; raises ENOMEM where the allocator does."""
    _compiled_only("allocate_span")


def release(allocator: Allocator, value: Any) -> None:
    """Gives an object or a span from `allocate` or `allocate_span` back to its allocator."""
    _compiled_only("release")
