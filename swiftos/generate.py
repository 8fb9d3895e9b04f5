"""Write what derives from declarations: system calls, drivers, reference pages of the documents.

`kernel/syscall/dispatch.py` decodes and calls the bodies, `user/lib/sys.py` holds the programs'
stubs, `tests/guest/pointer_table.py` what takes addresses, `kernel/board.py` the drivers, and
`docs/reference` the manuals of system calls, commands, tools, log lines, limits, metrics
and names.
`python -m swiftos.generate` writes them; with `--check` it only says which are out of date and
exits 1.
"""

from __future__ import annotations

import argparse
import sys

from swiftos.board import board_text
from swiftos.paths import REPOSITORY
from swiftos.references.commands import commands_text
from swiftos.references.limits import limits_text
from swiftos.references.markers import markers_text
from swiftos.references.metrics import metrics_text
from swiftos.references.names import names_text
from swiftos.references.tools import tools_text
from swiftos.syscalls.dispatch import dispatch_text
from swiftos.syscalls.pointers import pointer_table_text
from swiftos.syscalls.reference import reference_text
from swiftos.syscalls.stubs import stubs_text

OUTPUTS = {
    "kernel/board.py": board_text,
    "kernel/syscall/dispatch.py": dispatch_text,
    "user/lib/sys.py": stubs_text,
    "docs/reference/syscalls.md": reference_text,
    "docs/reference/commands.md": commands_text,
    "docs/reference/limits.md": limits_text,
    "docs/reference/markers.md": markers_text,
    "docs/reference/metrics.md": metrics_text,
    "docs/reference/names.md": names_text,
    "docs/reference/tools.md": tools_text,
    "tests/guest/pointer_table.py": pointer_table_text,
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
