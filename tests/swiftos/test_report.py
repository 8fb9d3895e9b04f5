"""The report: what is drawn where, from records made here; nothing is fetched by its reader."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from swiftos import paths
from swiftos.evidence.record import Artifact, Record
from swiftos.evidence.store import FOLDER_VARIABLE, Store
from swiftos.report import breakdown, content, page, plots, scale, series, text
from swiftos.report.series import Found
from tests.support.boot_record import record_of, with_commit

DAY_S = 86_400
BOOT_MARKERS = ("boot: console at 1000 us", "boot: user at 4000 us", "boot: prompt at 10000 us")
NEVER_CLOSED = ("meta", "wbr")


def found(*records: Record) -> list[Found]:
    return [(f"{index:064x}", record) for index, record in enumerate(records)]


def history(count: int) -> list[Found]:
    """Returns records of twelve boots each, a day apart."""
    return found(
        *(
            record_of(
                {"boot.entry-to-prompt": [20_000.0 + 100 * day + boot for boot in range(12)]},
                day * DAY_S,
                markers=BOOT_MARKERS,
            )
            for day in range(count)
        )
    )


def sizes_record(shell: float, created_s: int) -> Record:
    values = {
        "size.file/bin/sh": shell,
        "size.file/bin/ls": 1000.0,
        "size.file/readme.txt": 10.0,
        "size.symbol/kernel.mm.frame.Frames.alloc": 700.0,
        "size.symbol/kernel.mm.heap.Heap.alloc": 600.0,
        "size.symbol/kernel.main": 900.0,
    }
    series = {name: [value] for name, value in values.items()}
    return record_of(series, created_s, markers=())


class Balance(HTMLParser):
    """Checks that elements end in the reverse order of their beginning."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in NEVER_CLOSED:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, f"</{tag}> within {self.open}"
        self.open.pop()

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        pass


def test_page_is_whole_and_fetches_nothing() -> None:
    html = page.html(content.gather([*history(4), *found(sizes_record(5000.0, 9 * DAY_S))]))
    balance = Balance()
    balance.feed(html)
    assert balance.open == []
    assert not re.search(r"https?:|src=|@import|url\(|<script|<link", html)
    assert "prefers-color-scheme: dark" in html


def test_page_has_a_dot_for_every_boot_and_an_anchor_for_every_figure() -> None:
    html = page.html(content.gather(history(2)))
    rows = re.search(r'<section id="boot">(.*?)</section>', html, re.DOTALL)
    assert rows is not None
    assert rows[1].count("<circle") == 24
    assert rows[1].count('class="interval"') == 2
    assert 'href="#boot.entry-to-prompt"' in html and 'id="boot.entry-to-prompt"' in html


def test_text_from_a_record_is_escaped() -> None:
    bad = with_commit(record_of({"boot.blocks": [1.0]}), "<script>alert(1)</script>")
    assert "<script>" not in page.html(content.gather(found(bad)))


def test_profiles_are_drawn_apart_and_the_difference_is_named() -> None:
    small = record_of({"boot.blocks": [100.0, 100.0]}, 1 * DAY_S, "64M")
    large = record_of({"boot.blocks": [200.0, 200.0]}, 2 * DAY_S, "256M")
    first, second = series.collect(found(small, large))
    assert [point.middle for point in first.points] == [200.0]
    assert [point.middle for point in second.points] == [100.0]
    assert second.unlike == ("memory 64M, not 256M",)
    assert [plot.series for plot in content.gather(found(small, large)).firsts] == [first]


def test_newest_record_is_compared_with_the_one_before() -> None:
    before = with_commit(record_of({"boot.blocks": [200.0, 200.0]}, 1 * DAY_S), "a" * 40)
    after = record_of({"boot.blocks": [220.0, 220.0]}, 2 * DAY_S)
    artifacts = (Artifact("build/kernel.elf", 1, "ee" * 32),)
    changed = msgspec.structs.replace(after, artifacts=artifacts)
    (drawn,) = [plots.plot(item) for item in series.collect(found(before, changed))]
    assert (drawn.verdict, drawn.change) == ("REGRESSED", "+10.00 %")


def test_interval_needs_boots_that_differ() -> None:
    few = series.collect(found(record_of({"boot.wall": [1.0, 2.0]})))[0]
    equal = series.collect(found(record_of({"boot.wall": [1.0] * 12})))[0]
    many = series.collect(found(record_of({"boot.wall": [float(n) for n in range(1, 13)]})))[0]
    assert few.newest.interval is None and equal.newest.interval is None
    assert many.newest.interval is not None
    assert many.newest.interval.low < many.newest.middle < many.newest.interval.high


def test_old_records_are_in_the_history_only() -> None:
    drawn = plots.plot(series.collect(history(plots.MOST_ROWS + 3))[0])
    assert len(drawn.rows) == plots.MOST_ROWS and drawn.hidden == 3
    assert drawn.history is not None
    assert len(drawn.history.dots) == plots.MOST_ROWS + 3
    heights = [dot.y for dot in drawn.history.dots]
    assert heights == sorted(heights, reverse=True), "values rise, so that places go up"
    assert plots.plot(series.collect(history(2))[0]).history is None


def test_all_that_is_drawn_lies_on_the_axis() -> None:
    drawn = plots.plot(series.collect(history(9))[0])
    places = [dot.x for row in drawn.rows for dot in row.dots]
    places += [mark.x for mark in drawn.marks]
    assert all(0 <= place <= 100 for place in places)
    assert min(places) < 10 and max(places) > 90


