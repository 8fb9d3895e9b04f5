"""Measures the language model: a story by `/bin/llm`, and the first token behind a long prompt.

Where instructions are counted, a token's busy time is what a story of many tokens spends above one
of a single token, so that loading and verifying the model is not in it. The first token is `llmd`'s
own figure for a prompt of 200 tokens: from the prompt's first token to the answer's.
"""

import http.client
import json
import re

from swiftos.errors import ProductError
from swiftos.evidence.record import Workload
from swiftos.guest import Guest
from swiftos.measure import llm, machine, session
from swiftos.measure.observation import Observation, one_spent_line, run
from swiftos.measure.plan import Measurement, Part, as_described
from swiftos.network import LOOPBACK
from swiftos.qemu import Profile

TOKENS = 64
BUDGET_S = 300
LLMD_PORT = 8080
LLMD_READY = rf"llmd: serving on {LLMD_PORT}"
LONG_PROMPT_TOKENS = 200
LONG_PROMPT = (
    "Once upon a time there was a little girl named Lily. She loved to play outside in the park. "
    "One day she saw a big red ball under a tree. The ball was not hers, so she asked her friend "
    "Tom if it was his. Tom said no, but he wanted to play with it too. They played all day and "
    "they were very happy. Then a small dog came and took the ball. Lily was sad, but Tom had an "
    "idea. They looked for the dog and they found it behind the house. The dog was happy to see "
    "them. It gave the ball back to Lily, and they all played in the sun until it was late. Mom "
    "called them home and they ate some soup and a piece of bread. After that they told Mom about "
    "the big red ball and the small dog. Mom smiled and said that they had been very kind. The "
    "next day the dog came to their house again. Lily and Tom gave it a bowl of water and"
)
"""200 tokens of the house model; checked with every answer."""


def observe_counted(profile: Profile, seen: Observation) -> None:
    """Tells a story of one token and one of many, behind one that warms up."""
    with session.booted(machine.counted(profile), "measure-llm-counted") as guest:
        spend(guest, 1)
        first = spend(guest, 1)
        whole = spend(guest, TOKENS)
        seen.keep_console(guest, "serial-counted.log")
    busy_ns = whole["busy_ns"] - first["busy_ns"]
    seen.add("llm.busy-per-token", busy_ns / (TOKENS - 1))
    seen.add("llm.busy-to-first-token", first["busy_ns"])


def spend(guest: Guest, steps: int) -> dict[str, int]:
    """Tells a story of so many tokens; returns what it spent."""
    line = f'spent /bin/llm "{llm.PROMPT_TEXT}" {steps}'
    return one_spent_line(guest, run(guest, line, BUDGET_S).text)


def observe_story(profile: Profile, seen: Observation) -> None:
    """Tells a story between two frames of `top`, as the recipe for a resource snapshot has it."""
    with session.booted(profile, "measure-llm") as guest:
        seen.snapshots["top before"] = session.top(guest)
        before = machine.host_time(guest)
        story = llm.tell(guest, TOKENS)
        after = machine.host_time(guest)
        seen.snapshots["top after"] = session.top(guest)
        seen.keep_console(guest, "serial.log")
    seen.snapshots["story"] = story.text
    seen.markers += [line for line in story.text.splitlines() if line.startswith("llm: ")]
    seen.add("llm.tokens-per-second", story.rate)
    if before.cpu_s is not None and after.cpu_s is not None:
        seen.add("llm.cpu-per-story", after.cpu_s - before.cpu_s)


def observe_first_token(profile: Profile, seen: Observation) -> None:
    """Has `llmd` continue a prompt of 200 tokens, behind a short one that warms up."""
    connected, (forward,) = machine.connected(profile, (LLMD_PORT,))
    with session.booted(connected, "measure-llm-first-token") as guest:
        guest.type_line("llmd &")
        guest.expect(LLMD_READY, BUDGET_S)
        complete(forward.host_port, llm.PROMPT_TEXT)
        prompt_ms = complete(forward.host_port, LONG_PROMPT, LONG_PROMPT_TOKENS)
        guest.wait_text(r"(?s)llmd: served .*llmd: served ", BUDGET_S)
        seen.keep_console(guest, "serial-first-token.log")
        text = guest.console.text()
    seen.add("llm.first-token", prompt_ms)
    seen.markers += re.findall(r"llmd: .*$", text, re.MULTILINE)


def complete(port: int, prompt: str, tokens: int | None = None) -> float:
    """Returns the milliseconds that `llmd` says it needed for a prompt, by the guest's clock.

    Raises ProductError where the prompt does not have the number of tokens that it should have.
    """
    asked = json.dumps({"prompt": prompt, "n_predict": 1, "temperature": 0})
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=BUDGET_S)
    try:
        connection.request("POST", "/completion", asked, {"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read())
        found = answer["timings"]
    except (OSError, ValueError, KeyError) as error:
        what = f"POST /completion was not answered as it should be: {error!r}"
        raise ProductError(what, "run ./tests/llm_serve_test.sh") from None
    finally:
        connection.close()
    if tokens is not None and found["prompt_n"] != tokens:
        what = f"the long prompt has {found['prompt_n']} tokens, not {tokens}"
        raise ProductError(what, "the tokenizer changed: choose the prompt anew and its version")
    return float(found["prompt_ms"])


def describe_first_token(profile: Profile) -> Profile:
    """Returns the guest behind the router."""
    return machine.connected(profile, (LLMD_PORT,))[0]


COUNTED = Part(
    title="a story, instructions counted",
    workload=Workload("llm", 3, {"prompt": llm.PROMPT_TEXT, "tokens": str(TOKENS)}),
    describe=machine.counted,
    observe=observe_counted,
)
STORY = Part(
    title="a story between two frames of top",
    workload=Workload("llm-story", 1, {"prompt": llm.PROMPT_TEXT, "tokens": str(TOKENS)}),
    describe=as_described,
    observe=observe_story,
)
FIRST_TOKEN = Part(
    title=f"the first token behind a prompt of {LONG_PROMPT_TOKENS} tokens",
    workload=Workload("llm-first-token", 1, {"prompt tokens": str(LONG_PROMPT_TOKENS)}),
    describe=describe_first_token,
    observe=observe_first_token,
)
MEASUREMENT = Measurement(
    name="llm",
    claim="local inference has not changed",
    parts=(COUNTED, STORY, FIRST_TOKEN),
    boundaries=("does not prove: production LLM throughput",),
    proofs=("./tests/llm_run_test.sh",),
)
