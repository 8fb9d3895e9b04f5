"""Format specifications that do not fit the value."""

from __future__ import annotations

from bare import Bytes, Writer, f64, struct, u32, write_to


@struct
class Point:
    """A place."""

    x: u32


def write(writer: Writer, number: u32, value: f64, data: Bytes, word: str, point: Point) -> None:
    write_to(writer, f"{number:.2f}")
    write_to(writer, f"{value}")
    write_to(writer, f"{data}")
    write_to(writer, f"{word!r}")
    write_to(writer, f"{word:d}")
    write_to(writer, f"{number:{number}}")
    write_to(writer, f"{point}")

# error[E0315] 16:25-30: format specification '.2f' on u32
#   help: integers take `d x X o b c`, floats `.Nf`, text a width; convert first where needed
# error[E0315] 17:25-29: a float needs a specification with digits, such as `.3f`
#   help: integers take `d x X o b c`, floats `.Nf`, text a width; convert first where needed
# error[E0315] 18:25-28: Bytes cannot be written in an f-string
#   help: write `text(...)` around bytes
# error[E0315] 19:25-28: `!r` is not in Bare Python
#   help: write the value as it shall appear
# error[E0315] 20:25-28: format specification 'd' on str
#   help: integers take `d x X o b c`, floats `.Nf`, text a width; convert first where needed
# error[E0315] 21:25-30: a format specification is constant
#   help: integers take `d x X o b c`, floats `.Nf`, text a width; convert first where needed
# error[E0315] 22:25-29: Point cannot be written in an f-string
#   help: integers take `d x X o b c`, floats `.Nf`, text a width; convert first where needed
