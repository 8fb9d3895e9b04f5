"""Renders a record in the reporting template that every performance note uses.

The fields are those of the table `swiftos/names.toml` (kind `template field`), in its order.
"""

from statistics import median

from jinja2 import Environment, StrictUndefined

from swiftos.evidence.figures import number
from swiftos.evidence.identity import profile_hash
from swiftos.evidence.metrics import title
from swiftos.evidence.record import Completion, Metric, Record

TEMPLATE = """\
Revision: {{ record.source.subject }}{{ " (modified)" if record.source.is_dirty }}
Host: {{ host }}
QEMU version: {{ record.emulator.version }} ({{ record.emulator.accelerator }})
Boot path: {{ record.guest.boot_path }}
QEMU memory: {{ record.guest.memory }}
SMP_CPUS: {{ record.guest.smp }}
Artifact sizes: {{ artifacts }}
Command or test: {{ record.command }}
Result: {{ result }}
{% for line in metrics %}  {{ line }}
{% endfor -%}
Serial markers: {{ record.markers[0] if record.markers else "(none)" }}
{% for line in record.markers[1:] %}  {{ line }}
{% endfor -%}
Comparison baseline: {{ baseline }}
Notes: {{ notes[0] }}
{% for line in notes[1:] %}  {{ line }}
{% endfor %}"""


def render(name: str, record: Record, baseline: str = "") -> str:
    """Returns the filled-in template of the record with the id `name`.

    `baseline` says in words which record is the baseline of its workload and profile, if any is.
    """
    environment = Environment(undefined=StrictUndefined, keep_trailing_newline=False)
    return environment.from_string(TEMPLATE).render(
        record=record,
        host=_host_line(record),
        artifacts=", ".join(f"{file.name} {file.bytes}" for file in record.artifacts) or "(none)",
        result=result_line(record),
        metrics=[metric_line(metric) for metric in record.metrics],
        baseline=baseline or _no_baseline(record),
        notes=[f"evidence {name[:16]}", *record.notes, *record.boundaries],
    )


def metric_line(metric: Metric) -> str:
    """Returns one metric: median, spread and number of samples."""
    values = [sample.value for sample in metric.samples]
    if not values:
        return f"{title(metric.name)}: not measured [{metric.domain.value}]"
    line = f"{title(metric.name)}: {number(median(values))} {metric.unit}"
    if len(values) > 1:
        line += f" (median of {len(values)}, {number(min(values))} to {number(max(values))})"
    line += f" [{metric.domain.value}]"
    return f"{line}; {metric.note}" if metric.note else line


def result_line(record: Record) -> str:
    """Returns how the run ended and what it is evidence of."""
    line = f"{record.status.value} ({record.kind.value}), {record.result}"
    if record.completion is Completion.WHOLE:
        return line
    return f"{line}; {record.completion.value}: only what is listed was measured"


def _host_line(record: Record) -> str:
    host, conditions = record.host, record.conditions
    return (
        f"{host.cpu_model}, {host.logical_cpus} CPUs, {host.memory_mib} MiB, {host.system}, "
        f"kernel {host.kernel_release}; load {conditions.load}, "
        f"{conditions.other_emulators} other emulators"
    )


def _no_baseline(record: Record) -> str:
    """Names the key under which like records are found; no record is compared by itself."""
    return f"none set; comparable with records of profile {profile_hash(record)}"
