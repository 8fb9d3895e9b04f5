"""Names and sizes of files and functions, and words that do not belong into the tree."""

import ast
import re
from pathlib import Path

from swiftos import paths
from tests.support import tree

FILE_LINES = 500
FUNCTION_LINES = 60
CATCH_ALL = re.compile(r"^(utils?|helpers?|common|misc|stuff|manager)$")
MILESTONE = re.compile(r"(_v\d|_final|_old|_new|_advanced|_comprehensive|_phase|_part\d)$")
ATTIC = frozenset({"old", "misc", "experimental", "attic", "tmp_old"})
TEXT_SUFFIXES = frozenset({".py", ".md", ".toml", ".txt", ".ld", ".sh", ".spec", ""})

# Paths of one machine and hosts of package registries; spelled in parts so that this file is clean.
MACHINE_WORDS = re.compile("|".join(("/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/\\w")))
REGISTRY_WORDS = re.compile("|".join(("pyp" + "i\\.org", "python" + "hosted", "deb\\.deb" + "ian")))

# File -> why it may be longer.
LONG_FILES = {
    "abi/syscalls.py": "the one list of system calls",
    "compiler/ir/nodes.py": "every node type of the tree, to be read side by side",
    "user/lib/sys.py": "generated from the list of system calls",
}
# File:function -> why it may be longer.
LONG_FUNCTIONS = {
    "kernel/arch/aarch64/start.py:kernel_start": "one block of instructions",
    "kernel/syscall/dispatch.py:dispatch": "generated: one branch a system call",
}


def text_files() -> list[Path]:
    return [path for path in tree.files() if path.suffix in TEXT_SUFFIXES]


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    """Returns the places whose text matches."""
    found = []
    for path in text_files():
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, 1):
            if pattern.search(line):
                found.append(f"{paths.relative(path)}:{number}: {line.strip()[:80]}")
    return found


def test_files_are_short() -> None:
    wrong = []
    for path in tree.python_files():
        number = len(path.read_text().splitlines())
        if number > FILE_LINES and paths.relative(path) not in LONG_FILES:
            wrong.append(f"{paths.relative(path)}: {number} lines")
    assert not wrong, "\n".join(wrong)


def test_functions_fit_a_screen() -> None:
    wrong = []
    for path in tree.python_files():
        for node in ast.walk(tree.parse(path)):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            number = (node.end_lineno or node.lineno) - node.lineno + 1
            name = f"{paths.relative(path)}:{node.name}"
            if number > FUNCTION_LINES and name not in LONG_FUNCTIONS:
                wrong.append(f"{name}: {number} lines")
    assert not wrong, "\n".join(wrong)


def test_names_say_what_a_file_is() -> None:
    wrong = []
    for path in tree.python_files():
        parts = path.relative_to(paths.REPOSITORY).parts
        is_bad = CATCH_ALL.match(path.stem) or MILESTONE.search(path.stem)
        if is_bad or ATTIC & set(parts):
            wrong.append(paths.relative(path))
    assert not wrong, "\n".join(wrong)


def test_shell_files_are_one_line() -> None:
    wrong = []
    for path in tree.files():
        if path.suffix == ".sh":
            lines = [line for line in path.read_text().splitlines() if not line.startswith("#!")]
            if len([line for line in lines if line.strip()]) != 1:
                wrong.append(paths.relative(path))
    assert not wrong, "\n".join(wrong)


def test_make_targets_are_one_call_of_the_tool() -> None:
    recipes = re.findall(r"^\t(.*)$", (paths.REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    wrong = [line for line in recipes if not line.startswith(("./swos ", "@sed "))]
    assert not wrong
    assert len(recipes) > 10


def test_no_path_of_one_machine() -> None:
    wrong = lines_with(MACHINE_WORDS)
    assert not wrong, "\n".join(wrong)


def test_no_registry_host() -> None:
    wrong = lines_with(REGISTRY_WORDS)
    assert not wrong, "\n".join(wrong)
