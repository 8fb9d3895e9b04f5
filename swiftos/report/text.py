"""The Markdown page: the same content as tables, and dot plots in letters."""

from collections.abc import Iterator

from swiftos.evidence.figures import number
from swiftos.report import page, plots
from swiftos.report.breakdown import Bar
from swiftos.report.content import Content
from swiftos.report.plots import Plot, Row

WIDTH = 48
BAR_WIDTH = 30
DOT, MANY, MIDDLE, INTERVAL = "o", "8", "|", "-"


def markdown(content: Content) -> str:
    """Returns the page."""
    lines = ["# SwiftOS: evidence", "", *_introduction(content)]
    lines += ["", "## Latest of each figure", "", *_latest(content)]
    for _, heading, found in content.subjects:
        lines += ["", f"## {heading}"]
        for plot in found:
            lines += ["", *_plot(plot)]
    lines += ["", "## Boot by stage", "", *_stages(content)]
    lines += ["", "## Sizes", "", *_sizes(content)]
    lines += ["", "## What this does not prove", "", "<!-- claims: refused -->", ""]
    lines += [f"- {line}" for line in content.boundaries]
    lines += ["", "## Records", "", *_records(content)]
    return "\n".join(lines) + "\n"


def dot_plot(row: Row) -> str:
    """Returns the dots of a row in letters: `o` a boot, `8` several, `|` the median."""
    letters = [" "] * WIDTH
    if row.low is not None and row.width is not None:
        for place in range(_place(row.low), _place(row.low + row.width) + 1):
            letters[place] = INTERVAL
    for dot in row.dots:
        place = _place(dot.x)
        letters[place] = MANY if letters[place] in (DOT, MANY) else DOT
    letters[_place(row.middle)] = MIDDLE
    return "".join(letters)


def _introduction(content: Content) -> list[str]:
    count = len(content.records)
    if not count:
        return ["No records yet: `./swos measure boot` makes one."]
    newest = content.records[-1]
    what = "1 record" if count == 1 else f"{count} records"
    return [
        f"{what}, the newest of {newest.day} UTC at revision `{newest.revision}`. Every figure is "
        "of an emulated machine and holds for its profile only.",
        "",
        *page.hosts(content.records),
    ]


def _latest(content: Content) -> Iterator[str]:
    yield "| figure | median | 99 % interval, or range | boots | against the record before |"
    yield "| --- | ---: | --- | ---: | --- |"
    for plot in content.firsts:
        row = plot.rows[-1]
        verdict = f"{plot.verdict} {plot.change}".strip() or "first record"
        boots = len(row.point.boots)
        yield f"| {plot.series.title} | {row.value} | {row.spread} | {boots} | {verdict} |"


def _plot(plot: Plot) -> list[str]:
    series = plot.series
    lines = [f"### {series.title}" + (", other profile" if series.unlike else ""), ""]
    if series.unlike:
        lines += [f"Under another profile: {'; '.join(series.unlike)}.", ""]
    lines.append("```text")
    for row in plot.rows:
        lines.append(f"{row.point.revision:10}[{dot_plot(row)}] {row.value}")
    ends = plot.marks[0].text, plot.marks[-1].text
    scale = f"{ends[0]}{ends[1]:>{WIDTH - len(ends[0])}}" if len(plot.marks) > 1 else ends[0]
    lines += [f"{'':11}{scale} {plot.unit}", "```", ""]
    does_not = series.declared.boundary
    boundary = f"Does not prove {does_not}. " if does_not else ""
    lines.append(
        f"{series.declared.domain.value}; {series.declared.direction.value} is better. "
        f"{boundary}Repeat: `{series.newest.record.command}`"
    )
    return lines


def _stages(content: Content) -> Iterator[str]:
    if content.chart is None:
        yield "No record has the stages of a boot: `./swos measure boot`"
        return
    yield f"Record `{content.chart.found[0][:16]}`, emulated, {content.chart.found[1].guest.clock}."
    yield ""
    yield "| stage | at | takes |  |"
    yield "| --- | ---: | ---: | --- |"
    for bar in plots.stage_bars(content.chart):
        yield f"| {bar.name} | {bar.at} | {bar.step} | {'#' * round(bar.width / 100 * BAR_WIDTH)} |"


def _sizes(content: Content) -> Iterator[str]:
    if content.sizes is None:
        yield "No record has sizes of files and symbols: `./swos measure sizes`"
        return
    yield f"Record `{content.sizes.found[0][:16]}`."
    for heading, bars in (
        ("Image by folder", content.sizes.folders),
        ("Largest files", content.sizes.files),
        ("Kernel by part, larger functions only", content.sizes.parts),
        ("Largest functions", content.sizes.symbols),
    ):
        yield from _size_table(heading, bars)


def _size_table(heading: str, bars: tuple[Bar, ...]) -> Iterator[str]:
    if not bars:
        return
    yield from ("", f"### {heading}", "", "| name | bytes | change |", "| --- | ---: | ---: |")
    for bar in bars:
        change = page.signed(bar.change) if bar.change else ""
        yield f"| `{bar.name}` | {number(bar.value)} | {change} |"


def _records(content: Content) -> Iterator[str]:
    yield "| id | stored, UTC | revision | status | command |"
    yield "| --- | --- | --- | --- | --- |"
    for point in content.records:
        status, command = point.record.status.value, point.record.command
        yield f"| `{point.id[:16]}` | {point.day} | `{point.revision}` | {status} | `{command}` |"


def _place(percent: float) -> int:
    return max(0, min(WIDTH - 1, round(percent / 100 * (WIDTH - 1))))
