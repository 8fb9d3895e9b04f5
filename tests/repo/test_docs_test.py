"""What `./swos docs-test` refuses: each check with a page that breaks it and one that does not."""

from pathlib import Path

import pytest

from swiftos import paths
from swiftos.documents import (
    check,
    citing,
    claims,
    commands,
    figures,
    links,
    quantity,
    whitespace,
)
from swiftos.documents.markdown import Document, Finding
from swiftos.errors import UsageError
from swiftos.evidence.record import bytes_id, encode
from tests.support.boot_record import boot_record

PROMPT_US = 24_600.0


class Pages:
    """A folder like the repository: `docs` for pages, `records` for what they cite."""

    def __init__(self, folder: Path) -> None:
        self.docs = folder / "docs"
        self.records = folder / "records"
        self.docs.mkdir()
        self.records.mkdir()

    def page(self, text: str, name: str = "page.md") -> Document:
        path = self.docs / name
        path.write_text(text)
        return Document(path)

    def publish(self, value: float = PROMPT_US, created_s: int = 1000, memory: str = "256M") -> str:
        """Writes a record and returns how a page links to it."""
        data = encode(boot_record(value, created_s, memory))
        (self.records / f"{bytes_id(data)}.json").write_bytes(data)
        return f"../records/{bytes_id(data)}.json"

    def figures(self, text: str) -> list[str]:
        return messages(figures.check(self.page(text), self.records))


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    return Pages(tmp_path)


def messages(found: object) -> list[str]:
    assert hasattr(found, "__iter__")
    listed = list(found)
    assert all(isinstance(finding, Finding) and finding.cure for finding in listed)
    return [finding.message for finding in listed]


def test_the_documents_of_the_tree_are_as_they_must_be() -> None:
    assert "\n".join(map(str, check.check_all(check.documents()))) == ""


@pytest.mark.parametrize(
    "figure", ["24.6 ms", "7 MiB", "1,892,352 bytes", "114 tok/s", "800 req/s", "3 %", "2.5 s"]
)
def test_bare_figure_is_refused(pages: Pages, figure: str) -> None:
    text = f"# Page\n\nIt takes {figure} in all."
    (finding,) = figures.check(pages.page(text), pages.records)
    assert (finding.line, finding.message) == (3, f"`{figure}` has no evidence")
    assert "bench/records" in finding.cure


@pytest.mark.parametrize(
    "text",
    [
        "It takes `24.6 ms` there.",
        "Stacks have 16 KiB<!-- constant --> each.",
        "It ends within 25 s <!-- bound -->.",
        "Field of 16 bytes, port 8080, RFC 9112, version 7.2.",
        "```text\n24.6 ms\n```",
    ],
)
def test_code_and_marked_figures_pass(pages: Pages, text: str) -> None:
    assert pages.figures(f"# Page\n\n{text}") == []


def test_constants_hold_to_the_next_heading_or_for_the_page(pages: Pages) -> None:
    section = f"# Page\n\n## Limits\n\n{figures.CONSTANTS}\n\n8 KiB\n\n## Speed\n\n9 ms\n"
    assert pages.figures(section) == ["`9 ms` has no evidence"]
    assert pages.figures(f"{figures.CONSTANTS}\n\n{section}") == []


def cited(link: str, figure: str = "24.6 ms", title: str = "boot.entry-to-prompt") -> str:
    return f'# Page\n\nEmulated, it takes [{figure}][a].\n\n[a]: {link} "{title}"\n'


@pytest.mark.parametrize("figure", ["24.6 ms", "25 ms", "24,600 us", "0.0246 s", "24600"])
def test_cited_figure_passes_in_any_unit_and_rounding(pages: Pages, figure: str) -> None:
    assert pages.figures(cited(pages.publish(), figure)) == []


