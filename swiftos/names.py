"""The names of the performance and sizing guide, from `swiftos/names.toml`: what is built and what
is not yet. The table is the only list; targets, scripts and documents that stand for something not
built ask here, and get the same words and exit code 4."""

import tomllib
from dataclasses import dataclass

from swiftos import paths
from swiftos.errors import MissingToolError, UsageError

TABLE = paths.REPOSITORY / "swiftos" / "names.toml"
BUILT = "built"
LATER = "later"


@dataclass(frozen=True)
class Name:
    """One name. `shows` is a regular expression of what its output holds, `used_by` a file."""

    kind: str
    name: str
    what: str
    state: str = BUILT
    shows: str = ""
    used_by: str = ""

    @property
    def is_built(self) -> bool:
        """Whether it exists today."""
        return self.state == BUILT


def load() -> list[Name]:
    """Returns the table in its order. Raises TypeError or ValueError for a wrong line."""
    rows = [Name(**row) for row in tomllib.loads(TABLE.read_text())["name"]]
    for row in rows:
        if row.state not in (BUILT, LATER):
            raise ValueError(f"{row.name}: a state is `{BUILT}` or `{LATER}`, not `{row.state}`")
    return rows


def of_kind(kind: str) -> list[Name]:
    """Returns the names of one kind."""
    return [row for row in load() if row.kind == kind]


def find(name: str) -> Name:
    """Returns the row of a name; a test script may be named without its folder."""
    for row in load():
        if name in (row.name, row.name.rpartition("/")[2]):
            return row
    raise UsageError(f"there is no name {name} in the table", "./swos names lists them")


def refusal(row: Name) -> MissingToolError:
    """Returns the error with which a command ends that stands for what is not built."""
    what, separator, until = row.what.partition("; until then ")
    cure = f"until then {until}" if separator else "./swos names lists what is built"
    return MissingToolError(f"{row.name} is not built yet. It will be: {what}", cure)
