"""All measurements: a row of the guide's table of packages each, by the name that is typed."""

from swiftos.measure import boot, calls, http, memory, net, serving, sizes, stories
from swiftos.measure.plan import Measurement

MEASUREMENTS: dict[str, Measurement] = {
    found.name: found
    for found in (
        boot.MEASUREMENT,
        sizes.MEASUREMENT,
        memory.MEASUREMENT,
        calls.MEASUREMENT,
        http.MEASUREMENT,
        net.MEASUREMENT,
        stories.MEASUREMENT,
        serving.MEASUREMENT,
    )
}
