"""`/bin/llm` and `/bin/llmd` run a GGUF file that the guest fetched from the host."""

from __future__ import annotations

import functools
import http.client
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from models.corpus import REPOSITORY
from models.integer import IntegerEngine
from models.reference import Engine, Model, Tokenizer, read_model
from swiftos import bundle as bundles
from tests.support.network_guest import NetGuest
from tests.user.llm import gguf_files
from tests.user.llm.gguf_files import Kind, Recipe

BUDGET_S = 120
HOUSE = REPOSITORY / "models" / "house"
PROMPT = "Once upon a time"
TOKENS = 24
RECIPE = Recipe(Kind.Q8_0)
SERVING = r"llmd: serving on 8080 \(POST /completion, GET /health, GET /metrics\)"


@pytest.fixture(scope="module")
def model() -> Model:
    return read_model(HOUSE / "model.bin")


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.read(HOUSE / "tokenizer.bin")


@pytest.fixture(scope="module")
def stories(model: Model, tokenizer: Tokenizer) -> dict[str, str]:
    """What the oracle of each engine adds to the prompt with the numbers of the file's blocks."""
    stored = gguf_files.dequantised(model, RECIPE)
    exact, integer = Engine(stored), IntegerEngine(stored)
    ids = tokenizer.encode(PROMPT)
    advances: dict[str, Callable[[list[int]], np.ndarray]] = {
        "f32": exact.advance,
        "int8": lambda tokens: integer.advance(tokens)[0],
    }
    stories = {}
    for name, advance in advances.items():
        added: list[int] = []
        logits = advance(ids)[-1]
        for _ in range(TOKENS):
            second, first = np.sort(logits)[-2:]
            assert first - second > 1e-3, "too close a choice to compare by"
            added.append(int(np.argmax(logits)))
            logits = advance(added[-1:])[-1]
        stories[name] = tokenizer.decode(added, ids[-1]).decode()
    return stories


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files of a folder."""

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def bundle_url(
    model: Model, tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address, as the guest sees it, of a bundle with the house model in Q8_0."""
    folder = tmp_path_factory.mktemp("gguf")
    gguf_files.file_bytes(folder, model, tokenizer, RECIPE)
    file = folder / "model.gguf"
    bundles.pack(folder / "served", "tiny", 1, bundles.format_of(file), {"model": file})
    handler = functools.partial(QuietHandler, directory=str(folder / "served"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://10.0.2.2:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_gguf_file_is_run_served_and_refused_when_cut(
    net_guest: NetGuest, bundle_url: str, stories: dict[str, str]
) -> None:
    shell = net_guest.guest
    fetch = f"mkdir /tmp/tiny && cd /tmp/tiny && wget -q {bundle_url}/model.gguf; cd /"
    assert shell.run_command(fetch, BUDGET_S).status == 0
    for engine, story in stories.items():
        command = f'llm --engine {engine} --model /tmp/tiny/model.gguf "{PROMPT}" {TOKENS}'
        told = shell.run_command(command, BUDGET_S)
        assert told.status == 0
        assert "dim=128 layers=5 heads=4 vocab=2048" in told.text
        assert f"--- output ---\n{PROMPT}{story}\n--- end ---" in told.text
    assert_served(net_guest, stories["int8"])
    for command in (
        "llm --tokenizer x --model /tmp/tiny/model.gguf",
        "llmd /tmp/tiny/model.gguf x",
    ):
        refused = shell.run_command(command, BUDGET_S)
        assert (refused.status, "a GGUF file has its own" in refused.text) == (2, True)
    manifest = f"cd /tmp/tiny && wget -q {bundle_url}/manifest.toml; cd /"
    assert shell.run_command(manifest, BUDGET_S).status == 0
    hashed = shell.run_command("llm --model /tmp/tiny/model.gguf Tom 1", BUDGET_S)
    assert (hashed.status, "llm: tiny dim=128" in hashed.text) == (0, True)
    shell.run_command("head -n 9 /tmp/tiny/model.gguf > /tmp/cut", BUDGET_S)
    shell.run_command("cp /tmp/cut /tmp/tiny/model.gguf", BUDGET_S)
    mismatched = shell.run_command("llm --model /tmp/tiny/model.gguf", BUDGET_S)
    truncated = shell.run_command("llm --model /tmp/cut", BUDGET_S)
    shell.run_command("rm -r /tmp/tiny /tmp/cut", BUDGET_S)
    assert (mismatched.status, truncated.status) == (1, 1)
    assert "llm: cannot load /tmp/tiny/model.gguf: model size/sha256 mismatch" in mismatched.text
    assert "llm: cannot load /tmp/cut: truncated GGUF file: " in truncated.text


def assert_served(guest: NetGuest, story: str) -> None:
    """Sees that the file is served as it is."""
    with guest.serving("llmd /tmp/tiny/model.gguf", SERVING, BUDGET_S):
        port = guest.host_port(8080)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=BUDGET_S)
        connection.request("POST", f"/completion?n={TOKENS}", PROMPT)
        assert connection.getresponse().read().decode() == story
        connection.close()
