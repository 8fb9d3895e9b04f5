"""The expected outputs are not only ours: the host's own tools print the same."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.spec import SpecCase, all_cases


def host_cases() -> list[SpecCase]:
    return [case for case in all_cases() if not case.differs]


@pytest.mark.parametrize("case", host_cases(), ids=lambda case: case.name)
def test_host_tools_print_the_same(case: SpecCase, tmp_path: Path) -> None:
    environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}
    run = subprocess.run(
        ["sh", "-c", case.script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert run.stdout == case.output, run.stderr
    assert run.returncode == case.status, run.stderr
