"""Objects from an allocator, and the layout of types.

`allocate` gives a zeroed object with its defaults set; `__init__` is not called. Freed memory goes
back with `release`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, overload

from bare.spans import Span

if TYPE_CHECKING:
    from bare.lib.allocator import Allocator

T = TypeVar("T")


def _compiled_only(name: str) -> NoReturn:
    raise TypeError(f"{name}() exists in compiled code and under bare.load")


@overload
def allocate(allocator: Allocator) -> Any: ...
@overload
def allocate(allocator: Allocator, object_type: type[T]) -> T: ...


def allocate(allocator: Allocator, object_type: Any = None) -> Any:
    """Returns a new object; raises ENOMEM where the allocator does.

    Without a type, the annotation of what it is assigned to says it, as in generic code.
    """
    _compiled_only("allocate")


@overload
def allocate_span(allocator: Allocator, length: int, /) -> Span[Any]: ...
@overload
def allocate_span(allocator: Allocator, element_type: type[T], length: int, /) -> Span[T]: ...


def allocate_span(allocator: Allocator, *element_type_and_length: Any) -> Any:
    """Returns a span of `length` zeroed elements; raises ENOMEM where the allocator does.

    Without a type, the annotation of what it is assigned to says it, as in generic code.
    """
    _compiled_only("allocate_span")


def release(allocator: Allocator, value: Any) -> None:
    """Gives an object or a span from `allocate` or `allocate_span` back to its allocator."""
    _compiled_only("release")
