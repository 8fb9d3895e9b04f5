"""The page of the guest's commands: what each prints for `--help`, from its module's docstring."""

from swiftos import paths
from swiftos.references.source import docstring, python_files

USER = paths.REPOSITORY / "user"


def commands_text() -> str:
    """Returns the text of `docs/reference/commands.md`."""
    lines = [
        "# Commands of the guest",
        "",
        "Written by `swiftos/generate.py` from the docstrings in `user/bin` and `user/sbin`; do",
        "not edit. `NAME --help` prints the same in the guest. The shell's own commands are in",
        "[The shell](../guides/shell.md).",
    ]
    for title, folder in (("Commands", "bin"), ("Services", "sbin")):
        lines += ["", f"## {title}"]
        for path in python_files(f"user/{folder}"):
            lines += ["", f"### {path.stem}", "", "```text", docstring(path), "```"]
    return "\n".join([*lines, ""])
