"""Measures story telling: what `/bin/llm` prints, and its tokens per second."""

import re
from dataclasses import dataclass

from swiftos.errors import ProductError
from swiftos.evidence import metrics
from swiftos.evidence.record import Metric, Sample
from swiftos.guest import Guest

PROMPT_TEXT = "Once upon a time"
BUDGET_S = 180
REPORT = re.compile(
    r"^llm: (?P<tokens>\d+) tokens in (?P<ms>\d+) ms \((?P<rate>[\d.]+) tok/s\)", re.MULTILINE
)


@dataclass(frozen=True)
class Story:
    """One run of `/bin/llm`: text, report line, tokens, milliseconds by the guest's clock."""

    text: str
    report: str
    tokens: int
    milliseconds: int

    @property
    def rate(self) -> float:
        """Tokens per second, from the two counts."""
        return self.tokens * 1000 / max(1, self.milliseconds)


def tell(guest: Guest, steps: int | None = None) -> Story:
    """Runs `/bin/llm` at the prompt. Raises ProductError when it fails or reports nothing."""
    command = f'/bin/llm "{PROMPT_TEXT}"' + (f" {steps}" if steps else "")
    output = guest.run_command(command, BUDGET_S)
    match = REPORT.search(output.text)
    if output.status != 0 or match is None:
        raise ProductError(
            f"/bin/llm ended with status {output.status}: {output.text.strip()[-300:]}",
            f"see the run folder {guest.folder.path}",
        )
    return Story(output.text, match.group(), int(match["tokens"]), int(match["ms"]))


def rate_metric(stories: list[Story]) -> Metric:
    """Returns tokens per second over several stories, each in a fresh boot."""
    samples = tuple(Sample(story.rate, boot) for boot, story in enumerate(stories))
    tokens = {story.tokens for story in stories}
    note = f"{'/'.join(str(count) for count in sorted(tokens))} tokens a story, guest's clock"
    return metrics.metric("llm.tokens-per-second", samples, note)