@pytest.mark.parametrize("figure", ["24.5 ms", "24 ms", "24.6 us", "24.6 KiB", "soon"])
def test_cited_figure_that_differs_from_the_record_is_refused(pages: Pages, figure: str) -> None:
    (message,) = pages.figures(cited(pages.publish(), figure))
    assert message == f"`{figure}` is not what the record says of boot.entry-to-prompt"


def test_record_that_is_not_there_is_refused(pages: Pages) -> None:
    link = f"../records/{'0' * 64}.json"
    assert pages.figures(cited(link)) == [f"there is no record {'0' * 16} in bench/records"]


def test_record_that_was_changed_is_refused(pages: Pages) -> None:
    link = pages.publish()
    path = (pages.docs / link).resolve()
    path.write_bytes(path.read_bytes().replace(b"24600", b"14600"))
    (message,) = pages.figures(cited(link))
    assert "was changed after it was stored" in message


def test_metric_that_the_record_does_not_have_is_refused(pages: Pages) -> None:
    (message,) = pages.figures(cited(pages.publish(), title="boot.wall"))
    assert message == "the record has no metric 'boot.wall'"


def test_record_is_stale_when_a_newer_one_of_its_profile_is_published(pages: Pages) -> None:
    old = pages.publish(created_s=1000)
    pages.publish(value=30_000.0, created_s=2000, memory="512M")
    assert pages.figures(cited(old)) == []
    pages.publish(value=23_000.0, created_s=2000)
    (message,) = pages.figures(cited(old))
    assert message.endswith("is stale for boot.entry-to-prompt")


def test_newer_record_that_says_the_same_makes_nothing_stale(pages: Pages) -> None:
    old = pages.publish(created_s=1000)
    pages.publish(value=PROMPT_US + 10, created_s=2000)
    assert pages.figures(cited(old)) == []


def test_citation_is_of_the_newest_record_and_passes(pages: Pages) -> None:
    pages.publish(created_s=1000)
    newest = pages.publish(value=23_000.0, created_s=2000)
    link, definition = citing.citation("boot.entry-to-prompt", pages.records)
    assert link == "[23 ms][boot.entry-to-prompt]"
    assert Path(newest).name in definition
    text = f"Emulated: {link}\n\n{definition}\n".replace("../bench/records", "../records")
    assert pages.figures(text) == []
    with pytest.raises(UsageError, match="no published record"):
        citing.citation("boot.wall", pages.records)


def test_figure_of_the_emulator_says_so(pages: Pages) -> None:
    text = cited(pages.publish()).replace("Emulated, it", "It")
    assert pages.figures(text) == ["`24.6 ms` was measured in an emulator"]


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("Production throughput is good.", "Production throughput"),
        ("It has\nproduction LLM serving\ncapacity.", "production LLM serving capacity"),
        ("Our real NIC throughput.", "real NIC throughput"),
        ("It meets service-level objectives.", "service-level objectives"),
        ("A completed scheduler load-balancing policy.", "completed scheduler load-balancing"),
        ("TLS performance improved.", "TLS performance"),
        ("It is blazing fast.", "blazing fast"),
        ("It is faster than Linux.", "faster than Linux"),
    ],
)
def test_claim_is_refused(pages: Pages, text: str, claim: str) -> None:
    found = list(claims.check(pages.page(f"# Page\n\n{text}\n")))
    assert [finding.message for finding in found] == [f"`{claim}` may not be claimed"]
    assert found[0].line == 2 + len(text.splitlines()) and found[0].cure


def test_claim_may_be_named_where_it_is_refused(pages: Pages) -> None:
    text = f"# Page\n\n## Not proved\n\n{claims.REFUSED_SECTION}\n\nproduction throughput\n"
    assert messages(claims.check(pages.page(text))) == []
    again = text + "\n## Next\n\nproduction throughput\n"
    assert len(messages(claims.check(pages.page(again)))) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[a](none.md)", "there is no none.md"),
        ("[a](#none)", "#none: no such heading"),
        ("[a][b]", "no definition of [b]"),
        ("[b]: page.md", "[b] is not used"),
        ("[a](http://example.org)", "http://example.org is not encrypted"),
    ],
)
def test_wrong_link_is_refused(pages: Pages, text: str, message: str) -> None:
    assert messages(links.check(pages.page(f"# Page\n\n{text}\n"))) == [message]


