"""Says where a guest hangs: registers by QMP, code addresses named, the last serial lines."""

import re
from pathlib import Path

from swiftos.errors import ToolError
from swiftos.qmp import Qmp
from swiftos.symbols import Symbols

SERIAL_LINES = 50
BUDGET_S = 5
REGISTER = re.compile(r"\b(PC|X29|X30|SP|X0|X1|X8)=([0-9a-f]{16})")


def last_lines(text: str) -> str:
    """Returns the end of the serial text, indented."""
    lines = text.splitlines()[-SERIAL_LINES:]
    return "\n".join(f"  | {line}" for line in lines) or "  | (nothing was printed)"


def describe_cpu(qmp: Qmp, kernel: Path) -> str:
    """Returns the state of every CPU with code addresses named; never raises a ToolError."""
    try:
        text = qmp.monitor("info registers -a", BUDGET_S)
    except ToolError as error:
        return f"  registers unknown: {error.message}"
    symbols = _symbols(kernel)
    lines = []
    for cpu, block in enumerate(re.split(r"^CPU#\d+", text, flags=re.MULTILINE)[1:]):
        found = dict(REGISTER.findall(block))
        for name in ("PC", "X30", "X29", "SP"):
            value = int(found.get(name, "0"), 16)
            place = symbols.lookup(value) if symbols and name in ("PC", "X30") else None
            lines.append(f"  cpu {cpu} {name:3} {value:#018x} {place or ''}".rstrip())
    return "\n".join(lines)


def _symbols(kernel: Path) -> Symbols | None:
    """Returns the kernel's symbols; a flat binary uses the ELF file beside it."""
    path = kernel.with_suffix(".elf")
    try:
        return Symbols(path)
    except (ToolError, OSError):
        return None
