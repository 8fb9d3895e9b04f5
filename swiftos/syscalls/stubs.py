"""The programs' side: one function a system call."""

from __future__ import annotations

from abi.declaration import Fd, Length, Path, SetSize, SizeOf, UserAddress
from swiftos.syscalls.layout import broken, docstring, import_line, signature
from swiftos.syscalls.model import Call, Parameter, calls, scalar_name


def stub_type(call: Call, index: int) -> str:
    """Returns the type that the stub takes for parameter `index`."""
    parameter = call.parameters[index]
    if parameter.annotation is Fd:
        return "i32"
    if parameter.annotation is Path:
        return "Bytes"
    if parameter.annotation is UserAddress:
        return "u64"
    if not parameter.is_pointer:
        return scalar_name(parameter.annotation) or ""
    element = parameter.element.__name__
    if call.is_span(index):
        return "Bytes" if element == "u8" and not parameter.is_written else f"Span[{element}]"
    return f"{element} | None" if parameter.is_nullable else element


def stub_argument(call: Call, index: int) -> tuple[list[str], str]:
    """Returns the statements before the call and the expression for register `index`."""
    parameter = call.parameters[index]
    name = parameter.name
    if parameter.annotation is Length:
        return [], f"len({call.parameters[index - 1].name})"
    if parameter.annotation is SetSize:
        return [], "8"
    if parameter.annotation is SizeOf:
        return [], f"size_of({sized_before(call, index).__name__})"
    if parameter.annotation is Path:
        return path_argument(parameter)
    if parameter.is_pointer:
        return pointer_argument(call, index)
    is_unsigned = scalar_name(parameter.annotation) in ("u32", "u64", "usize")
    if is_unsigned or parameter.annotation is UserAddress:
        return [], name
    return [], f"wrap_u64({name})"


def path_argument(parameter: Parameter) -> tuple[list[str], str]:
    """Returns how a path becomes NUL-terminated text in the stub's frame."""
    name = parameter.name
    lines = [f"    {name}_text: Array[u8] = array(PATH_MAX)"]
    if not parameter.is_nullable:
        return lines, f"terminate({name}, {name}_text)"
    lines += [
        f"    {name}_address: u64 = 0",
        f"    if len({name}) > 0:",
        f"        {name}_address = terminate({name}, {name}_text)",
    ]
    return lines, f"{name}_address"


def pointer_argument(call: Call, index: int) -> tuple[list[str], str]:
    """Returns how a struct or a span becomes an address."""
    parameter = call.parameters[index]
    name = parameter.name
    is_span = call.is_span(index)
    following = call.parameters[index + 1 : index + 2]
    has_length = bool(following) and following[0].annotation is Length
    if is_span and has_length:
        return [], f"address_of({name})"
    if is_span and not parameter.is_nullable:
        return [f'    assert len({name}) > 0, "no room for the result"'], f"address_of({name})"
    if not parameter.is_nullable:
        return [], f"address_of({name})"
    test = f"len({name}) > 0" if is_span else f"{name} is not None"
    lines = [
        f"    {name}_address: u64 = 0",
        f"    if {test}:",
        f"        {name}_address = address_of({name})",
    ]
    return lines, f"{name}_address"


def sized_before(call: Call, index: int) -> type:
    """Returns the pointed-to type that a `SizeOf` at `index` measures."""
    for parameter in reversed(call.parameters[:index]):
        if parameter.is_pointer:
            return parameter.element
    raise TypeError(f"{call.name}: SizeOf without a pointer before it")


def stub(call: Call) -> list[str]:
    """Returns the text of one stub."""
    may_fail = bool(call.declaration.errors or call.declaration.capability)
    visible = [
        f"{parameter.name}: {stub_type(call, index)}"
        for index, parameter in enumerate(call.parameters)
        if not parameter.is_hidden
    ]
    before: list[str] = []
    arguments = [str(call.declaration.number)]
    for index in range(len(call.parameters)):
        statements, expression = stub_argument(call, index)
        before += statements
        arguments.append(expression)
    trap = f"svc({', '.join(arguments)})"
    lines = ["@raises()"] if may_fail else []
    lines += signature(call.name, visible, call.result)
    lines += docstring(call.summary)
    lines += before
    lines += broken(result_lines(call, trap, may_fail))
    return lines


def result_lines(call: Call, trap: str, may_fail: bool) -> list[str]:
    """Returns the statements that make the call and turn x0 into the result."""
    value = f"checked({trap})" if may_fail else trap
    if call.result == "None":
        return [f"    {value}"]
    if call.result == "NoReturn":
        return [f"    {value}", "    unreachable()"]
    if call.result in ("u64", "usize"):
        return [f"    return {value}"]
    return [f"    return wrap_{call.result}({value})"]


def stub_imports(every: list[Call]) -> list[str]:
    """Returns the import statements of the stubs, sorted as the linter wants them."""
    modules: dict[str, set[str]] = {"abi.limits": {"PATH_MAX"}}
    scalars = {"Array", "Bytes", "Span", "array", "raises", "size_of", "unreachable"}
    scalars |= {"i32", "i64", "u32", "u64", "u8", "wrap_i32", "wrap_i64", "wrap_u32"}
    scalars |= {"wrap_u64"}
    for call in every:
        for parameter in call.parameters:
            if parameter.is_pointer and scalar_name(parameter.element) is None:
                modules.setdefault(parameter.element.__module__, set()).add(
                    parameter.element.__name__
                )
    lines = ["from typing import NoReturn", ""]
    lines += [import_line(module, names) for module, names in sorted(modules.items())]
    lines += [import_line("bare", scalars), "from bare.unsafe import address_of"]
    return [*lines, "from user.lib.svc import checked, svc, terminate"]


def stubs_text() -> str:
    """Returns the text of `user/lib/sys.py`."""
    every = calls()
    lines = [
        '"""The system calls, as a program makes them.',
        "",
        "Each raises `OSError` with the kernel's error number. Paths are bytes without a NUL. An",
        "empty span stands for a null pointer where the call allows one. Written by",
        "`swiftos/generate.py` from `abi/syscalls.py`; do not edit.",
        '"""',
        "",
        *stub_imports(every),
        "",
        "# SAFETY: each address given to the kernel is that of an argument, alive in the call.",
    ]
    for call in every:
        lines += ["", "", *stub(call)]
    return "\n".join([*lines, ""])
