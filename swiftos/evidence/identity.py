"""Which fields of a record must match before figures of a domain may be compared.

An exact figure depends on what was built and what was run; a virtual one also on the emulator; a
host-time one also on the host. The commit is the order of records, never part of identity.
"""

import hashlib
import json

import msgspec

from swiftos.evidence.record import Domain, Record


def identity(record: Record, domain: Domain) -> dict[str, str]:
    """Returns the identity as flat names and values, so that a difference can be named."""
    fields = {f"guest.{name}": value for name, value in _flat(record.guest).items()}
    fields["source.build_mode"] = record.source.build_mode
    fields["workload.name"] = record.workload.name
    fields["workload.version"] = str(record.workload.version)
    for name, value in record.workload.parameters.items():
        fields[f"workload.{name}"] = value
    if domain is not Domain.EXACT:
        emulator = _flat(record.emulator)
        fields.update({f"emulator.{name}": value for name, value in emulator.items()})
    if domain in (Domain.HOST_TIME, Domain.EXTERNAL):
        fields.update({f"host.{name}": value for name, value in _flat(record.host).items()})
    return fields


def identity_hash(record: Record, domain: Domain) -> str:
    """Returns a short hash of the identity, the key for grouping records."""
    text = json.dumps(identity(record, domain), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def differences(first: Record, second: Record, domain: Domain) -> list[tuple[str, str, str]]:
    """Returns (field, value of the first, value of the second) for all that differs."""
    left, right = identity(first, domain), identity(second, domain)
    names = sorted(left.keys() | right.keys())
    pairs = [(name, left.get(name, "(absent)"), right.get(name, "(absent)")) for name in names]
    return [(name, old, new) for name, old, new in pairs if old != new]


def _flat(part: msgspec.Struct) -> dict[str, str]:
    """Returns a part's fields as text."""
    values = msgspec.to_builtins(part)
    assert isinstance(values, dict)
    return {name: json.dumps(value, sort_keys=True) for name, value in values.items()}
