"""Keeps records: one canonical JSON file each, named by its hash, and an SQLite index over them.

The files are the truth; the index can be made anew from them at any time. Files are never changed.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median

import msgspec

from swiftos import paths
from swiftos.errors import ProductError, UsageError
from swiftos.evidence.identity import identity_hash
from swiftos.evidence.record import Record, decode, encode, record_id

TABLES = """
create table if not exists record (
    id text primary key, created_s integer, workload text, kind text, status text, revision text
);
create table if not exists metric (
    record text references record(id), name text, unit text, domain text, identity text,
    samples integer, median real, low real, high real, primary key (record, name)
);
"""


class Store:
    """The records under one folder."""

    def __init__(self, folder: Path = paths.EVIDENCE) -> None:
        self._folder = folder
        self._records = folder / "records"

    def add(self, record: Record) -> str:
        """Stores a record and returns its id."""
        name = record_id(record)
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_bytes(encode(record))
        with closing(self._index()) as index, index:
            _insert(index, name, record)
        return name

    def load(self, prefix: str) -> tuple[str, Record]:
        """Returns the one record whose id begins with `prefix`, with its id.

        Raises UsageError for none or several, ProductError for a file that was changed.
        """
        found = [path for path in self._files() if path.stem.startswith(prefix)]
        if len(found) != 1:
            raise UsageError(f"{len(found)} records begin with {prefix}", "./swos evidence ls")
        return found[0].stem, self._read(found[0])

    def all(self) -> Iterator[tuple[str, Record]]:
        """Yields all records, oldest first."""
        records = [(path.stem, self._read(path)) for path in self._files()]
        yield from sorted(records, key=lambda item: (item[1].created_s, item[0]))

    def reindex(self) -> int:
        """Makes the index anew from the files; returns the number of records."""
        (self._folder / "index.sqlite").unlink(missing_ok=True)
        number = 0
        with closing(self._index()) as index, index:
            for name, record in self.all():
                _insert(index, name, record)
                number += 1
        return number

    def _read(self, path: Path) -> Record:
        """Reads a file and checks that its content still has its name's hash."""
        try:
            record = decode(path.read_bytes())
        except msgspec.MsgspecError as error:
            raise ProductError(f"{path} is not a record: {error}", "remove the file") from error
        if record_id(record) != path.stem:
            raise ProductError(f"{path} was changed after it was stored", "remove the file")
        return record

    def _files(self) -> list[Path]:
        return sorted(self._records.glob("*/*.json"))

    def _path(self, name: str) -> Path:
        return self._records / name[:2] / f"{name}.json"

    def _index(self) -> sqlite3.Connection:
        self._folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._folder / "index.sqlite")
        connection.executescript(TABLES)
        return connection


def _insert(index: sqlite3.Connection, name: str, record: Record) -> None:
    """Writes the rows of one record."""
    row = (name, record.created_s, record.workload.name, record.kind.value, record.status.value)
    index.execute(
        "insert or replace into record values (?, ?, ?, ?, ?, ?)", (*row, record.source.commit)
    )
    for metric in record.metrics:
        values = [sample.value for sample in metric.samples]
        summary = (len(values), median(values), min(values), max(values))
        key = (name, metric.name, metric.unit, metric.domain.value)
        index.execute(
            "insert or replace into metric values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*key, identity_hash(record, metric.domain), *summary),
        )
