"""The page of limits: what programs may rely on, and the capacities of kernel and services."""

from swiftos import paths
from swiftos.references.source import cell, constants, docstring

SECTIONS = {
    "What a program may rely on": ("abi/limits.py",),
    "Capacities of the kernel": ("kernel/params.py",),
}


def limits_text() -> str:
    """Returns the text of `docs/reference/limits.md`."""
    lines = [
        "# Limits",
        "",
        "Written by `swiftos/generate.py` from the constants; do not edit. These are what the",
        "source says, not figures that were measured.",
    ]
    for title, names in SECTIONS.items():
        for name in names:
            path = paths.REPOSITORY / name
            lines += ["", f"## {title}", "", cell(docstring(path)), "", f"From `{name}`:", ""]
            lines += ["| name | value | what |", "| --- | --- | --- |"]
            lines += [f"| `{c.name}` | `{c.value}` | {cell(c.what)} |" for c in constants(path)]
    return "\n".join([*lines, ""])
