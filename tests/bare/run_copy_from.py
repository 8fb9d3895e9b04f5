"""copy_struct copies all fields, embedded ones too; copy_from the elements of an array."""

from __future__ import annotations

from bare import Array, array, copy_struct, inline, struct, u8, u32


@struct
class Inner:
    """Embedded."""

    value: u32 = 1
    data: Array[u8] = array(3)


@struct
class Outer:
    """Embeds."""

    number: u32
    inner: Inner = inline()
    next: Outer | None = None


def main() -> None:
    """Copies."""
    a = Outer(5)
    a.inner.value = 50
    a.inner.data[1] = 7
    b = Outer(6, a)
    copy_struct(a, b)
    print(a.number, a.inner.value, a.inner.data[1], a.next is a)
    a.inner.data[2] = 9
    b.inner.value = 60
    copy_struct(b.inner, a.inner)
    print(b.inner.value, b.inner.data[2])
    b.inner.data.copy_from(b"xyz")
    a.inner.data[1] = 200
    print(b.inner.data[0], b.inner.data[1], a.inner.data[0])
    copy_struct(a, a)
    print(a.number)
