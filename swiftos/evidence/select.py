"""Finds the record that a person means: by id, by workload, as the newest, as a baseline.

0123abcd          the record whose id begins so
last, last~2      the newest record, the second before it
http, http~1      the newest record of a workload, the one before it
baseline:http     the baseline of a workload (under the profile of its newest record)
"""

import re

from swiftos.errors import UsageError
from swiftos.evidence import metrics
from swiftos.evidence.baseline import Baselines
from swiftos.evidence.record import Record
from swiftos.evidence.store import Store

Found = tuple[str, Record]
ID = re.compile(r"^[0-9a-f]{4,64}$")
COUNTED = re.compile(r"^(?P<name>[^~]+)~(?P<back>\d{1,6})$")
BASELINE = "baseline:"
LAST = "last"


def find(store: Store, text: str) -> Found:
    """Returns the record that `text` names. Raises UsageError where there is none."""
    if ID.match(text):
        return store.load(text)
    if text.startswith(BASELINE):
        return _baseline(store, find(store, text.removeprefix(BASELINE)))
    match = COUNTED.match(text)
    name, back = (match["name"], int(match["back"])) if match else (text, 0)
    records = list(store.all())
    if not records:
        raise UsageError("there are no records yet", "./swos measure boot makes one")
    known = sorted({record.workload.name for _, record in records})
    fitting = [found for found in records if name in (LAST, found[1].workload.name)]
    if back >= len(fitting):
        what = f"there is no record {text!r}: {len(fitting)} fit"
        raise UsageError(
            what, metrics.suggestion(name, [LAST, *known, "the first digits of an id"])
        )
    return fitting[-1 - back]


def pair(store: Store, first: str | None, second: str | None) -> tuple[Found, Found]:
    """Returns the two records of a comparison.

    Without names: the newest record against its baseline, or against the one before it of the same
    workload. With one: against that.
    """
    later = find(store, second or LAST)
    if first is not None:
        return find(store, first), later
    if Baselines(store).of(later[1]) is not None:
        return _baseline(store, later), later
    name, record = later
    earlier = [found for found in store.all() if found[1].workload.name == record.workload.name]
    place = [found[0] for found in earlier].index(name)
    if not place:
        what = f"there is no record of {record.workload.name!r} before it, and no baseline"
        raise UsageError(what, "measure again, or name two records (./swos record list)")
    return earlier[place - 1], later


def before(store: Store, name: str) -> Record | None:
    """Returns the record that was made before one, of any workload, or None."""
    earlier = None
    for other, found in store.all():
        if other == name:
            return earlier
        earlier = found
    return None


def _baseline(store: Store, found: Found) -> Found:
    line = Baselines(store).of(found[1])
    if line is None:
        what = f"workload {found[1].workload.name!r} has no baseline under this profile"
        raise UsageError(what, "./swos baseline set ID --reason 'WHY'")
    return store.load(line.record)
