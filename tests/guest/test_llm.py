"""`/bin/llm` in the guest: a story from the house model, a report line, and a shell that goes on."""

import re

from swiftos.guest import Guest
from swiftos.measure import llm

BUDGET_S = 180
SHORT_STEPS = 16


def test_story_begins_with_the_prompt_and_ends_with_the_report(shell: Guest) -> None:
    story = llm.tell(shell, SHORT_STEPS)
    assert llm.PROMPT_TEXT in story.text
    assert 0 < story.tokens
    assert story.text.rstrip().endswith(story.report)
    assert shell.run_command("echo back", BUDGET_S).text.strip() == "back"


def test_greedy_stories_are_the_same(shell: Guest) -> None:
    texts = [re.sub(llm.REPORT, "", llm.tell(shell, SHORT_STEPS).text) for _ in range(2)]
    assert texts[0] == texts[1]


def test_printed_rate_follows_from_the_counts(shell: Guest) -> None:
    story = llm.tell(shell, SHORT_STEPS)
    match = llm.REPORT.search(story.report)
    assert match is not None
    assert abs(float(match["rate"]) - story.rate) <= max(0.1, 0.02 * story.rate)


def test_missing_model_is_an_error_that_names_it(shell: Guest) -> None:
    result = shell.run_command("/bin/llm --model /no/such.bin", BUDGET_S)
    assert result.status != 0
    assert "/no/such.bin" in result.text
