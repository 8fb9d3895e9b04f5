"""Finds the records that a person means: by id, by measurement, by workload, as a baseline.

    0123abcd          the record whose id begins so
    last, last~2      what was measured last, the second before it
    http, http~1      the newest records of `./swos measure http`, those before them
    http-loopback     the newest record of one workload among them
    baseline:http     the baselines of these

A measurement gives a record for each kind of boot, and with `--beside` for each build: its records
are one group, which shares the name of a campaign.
"""

import re

from swiftos.errors import UsageError
from swiftos.evidence import metrics
from swiftos.evidence.baseline import Baselines
from swiftos.evidence.record import Record
from swiftos.evidence.store import Store

Found = tuple[str, Record]
Pair = tuple[Found, Found]
ID = re.compile(r"^[0-9a-f]{4,64}$")
COUNTED = re.compile(r"^(?P<name>[^~]+)~(?P<back>\d{1,6})$")
BASELINE = "baseline:"
LAST = "last"
OTHER_ARM = "B"
"""The arm of the build that this one was measured beside."""


def find_group(store: Store, text: str) -> list[Found]:
    """Returns the records that `text` names. Raises UsageError where there are none."""
    if ID.match(text):
        return [store.load(text)]
    if text.startswith(BASELINE):
        return [_baseline(store, found) for found in find_group(store, text[len(BASELINE) :])]
    match = COUNTED.match(text)
    name, back = (match["name"], int(match["back"])) if match else (text, 0)
    groups = _groups(store)
    if not groups:
        raise UsageError("there are no records yet", "./swos measure boot makes one")
    fitting = [part for group in groups if (part := _part(group, name))]
    if back >= len(fitting):
        known = {word for group in groups for found in group for word in _names(found[1])}
        cure = f"{metrics.suggestion(name, {LAST, *known})}; ./swos record list shows all"
        raise UsageError(f"there is no record {text!r}: {len(fitting)} fit", cure)
    return fitting[-1 - back]


def find(store: Store, text: str) -> Found:
    """Returns the one record that `text` names; of two builds, this tree's."""
    found = own(find_group(store, text))
    if len(found) != 1:
        names = ", ".join(record.workload.name for _, record in found)
        raise UsageError(f"{text!r} names {len(found)} records", f"name one of {names}")
    return found[0]


def pairs(store: Store, first: str | None, second: str | None) -> list[Pair]:
    """Returns the pairs of records of a comparison, the earlier or other build's first.

    Without names, or with the name of one measurement: two builds that were measured in turn; or
    its records against their baselines, or against those before them of the same workloads. With
    an id alone: against the newest of its workload.
    """
    if second is not None:
        return _matched(find_group(store, first or LAST), find_group(store, second))
    if first is not None and ID.match(first):
        found = store.load(first)
        return [(found, find(store, found[1].workload.name))]
    group = find_group(store, first or LAST)
    if others := [found for found in group if found not in own(group)]:
        return _matched(others, own(group))
    known = [(_before(store, found), found) for found in group]
    made = [(earlier, found) for earlier, found in known if earlier is not None]
    if not made:
        what = f"there is no record of {group[0][1].workload.name!r} before it, and no baseline"
        raise UsageError(what, "measure again, or name two records (./swos record list)")
    return made


def own(group: list[Found]) -> list[Found]:
    """Returns the records of this tree's build; of a group of one, that one."""
    ours = [found for found in group if _arm(found[1]) != OTHER_ARM]
    return ours if len(group) > 1 else group


def before(store: Store, name: str) -> Record | None:
    """Returns the record that was made before one, of any workload, or None."""
    earlier = None
    for other, found in store.all():
        if other == name:
            return earlier
        earlier = found
    return None


def group_name(record: Record) -> str:
    """Returns the name of the measurement that a record is of, or of its workload."""
    return record.campaign.rpartition("-")[0] or record.workload.name


def _groups(store: Store) -> list[list[Found]]:
    """Returns all records by campaign, oldest first."""
    groups: dict[str, list[Found]] = {}
    for name, record in store.all():
        groups.setdefault(record.campaign or name, []).append((name, record))
    return list(groups.values())


def _part(group: list[Found], name: str) -> list[Found]:
    """Returns what of a group has a name: all, or the records of a workload, or nothing."""
    if name in (LAST, group_name(group[0][1])):
        return group
    return [found for found in group if found[1].workload.name == name]


def _names(record: Record) -> tuple[str, str]:
    return group_name(record), record.workload.name


def _arm(record: Record) -> str:
    """Returns the arm that the record's boots were, empty where nothing was measured."""
    return next((sample.arm for metric in record.metrics for sample in metric.samples), "")


def _matched(first: list[Found], second: list[Found]) -> list[Pair]:
    """Returns pairs of one workload; two single records are a pair whatever they are of."""
    left, right = own(first), own(second)
    if not left:
        left = first
    if len(left) == 1 and len(right) == 1:
        return [(left[0], right[0])]
    by_workload = {record.workload.name: (name, record) for name, record in left}
    made = [
        (by_workload[found[1].workload.name], found)
        for found in right
        if found[1].workload.name in by_workload
    ]
    if not made:
        raise UsageError("the two share no workload", "./swos record list shows the workloads")
    return made


def _before(store: Store, found: Found) -> Found | None:
    """Returns the baseline of a record, or the one of its workload before it."""
    name, record = found
    if Baselines(store).of(record) is not None:
        return _baseline(store, found)
    earlier = None
    for other in store.all():
        if other[0] == name:
            return earlier
        if other[1].workload.name == record.workload.name and _arm(other[1]) != OTHER_ARM:
            earlier = other
    return None


def _baseline(store: Store, found: Found) -> Found:
    line = Baselines(store).of(found[1])
    if line is None:
        what = f"workload {found[1].workload.name!r} has no baseline under this profile"
        raise UsageError(what, "./swos baseline set RECORD --reason WHY")
    return store.load(line.record)
