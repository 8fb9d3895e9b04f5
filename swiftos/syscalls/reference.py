"""The manual of the system calls."""

from __future__ import annotations

import abi.syscalls as syscalls
from abi.errno import NAMES
from swiftos.syscalls.model import Call, Parameter, calls, families


def reference_text() -> str:
    """Returns the text of `docs/reference/syscalls.md`."""
    every = calls()
    lines = [
        "# System calls",
        "",
        "Written by `swiftos/generate.py` from `abi/syscalls.py`; do not edit. Numbers, structures",
        "and error numbers are those of Linux for AArch64; calls from 1024 are SwiftOS's own. The",
        "number goes to x8, arguments to x0 to x5, `svc #0`; x0 returns the result or a negated",
        "error number.",
    ]
    for family in families():
        members = [call for call in every if call.declaration.family == family.name]
        lines += ["", f"## {family.title}", ""]
        lines += ["| number | call | returns | what |", "| ---: | --- | --- | --- |"]
        lines += [reference_row(call) for call in members]
    return "\n".join([*lines, ""])


def reference_row(call: Call) -> str:
    """Returns one row of the manual's table."""
    parameters = ", ".join(f"{p.name}: {shown(p)}" for p in call.parameters)
    declaration = call.declaration
    what = call.summary.replace("\n", " ").replace("|", "\\|").replace("  ", " ")
    if declaration.capability:
        what += f" Needs {constant_name('CAP_', declaration.capability)}."
    if declaration.rights:
        what += f" Needs {constant_name('RIGHT_', declaration.rights)} on the descriptor."
    errors = sorted({NAMES[number] for number in declaration.errors})
    if errors:
        what += f" Errors: {', '.join(errors)}."
    return f"| {declaration.number} | `{call.name}({parameters})` | `{call.result}` | {what} |"


def shown(parameter: Parameter) -> str:
    """Returns a parameter's type as the manual shows it."""
    name = str(getattr(parameter.annotation, "__name__", ""))
    if parameter.is_pointer:
        name = f"{name}[{parameter.element.__name__}]"
    return f"{name} or null" if parameter.is_nullable else name


def constant_name(prefix: str, value: int) -> str:
    """Returns the name in `abi/capability.py` of a capability or right."""
    for name, constant in vars(syscalls).items():
        if name.startswith(prefix) and constant == value:
            return name
    raise ValueError(f"no {prefix} constant has the value {value:#x}")
