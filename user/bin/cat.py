"""cat - write files one after the other to standard output.

usage: cat [FILE...]

With no FILE, or for -, reads standard input.
"""

from __future__ import annotations

from bare import Bytes, i32, raises, struct
from user.lib.arguments import Arguments, Options
from user.lib.input import Input
from user.lib.inputs import InputVisitor, visit_inputs
from user.lib.standard import standard


@struct
class Copier(InputVisitor):
    """Writes every piece of an input as it comes."""

    @raises()
    def visit(self, source: Input, name: Bytes) -> None:
        """Copies `source`; what a terminal typed is passed on at once."""
        output = standard().output
        while source.fill():
            output.write(source.take())
            if source.descriptor == 0:
                output.flush()


def main(arguments: Arguments) -> i32:
    """Copies the inputs in order."""
    options = Options(arguments, b"u")
    while options.next():
        pass
    return visit_inputs(arguments, options.index, Copier())
