"""The reference pages say what the declarations say; `tests/repo/test_generated.py` sees that they
are up to date."""

from pathlib import Path

from swiftos import cli, paths
from swiftos.evidence import metrics as catalogue
from swiftos.references import commands, limits, markers, metrics, source, tools


def module(folder: Path, text: str) -> Path:
    path = folder / "module.py"
    path.write_text(text)
    return path


def test_constants_come_with_the_text_below_them(tmp_path: Path) -> None:
    text = (
        'A = 1 << 4\nB: int = 2\n"""Bounds of\nit."""\n\nC = 3\n\ndef f() -> None: ...\n"""no"""\n'
    )
    found = list(source.constants(module(tmp_path, text)))
    assert found == [
        source.Constant("A", "1 << 4", "Bounds of it."),
        source.Constant("B", "2", "Bounds of it."),
    ]


def test_every_command_has_its_help_on_the_page() -> None:
    page = commands.commands_text()
    for path in (paths.REPOSITORY / "user" / "bin").glob("[a-z]*.py"):
        assert f"\n### {path.stem}\n\n```text\n{path.stem} - " in page


def test_every_subcommand_has_its_help_on_the_page() -> None:
    page = tools.tools_text()
    for names in cli.GROUPS.values():
        for name in names:
            if cli.module_path(name).exists():
                assert f"\n### {name}\n\n```text\nUsage: ./swos {name}" in page
    assert "\n#### record verify\n" in page


def test_every_log_call_of_the_kernel_is_on_the_page() -> None:
    listed = list(markers.kernel_lines())
    calls = sum(
        path.read_text().count(f"log.{level}(")
        for path in source.python_files("kernel")
        for level in markers.LEVELS
    )
    assert 0 < len(listed) <= calls
    texts = {text for _, text, _ in listed}
    assert {"boot: … at … us", "SwiftOS …"} <= texts
    assert "| `llmd: served … tokens ttft=… ms rate=… tok/s` |" in markers.markers_text()


def test_every_metric_is_on_the_page_with_what_it_does_not_prove() -> None:
    page = metrics.metrics_text()
    for declared in catalogue.DECLARATIONS:
        assert f"| `{declared.name}` | {declared.title} | {declared.unit} |" in page
        assert declared.boundary in page


def test_limits_are_those_of_the_source() -> None:
    assert "| `PAGE_SIZE` | `4096` | Bytes in a page" in limits.limits_text()
    assert "| `MINIMUM_MEMORY` | `20 << 20` |" in limits.limits_text()
