"""The HTML page: the template beside this file, filled in; nothing is fetched when it is read."""

import re
from collections.abc import Sequence

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from swiftos import paths
from swiftos.evidence.figures import number
from swiftos.report import plots
from swiftos.report.content import Content
from swiftos.report.series import Point

FOLDER = paths.REPOSITORY / "swiftos" / "report"


def html(content: Content) -> str:
    """Returns the page."""
    loader = FileSystemLoader(FOLDER)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("page.html").render(
        style=Markup((FOLDER / "page.css").read_text()),
        records=content.records,
        newest=content.records[-1] if content.records else None,
        headings=content.headings,
        firsts=content.firsts,
        subjects=content.subjects,
        chart=content.chart,
        stages=plots.stage_bars(content.chart) if content.chart else [],
        sizes=content.sizes,
        boundaries=content.boundaries,
        hosts=hosts(content.records),
        row_px=plots.ROW_PX,
        history_px=plots.HISTORY_PX,
        bytes=number,
        signed=signed,
        breakable=breakable,
    )


def hosts(records: Sequence[Point]) -> list[str]:
    """Returns a sentence on each host and emulator that records come from."""
    found: dict[str, None] = {}
    for point in records:
        host, emulator = point.record.host, point.record.emulator
        found[
            f"{host.cpu_model}, {host.logical_cpus} CPUs, {host.memory_mib} MiB, {host.system}, "
            f"kernel {host.kernel_release}; {emulator.version}, {emulator.accelerator}"
        ] = None
    return list(found)


def signed(change: float) -> str:
    """Spells a change with its sign."""
    return f"{'+' if change > 0 else '-'}{number(abs(change))}"


def breakable(name: str) -> Markup:
    """Returns a long name that may go on in the next line behind a point or a slash."""
    parts = re.split(r"(?<=[./])", name)
    return Markup("<wbr>").join(escape(part) for part in parts)
