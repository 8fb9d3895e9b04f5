"""The sabotage runner on a small tree of its own: caught, survived, stale and crashing faults."""

from pathlib import Path

import pytest

from swiftos import paths, sabotage
from swiftos.errors import HarnessError, UsageError
from swiftos.sabotage import Fault, Verdict

pytestmark = pytest.mark.slow

CODE = "def double(x):\n    return x * 2\n"
TEST = "from code_under_test import double\n\ndef test_double():\n    assert double(3) == 6\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    (folder / "code_under_test.py").write_text(CODE)
    (folder / "test_it.py").write_text(TEST)
    (folder / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
    return folder


def fault(old: str, new: str, test: str = "test_it.py::test_double") -> Fault:
    return Fault("a-fault", "code_under_test.py", old, new, test, "for the test")


def verdict(root: Path, tmp_path: Path, wrong: Fault) -> Verdict:
    (finding,) = sabotage.run([wrong], root, tmp_path / "copy")
    return finding.verdict


def test_fault_that_turns_the_test_red_is_caught(root: Path, tmp_path: Path) -> None:
    assert verdict(root, tmp_path, fault("x * 2", "x * 3")) is Verdict.CAUGHT
    assert (root / "code_under_test.py").read_text() == CODE
    assert not (tmp_path / "copy").exists()


def test_fault_that_nothing_notices_survives(root: Path, tmp_path: Path) -> None:
    assert verdict(root, tmp_path, fault("x * 2", "2 * x")) is Verdict.SURVIVED


def test_fault_that_breaks_collection_is_not_counted_as_caught(root: Path, tmp_path: Path) -> None:
    assert verdict(root, tmp_path, fault("return x", "return (x")) is Verdict.NOT_RUN


@pytest.mark.parametrize("old", ["x * 9", "x"])
def test_text_that_does_not_occur_once_is_an_error(root: Path, tmp_path: Path, old: str) -> None:
    with pytest.raises(HarnessError, match="times in code_under_test"):
        verdict(root, tmp_path, fault(old, "y"))


def test_red_test_without_fault_is_an_error(root: Path, tmp_path: Path) -> None:
    (root / "test_it.py").write_text("def test_double():\n    assert False\n")
    with pytest.raises(HarnessError, match="red without any fault"):
        verdict(root, tmp_path, fault("x * 2", "x * 3"))


def test_second_run_at_the_same_time_is_refused(root: Path, tmp_path: Path) -> None:
    first = sabotage.run([fault("x * 2", "x * 3")] * 2, root, tmp_path / "copy")
    next(first)
    with pytest.raises(HarnessError, match="another run"):
        verdict(root, tmp_path, fault("x * 2", "x * 3"))
    assert next(first).verdict is Verdict.CAUGHT
    assert next(first, None) is None
    assert verdict(root, tmp_path, fault("x * 2", "x * 3")) is Verdict.CAUGHT


def test_malformed_fault_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text('[half]\nfile = "x"\n')
    with pytest.raises(UsageError, match=r"bad.toml: \[half\] needs exactly"):
        sabotage.load(tmp_path)


def test_choice_follows_from_the_seed() -> None:
    faults = [fault(str(number), "") for number in range(20)]
    assert sabotage.choose(faults, 5, "a") == sabotage.choose(faults, 5, "a")
    assert sabotage.choose(faults, 5, "a") != sabotage.choose(faults, 5, "b")
    assert len(sabotage.choose(faults, 50, "a")) == 20


def test_declared_faults_fit_the_code() -> None:
    faults = sabotage.load(paths.REPOSITORY / "tests" / "sabotage")
    sabotage.check_text(faults, paths.REPOSITORY)
    for declared in faults:
        file, _, name = declared.test.partition("::")
        function = name.partition("[")[0]
        text = (paths.REPOSITORY / file).read_text()
        assert not function or f"def {function}(" in text, declared.name
