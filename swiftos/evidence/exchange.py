"""Takes records out of a store and into another: a zip file of records and their raw files.

The files in it are named as in the store, by their content, so that what was changed on the way is
found. A single record's JSON can be imported as well.
"""

import io
import zipfile
from pathlib import Path

import msgspec

from swiftos.errors import ProductError, UsageError
from swiftos.evidence import safe_write
from swiftos.evidence.record import Record, bytes_id, decode, encode
from swiftos.evidence.store import Store, short

RECORDS = "records/"
RAW = "raw/"
SUFFIX = ".json"
ZIP_MAGIC = b"PK"
# The same records give the same file, whenever it is written.
DATE = (1980, 1, 1, 0, 0, 0)


def export(store: Store, found: list[tuple[str, Record]], target: Path) -> int:
    """Writes records with their raw files to `target`; returns how many raw files there were.

    Raises UsageError where the file exists, ProductError where a raw file is damaged.
    """
    if target.exists():
        raise UsageError(f"{target} exists", "name another file, or remove it")
    members = {f"{RECORDS}{name}{SUFFIX}": store.bytes_of(name) for name, _ in found}
    raw = {item.sha256: item for _, record in found for item in record.attachments}
    members |= {f"{RAW}{name}": store.raw(item) for name, item in raw.items()}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(members.items()):
            archive.writestr(zipfile.ZipInfo(name, DATE), data, zipfile.ZIP_DEFLATED)
    safe_write.write(target, content.getvalue())
    return len(raw)


def import_file(store: Store, source: Path) -> list[str]:
    """Puts the records of a file into a store and returns their ids.

    All of them are checked before the first is written. Raises ProductError for what is damaged or
    no record, RefusedError for a record of a newer version.
    """
    try:
        data = source.read_bytes()
    except OSError as error:
        raise UsageError(f"{source} cannot be read: {error.strerror}", "name a file") from None
    records, raw = _contents(source, data)
    checked = {name: _decoded(source, name, content) for name, content in records.items()}
    for content in raw.values():
        store.put_raw(content)
    for name, record in checked.items():
        store.put(name, record, records[name])
    return list(checked)


def publish(name: str, record: Record, folder: Path) -> Path:
    """Writes a record into the tree, to be kept with it; returns where to."""
    data = encode(record)
    if bytes_id(data) != name:
        cure = "measure again and publish that record"
        raise ProductError(f"{short(name)} was written by an older version", cure)
    path = folder / f"{name}{SUFFIX}"
    safe_write.write(path, data)
    return path


def _contents(source: Path, data: bytes) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Returns the records and raw files of an archive, or the one record that a file is."""
    if data.startswith(ZIP_MAGIC):
        return _members(source, data)
    # What a terminal or an editor adds behind the last brace is not part of the record.
    stripped = data.strip()
    return {bytes_id(stripped): stripped}, {}


def _members(source: Path, data: bytes) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Returns the records and raw files of an archive, each checked against its name."""
    records: dict[str, bytes] = {}
    raw: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                name = member.removeprefix(RECORDS).removeprefix(RAW).removesuffix(SUFFIX)
                content = archive.read(member)
                if bytes_id(content) != name:
                    what = f"{member} in {source} is not what it was exported as"
                    raise ProductError(what, "export it again; nothing was imported")
                (records if member.startswith(RECORDS) else raw)[name] = content
    except (zipfile.BadZipFile, EOFError) as error:
        what = f"{source} is damaged: {error}"
        raise ProductError(what, "export it again; nothing was imported") from None
    return records, raw


def _decoded(source: Path, name: str, data: bytes) -> Record:
    try:
        return decode(data)
    except msgspec.MsgspecError as error:
        what = f"{source} holds no record {short(name)}: {error}"
        raise ProductError(what, "import what ./swos record export wrote") from None
