"""Which locals a turn of a loop may read before it has set them: what is carried between turns."""

from __future__ import annotations

from typing import Any

from compiler.ir import nodes as n
from compiler.lower.walk import walk

ENDS = (n.Return, n.Raise, n.Break, n.Continue, n.Trap)


def carried_locals(blocks: list[list[n.Stmt]]) -> set[str]:
    """The locals read in `blocks`, which run one after the other, before they are set there."""
    found: set[str] = set()
    known: set[str] = set()
    for block in blocks:
        _block(block, known, found)
    return found


def _block(body: list[n.Stmt], known: set[str], found: set[str]) -> bool:
    """Walks a block; `known` grows by what it sets. Whether its end can be reached."""
    return all(_statement(statement, known, found) for statement in body)


def _statement(node: n.Stmt, known: set[str], found: set[str]) -> bool:
    if isinstance(node, n.If):
        _reads(node.condition, known, found)
        return _branches([node.then, node.otherwise], known, found)
    if isinstance(node, n.Switch):
        _reads(node.subject, known, found)
        arms = [case.body for case in node.cases]
        return _branches(
            [*arms, *([node.default] if node.default is not None else [])], known, found
        )
    if isinstance(node, n.Loop):
        _reads(node.condition, known, found)
        _block([*node.body, *node.step], set(known), found)
        _block(node.otherwise, set(known), found)
        return True
    if isinstance(node, n.ForRange):
        _reads(node.start, known, found)
        _reads(node.stop, known, found)
        _block(node.body, known | {node.name}, found)
        _block(node.otherwise, set(known), found)
        return True
    if isinstance(node, n.Try):
        return _try(node, known, found)
    for child in _expressions(node):
        _reads(child, known, found)
    if isinstance(node, n.Assign):
        known.add(node.name)
    return not isinstance(node, ENDS)


def _branches(blocks: list[list[n.Stmt]], known: set[str], found: set[str]) -> bool:
    """Alternatives: what all that reach their end have set is set behind them."""
    reaching: list[set[str]] = []
    for block in blocks:
        own = set(known)
        if _block(block, own, found):
            reaching.append(own)
    if reaching:
        known |= set.intersection(*reaching)
    return bool(reaching)


def _try(node: n.Try, known: set[str], found: set[str]) -> bool:
    inside = set(known)
    goes_on = _block(node.body, inside, found) and _block(node.otherwise, inside, found)
    ways = [inside] if goes_on else []
    if node.handler is not None:
        handled = set(known)
        if _block(node.handler, handled, found):
            ways.append(handled)
    ends = _block(node.final, set(known), found)
    if ways:
        known |= set.intersection(*ways)
    return bool(ways) and ends


def _expressions(node: Any) -> list[n.Expr]:
    return [
        item for item in (getattr(node, name, None) for name in _PARTS) if isinstance(item, n.Expr)
    ]


_PARTS = ("object", "index", "value", "code", "message")


def _reads(node: n.Expr, known: set[str], found: set[str]) -> None:
    for part in walk([node]):
        if isinstance(part, n.Local) and part.name not in known:
            found.add(part.name)