def test_right_links_pass(pages: Pages) -> None:
    text = "# A page: `x`\n\n[a](#a-page-x) [b](page.md#a-page-x) [c](https://example.org)\n"
    assert messages(links.check(pages.page(text))) == []


def test_page_that_nothing_leads_to_is_refused(tmp_path: Path) -> None:
    start, found = Document(links.START), Document(paths.REPOSITORY / "STYLE.md")
    (tmp_path / "lost.md").write_text("# Lost\n")
    lost = Document(tmp_path / "lost.md")
    unreached = [finding.path for finding in links.unreachable([start, found, lost])]
    assert unreached == [lost.path]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("```\nls\n```", "the block does not say what it is"),
        ("```sh\nls\n```", "the block does not say whether it is run"),
        ("```sh run\nls", "the fence is not closed"),
        ("    ls", "code is indented"),
        ("```sh run\n./swos bild\n```", "./swos has no subcommand bild"),
        ("```sh run\n./swos run --fast\n```", "./swos run has no option --fast"),
        ("```sh run\nMEM=1 make bild\n```", "make has no target bild"),
        ("```sh run\n./tests/none_test.sh\n```", "there is no ./tests/none_test.sh"),
        ("```console\nswiftos:/# emacs\n```", "the guest has no command emacs"),
        ("Type `./swos bild`.", "./swos has no subcommand bild"),
    ],
)
def test_wrong_command_is_refused(pages: Pages, text: str, message: str) -> None:
    assert messages(commands.check(pages.page(f"# Page\n\n{text}\n"))) == [message]


@pytest.mark.parametrize(
    "line",
    [
        "./swos run -p 8080:8080 --memory=64M",
        "SMP_CPUS=4 ./tests/smp_boot_test.sh",
        "make build base-image build/virt.dtb SMP_CPUS=1",
        "./swos test -- --nonsense-of-pytest",
        "./swos record list | head -1; ls",
    ],
)
def test_right_command_passes(line: str) -> None:
    assert commands.problem_of(line) is None


def test_block_is_run_once_and_its_failure_is_shown(pages: Pages) -> None:
    page = pages.page("```sh run\necho it broke >&2\nexit 3\n```\n")
    done: set[str] = set()
    (message,) = messages(commands.run(page, done))
    assert message == "the block ended with 3: it broke"
    assert messages(commands.run(page, done)) == []
    skipped = pages.page("```sh needs-guest\nexit 3\n```\n")
    assert messages(commands.run(skipped, set())) == []


@pytest.mark.slow
def test_white_space_at_a_line_end_is_refused(tmp_path: Path) -> None:
    assert messages(whitespace.check(tmp_path)) == []
    whitespace._git(tmp_path, "init", "-q")
    (tmp_path / "page.md").write_text("# Page \n")
    whitespace._git(tmp_path, "add", "page.md")
    (message,) = messages(whitespace.check(tmp_path))
    assert message.startswith("trailing whitespace")


@pytest.mark.parametrize(
    ("text", "value", "unit", "is_equal"),
    [
        ("1,748 KiB", 1748, "KiB", True),
        ("1.7 MiB", 1748, "KiB", True),
        ("1.8 MiB", 1748, "KiB", False),
        ("6,617 translated blocks", 6617, "blocks", True),
        ("114 tokens a second", 113.6, "tok/s", True),
        ("114 s", 114, "tok/s", False),
    ],
)
def test_quantity_is_compared_across_units(
    text: str, value: float, unit: str, is_equal: bool
) -> None:
    written = quantity.read(text)
    assert written is not None
    assert written.is_rounded_from(value, unit) is is_equal
