"""Commands in documents exist, and those that are cheap are run.

Every block of code is fenced and names its language. A block of shell commands says behind it what
it needs: `sh run` is run by the check, from the repository's root; `needs-guest`, `needs-network`,
`needs-minutes` and `changes-files` say why it is not. In all of them, `./swos` is followed down to
its options, `make` to its target, a script to its file. `console` is what a person sees in the
guest: what is typed at its prompt must be a command of the guest.
"""

import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import cache

import click

from swiftos import paths
from swiftos.cli import main
from swiftos.documents.markdown import Document, Fence, Finding

RUN = "run"
NEEDS = ("needs-guest", "needs-network", "needs-minutes", "changes-files")
RUN_LIMIT_S = 60
PROMPT = re.compile(r"^swiftos:[^ #]*# (?P<command>[\w./-]+)(?=\s|$)")
BUILTINS = re.compile(r'b"([a-z]+)"')
WORDS = frozenset(["for", "while", "until", "if", "case", "trap", "^C"])
LIST_ITEM = re.compile(r"^\s*([-*+]|\d+\.) ")
TARGET = re.compile(r"^([\w./-]+):(?!=)", re.MULTILINE)
VARIABLE = re.compile(r"^[A-Z_][A-Z0-9_]*=")
INLINE = re.compile(r"`(?P<command>\./swos [^`]+|make [a-z][^`]*|\./tests/[^`]+)`")


def check(document: Document) -> Iterator[Finding]:
    """Yields what is wrong with the commands of a document, without running any."""
    if document.open_fence_line:
        yield document.finding(document.open_fence_line, "the fence is not closed", "close it")
    yield from _check_indented(document)
    for fence in document.fences:
        yield from _check_fence(document, fence)
    for line in document.lines:
        for match in INLINE.finditer(line.text):
            if problem := problem_of(match["command"]):
                yield document.finding(line.number, *problem)


def run(document: Document, done: set[str]) -> Iterator[Finding]:
    """Runs the blocks that are marked so, each text once; yields those that fail."""
    for fence in document.fences:
        script = "\n".join(fence.lines)
        if fence.language != "sh" or RUN not in fence.words or script in done:
            continue
        done.add(script)
        result = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=paths.REPOSITORY, capture_output=True, text=True, check=False, timeout=RUN_LIMIT_S,
        )  # fmt: skip
        if result.returncode:
            said = (result.stderr or result.stdout).strip().splitlines()[-3:]
            message = f"the block ended with {result.returncode}: {' / '.join(said)}"
            yield document.finding(fence.line, message, "correct it, or say what it needs")


def problem_of(command: str) -> tuple[str, str] | None:
    """Returns message and cure for a command line that names what is not there, else None."""
    words = _split(command)
    while words and VARIABLE.match(words[0]):
        words = words[1:]
    if not words:
        return None
    if words[0] == "bash":
        words = words[1:]
    if words[0] == "./swos":
        return _swos_problem(words[1:])
    if words[0] == "make":
        return _make_problem(words[1:])
    if words[0].startswith(("./", ".ci/")) and not (paths.REPOSITORY / words[0]).exists():
        return f"there is no {words[0]}", "correct the name"
    return None


def _check_indented(document: Document) -> Iterator[Finding]:
    """Yields code that is indented in place of fenced: it cannot say what it is."""
    previous, is_list = "", False
    for line in document.lines:
        if line.text.strip() and not line.text.startswith(" "):
            is_list = bool(LIST_ITEM.match(line.text))
        is_code = line.text.startswith("    ") and not previous.strip() and not is_list
        if is_code and line.text.strip():
            yield document.finding(line.number, "code is indented", "put it between fences")
        previous = line.text


