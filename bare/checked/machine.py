"""What instructions mean under `bare.load`: barriers do nothing, a test supplies the rest."""

from __future__ import annotations

NO_OPERATION = frozenset(
    ("dmb", "dsb", "isb", "nop", "yield", "sev", "wfe", "wfi", "hint", "csdb", "prfm")
)


class UnknownInstructionError(Exception):
    """Compiled code was asked to run an instruction that the simulated machine does not have."""


class Machine:
    """A CPU without instructions of its own: system registers hold what was written to them.

    A test derives from it to give instructions a meaning.
    """

    def __init__(self) -> None:
        self.system_registers: dict[str, int] = {}

    def read_system_register(self, name: str) -> int:
        """Returns a system register, zero if it was never written."""
        return self.system_registers.get(name.upper(), 0)

    def write_system_register(self, name: str, value: int) -> None:
        """Sets a system register."""
        self.system_registers[name.upper()] = value

    def execute(self, template: str, values: tuple[int, ...]) -> int:
        """Runs the instructions of an `asm` call and returns its output."""
        for line in template.replace(";", "\n").splitlines():
            words = line.split()
            if words and words[0].lower() not in NO_OPERATION:
                raise UnknownInstructionError(
                    f"{line.strip()!r}: give bare.load a machine whose execute() knows it"
                )
        return 0

    def symbol_address(self, name: str) -> int:
        """Returns the address of a linker symbol."""
        raise UnknownInstructionError(f"there is no linker symbol {name!r} here")

    def call(self, address: int, arguments: tuple[int, ...]) -> int:
        """Calls code at an address that is no function of the program."""
        raise UnknownInstructionError(f"there is no code at {address:#x}")
