"""The page of the host tool: the help of every subcommand, as `--help` prints it."""

from collections.abc import Iterator

import click

from swiftos import cli

WIDTH = 96


def tools_text() -> str:
    """Returns the text of `docs/reference/tools.md`."""
    lines = [
        "# The host tool",
        "",
        "Written by `swiftos/generate.py` from the commands' declarations; do not edit. `--help`",
        "behind any of them prints the same.",
        "",
        "Exit status: 0 good, 1 the product is wrong, 2 usage, 3 refused (not comparable, claim",
        "not supported), 4 something is missing (a program of the host, what is not built yet),",
        "5 the tool itself is wrong.",
    ]
    context = click.Context(
        cli.main, info_name="./swos", terminal_width=WIDTH, help_option_names=["-h", "--help"]
    )
    for group, names in cli.GROUPS.items():
        lines += ["", f"## {group.capitalize()}"]
        for name in names:
            found = cli.main.get_command(context, name)
            if found is not None:
                lines += _section(found, name, context, "###")
    return "\n".join([*lines, ""])


def _section(command: click.Command, name: str, parent: click.Context, level: str) -> Iterator[str]:
    """Yields the help of a command and of its subcommands."""
    context = click.Context(command, info_name=name, parent=parent, terminal_width=WIDTH)
    title = context.command_path.removeprefix("./swos ")
    text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    yield from ("", f"{level} {title}", "", "```text", text.rstrip(), "```")
    if isinstance(command, click.Group):
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            if found is not None:
                yield from _section(found, child, context, "####")