def _check_fence(document: Document, fence: Fence) -> Iterator[Finding]:
    """Yields what is wrong with one block of code."""
    if not fence.language:
        cure = "write sh, console, text, python or another language behind the fence"
        yield document.finding(fence.line, "the block does not say what it is", cure)
    if fence.language == "console":
        yield from _check_console(document, fence)
    if fence.language != "sh":
        return
    if len(fence.words) != 1 or fence.words[0] not in (RUN, *NEEDS):
        cure = f"write one of: {', '.join((RUN, *NEEDS))}"
        yield document.finding(fence.line, "the block does not say whether it is run", cure)
    for number, text in _commands(fence):
        if problem := problem_of(text):
            yield document.finding(number, *problem)


def _check_console(document: Document, fence: Fence) -> Iterator[Finding]:
    """Yields what is typed at the guest's prompt and is no command of it, nor of the document."""
    for number, text in enumerate(fence.lines, fence.line + 1):
        match = PROMPT.match(text)
        name = match["command"].rpartition("/")[2] if match else ""
        if match and name not in guest_commands() and f"user/bin/{name}.py" not in document.text:
            message = f"the guest has no command {match['command']}"
            yield document.finding(number, message, "correct the name")


def _commands(fence: Fence) -> Iterator[tuple[int, str]]:
    """Yields the command lines of a block, those that go on over several lines joined."""
    joined = ""
    for number, text in enumerate(fence.lines, fence.line + 1):
        joined += text.strip()
        if joined.endswith("\\"):
            joined = joined[:-1]
            continue
        if joined:
            yield number, joined
        joined = ""


def _split(command: str) -> list[str]:
    """Splits a command line into words, without what follows a pipe or a semicolon."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=";|&<>")
    lexer.whitespace_split = True
    words = []
    try:
        for word in lexer:
            if word[0] in ";|&<>":
                break
            words.append(word)
    except ValueError:
        return command.split()
    return words


def _swos_problem(words: list[str]) -> tuple[str, str] | None:
    """Follows subcommands and options; values are not looked at."""
    command: click.Command = main
    context = click.Context(main, info_name="./swos", help_option_names=["-h", "--help"])
    spelled = "./swos"
    for word in words:
        if word == "--":
            break
        if word.startswith("-") and len(word) > 1:
            if not _has_option(command, context, word):
                return f"{spelled} has no option {word}", f"see {spelled} --help"
        elif isinstance(command, click.Group) and word.islower():
            found = command.get_command(context, word)
            if found is None:
                return f"{spelled} has no subcommand {word}", f"see {spelled} --help"
            command, spelled = found, f"{spelled} {word}"
    return None


def _has_option(command: click.Command, context: click.Context, word: str) -> bool:
    """Whether a command takes an option, given as `--name`, `--name=value`, `-n` or `-nVALUE`."""
    known = {name for parameter in command.get_params(context) for name in parameter.opts}
    known |= {
        name for parameter in command.get_params(context) for name in parameter.secondary_opts
    }
    known |= {"-h", "--help"}
    return word.partition("=")[0] in known or word[:2] in known or word.lstrip("-").isdigit()


def _make_problem(words: list[str]) -> tuple[str, str] | None:
    """Looks for the targets in the Makefile."""
    targets = make_targets()
    for word in words:
        if not word.startswith("-") and "=" not in word and word not in targets:
            return f"make has no target {word}", "`make` alone lists them"
    return None


@cache
def make_targets() -> frozenset[str]:
    """Returns the targets of the Makefile, those kept in variables too."""
    text = (paths.REPOSITORY / "Makefile").read_text().replace("\\\n", " ")
    listed = re.findall(r"^NOT_BUILT_YET := (.*)$", text, re.MULTILINE)
    return frozenset(TARGET.findall(text)) | frozenset(" ".join(listed).split())


@cache
def guest_commands() -> frozenset[str]:
    """Returns the commands of the guest: programs, the shell's own, and its reserved words."""
    user = paths.REPOSITORY / "user"
    programs = {path.stem for folder in ("bin", "sbin") for path in (user / folder).glob("*.py")}
    builtins = BUILTINS.findall((user / "lib" / "shell" / "builtins.py").read_text())
    return frozenset(programs) | frozenset(builtins) | WORDS
