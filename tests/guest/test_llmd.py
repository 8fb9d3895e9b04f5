"""`/bin/llmd` behind QEMU's router: completions, several at once, bad clients, bad bundles."""

from __future__ import annotations

import http.client
import json
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pytest

from models.corpus import REPOSITORY
from models.reference import Tokenizer
from tests.support import http_client
from tests.support.network_guest import NetGuest

BUDGET_S = 120
SERVING = r"llmd: serving on 8080 \(POST /completion, GET /health, GET /metrics\)"
HOUSE = REPOSITORY / "models" / "house"
LARGE_BODY = 10 << 20
PROMPT = "Once upon a time"
JSON = {"Content-Type": "application/json"}


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


@pytest.fixture
def llmd(net_guest: NetGuest) -> Iterator[NetGuest]:
    """A guest whose console runs llmd."""
    with net_guest.serving("/bin/llmd", SERVING, BUDGET_S):
        yield net_guest


def ask(
    guest: NetGuest, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", guest.host_port(8080), timeout=BUDGET_S)
    if isinstance(body, dict):
        body, headers = json.dumps(body), JSON
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    answer = Answer(response.status, dict(response.getheaders()), response.read())
    connection.close()
    return answer


def golden_text(tokens: int) -> bytes:
    cases = json.loads((HOUSE / "golden-int8.json").read_text())["greedy"]
    case = next(case for case in cases if case["prompt"] == PROMPT)
    tokenizer = Tokenizer.read(HOUSE / "tokenizer.bin")
    return tokenizer.decode(case["generated_ids"][:tokens], case["prompt_ids"][-1])


def metrics(guest: NetGuest) -> dict[str, int]:
    text = ask(guest, "GET", "/metrics").body.decode()
    return {name: int(value) for name, value in (line.split(" ") for line in text.splitlines())}


def test_health_completion_and_metrics(llmd: NetGuest) -> None:
    console = llmd.guest.console.text()
    assert "llmd: trust root loaded (/etc/swos/model-signing.pub)" in console
    assert "llmd: generation 2 rejected (model size/sha256 mismatch)" in console
    assert "llmd: bundle house generation 1 verified (ed25519+sha256)" in console
    assert "llmd: weights mmap'd file-backed from /models" in console
    before = metrics(llmd)
    assert list(before) == ["requests", "tokens_total", "last_ttft_ms", "last_tok_s"]
    assert ask(llmd, "GET", "/health").body == b"ok model dim=128 layers=5 vocab=2048\n"
    answer = ask(llmd, "POST", "/completion", PROMPT)
    assert answer.status == 200
    assert answer.body == golden_text(64)
    llmd.guest.expect(r"llmd: served 64 tokens ttft=\d+ ms rate=\d+ tok/s", BUDGET_S)
    after = metrics(llmd)
    assert after["requests"] == before["requests"] + 1
    assert after["tokens_total"] == before["tokens_total"] + 64
    assert after["last_tok_s"] > 0


def test_json_and_events(llmd: NetGuest) -> None:
    asked = {"prompt": PROMPT, "n_predict": 12, "temperature": 0}
    whole = json.loads(ask(llmd, "POST", "/completion", asked).body)
    assert whole["content"].encode() == golden_text(12)
    assert (whole["stop"], whole["stop_type"]) == (True, "limit")
    assert (whole["tokens_predicted"], whole["timings"]["predicted_n"]) == (12, 12)
    answer = ask(llmd, "POST", "/completion", {**asked, "stream": True, "stop": ["."]})
    assert answer.headers["Content-Type"] == "text/event-stream"
    events = [json.loads(part[6:]) for part in answer.body.decode().split("\n\n") if part]
    assert [event["stop"] for event in events] == [False] * (len(events) - 1) + [True]
    assert events[-1]["stop_type"] == "word"
    text = "".join(event["content"] for event in events)
    assert text.encode() == golden_text(12).split(b".")[0]


def test_eight_clients_at_once_get_the_text_that_each_gets_alone(llmd: NetGuest) -> None:
    prompts = [
        PROMPT,
        "Tom had a red ball",
        "The cat",
        "One day, Mia",
        "A",
        "She saw a big",
        "Ben and Sue",
        "It was dark",
    ]
    alone = [ask(llmd, "POST", "/completion?n=24", prompt).body for prompt in prompts]
    with ThreadPoolExecutor(8) as clients:
        together = list(
            clients.map(lambda text: ask(llmd, "POST", "/completion?n=24", text), prompts)
        )
    assert [answer.body for answer in together] == alone
    assert len(set(alone)) == 8


def test_what_is_beyond_the_queue_is_refused_and_the_rest_is_served(llmd: NetGuest) -> None:
    clients = [open_client(llmd) for _ in range(40)]
    for client in clients:
        client.request("POST", "/completion?n=40", "The dog")
    answers = [client.getresponse() for client in clients]
    bodies = [answer.read() for answer in answers]
    statuses = [answer.status for answer in answers]
    assert set(statuses) <= {200, 503}
    assert statuses.count(200) >= 24
    assert statuses.count(503) > 0
    assert len({body for body, status in zip(bodies, statuses, strict=True) if status == 200}) == 1
    for answer in answers:
        if answer.status == 503:
            assert answer.getheader("Retry-After") == "1"
    for client in clients:
        client.close()


def open_client(guest: NetGuest) -> http.client.HTTPConnection:
    """Returns a connection that has been used: the router takes new ones one at a time."""
    connection = http.client.HTTPConnection("127.0.0.1", guest.host_port(8080), timeout=BUDGET_S)
    connection.request("GET", "/health")
    assert connection.getresponse().read().startswith(b"ok")
    return connection


def test_vanished_clients_stop_costing(llmd: NetGuest) -> None:
    body = json.dumps(
        {"prompt": "A long time ago", "temperature": 1, "n_predict": -1, "stream": True}
    )
    for _ in range(12):
        with llmd.connect(8080, BUDGET_S) as client:
            client.sendall(
                b"POST /completion HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(body), body.encode())
            )
            assert client.recv(12) == b"HTTP/1.1 200"
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert ask(llmd, "POST", "/completion", PROMPT).body == golden_text(64)


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "text"),
    [
        ("/completion", "", {}, 400, "empty prompt"),
        ("/completion", "{", JSON, 400, "not valid JSON"),
        ("/completion", '{"prompt":7}', JSON, 400, "prompt must be a string"),
        ("/completion", "zq " * 300, {}, 400, "the model's context 512"),
        ("/completion", "x" * 9000, {}, 400, "more than 8192 bytes"),
        ("/completion", "x" * 70000, {}, 413, ""),
        ("/other", "x", {}, 404, "nothing here"),
        ("/health", "x", {}, 405, "allowed here: GET, HEAD"),
    ],
)
def test_bad_requests_are_answered_in_words(
    llmd: NetGuest, path: str, body: str, headers: dict[str, str], status: int, text: str
) -> None:
    answer = ask(llmd, "POST", path, body, headers)
    assert answer.status == status
    assert text in answer.body.decode()
    assert ask(llmd, "GET", "/health").status == 200


