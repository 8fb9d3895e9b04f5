"""`tests/guest/pointer_table.py`: every pointer argument of every call, for the guest to abuse."""

from __future__ import annotations

from abi.declaration import Fd, Length, Path, SetSize, SizeOf, UserAddress
from abi.errno import EFAULT
from swiftos.syscalls.model import Call, Parameter, calls, scalar_name

KINDS = {
    "OTHER": 0,
    "FD": 1,
    "DIRECTORY": 2,
    "LENGTH": 3,
    "PATH": 4,
    "IN": 5,
    "OUT": 6,
    "SET_SIZE": 7,
    "SIZE_OF": 8,
    "ADDRESS": 9,
}
NULLABLE = 0x10
REGISTERS = 6


def kind_of(parameter: Parameter) -> int:
    """Returns what a test has to know of an argument."""
    kind = _plain_kind(parameter)
    return kind | NULLABLE if parameter.is_nullable else kind


def _plain_kind(parameter: Parameter) -> int:
    by_type = {
        Length: "LENGTH",
        Path: "PATH",
        SetSize: "SET_SIZE",
        SizeOf: "SIZE_OF",
        UserAddress: "ADDRESS",
    }
    if parameter.is_pointer:
        return KINDS["OUT" if parameter.is_written else "IN"]
    if parameter.annotation is Fd:
        return KINDS["DIRECTORY" if "directory" in parameter.name else "FD"]
    for annotation, name in by_type.items():
        if parameter.annotation is annotation:
            return KINDS[name]
    assert scalar_name(parameter.annotation) is not None, parameter
    return KINDS["OTHER"]


def has_pointer(call: Call) -> bool:
    """Whether a call takes an address that it follows."""
    return EFAULT in call.declaration.errors


def row(call: Call) -> str:
    """Returns one entry: the number, then a byte for each argument, the first lowest."""
    packed = 0
    for index, parameter in enumerate(call.parameters):
        packed |= kind_of(parameter) << 8 * index
    return f"    ({call.declaration.number}, {packed:#x}),  # {call.name}"


def pointer_table_text() -> str:
    """Returns the text of `tests/guest/pointer_table.py`."""
    rows = [row(call) for call in calls() if has_pointer(call)]
    kinds = [f"{name} = {value}" for name, value in KINDS.items()]
    return "\n".join(
        [
            '"""Calls that take addresses: number, and the kind of each argument, a byte each.',
            "",
            "Written by `swiftos/generate.py` from `abi/syscalls.py`; do not edit.",
            '"""',
            "",
            "from bare import u64",
            "",
            *kinds,
            f"NULLABLE = {NULLABLE:#x}",
            "",
            "ROWS = (",
            *rows,
            ")",
            "NUMBERS: tuple[u64, ...] = tuple(number for number, _ in ROWS)",
            "ARGUMENTS: tuple[u64, ...] = tuple(kinds for _, kinds in ROWS)",
            "",
        ]
    )
