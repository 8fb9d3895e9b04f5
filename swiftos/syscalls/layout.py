"""Lays out generated source as the formatter would: lines broken at the limit, names in order."""

from __future__ import annotations

LINE_LIMIT = 100


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
