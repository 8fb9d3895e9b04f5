"""The SQLite index over the records: what lists and histories ask without reading every file.

It holds nothing that the files do not: where it is damaged it is set aside and made anew.
"""

import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from swiftos.errors import RefusedError
from swiftos.evidence import metrics
from swiftos.evidence.identity import profile_hash
from swiftos.evidence.metrics import Scope
from swiftos.evidence.record import Metric, Record

INDEX_VERSION = 2
BUSY_TIMEOUT_S = 20
TABLES = """
create table record (
    id text primary key, created_s integer, workload text, kind text, status text, revision text,
    profile text
);
create table metric (
    record text references record(id) on delete cascade, name text, unit text, domain text,
    profile text, samples integer, median real, low real, high real, primary key (record, name)
);
"""
STATISTICS = "select record, name, profile, samples, median, low, high from metric"


@dataclass(frozen=True)
class Point:
    """One record's value of a metric, for histories."""

    record: str
    created_s: int
    revision: str
    samples: int
    median: float
    low: float
    high: float


class Index:
    """The index file. Every method is one transaction."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def is_current(self) -> bool:
        """Says whether the file is there and of this version; an older one is to be made anew.

        Raises sqlite3.DatabaseError where it is damaged.
        """
        if not self.path.exists():
            return False
        with closing(sqlite3.connect(self.path, timeout=BUSY_TIMEOUT_S)) as database:
            return int(database.execute("pragma user_version").fetchone()[0]) >= INDEX_VERSION

    def add(self, records: Iterable[tuple[str, Record]]) -> None:
        """Writes the rows of records; a record that is there already is replaced."""
        with self._open() as database:
            for name, record in records:
                _insert(database, name, record)

    def names(self) -> set[str]:
        """Returns the ids of all records in the index."""
        with self._open() as database:
            return {row[0] for row in database.execute("select id from record")}

    def newest_s(self) -> int:
        """Returns the date of the newest record in seconds since 1970, 0 for none."""
        with self._open() as database:
            return int(database.execute("select max(created_s) from record").fetchone()[0] or 0)

    def history(self, metric: str, profile: str) -> list[Point]:
        """Returns a metric's values under a profile (`profile_hash` of its scope), oldest first."""
        query = (
            "select record.id, created_s, revision, samples, median, low, high from metric "
            "join record on record.id = metric.record "
            "where metric.name = ? and metric.profile = ? order by created_s, record.id"
        )
        with self._open() as database:
            return [Point(*row) for row in database.execute(query, (metric, profile))]

    def wrong_rows(self, records: list[tuple[str, Record]]) -> list[str]:
        """Returns what differs from the records: a file that SQLite finds damaged, missing or
        unknown records, statistics that the samples do not give."""
        with self._open() as database:
            state = database.execute("pragma quick_check").fetchone()[0]
            if state != "ok":
                return [f"SQLite finds {state}"]
            known = {row[0] for row in database.execute("select id from record")}
            rows = {tuple(row[:2]): tuple(row[2:]) for row in database.execute(STATISTICS)}
        given = {name for name, _ in records}
        wrong = [f"{len(known ^ given)} records differ"] if known != given else []
        for name, record in records:
            for metric in record.metrics:
                if rows.get((name, metric.name)) != _summary(record, metric):
                    wrong.append(f"the statistics of {metric.name} in {name[:16]} differ")
        return wrong

    def set_aside(self) -> Path | None:
        """Moves a damaged index out of the way and returns where to; None if there is none."""
        if not self.path.exists():
            return None
        place = self.path.with_suffix(f".damaged-{time.time_ns()}")
        self.path.rename(place)
        for suffix in ("-wal", "-shm", "-journal"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        return place

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Holds a connection inside one transaction: all of it is written, or nothing."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.path, timeout=BUSY_TIMEOUT_S)) as database:
            database.execute("begin immediate")
            version = database.execute("pragma user_version").fetchone()[0]
            if version > INDEX_VERSION:
                raise RefusedError(
                    f"{self.path} has version {version}, this tool knows {INDEX_VERSION}",
                    "update the checkout, or remove the file: the records beside it are whole",
                )
            if version < INDEX_VERSION:
                _make_tables(database)
            with database:
                yield database


def _make_tables(database: sqlite3.Connection) -> None:
    """Makes the tables of this version; an older version's hold nothing that is not in files."""
    for table in ("metric", "record"):
        database.execute(f"drop table if exists {table}")
    for statement in TABLES.split(";"):
        database.execute(statement)
    database.execute(f"pragma user_version = {INDEX_VERSION}")


def _insert(database: sqlite3.Connection, name: str, record: Record) -> None:
    row = (name, record.created_s, record.workload.name, record.kind.value, record.status.value)
    database.execute(
        "insert or replace into record values (?, ?, ?, ?, ?, ?, ?)",
        (*row, record.source.commit, profile_hash(record)),
    )
    for metric in record.metrics:
        database.execute(
            "insert or replace into metric values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (name, metric.name, metric.unit, metric.domain.value, *_summary(record, metric)),
        )


def _summary(record: Record, metric: Metric) -> tuple[str, int, float, float, float]:
    declared = metrics.find(metric.name)
    scope = declared.scope if declared else Scope.HOST
    values = [sample.value for sample in metric.samples]
    spread = (median(values), min(values), max(values)) if values else (0.0, 0.0, 0.0)
    return (profile_hash(record, scope), len(values), *spread)
