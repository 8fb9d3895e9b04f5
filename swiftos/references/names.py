"""The page of the names that the performance and sizing guide uses."""

from swiftos import names
from swiftos.references.source import cell


def names_text() -> str:
    """Returns the text of `docs/reference/names.md`."""
    lines = [
        "# Names of the performance and sizing guide",
        "",
        "Written by `swiftos/generate.py` from `swiftos/names.toml`; do not edit. Each is checked",
        "by `tests/repo/test_names.py` or, in a running guest, by `tests/guest/test_names.py`.",
        "What is not built yet exits with 4 and says what to use until then.",
    ]
    for kind in dict.fromkeys(row.kind for row in names.load()):
        lines += ["", f"## {kind.capitalize()}", "", "| name | what | is there |"]
        lines.append("| --- | --- | --- |")
        for row in names.of_kind(kind):
            state = "yes" if row.is_built else "not built yet"
            lines.append(f"| `{row.name}` | {cell(row.what)} | {state} |")
    return "\n".join([*lines, ""])
