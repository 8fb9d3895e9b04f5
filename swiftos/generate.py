"""Write what derives from the one list of system calls in `abi/syscalls.py`.

`kernel/syscall/dispatch.py` decodes and calls the bodies, `user/lib/sys.py` holds the programs'
stubs and `docs/reference/syscalls.md` the manual. `python -m swiftos.generate` writes them; with
`--check` it only says which are out of date and exits 1.
"""

from __future__ import annotations

import argparse
import sys
import typing
from dataclasses import dataclass

import abi.syscalls as syscalls
from abi.declaration import (
    DECLARATIONS,
    Declaration,
    Family,
    Fd,
    Length,
    Path,
    SetSize,
    SizeOf,
    UserAddress,
    UserIn,
    UserInOut,
    UserOut,
)
from abi.errno import NAMES
from swiftos.paths import REPOSITORY

LINE_LIMIT = 100
WORD_TYPES = ("i64", "u64", "usize")
POINTERS = (UserIn, UserOut, UserInOut)


@dataclass(frozen=True)
class Parameter:
    """One parameter of a call, taken apart."""

    name: str
    annotation: object
    """The annotation, without `| None`."""
    is_nullable: bool

    @property
    def is_pointer(self) -> bool:
        """Whether it is the address of something typed."""
        return typing.get_origin(self.annotation) in POINTERS

    @property
    def element(self) -> type:
        """What a pointer points at."""
        element: type = typing.get_args(self.annotation)[0]
        return element

    @property
    def is_written(self) -> bool:
        """Whether the kernel writes there."""
        return typing.get_origin(self.annotation) in (UserOut, UserInOut)

    @property
    def is_hidden(self) -> bool:
        """Whether the stub fills it in."""
        return self.annotation in (Length, SizeOf, SetSize)


@dataclass(frozen=True)
class Call:
    """A declaration with its parameters."""

    declaration: Declaration
    parameters: tuple[Parameter, ...]
    result: str
    """A Bare Python type, "None" or "NoReturn"."""

    @property
    def name(self) -> str:
        """The name of declaration, body and stub."""
        return self.declaration.function.__name__

    @property
    def summary(self) -> str:
        """The docstring, without indentation."""
        text = self.declaration.function.__doc__ or ""
        return "\n".join(line.strip() for line in text.strip().splitlines())

    def is_span(self, index: int) -> bool:
        """Whether the stub takes a span for parameter `index`."""
        parameter = self.parameters[index]
        if scalar_name(parameter.element) is not None:
            return True
        following = self.parameters[index + 1 :]
        return bool(following) and following[0].annotation is Length


def scalar_name(annotation: object) -> str | None:
    """Returns the name of a scalar type of the language, or None."""
    name = getattr(annotation, "__name__", "")
    module = getattr(annotation, "__module__", "")
    return str(name) if module == "bare.scalars" else None


def parse(declaration: Declaration) -> Call:
    """Takes a declaration apart."""
    hints = typing.get_type_hints(declaration.function)
    result = hints.pop("return")
    parameters = tuple(parse_parameter(name, hint) for name, hint in hints.items())
    return Call(declaration, parameters, result_name(result))


def parse_parameter(name: str, hint: object) -> Parameter:
    """Splits `T | None` into T and nullable."""
    arguments = typing.get_args(hint)
    if type(None) in arguments:
        (inner,) = (argument for argument in arguments if argument is not type(None))
        return Parameter(name, inner, True)
    return Parameter(name, hint, False)


def result_name(hint: object) -> str:
    """Returns what the body returns, as written in Bare Python."""
    if hint is type(None):
        return "None"
    if hint is typing.NoReturn:
        return "NoReturn"
    if hint is Fd:
        return "i32"
    name = scalar_name(hint)
    if name is None:
        raise TypeError(f"a system call cannot return {hint}")
    return name


def calls() -> list[Call]:
    """Returns all calls in the order of declaration."""
    return [parse(declaration) for declaration in DECLARATIONS.values()]


def families() -> list[Family]:
    """Returns the families in the order of `abi/syscalls.py`."""
    return [value for value in vars(syscalls).values() if isinstance(value, Family)]