def test_client_that_sends_all_of_a_refused_body_reads_why(llmd: NetGuest) -> None:
    for _ in range(5):
        answer = http_client.post(llmd.host_port(8080), "/completion", bytes(LARGE_BODY), BUDGET_S)
        assert answer.status == 413


def test_bad_bundles_are_named_and_skipped(net_guest: NetGuest) -> None:
    shell = net_guest.guest
    for command in (
        "mkdir -p /tmp/b/house/3 /tmp/b/house/4 /tmp/b/house/5 /tmp/b/house/6 /tmp/b/house/7",
        "cp /models/house/1/manifest.toml /models/house/1/tokenizer.bin /tmp/b/house/3",
        "head -n 14 /models/house/1/manifest.toml > /tmp/b/house/4/manifest.toml",
        "echo 'name = \"house\"' > /tmp/b/house/5/manifest.toml",
        "grep -v sig /models/house/1/manifest.toml > /tmp/b/house/7/manifest.toml",
    ):
        assert shell.run_command(command, BUDGET_S).status == 0
    refused = shell.run_command("llmd -m /tmp/b/house", BUDGET_S)
    assert refused.status == 1
    reasons = dict(re.findall(r"llmd: generation (\d) rejected \((.*)\)", refused.text))
    assert reasons == {
        "7": "bad manifest signature",
        "6": "manifest missing or malformed",
        "5": "manifest missing or malformed",
        "4": "bad manifest signature",
        "3": "the manifest is that of another bundle",
    }
    assert "no verifiable model bundle generation" in refused.text
    shell.run_command("mkdir /tmp/b/house/1; cp /models/house/1/* /tmp/b/house/1", BUDGET_S)
    with net_guest.serving("llmd -m /tmp/b/house", SERVING, BUDGET_S):
        assert ask(net_guest, "GET", "/health").status == 200
    shell.run_command("head -n 5 /models/house/1/model.bin > /tmp/b/house/1/model.bin", BUDGET_S)
    cut = shell.run_command("llmd -m /tmp/b/house", BUDGET_S)
    assert "llmd: generation 1 rejected (model size/sha256 mismatch)" in cut.text
    shell.run_command("rm -r /tmp/b", BUDGET_S)


def test_wrong_use_is_refused(net_guest: NetGuest) -> None:
    for command, message in (
        ("llmd -p 0", "not a number from 1 to 65535"),
        ("llmd -s 9", "not a number from 1 to 8"),
        ("llmd a b c", "at most two files"),
        ("llmd -x", "unknown option"),
    ):
        output = net_guest.guest.run_command(command, BUDGET_S)
        assert output.status == 2
        assert message in output.text
