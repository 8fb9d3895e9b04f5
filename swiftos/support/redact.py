"""Takes secrets, names and paths of the host out of a text.

Every rule replaces by a word in angle brackets, so that a reader sees that something was there. A
rule that hides too much is better than one that hides too little; hashes of files and the guest's
own paths stay, they are what the bundle is for.
"""

import getpass
import json
import re
import socket
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from swiftos import paths

SHORTEST_NAME = 3
COMMON_NAMES = frozenset({"root", "user", "localhost", "swiftos", "main"})
KEPT_FOLDERS = ("/usr/", "/bin/", "/sbin/", "/lib/", "/lib64/", "/opt/", "/dev/", "/proc/", "/sys/")
KEPT_HOSTS = r"(?:127\.0\.0\.1|localhost|\[::1\]|10\.0\.2\.\d+)"

KEY_BEGIN = r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----"
PRIVATE_KEY = re.compile(
    KEY_BEGIN + r"(?:(?s:.{0,8000}?)-----END [A-Z0-9 ]*PRIVATE KEY-----|"
    r"[^\n]*(?:\n[A-Za-z0-9+/=]+(?=\s|\Z))*)"
)
"""A whole key, or one that was cut off: then to the end of its last line of letters."""
SECRET_WORD = r"pass(?:word|wd|phrase)?|secret|token(?!s)|api[_-]?key|private[_-]?key|credentials?"
ASSIGNED = re.compile(
    r"(?i)(?P<head>[\w-]*(?:"
    + SECRET_WORD
    + r")[\w-]*[\"']?\s*[:=]\s*[\"']?)(?P<value>[^\s\"',;&]+)"
)
AUTHORIZATION = re.compile(
    r"(?i)(?P<head>(?:authorization|cookie)\s*:\s*|bearer\s+)(?P<value>[^\r\n\"']+)"
)
KNOWN_TOKEN = re.compile(
    r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|AKIA[0-9A-Z]{16}"
    r"|sk-[\w-]{20,}|xox[abprs]-[\w-]{10,}|hf_[A-Za-z0-9]{20,}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*)"
)
LONG_RANDOM = re.compile(
    r"(?<![\w+/=-])(?=[\w+/-]*[+A-Z])(?=[\w+/-]*[a-z])(?=[\w+/-]*\d)[\w+/-]{40,}={0,2}"
)
URL = re.compile(r"\b(?:https?|ssh|git|ftp)://(?!" + KEPT_HOSTS + r"(?:[:/]|\b))[^\s\"'<>]+")
SCP_URL = re.compile(r"\b[\w.-]+@[\w.-]+:[\w./~-]+")
MAIL = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b")
ADDRESS = re.compile(
    r"(?<![\d.])(?!127\.|10\.|192\.168\.|192\.0\.2\.|0\.)(?:\d{1,3}\.){3}\d{1,3}(?![\d.])"
)
PROMPT = re.compile(r"(?P<head>(?:/bin/)?\bllm +)(?P<value>(?:-\S+ +\S+ +)*[\"'][^\r\n]*)")
JSON_PROMPT = re.compile(r"(?P<head>\"prompt\"\s*:\s*)(?P<value>\"(?:[^\"\\]|\\.)*\")")
GENERATED = re.compile(r"(?P<head>--- output ---\r?\n)(?P<value>.*?)(?=--- end ---|\Z)", re.DOTALL)
HOME = re.compile(r"(?:/home|/Users)/[\w.-]+")
HOST_PATH = re.compile(r"(?<![\w./<>-])/(?:[\w.+@~-]+/)+[\w.+@~-]+")


@dataclass
class Redactor:
    """Redacts texts and counts what it took out, by kind."""

    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Learns what this host's names and folders are."""
        self._folders = [
            (str(paths.REPOSITORY), "<repository>"),
            (str(Path.home()), "<home>"),
            (tempfile.gettempdir(), "<temporary>"),
        ]
        self._names = [(_user(), "<user>"), (socket.gethostname(), "<host>")]

    def text(self, text: str) -> str:
        """Returns a text of the guest or of both, in which paths may be the guest's."""
        text = self._secrets(text)
        for folder, word in self._folders:
            if len(folder) >= SHORTEST_NAME:
                pattern = re.compile(re.escape(folder) + r"(?![\w.-])")
                text = self._replace(pattern, word, "folder", text)
        text = self._replace(HOME, "<home>", "folder", text)
        for name, word in self._names:
            if len(name) >= SHORTEST_NAME and name not in COMMON_NAMES:
                pattern = re.compile(r"(?<![\w-])" + re.escape(name) + r"(?![\w-])")
                text = self._replace(pattern, word, "name", text)
        return text

    def host_text(self, text: str) -> str:
        """Returns a text of the host, in which every path but those of its system is hidden."""
        return self._replace(HOST_PATH, _path_word, "path", self.text(text))

    def json_text(self, text: str) -> str:
        """Returns JSON with its texts redacted one by one, where no escapes hide what is in them,
        and then as a whole; what is no JSON is redacted as text of the host."""
        try:
            plain = json.loads(text)
        except ValueError:
            return self.host_text(text)
        return self.host_text(json.dumps(self._each(plain), indent=1))

    def _each(self, value: Any) -> Any:
        """Returns a value of JSON with its texts redacted."""
        if isinstance(value, str):
            return self.host_text(value)
        if isinstance(value, list):
            return [self._each(item) for item in value]
        if isinstance(value, dict):
            return {name: self._each(item) for name, item in value.items()}
        return value

    def _secrets(self, text: str) -> str:
        """Returns the text without what gives access, names people or was said to a model."""
        text = self._replace(PRIVATE_KEY, "<private key>", "key", text)
        for pattern, word, kind in (
            (AUTHORIZATION, "<secret>", "secret"),
            (ASSIGNED, "<secret>", "secret"),
            (GENERATED, "<text>\n", "prompt"),
            (JSON_PROMPT, '"<prompt>"', "prompt"),
            (PROMPT, "<prompt>", "prompt"),
        ):
            text = self._replace(pattern, _behind_head(word), kind, text)
        for pattern, word in (
            (KNOWN_TOKEN, "<secret>"),
            (URL, "<url>"),
            (SCP_URL, "<url>"),
            (MAIL, "<e-mail>"),
            (ADDRESS, "<address>"),
            (LONG_RANDOM, "<secret>"),
        ):
            text = self._replace(pattern, word, word.strip("<>"), text)
        return text

    def _replace(
        self,
        pattern: re.Pattern[str],
        word: str | Callable[[re.Match[str]], str],
        kind: str,
        text: str,
    ) -> str:
        text, number = pattern.subn(word if callable(word) else lambda _: word, text)
        self.counts[kind] += number
        return text


def _behind_head(word: str) -> Callable[[re.Match[str]], str]:
    """Returns what keeps a match's head and replaces its value."""
    return lambda match: match["head"] + word


def _path_word(match: re.Match[str]) -> str:
    """Keeps paths of the system, of others the last name."""
    path = match.group()
    return path if path.startswith(KEPT_FOLDERS) else f"<path>/{path.rpartition('/')[2]}"


def _user() -> str:
    """Returns the user's name; some containers have none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
