"""Where instructions are counted, the same work takes the same time, to the nanosecond."""

from bench import prove_compare
from swiftos import paths
from swiftos.measure import http, machine, session
from swiftos.measure.observation import run, spent_lines, step_lines
from swiftos.qemu import Profile

BUDGET_S = 60
ROUNDS = 4


def test_request_over_loopback_takes_the_same_time_again(built_profile: Profile) -> None:
    with session.booted(machine.counted(built_profile), "counted") as guest:
        texts = [run(guest, f"({http.INSIDE_SCRIPT})", BUDGET_S).text for _ in range(ROUNDS)]
    medians = [step_lines(text)[0]["median_ns"] for text in texts]
    assert len(set(medians[1:])) == 1, medians
    for text in texts[1:]:
        assert [line["idle_ns"] for line in spent_lines(text)] == [0] * len(http.INSIDE_RUNS)


def test_edits_that_the_proofs_make_fit_the_tree() -> None:
    edits = [*prove_compare.slower_send(1), *prove_compare.FLUSH_IN_EVERY_CALL]
    for edit in edits:
        assert (paths.REPOSITORY / edit.file).read_text().count(edit.old) == 1, edit
