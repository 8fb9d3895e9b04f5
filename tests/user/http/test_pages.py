"""Listings, as a browser's parser reads them."""

from html.parser import HTMLParser
from urllib.parse import unquote

from tests.user.http.answers import read_answers
from tests.user.http.case import get
from tests.user.http.servers import ProbeServer


class Links(HTMLParser):
    """Gathers the links of a page and their texts."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "a":
            self.found.append((dict(attrs)["href"] or "", ""))

    def handle_data(self, data: str) -> None:
        if self.found and self.found[-1][1] == "":
            self.found[-1] = (self.found[-1][0], data)


def test_listing_shows_names_as_they_are(server: ProbeServer) -> None:
    received, _ = server.converse([get(target="/dir/")])
    (answer,) = read_answers(received, ["GET"])
    links = Links()
    links.feed(answer.body.decode())
    names = [(unquote(target), text) for target, text in links.found]
    assert names == [("../", "../"), ("./a&b/", "a&b/"), ("./<x> y:%.txt", "<x> y:%.txt")]
    assert "x" not in links.tags
    assert b"2026-01-01 00:00" in answer.body
    assert b"Index of /dir/" in answer.body
