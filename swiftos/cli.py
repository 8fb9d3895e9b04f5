"""The command line: finds a subcommand's module, runs it, turns failures into exit codes.

One file in `swiftos/commands/` is one subcommand, with a click command named `command`. A module
is imported only when its subcommand runs, so that a start stays quick; the help page takes the
first line of each module's docstring from its source text.
"""

import ast
import errno
import importlib
import sys
import traceback
from pathlib import Path
from typing import NoReturn

import click

from swiftos.errors import ExitCode, ToolError
from swiftos.version import version_text

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
COMMANDS = Path(__file__).resolve().parent / "commands"

GROUPS = {
    "start": ("doctor", "lock", "version", "support"),
    "build": ("build", "base-image", "virt-dtb", "clean", "size", "sym", "explain"),
    "run": ("run", "demo"),
    "images": ("image", "model"),
    "tests": ("test", "lint", "sabotage", "docs-test", "ci"),
    "evidence": (
        "measure", "record", "profile", "compare", "baseline", "guard", "report", "names",
    ),
}  # fmt: skip


class LazyGroup(click.Group):
    """A group whose subcommands are files, imported when used."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Returns the subcommands in the order of their groups."""
        return [name for names in GROUPS.values() for name in names if module_path(name).exists()]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Imports the subcommand's module and returns its command, or None."""
        if name not in self.list_commands(context):
            return None
        module = importlib.import_module(f"swiftos.commands.{name.replace('-', '_')}")
        found = module.command
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Prints the subcommands by group, each with its module's first sentence."""
        for group, names in GROUPS.items():
            rows = [(name, first_sentence(name)) for name in names if module_path(name).exists()]
            if rows:
                with formatter.section(group):
                    formatter.write_dl(rows)


def module_path(name: str) -> Path:
    """Returns the source file of a subcommand."""
    return COMMANDS / f"{name.replace('-', '_')}.py"


def first_sentence(name: str) -> str:
    """Returns the first line of the docstring of a subcommand's module, without importing it."""
    tree = ast.parse(module_path(name).read_text())
    return (ast.get_docstring(tree) or "").splitlines()[0]


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(message="%(version)s", version=version_text())
def main() -> None:
    """SwiftOS: build it, run it, test it, measure it.

    Start with `./swos doctor`, then `./swos demo`. In a running console, Ctrl-A x leaves.
    """


def run() -> None:
    """Runs the command line and leaves with the exit code of its outcome."""
    try:
        main.main(prog_name="./swos", standalone_mode=False)
    except click.exceptions.Exit as request:
        sys.exit(request.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(int(ExitCode.USAGE))
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except ToolError as error:
        click.echo(f"swos: {error.message}\n  cure: {error.cure}", err=True)
        sys.exit(int(error.exit_code))
    except BrokenPipeError:
        sys.exit(int(ExitCode.GOOD))
    except OSError as error:
        if error.errno not in NO_ROOM:
            fault()
        place = f"{error.filename}: " if error.filename else ""
        click.echo(f"swos: {place}{error.strerror}\n  cure: make room, then again", err=True)
        sys.exit(int(ExitCode.ENVIRONMENT))
    except Exception:
        fault()


def fault() -> NoReturn:
    """Prints the error that is being handled as one of the tool, and leaves."""
    traceback.print_exc()
    click.echo("swos: this is a fault in the tool; the lines above say where", err=True)
    sys.exit(int(ExitCode.HARNESS))
