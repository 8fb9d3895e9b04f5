"""Spans: a pointer and a length, always bounds-checked, and the fixed arrays that they look into.

`Bytes` is the read-only view that `bytes`, `Span[u8]` and `Array[u8]` all satisfy. In a plain
import a span is a window into a Python list; under `bare.load` it is a window into checked
storage; compiled, it is two registers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, Literal, Protocol, TypeVar, overload

from bare import traps

T = TypeVar("T")
ElementCo = TypeVar("ElementCo", covariant=True)
StructType = TypeVar("StructType")


class Bytes(Protocol):
    """A read-only view of bytes."""

    def __len__(self) -> int: ...

    @overload
    def __getitem__(self, index: int, /) -> int: ...
    @overload
    def __getitem__(self, index: slice, /) -> Bytes: ...

    def __iter__(self) -> Iterator[int]: ...


class Readable(Protocol[ElementCo]):
    """What a span can be copied from."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> ElementCo: ...


class Span(Generic[T]):
    """A view of `len(self)` consecutive elements."""

    __slots__ = ("_length", "_offset", "_storage")

    def __init__(self, storage: list[T], offset: int = 0, length: int | None = None) -> None:
        self._storage = storage
        self._offset = offset
        self._length = len(storage) - offset if length is None else length

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int, /) -> T: ...
    @overload
    def __getitem__(self, index: slice, /) -> Span[T]: ...

    def __getitem__(self, index: int | slice, /) -> T | Span[T]:
        if isinstance(index, slice):
            return self._slice(index)
        return self._storage[self._place(index)]

    def __setitem__(self, index: int, value: T, /) -> None:
        self._storage[self._place(index)] = value

    def __iter__(self) -> Iterator[T]:
        return iter(self._storage[self._offset : self._offset + self._length])

    def __eq__(self, other: object) -> bool:
        if isinstance(other, bytes | bytearray | Span):
            return list(self) == list(other)
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def copy_from(self, source: Readable[T]) -> None:
        """Copies every element of `source`, which has the same length and may overlap."""
        if len(source) != self._length:
            raise traps.ValueError(f"cannot copy {len(source)} elements into {self._length}")
        elements = [source[index] for index in range(self._length)]
        self._storage[self._offset : self._offset + self._length] = elements

    def fill(self, value: T) -> None:
        """Sets every element to `value`."""
        self._storage[self._offset : self._offset + self._length] = [value] * self._length

    def _place(self, index: int) -> int:
        if not 0 <= index < self._length:
            raise traps.IndexError(f"index {index} outside a span of {self._length}")
        return self._offset + index

    def _slice(self, bounds: slice) -> Span[T]:
        start = 0 if bounds.start is None else bounds.start
        stop = self._length if bounds.stop is None else bounds.stop
        if bounds.step is not None or not 0 <= start <= stop <= self._length:
            raise traps.IndexError(f"slice {start}:{stop} outside a span of {self._length}")
        return Span(self._storage, self._offset + start, stop - start)


class Array(Span[T]):
    """A fixed number of elements, stored where it is declared; converts to a `Span`."""

    __slots__ = ()


class ArrayField:
    """What a plain import holds for `array(n)` until the element type is known."""

    def __init__(self, length: int) -> None:
        self.length = length


def array(length: int, *, init: Literal[False] = False) -> Array[Any]:
    """Declares an array of `length` zeroed elements: as a field it is embedded, in a function it
    lives in the frame. The element type comes from the annotation.
    """
    made: Array[Any] = Array([0] * length)
    return made


def view(struct_type: type[StructType], span: Span[int], offset: int = 0) -> StructType:
    """Returns a reference to a `@struct(packed=True)` laid over bytes of `span` from `offset`.

    Traps with `IndexError` where the bytes are not all inside the span.
    """
    raise TypeError("view() exists in compiled code and under bare.load")
