"""The table of linked-in drivers, `kernel/board.py`, from the board file `boards/virt.toml`."""

from __future__ import annotations

import tomllib

from swiftos.paths import REPOSITORY

BOARD = "virt"
LINE_WIDTH = 100


def board_text() -> str:
    """Returns the text of `kernel/board.py`."""
    board = tomllib.loads((REPOSITORY / "boards" / f"{BOARD}.toml").read_text())
    names: list[str] = board["drivers"]
    imports = "\n".join(
        f"from kernel.drivers.{name} import DRIVER as {constant_name(name)}"
        for name in sorted(names)
    )
    table = ", ".join(constant_name(name) for name in names)
    line = f"DRIVERS: tuple[Driver, ...] = ({table})"
    if len(line) > LINE_WIDTH:
        rows = "".join(f"    {constant_name(name)},\n" for name in names)
        line = f"DRIVERS: tuple[Driver, ...] = (\n{rows})"
    return f'''"""The drivers of the board `{BOARD}`, from `boards/{BOARD}.toml`.

Written by `swiftos/generate.py`; do not edit.
"""

from __future__ import annotations

from kernel.device.registry import Driver
{imports}

{line}
'''


def constant_name(driver: str) -> str:
    """Returns the name in the table of a driver: the last part of its module."""
    return driver.rpartition(".")[2].upper()