# The kernel's side.


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
        lines.append(f'            call.require({mask}, "{call.name}")')
    if call.result in ("None", "NoReturn"):
        lines += [f"            {invocation}"]
        if call.result == "None":
            lines.append("            return 0")
    elif call.result in ("u64", "usize"):
        lines += [f"            return {invocation}"]
    else:
        lines += [f"            return wrap_u64({invocation})"]
    return [part for line in lines for part in wrapped(line)]


def wrapped(line: str) -> list[str]:
    """Breaks a call that is too long after its opening parenthesis."""
    if len(line) <= LINE_LIMIT:
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    head, tail = line.split("(", 1)
    body = tail[: tail.rindex(")")]
    if head.strip() == "return wrap_u64":
        inner, rest = body.split("(", 1)
        head, body, close = f"{head}({inner}", rest[: rest.rindex(")")], "))"
    else:
        close = ")"
    return [f"{head}(", f"{indent}    {body}", f"{indent}{close}"]


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


# The programs' side.


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


def broken(lines: list[str]) -> list[str]:
    """Breaks calls that are too long: arguments go to a line of their own."""
    result: list[str] = []
    for line in lines:
        if len(line) <= LINE_LIMIT:
            result.append(line)
            continue
        head, _, tail = line.partition("svc(")
        outer = head.count("(")
        inner = tail[: len(tail) - outer - 1]
        arguments = [f"        {inner}"]
        if len(arguments[0]) > LINE_LIMIT:
            arguments = [f"        {argument}," for argument in split_arguments(inner)]
        result += [f"{head}svc(", *arguments, "    " + ")" * (outer + 1)]
    return result


def split_arguments(text: str) -> list[str]:
    """Splits at the commas outside of parentheses."""
    parts = [""]
    depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def signature(name: str, parameters: list[str], result: str) -> list[str]:
    """Returns the `def` of a stub, on one line or one parameter a line."""
    line = f"def {name}({', '.join(parameters)}) -> {result}:"
    if len(line) <= LINE_LIMIT:
        return [line]
    broken_parameters = [f"    {parameter}," for parameter in parameters]
    return [f"def {name}(", *broken_parameters, f") -> {result}:"]


def docstring(summary: str) -> list[str]:
    """Returns a docstring, indented."""
    if "\n" not in summary:
        return [f'    """{summary}"""']
    first, *rest = summary.splitlines()
    body = [f"    {line}" if line else "" for line in rest]
    return [f'    """{first}', *body, '    """']


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


def import_line(module: str, names: set[str]) -> str:
    """Returns one import statement; names in the linter's order: classes, then the rest."""
    ordered = sorted(names, key=lambda name: (not name.isupper(), name[0].islower(), natural(name)))
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= LINE_LIMIT:
        return line
    return "\n".join([f"from {module} import (", *[f"    {name}," for name in ordered], ")"])


def natural(name: str) -> tuple[str, int]:
    """Sorts `u8` before `u16`."""
    digits = name[len(name.rstrip("0123456789")) :]
    return name.rstrip("0123456789"), int(digits or 0)


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
    ]
    for call in every:
        lines += ["", "", *stub(call)]
    return "\n".join([*lines, ""])


# The manual.


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


OUTPUTS = {
    "kernel/syscall/dispatch.py": dispatch_text,
    "user/lib/sys.py": stubs_text,
    "docs/reference/syscalls.md": reference_text,
}


def outdated() -> list[str]:
    """Returns the generated files that differ from what the declarations say."""
    result = []
    for name, text in OUTPUTS.items():
        path = REPOSITORY / name
        if not path.exists() or path.read_text() != text():
            result.append(name)
    return result


def main(arguments: list[str]) -> int:
    """Writes the files, or with `--check` names those that are out of date."""
    parser = argparse.ArgumentParser(prog="generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 if stale")
    options = parser.parse_args(arguments)
    stale = outdated()
    for name in stale:
        print(f"{'out of date' if options.check else 'wrote'}: {name}")
        if not options.check:
            path = REPOSITORY / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(OUTPUTS[name]())
    return 1 if stale and options.check else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
