"""Reader of `tests/spec/*.spec`: shell scripts with the output that they must have.

A file is a list of cases:

    === title
    script lines
    --- output
    expected standard output
    --- status 1            (0 when the line is missing)
    --- differs: reason     (the host's tools print something else, and why that is right)

A script runs in an empty directory; standard error is not compared.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

SPEC_FOLDER = Path(__file__).resolve().parents[1] / "spec"


@dataclass
class SpecCase:
    """One case: `name` is `COMMAND-NUMBER`, unique among all files."""

    name: str
    title: str
    script: str
    output: str = ""
    status: int = 0
    differs: str = ""
    path: Path = field(default_factory=Path)


def read_spec(path: Path) -> list[SpecCase]:
    """Reads one file; raises ValueError with file and line for a malformed one."""
    cases: list[SpecCase] = []
    part = ""
    for number, line in enumerate(path.read_text().splitlines(keepends=True), 1):
        if line.startswith("=== "):
            cases.append(SpecCase(f"{path.stem}-{len(cases) + 1}", line[4:].strip(), "", path=path))
            part = "script"
        elif line.startswith("--- output"):
            part = "output"
        elif line.startswith("--- status "):
            cases[-1].status = int(line.split()[2])
        elif line.startswith("--- differs: "):
            cases[-1].differs = line.split(":", 1)[1].strip()
        elif part == "script":
            cases[-1].script += line
        elif part == "output":
            cases[-1].output += line
        elif line.strip() and not line.startswith("#"):
            raise ValueError(f"{path}:{number}: text before the first case")
    return cases


def all_cases() -> list[SpecCase]:
    """Every case of every file, in the order of the files' names."""
    return [case for path in sorted(SPEC_FOLDER.glob("*.spec")) for case in read_spec(path)]
