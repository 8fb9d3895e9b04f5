"""Golden IR: what a few functions become."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from compiler.ir.printer import print_function, print_struct
from tests.compiler.sources import compiled

GOLDEN = {
    "arithmetic": (
        """
        from bare import u8, u32, wrapping_add

        def f(a: u32, b: u8) -> u32:
            c = a * 3 + b
            return wrapping_add(c, 0xFF) << b
        """,
        """
        def sample.f(a: u32, b: u8) -> u32:
            c = ((a * 3:u32) + widen<u32>(b))
            return ((c +~ 255:u32) << b)
        """,
    ),
    "loop over elements": (
        """
        from bare import Span, u32

        def f(values: Span[u32]) -> u32:
            total: u32 = 0
            for value in values:
                if value == 0:
                    break
                total += value
            else:
                total = 7
            return total
        """,
        """
        def sample.f(values: Span[u32]) -> u32:
            total = 0:u32
            $sequence1 = values
            for $index2: u64 in 0:u64..len($sequence1) by 1:
                value = $sequence1[$index2 unchecked]
                if (value == 0:u32):
                    break
                total = (total + value)
            else:
                total = 7:u32
            return total
        """,
    ),
    "chained comparison": (
        """
        from bare import u32

        def g(a: u32) -> u32:
            return a

        def f(a: u32, b: u32) -> bool:
            return a < g(b) <= 9
        """,
        """
        def sample.f(a: u32, b: u32) -> bool:
            return ((a < ($t1 := sample.g(b))) and ($t1 <= 9:u32))
        """,
    ),
    "errors": (
        """
        from bare import raises, u32

        @raises(2)
        def g(a: u32) -> u32:
            raise OSError(2)

        def f(a: u32) -> u32:
            try:
                return g(a)
            except OSError as error:
                return 1
            finally:
                a = 0
        """,
        """
        def sample.f(a: u32) -> u32:
            try:
                return sample.g?(a)
            except $error1:
                return 1:u32
            finally:
                a = 0:u32
        """,
    ),
    "narrowing": (
        """
        from bare import struct, u32

        @struct
        class Node:
            value: u32
            next: Node | None = None

        def f(node: Node) -> u32:
            following = node.next
            return node.value if following is None else following.value
        """,
        """
        def sample.f(node: sample.Node) -> u32:
            following = node.next
            return (node.value if (following is None:sample.Node | None) else \
unwrap<sample.Node>(following).value)
        """,
    ),
    "frame object and method": (
        """
        from bare import struct, u32

        @struct
        class Point:
            x: u32
            y: u32 = 2

            def sum(self) -> u32:
                return self.x + self.y

        def f() -> u32:
            return Point(1).sum()
        """,
        """
        def sample.f() -> u32:
            slot 0: sample.Point
            return sample.Point.sum(new sample.Point(x=1:u32) at slot 0)
        """,
    ),
    "message": (
        """
        from bare import Writer, i32, write_to

        def f(writer: Writer, count: i32) -> None:
            write_to(writer, f"count {count:>08x}")
        """,
        """
        def sample.f(writer: bare.lib.writer.Writer, count: i32) -> None:
            format_write(format('count ' {count:>08x}), writer)
        """,
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_function_becomes(name: str, tmp_path: Path) -> None:
    source, golden = GOLDEN[name]
    program = compiled(tmp_path, source, keep=("f",))
    printed = print_function(program.functions["sample.f"])
    assert printed == textwrap.dedent(golden).strip()


def test_struct_shows_its_layout(tmp_path: Path) -> None:
    source = """
        from bare import Array, array, big_endian, bits, struct, u8, u16, u32

        @struct
        class Header:
            version: u8 = bits(4)
            length: u8 = bits(4)
            kind: u8 = 3
            port: u16 = big_endian()
            data: Array[u32] = array(2)

        def f(header: Header) -> u16:
            return header.port
    """
    program = compiled(tmp_path, source, keep=("f",))
    assert print_struct(program.structs["sample.Header"]).splitlines() == [
        "struct sample.Header size 12 align 4:",
        "    version: u8 at 0 bits 0..3",
        "    length: u8 at 0 bits 4..7",
        "    kind: u8 at 1 = 3",
        "    port: u16 at 2 big-endian",
        "    data: Array[u32, 2] at 4 embedded",
    ]
