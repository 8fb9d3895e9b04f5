"""Variables of the shell, in the heap: they outlive commands."""

from __future__ import annotations

from abi.errno import EPERM
from bare import Allocator, Bytes, Span, allocate, allocate_span, raises, release, struct, u8
from user.lib.words import WordTable


@struct
class Variable:
    """One variable. One that is exported or readonly need not be set."""

    name: Bytes
    value: Span[u8]
    is_set: bool
    is_exported: bool
    is_readonly: bool
    next: Variable | None


@struct
class Variables:
    """All variables, the last one that was made first."""

    allocator: Allocator
    first: Variable | None = None

    def find(self, name: Bytes) -> Variable | None:
        """Returns a variable."""
        variable = self.first
        while variable is not None:
            if variable.name == name:
                return variable
            variable = variable.next
        return None

    def is_set(self, name: Bytes) -> bool:
        """Whether a variable has a value."""
        variable = self.find(name)
        return variable is not None and variable.is_set

    def value(self, name: Bytes) -> Bytes:
        """Returns the value of a variable, empty where it has none. Valid until it changes."""
        variable = self.find(name)
        if variable is None or not variable.is_set:
            return b""
        return variable.value

    @raises()
    def set(self, name: Bytes, value: Bytes) -> None:
        """Sets a variable. EPERM: it is readonly; ENOMEM."""
        variable = self.entry(name)
        if variable.is_readonly:
            raise OSError(EPERM)
        copy = copied(self.allocator, value)
        self.forget_value(variable)
        variable.value = copy
        variable.is_set = True

    @raises()
    def unset(self, name: Bytes) -> None:
        """Takes a variable's value and its export away. EPERM."""
        variable = self.find(name)
        if variable is None:
            return
        if variable.is_readonly:
            raise OSError(EPERM)
        self.forget_value(variable)
        variable.is_exported = False

    @raises()
    def entry(self, name: Bytes) -> Variable:
        """Returns a variable, made where there was none."""
        variable = self.find(name)
        if variable is not None:
            return variable
        made = allocate(self.allocator, Variable)
        made.name = copied(self.allocator, name)
        made.next = self.first
        self.first = made
        return made

    def forget_value(self, variable: Variable) -> None:
        """Takes the value away; views of it are no longer valid."""
        if len(variable.value) > 0:
            release(self.allocator, variable.value)
            variable.value = variable.value[:0]
        variable.is_set = False

    @raises()
    def fill(self, table: WordTable) -> None:
        """Adds what is exported to the environment of a program."""
        variable = self.first
        while variable is not None:
            if variable.is_exported and variable.is_set:
                table.add_pair(variable.name, variable.value)
            variable = variable.next


@raises()
def copied(allocator: Allocator, text: Bytes) -> Span[u8]:
    """Returns a copy of `text`."""
    copy = allocate_span(allocator, u8, len(text))
    copy.copy_from(text)
    return copy
