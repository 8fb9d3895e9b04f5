"""A FormatStr is passed on, never kept."""

from __future__ import annotations

from bare import FormatStr, Writer, struct, u32, write_to


@struct
class Report:
    """Something to be said."""

    message: FormatStr


def describe(number: u32) -> FormatStr:
    return f"number {number}"


def keep(writer: Writer, number: u32) -> None:
    message = f"number {number}"
    write_to(writer, message)


def keep_annotated(writer: Writer, number: u32) -> None:
    message: FormatStr = f"number {number}"
    write_to(writer, message)

# error[E0314] 12:5-22: a field cannot have the type FormatStr
#   help: pass the f-string where it is written
# error[E0314] 16:5-29: a FormatStr cannot be returned
#   help: pass the f-string where it is written
# error[E0314] 20:15-32: a FormatStr cannot be stored
#   help: pass the f-string where it is written
# error[E0314] 25:5-43: a FormatStr cannot be stored
#   help: pass the f-string where it is written
