"""Links lead somewhere: files exist, anchors are headings, labels are defined and used, and every
document can be reached from the README."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from swiftos import paths
from swiftos.documents.markdown import Document, Finding, Link

START = paths.REPOSITORY / "README.md"


def check(document: Document) -> Iterator[Finding]:
    """Yields what is wrong with a document's links."""
    used = set()
    for line in document.lines:
        for link in document.links(line):
            used.add(link.label)
            if link.label and link.label not in document.definitions:
                cure = f"add a line `[{link.label}]: TARGET` or write code between backticks"
                yield document.finding(link.line, f"no definition of [{link.label}]", cure)
            else:
                yield from _check_target(document, link)
    for label, definition in document.definitions.items():
        yield from _check_target(document, definition)
        if label not in used:
            yield document.finding(definition.line, f"[{label}] is not used", "remove the line")


def unreachable(documents: Sequence[Document]) -> Iterator[Finding]:
    """Yields the documents that no chain of links from the README leads to."""
    by_path = {document.path.resolve(): document for document in documents}
    reached: set[Path] = set()
    waiting = [START.resolve()]
    while waiting:
        path = waiting.pop()
        if path in reached or path not in by_path:
            continue
        reached.add(path)
        waiting += _targets(by_path[path])
    for path, document in sorted(by_path.items()):
        if path not in reached:
            cure = "link to it from docs/index.md or from a document beside it"
            yield document.finding(1, "no link from the README leads here", cure)


def _targets(document: Document) -> list[Path]:
    """Returns the files that a document links to."""
    links = [link for line in document.lines for link in document.links(line)]
    targets = [link.target.partition("#")[0] for link in links if not _is_external(link.target)]
    return [(document.path.parent / target).resolve() for target in targets if target]


def _check_target(document: Document, link: Link) -> Iterator[Finding]:
    """Yields what is wrong with where one link leads."""
    if _is_external(link.target):
        if link.target.startswith("http:"):
            yield document.finding(link.line, f"{link.target} is not encrypted", "write https:")
        return
    name, _, anchor = link.target.partition("#")
    path = (document.path.parent / name).resolve() if name else document.path
    if not path.exists():
        yield document.finding(link.line, f"there is no {link.target}", "correct the link")
    elif anchor and path.suffix == ".md":
        known = document.anchors() if path == document.path else Document(path).anchors()
        if anchor not in known:
            cure = f"its headings give: {', '.join(sorted(known))}"
            yield document.finding(link.line, f"{link.target}: no such heading", cure)


def _is_external(target: str) -> bool:
    return "://" in target or target.startswith("mailto:")
