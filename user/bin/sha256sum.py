"""sha256sum - print the SHA-256 of files.

usage: sha256sum [FILE...]

One line an input: 64 hexadecimal digits, two spaces, the name (- for standard input).
"""

from __future__ import annotations

from bare import Array, Bytes, array, i32, raises, struct, text, u8
from bare.lib.sha256 import DIGEST_SIZE, Sha256
from user.lib.arguments import Arguments, Options
from user.lib.input import Input
from user.lib.inputs import InputVisitor, visit_inputs


@struct
class Summer(InputVisitor):
    """Hashes inputs, each for itself."""

    @raises()
    def visit(self, source: Input, name: Bytes) -> None:
        """Hashes `source` and prints its line."""
        hasher = Sha256()
        hasher.start()
        while source.fill():
            hasher.update(source.take())
        digest: Array[u8] = array(DIGEST_SIZE)
        hasher.finish(digest[:])
        for byte in digest:
            print(f"{byte:02x}", end="")
        print(f"  {text(name) if len(name) > 0 else '-'}")


def main(arguments: Arguments) -> i32:
    """Hashes every input."""
    options = Options(arguments, b"")
    while options.next():
        pass
    return visit_inputs(arguments, options.index, Summer())
