"""The support bundle holds what helps, and none of the secrets that were planted in its sources."""

import gzip
import io
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import msgspec
import pytest

from swiftos import paths
from swiftos.errors import UsageError
from swiftos.evidence.store import Store
from swiftos.support import collection, redact
from swiftos.support.redact import Redactor
from tests.support.boot_record import boot_record

KEY_BODY = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v"
SECRETS = {
    "private key": f"-----BEGIN PRIVATE KEY-----\n{KEY_BODY}\n-----END PRIVATE KEY-----",
    "key cut off": f"-----BEGIN OPENSSH PRIVATE KEY-----\n{KEY_BODY}",
    "password": "password=hunter2!",
    "JSON password": '"db_password": "hunter2!"',
    "token": "API_KEY: hunter2!",
    "bearer": "Authorization: Bearer hunter2!",
    "cookie": "Cookie: session=hunter2!",
    "forge token": "ghp_hunter2hunter2hunter2hunter2",
    "cloud key": "AKIAHUNTER2HUNTER2XX",
    "web token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodW50ZXIyIn0.hunter2",
    "random text": "Zm9vYmFyaHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMg==",
    "repository": "https://forge.hunter2.example/team/tree.git",
    "repository with a name": "https://me:hunter2@forge.example/tree.git",
    "repository by ssh": "git@forge.hunter2.example:team/tree.git",
    "mail": "hunter2@mail.example.org",
    "address": "203.0.113.77",
    "home": "/ho" + "me/hunter2/notes.txt",
    "Mac home": "/Users/hunter2/notes.txt",
    "prompt of the command": '/bin/llm "hunter2 went to the bank" 40',
    "prompt of a request": '{"prompt": "hunter2 said \\"no\\"", "n_predict": 4}',
    "text of the model": "--- output ---\nhunter2 lived there\n--- end ---",
}
LEFTOVERS = ("hunter2", "HUNTER2", KEY_BODY, "203.0.113.77", "aHVudGVyMg", "odW50ZXIyIn0")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run folder with all secrets in every text of it."""
    folder = tmp_path / "runs" / "demo-120000-abcdefgh"
    folder.mkdir(parents=True)
    planted = "\n".join(SECRETS.values())
    for name in (*collection.GUEST_TEXTS, *collection.RUN_TEXTS):
        (folder / name).write_text(f"SwiftOS 0123456789ab\n{planted}\nboot: prompt at 9 us\n")
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with a record whose notes hold all secrets."""
    found = Store(tmp_path / "store", tmp_path / "published", lambda _: None)
    found.add(msgspec.structs.replace(boot_record(), notes=tuple(SECRETS.values())))
    return found


@pytest.mark.parametrize("name", SECRETS)
def test_secret_is_taken_out(name: str) -> None:
    redactor = Redactor()
    text = redactor.text(f"before {SECRETS[name]}\nbehind")
    assert not any(leftover in text for leftover in LEFTOVERS), text
    assert text.startswith("before ")
    assert sum(redactor.counts.values()) > 0


def test_host_text_without_a_name_of_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redact, "_user", lambda: "hunter2")
    monkeypatch.setattr("socket.gethostname", lambda: "hunter2-desk")
    text = Redactor().text("hunter2 at hunter2-desk, hunter22 elsewhere")
    assert text == "<user> at <host>, hunter22 elsewhere"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{paths.REPOSITORY}/build/kernel.elf", "<repository>/build/kernel.elf"),
        (f"file={tempfile.gettempdir()}/x/y.pcap", "file=<temporary>/x/y.pcap"),
        ("/usr/bin/qemu-system-aarch64 -m 256M", "/usr/bin/qemu-system-aarch64 -m 256M"),
        ("/srv/checkouts/mine/base.img,format=raw", "<path>/base.img,format=raw"),
        ("hostfwd=tcp:127.0.0.1:8080-:80", "hostfwd=tcp:127.0.0.1:8080-:80"),
    ],
)
def test_paths_of_the_host_are_hidden(text: str, expected: str) -> None:
    assert Redactor().host_text(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "swiftos:/# cat /etc/services/network.toml",
        "llmd: trust root loaded (/etc/swos/model-signing.pub)",
        "llm: 40 tokens in 2218 ms (18.0 tok/s)",
        "tokens_total: 64",
        "curl http://127.0.0.1:8080/health http://10.0.2.2/x",
        "QEMU emulator version 7.2.22",
        f"sha256 {'0123456789abcdef' * 4}",
        "bench/records/" + "0123456789abcdef" * 4 + ".json",
    ],
)
def test_what_helps_is_kept(text: str) -> None:
    assert Redactor().text(text) == text


