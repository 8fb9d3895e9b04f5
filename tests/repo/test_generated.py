"""Generated files say what their sources say."""

from swiftos import generate


def test_files_from_the_list_of_system_calls_are_up_to_date() -> None:
    assert generate.outdated() == [], "python -m swiftos.generate"
