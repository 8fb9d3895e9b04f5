"""The kernel's side: decodes registers and calls the bodies."""

from __future__ import annotations

from abi.declaration import Fd, Length, SetSize, SizeOf
from swiftos.syscalls.layout import import_line, wrapped
from swiftos.syscalls.model import Call, Parameter, calls, families, scalar_name


def decoded(parameter: Parameter, index: int) -> str:
    """Returns the expression that turns register `index` into an argument of the body."""
    register = f"a{index}"
    name = "i32" if parameter.annotation is Fd else scalar_name(parameter.annotation)
    if name in ("i32", "u32", "i64"):
        return f"wrap_{name}({register})"
    return register


def kernel_type(parameter: Parameter) -> str:
    """Returns the type of the parameter in the body."""
    if parameter.annotation is Fd:
        return "i32"
    if parameter.annotation in (Length, SizeOf, SetSize):
        return "usize"
    return scalar_name(parameter.annotation) or "UserAddr"


def dispatch_case(call: Call) -> list[str]:
    """Returns one case of the dispatcher."""
    arguments = ["call"] + [decoded(p, index) for index, p in enumerate(call.parameters)]
    invocation = f"{call.name}({', '.join(arguments)})"
    lines = [f"        case {call.declaration.number}:"]
    if call.declaration.capability:
        mask = f"{call.declaration.capability:#x}"
        lines.append(f"            call.require({mask})")
    if call.result in ("None", "NoReturn"):
        lines += [f"            {invocation}"]
        if call.result == "None":
            lines.append("            return 0")
    elif call.result in ("u64", "usize"):
        lines += [f"            return {invocation}"]
    else:
        lines += [f"            return wrap_u64({invocation})"]
    return [part for line in lines for part in wrapped(line)]


def dispatch_text() -> str:
    """Returns the text of `kernel/syscall/dispatch.py`."""
    modules = {
        f"kernel.syscall.{family.name}": {
            call.name for call in calls() if call.declaration.family == family.name
        }
        for family in families()
    }
    modules["kernel.syscall.call"] = {"Call"}
    lines = [
        '"""Decode a system call and call its body.',
        "",
        "Written by `swiftos/generate.py` from `abi/syscalls.py`; do not edit.",
        '"""',
        "",
        "from abi.errno import ENOSYS",
        "from bare import raises, u64, wrap_i32, wrap_i64, wrap_u32, wrap_u64",
        *[import_line(module, names) for module, names in sorted(modules.items())],
        "",
        "",
        "@raises()",
        "def dispatch(",
        "    call: Call, number: u64, a0: u64, a1: u64, a2: u64, a3: u64, a4: u64, a5: u64",
        ") -> u64:",
        '    """Runs system call `number`; returns the value for x0. ENOSYS: there is none."""',
        "    match number:",
    ]
    for call in sorted(calls(), key=lambda call: call.declaration.number):
        lines += dispatch_case(call)
    lines += ["        case _:", "            pass", "    raise OSError(ENOSYS)", ""]
    return "\n".join(lines)