def test_bundle_has_all_parts_and_no_secret(run: Path, store: Store) -> None:
    texts = collection.gather(run, store, Redactor())
    assert set(texts) >= {
        "README.txt", "git-head.txt", "git-status.txt", "tools-check.txt", "versions.txt",
        "run/console.log", "run/argv.json", "run/harness.log", "redactions.txt",
    }  # fmt: skip
    assert sum(name.startswith("records/") for name in texts) == 2
    assert "boot: prompt at 9 us" in texts["run/console.log"]
    assert "qemu-system-aarch64" in texts["tools-check.txt"]
    unpacked = gzip.decompress(collection.archive(texts))
    for leftover in (*LEFTOVERS, str(paths.REPOSITORY), str(Path.home()) + "/"):
        assert leftover.encode() not in unpacked, leftover
    counted = dict(line.split(": ") for line in texts["redactions.txt"].splitlines())
    assert int(counted["secret"]) >= 14 and int(counted["key"]) >= 2


def test_archive_is_the_same_for_the_same_texts_and_can_be_read() -> None:
    texts = {"b.txt": "two\n", "a.txt": "one\n"}
    data = collection.archive(texts)
    assert data == collection.archive(dict(reversed(texts.items())))
    with tarfile.open(fileobj=io.BytesIO(data)) as bundle:
        assert bundle.getnames() == ["support/a.txt", "support/b.txt"]
        member = bundle.extractfile("support/b.txt")
        assert member is not None and member.read() == b"two\n"


def test_damaged_record_is_named_and_the_rest_is_there(run: Path, store: Store) -> None:
    ((name, _),) = store.scan()[0]
    path = store.path_of(name)
    path.write_bytes(path.read_bytes()[:-9])
    texts = collection.gather(run, store, Redactor())
    assert name[:16] in texts["records/damaged.txt"]
    assert "run/console.log" in texts


def test_newest_run_is_taken_or_the_one_that_is_named(run: Path) -> None:
    older = run.parent / "measure-110000-x"
    older.mkdir()
    os.utime(older, (1, 1))
    assert collection.newest_run(folder=run.parent) == run
    assert collection.newest_run("measure", run.parent) == older
    with pytest.raises(UsageError, match="no run begins with nonsense"):
        collection.newest_run("nonsense", run.parent)
    assert collection.newest_run(folder=run.parent / "none") is None


def test_long_text_loses_its_middle() -> None:
    text = "a" * collection.LARGEST_TEXT + "middle" + "b" * collection.LARGEST_TEXT
    cut = collection.shortened(text)
    assert cut.startswith("aaa") and cut.endswith("bbb") and "characters left out" in cut
    assert len(cut) < collection.LARGEST_TEXT + 100


@pytest.mark.slow
def test_command_writes_the_archive(tmp_path: Path) -> None:
    output = tmp_path / "bundle.tar.gz"
    result = subprocess.run(
        [sys.executable, str(paths.REPOSITORY / "swos"), "support", "-o", str(output)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    with tarfile.open(output) as bundle:
        assert "support/README.txt" in bundle.getnames()
    assert str(paths.REPOSITORY) not in gzip.decompress(output.read_bytes()).decode()
