"""`Shell`: the state of one shell."""

from __future__ import annotations

from bare import Allocator, Bytes, Enum8, allocate, i32, raises, struct, u32, usize
from user.lib.shell.jobs import JobTable
from user.lib.shell.region import Region
from user.lib.shell.tree import Node
from user.lib.shell.variables import Variables, copied


class Flow(Enum8):
    """What is to happen to the commands around the one that just ran."""

    NORMAL = 0
    BREAK = 1
    CONTINUE = 2
    RETURN = 3
    EXIT = 4
    INTERRUPT = 5
    """^C: everything up to the prompt is given up."""


@struct
class Parameter:
    """A positional parameter, in the heap."""

    value: Bytes
    next: Parameter | None


@struct
class Function:
    """A function: its body is parsed again for each definition, in memory of its own."""

    name: Bytes
    body: Node | None
    next: Function | None


@struct
class Shell:
    """Everything that a command may see or change."""

    heap: Allocator
    region: Region
    """Memory of the command that runs; taken back behind it."""
    variables: Variables
    jobs: JobTable
    name: Bytes = b"sh"
    """`$0`"""
    parameters: Parameter | None = None
    functions: Function | None = None
    status: i32 = 0
    pid: i32 = 0
    last_background: i32 = 0
    flow: Flow = Flow.NORMAL
    flow_levels: u32 = 0
    """Loops that `break` or `continue` still has to leave."""
    loops: u32 = 0
    calls: u32 = 0
    """Functions and sourced files that run."""
    guards: u32 = 0
    """Conditions that run: `set -e` does not count in them."""
    substitution_status: i32 = 0
    """Status of the last command substitution of a command without words."""
    is_interactive: bool = False
    exits_on_error: bool = False
    """`set -e`"""
    traces: bool = False
    """`set -x`"""
    refuses_unset: bool = False
    """`set -u`"""

    def find_function(self, name: Bytes) -> Function | None:
        """Returns a function."""
        function = self.functions
        while function is not None:
            if function.name == name:
                return function
            function = function.next
        return None

    def parameter_count(self) -> usize:
        """Returns `$#`."""
        count: usize = 0
        parameter = self.parameters
        while parameter is not None:
            count += 1
            parameter = parameter.next
        return count

    def parameter(self, number: usize) -> Parameter | None:
        """Returns a positional parameter, counted from 1."""
        parameter = self.parameters
        place: usize = 1
        while parameter is not None and place < number:
            parameter = parameter.next
            place += 1
        return parameter

    def must_stop(self) -> bool:
        """Whether the commands that follow are not to run."""
        return self.flow != Flow.NORMAL


@struct
class ParameterList:
    """Positional parameters being put together."""

    allocator: Allocator
    first: Parameter | None = None
    last: Parameter | None = None

    @raises()
    def add(self, value: Bytes) -> None:
        """Adds a copy of `value` at the end."""
        entry = allocate(self.allocator, Parameter)
        entry.value = copied(self.allocator, value)
        last = self.last
        if last is None:
            self.first = entry
        else:
            last.next = entry
        self.last = entry