def test_dots_at_one_place_lie_beside_each_other() -> None:
    (row,) = plots.plot(series.collect(found(record_of({"boot.blocks": [7.0] * 4})))[0]).rows
    assert len({dot.x for dot in row.dots}) == 1
    assert len({dot.y for dot in row.dots}) == 4


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 10.0, (0.0, 2.5, 5.0, 7.5, 10.0)),
        (18.0, 21.0, (18.0, 19.0, 20.0, 21.0)),
        (0.131, 0.162, (0.14, 0.15, 0.16)),
    ],
)
def test_marks_are_round(low: float, high: float, expected: tuple[float, ...]) -> None:
    assert scale.marks(low, high) == expected


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (24_600.0, "us", "24.6 ms"),
        (412.0, "ns", "412 ns"),
        (0.0448, "s", "44.8 ms"),
        (524_288.0, "bytes", "512 KiB"),
        (1748.0, "KiB", "1.71 MiB"),
        (6617.0, "blocks", "6,617 blocks"),
        (113.64, "tok/s", "114 tok/s"),
    ],
)
def test_values_have_a_unit_that_fits(value: float, unit: str, expected: str) -> None:
    assert scale.unit_for(unit, [value]).text(value) == expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (156.177, 165.472, "156.2 to 165.5"),
        (1.0, 3.0, "1 to 3"),
        (20.5770, 20.5800, "20.577 to 20.580"),
        (2.568527, 2.568545, "within 0.0007 %"),
    ],
)
def test_ends_of_a_range_have_digits_that_tell_them_apart(
    low: float, high: float, expected: str
) -> None:
    assert scale.Unit("ms", 1.0).range(low, high) == expected


def test_boot_stages_begin_where_the_one_before_ends() -> None:
    chart = breakdown.boot_chart(history(1))
    assert chart is not None
    bars = plots.stage_bars(chart)
    assert [(bar.name, bar.x, bar.width) for bar in bars] == [
        ("console", 0, 10), ("user", 10, 30), ("prompt", 40, 60),
    ]  # fmt: skip
    assert bars[2].step == "+6 ms"


def test_stages_in_counted_time_are_preferred() -> None:
    counted = record_of({"boot.blocks": [1.0]}, 1, markers=BOOT_MARKERS)
    guest = msgspec.structs.replace(counted.guest, clock="host")
    timed = msgspec.structs.replace(counted, guest=guest, created_s=2)
    chart = breakdown.boot_chart(found(counted, timed))
    assert chart is not None and chart.found[1] is counted
    alone = breakdown.boot_chart(found(timed))
    assert alone is not None and alone.found[1] is timed


def test_sizes_are_summed_by_folder_with_changes() -> None:
    before, after = sizes_record(5000.0, 1), sizes_record(5064.0, 2)
    shown = breakdown.sizes(found(before, after))
    assert shown is not None
    folders = {bar.name: (bar.value, bar.change) for bar in shown.folders}
    assert folders == {"/bin": (6064.0, 64.0), "/": (10.0, 0.0)}
    assert {bar.name: bar.value for bar in shown.parts} == {
        "kernel/mm": 1300.0, "kernel": 900.0,
    }  # fmt: skip
    assert breakdown.sizes(history(1)) is None


def test_boundaries_of_several_figures_become_one_line() -> None:
    values = {"boot.entry-to-prompt": [1.0], "boot.wall": [1.0]}
    lines = content.gather(found(record_of(values))).boundaries
    (line,) = [line for line in lines if line.startswith("Boot time of real hardware")]
    assert "kernel entry to prompt" in line and "QEMU start to prompt" in line
    assert set(content.ALWAYS) <= set(lines)


def test_markdown_has_the_same_content() -> None:
    gathered = content.gather([*history(3), *found(sizes_record(5000.0, 9 * DAY_S))])
    written = text.markdown(gathered)
    for heading in ("Latest", "Boot", "Boot by stage", "Sizes", "What this does not prove"):
        assert f"## {heading}" in written
    assert "| `/bin` | 6,000 |" in written
    (row, *_) = re.findall(r"\[([ o8|-]{48})\]", written)
    assert "|" in row and "o" in row


def test_no_records_give_pages_that_say_what_to_do() -> None:
    empty = content.gather([])
    assert "./swos measure boot" in page.html(empty)
    assert "./swos measure boot" in text.markdown(empty)


@pytest.mark.slow
def test_command_writes_both_pages(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    names = [store.add(record) for _, record in history(2)]

    def report(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(paths.REPOSITORY / "swos"), "report", *arguments],
            env={"PATH": "/usr/bin:/bin", FOLDER_VARIABLE: str(tmp_path / "store")},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    result = report("-o", str(tmp_path / "out" / "page"))
    assert result.returncode == 0, result.stderr
    for end in ("html", "md"):
        written = (tmp_path / "out" / f"page.{end}").read_text()
        assert all(name[:16] in written for name in names)
    last = report("--last", "1", "boot", "-o", str(tmp_path / "one"))
    assert last.returncode == 0 and "1 record," in (tmp_path / "one.html").read_text()
    unknown = report("nonsense", "-o", str(tmp_path / "none"))
    assert unknown.returncode == 2 and "known: boot" in unknown.stderr
