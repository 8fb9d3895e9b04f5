"""What applies to every test: order, grouping, and a count of what was skipped and why.

Tests that share one booted guest are kept on one worker, so that they share one boot there.
"""

from collections import Counter
from collections.abc import Sequence

import pytest
from _pytest.nodeid import NodeId
from hypothesis import settings

# Examples are the same in every run, and no clock decides about a test: a machine may be busy.
settings.register_profile("swiftos", deadline=None, derandomize=True, print_blob=False)
settings.load_profile("swiftos")

SHARED_GUEST_FIXTURE = "shell"


def pytest_collection_modifyitems(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Puts the tests that use the shared guest into one group of one worker."""
    for item in items:
        if SHARED_GUEST_FIXTURE in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("shared-guest"))
        group = item.get_closest_marker("xdist_group")
        if group is not None and getattr(config.option, "loadgroup", False):
            name_group(item, group.args[0])


def name_group(item: pytest.Item, group: str) -> None:
    """Puts a group into a test's id, by which the scheduler of pytest-xdist knows it.

    pytest-xdist 3.8 writes an attribute that pytest 9.2 no longer reads, so its own way is lost.
    """
    item._id = NodeId.parse(f"{item.nodeid}@{group}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints how many tests were skipped, by reason."""
    reasons: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[text.removeprefix("Skipped: ")] += 1
    terminalreporter.section("skipped")
    terminalreporter.write_line(f"{sum(reasons.values())} tests were skipped")
    for reason, number in sorted(reasons.items()):
        terminalreporter.write_line(f"  {number:4} {reason}")
