"""Comparing records: six verdicts, and no alarm where nothing changed."""

import itertools
import math
import random
from collections import Counter
from collections.abc import Callable, Sequence

import msgspec
import pytest

from swiftos.evidence import comparison_text
from swiftos.evidence.compare import Comparison, Mode, Verdict, compare_records
from swiftos.evidence.record import Record, Sample
from swiftos.evidence.shift import LEVEL, boots_needed, gaps_cut_off, order_counts, shift
from tests.support.evidence_records import changed, record_of, sample_record

HOST, VIRTUAL, SIZE = "boot.wall", "http.busy-per-request", "size.kernel-bin"
BOOTS = 12
Noise = Callable[[random.Random, int], float]


def compare(first: Record, second: Record, mode: Mode = Mode.NORMAL) -> Comparison:
    (found,) = compare_records(first, second, mode=mode)
    return found


def interleaved(chance: random.Random, boots: int) -> tuple[list[int], list[int]]:
    """Returns the positions of two arms in blocks of A B B A or B A A B."""
    arms = [arm for _ in range(boots // 2) for arm in chance.choice(("ABBA", "BAAB"))]
    return tuple([i for i, arm in enumerate(arms) if arm == side] for side in "AB")  # type: ignore[return-value]


def campaign(noise: Noise, seed: int, factor: float = 1.0, boots: int = BOOTS) -> Comparison:
    """Compares two interleaved arms under noise; the second is slower by `factor`."""
    chance = random.Random(seed)
    first, second = interleaved(chance, boots)
    places = {position: noise(chance, position) for position in range(2 * boots)}
    early = [places[position] for position in first]
    late = [factor * places[position] for position in second]
    return compare(
        record_of(HOST, early, campaign="c", positions=first),
        record_of(HOST, late, artifact="cd", campaign="c", positions=second),
    )


def quiet(chance: random.Random, position: int) -> float:
    return math.exp(chance.gauss(0, 0.005))


def noisy(chance: random.Random, position: int) -> float:
    return math.exp(chance.gauss(0, 0.1))


def two_modes(chance: random.Random, position: int) -> float:
    return (1 if chance.random() < 0.6 else 1.3) * math.exp(chance.gauss(0, 0.01))


def heavy_tail(chance: random.Random, position: int) -> float:
    return 1 + 0.02 * abs(chance.gauss(0, 1) / max(0.05, abs(chance.gauss(0, 1))))


def drifting(chance: random.Random, position: int) -> float:
    return (1 + 0.02 * position) * math.exp(chance.gauss(0, 0.02))


NOISES = (quiet, noisy, two_modes, heavy_tail, drifting)


def test_counts_of_orders_are_those_of_all_orders_written_out() -> None:
    counted: Counter[int] = Counter()
    for places in itertools.combinations(range(7), 3):
        others = [place for place in range(7) if place not in places]
        counted[sum(place > other for place in places for other in others)] += 1
    assert order_counts(3, 4) == tuple(counted[rank] for rank in range(13))


def test_seven_boots_are_the_fewest_with_an_interval() -> None:
    assert boots_needed() == 7
    assert 2 / math.comb(14, 7) <= LEVEL < 2 / math.comb(12, 6)
    assert math.isinf(shift([1.0] * 6, [2.0] * 6).width)


def test_interval_misses_the_true_shift_as_rarely_as_it_says() -> None:
    chance = random.Random(1)
    rounds, misses = 2000, 0
    for _ in range(rounds):
        found = shift(
            [chance.gauss(0, 1) for _ in range(8)], [chance.gauss(2, 1) for _ in range(8)]
        )
        misses += not found.low <= 2 <= found.high
    assert misses <= 3 * LEVEL * rounds
    assert gaps_cut_off(8, 8) == gaps_cut_off(8, 8)


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("boots", [8, 12])
def test_twenty_comparisons_of_equals_raise_no_alarm(noise: Noise, boots: int) -> None:
    for seed in range(20):
        found = campaign(noise, seed, boots=boots)
        assert found.verdict in (Verdict.UNCHANGED, Verdict.INCONCLUSIVE), seed


def test_quiet_equals_are_called_unchanged() -> None:
    verdicts = [campaign(quiet, seed).verdict for seed in range(20)]
    assert verdicts.count(Verdict.UNCHANGED) == 20


@pytest.mark.parametrize("noise", [quiet, noisy, heavy_tail])
def test_a_change_of_the_detectable_size_is_found(noise: Noise) -> None:
    for seed in range(20):
        seen = campaign(noise, seed)
        factor = 1.001 * (1 + seen.detectable)
        assert campaign(noise, seed, factor).verdict is Verdict.REGRESSED
        assert campaign(noise, seed, 1 / factor**2).verdict is Verdict.IMPROVED


def test_counted_time_that_never_varies_is_compared_exactly() -> None:
    first = record_of(VIRTUAL, [1000.0, 1000.0])
    slower = compare(first, record_of(VIRTUAL, [1001.0, 1001.0], artifact="cd"))
    faster = compare(first, record_of(VIRTUAL, [999.0, 999.0], artifact="cd"))
    same = compare(first, record_of(VIRTUAL, [1000.0, 1000.0], artifact="cd"))
    assert (slower.verdict, faster.verdict) == (Verdict.REGRESSED, Verdict.IMPROVED)
    assert same.verdict is Verdict.UNCHANGED
    assert same.detectable == 0


def test_one_boot_of_a_guest_is_not_exact() -> None:
    found = compare(record_of(VIRTUAL, [1000.0]), record_of(VIRTUAL, [1010.0], artifact="cd"))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert "2 that agree can" in found.reason


def test_three_percent_is_found_in_counted_time_that_varies() -> None:
    chance = random.Random(3)
    values = [1000 * math.exp(chance.gauss(0, 0.002)) for _ in range(16)]
    slower = [1.03 * value for value in values[8:]]
    found = compare(record_of(VIRTUAL, values[:8]), record_of(VIRTUAL, slower, artifact="cd"))
    assert found.verdict is Verdict.REGRESSED
    assert found.change is not None
    assert found.change.low > 0.02


def test_size_of_a_file_needs_one_sample() -> None:
    found = compare(record_of(SIZE, [4096.0]), record_of(SIZE, [4095.0], artifact="cd"))
    assert found.verdict is Verdict.IMPROVED


def test_more_tokens_a_second_are_better() -> None:
    name = "llm.tokens-per-second"
    even, odd = list(range(0, 16, 2)), list(range(1, 16, 2))
    first = record_of(name, [10.0 + i / 100 for i in range(8)], campaign="c", positions=even)
    second = record_of(
        name, [12.0 + i / 100 for i in range(8)], artifact="cd", campaign="c", positions=odd
    )
    assert compare(first, second).verdict is Verdict.IMPROVED
    assert compare(second, first).verdict is Verdict.REGRESSED


def test_equal_artifacts_are_identical_whatever_was_measured() -> None:
    first, second = record_of(VIRTUAL, [1000.0] * 2), record_of(VIRTUAL, [2000.0] * 2)
    assert compare(first, second).verdict is Verdict.IDENTICAL
    assert compare(first, second, Mode.CONTROL).verdict is Verdict.REGRESSED


def test_time_of_a_build_is_never_identical() -> None:
    first, second = record_of("build.one-file", [1.0]), record_of("build.one-file", [1.0])
    assert compare(first, second).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("positions", [(range(8), range(8, 16)), (range(8), range(8))])
def test_host_time_that_was_not_interleaved_gets_no_verdict(
    positions: tuple[Sequence[int], Sequence[int]],
) -> None:
    values = [1 + i / 1000 for i in range(8)]
    slow = [2 * value for value in values]
    first = record_of(HOST, values, campaign="c", positions=positions[0])
    second = record_of(HOST, slow, artifact="cd", campaign="c", positions=positions[1])
    assert compare(first, second).verdict is Verdict.INCONCLUSIVE
    assert "not interleaved" in compare(first, second).reason
    apart = msgspec.structs.replace(second, campaign="d")
    assert "not interleaved" in compare(first, apart).reason


def test_other_memory_is_incomparable_and_named() -> None:
    guest = msgspec.structs.replace(sample_record().guest, memory="512M")
    first, second = record_of(VIRTUAL, [1.0] * 2), record_of(VIRTUAL, [1.0] * 2, guest=guest)
    found = compare(first, second)
    assert found.verdict is Verdict.INCOMPARABLE
    assert found.reason == "memory: 256M against 512M"
    assert [difference.field for difference in found.differences] == ["memory"]
    sizes = compare(record_of(SIZE, [1.0]), record_of(SIZE, [1.0], guest=guest))
    assert sizes.verdict is Verdict.IDENTICAL


def test_zero_and_less_have_no_ratio() -> None:
    found = compare(record_of(VIRTUAL, [0.0, 1.0]), record_of(VIRTUAL, [1.0, 2.0], artifact="cd"))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.reason == "a ratio needs values above zero"


def test_exact_change_from_zero_is_a_change() -> None:
    found = compare(record_of(SIZE, [0.0]), record_of(SIZE, [5.0], artifact="cd"))
    assert found.verdict is Verdict.REGRESSED
    assert comparison_text.to_json(("a", changed()), ("b", changed()), [found])["metrics"][0][
        "interval"
    ] == [None, None]


def test_text_names_boots_interval_floor_and_what_could_have_been_seen() -> None:
    found = campaign(noisy, 4)
    first, second = ("a" * 64, sample_record()), ("b" * 64, sample_record())
    lines = comparison_text.text([(first, second, [found])])
    assert f"{BOOTS} boots each" in lines
    assert "99.8 % interval" in lines
    assert "noise floor" in lines
    assert "would have been found" in lines
    assert "boot time of real hardware (QEMU start to prompt)" in lines
    assert comparison_text.summary([found]) == "verdict: 1 INCONCLUSIVE"


def test_samples_of_one_boot_are_no_replicates() -> None:
    def many(value: float, artifact: str) -> Record:
        record = record_of(VIRTUAL, [value], artifact=artifact)
        samples = tuple(Sample(value + i / 100, 0) for i in range(50))
        metric = msgspec.structs.replace(record.metrics[0], samples=samples)
        return msgspec.structs.replace(record, metrics=(metric,))

    found = compare(many(1000.0, "ab"), many(1100.0, "cd"))
    assert found.first.values == (1000.245,)
    assert found.verdict is Verdict.INCONCLUSIVE


def test_drift_within_a_record_raises_its_noise_floor() -> None:
    even, odd = range(0, 24, 2), range(1, 24, 2)
    early = [1000.0 * (1 + place / 40) for place in even]
    late = [1060.0 * (1 + place / 40) for place in odd]
    first = record_of(HOST, early, campaign="c", positions=even)
    second = record_of(HOST, late, artifact="cd", campaign="c", positions=odd)
    found = compare(first, second)
    assert found.floor > 0.15
    assert found.verdict is Verdict.INCONCLUSIVE
