"""One HTTP request to a port of the host, and its answer."""

from __future__ import annotations

import http.client
from dataclasses import dataclass

from swiftos.console import time_scale
from swiftos.network import LOOPBACK


@dataclass(frozen=True)
class Answer:
    """Status, headers in lower case, body."""

    status: int
    headers: dict[str, str]
    body: bytes


def get(port: int, path: str, budget_s: float, headers: dict[str, str] | None = None) -> Answer:
    """Gets a page over a connection of its own."""
    return _request(port, "GET", path, None, budget_s, headers or {})


def post(port: int, path: str, body: bytes, budget_s: float) -> Answer:
    """Posts a body over a connection of its own."""
    return _request(port, "POST", path, body, budget_s, {})


def _request(
    port: int, method: str, path: str, body: bytes | None, budget_s: float, headers: dict[str, str]
) -> Answer:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=budget_s * time_scale())
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        named = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, named, response.read())
    finally:
        connection.close()
