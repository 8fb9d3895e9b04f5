"""From a tree back to text that parses to the same tree, here-documents aside: what `type` shows of
a function.
"""

from __future__ import annotations

from bare import Bytes, FormatStr, Writer, struct, write_to
from user.lib.shell.characters import BACKQUOTE, BACKSLASH, DOLLAR, DOUBLE_QUOTE, SINGLE_QUOTE
from user.lib.shell.operators import cuts, operator_text
from user.lib.shell.tree import (
    Assignment,
    CaseBranch,
    Node,
    NodeKind,
    Operator,
    Part,
    PartKind,
    Redirection,
    RedirectionKind,
    Word,
)


@struct
class Printer:
    """Writes commands, one a line. Of a here-document only the text is shown, as a quoted word."""

    writer: Writer
    in_quotes: bool = False
    """Inside an argument of a quoted part, where only double quotes quote."""

    def command(self, node: Node) -> None:
        """Writes one command without a newline."""
        match node.kind:
            case NodeKind.SIMPLE:
                self.simple(node)
            case NodeKind.PIPELINE:
                self.pipeline(node)
            case NodeKind.AND | NodeKind.OR:
                self.and_or(node)
            case NodeKind.LIST:
                self.chain(node.first)
            case NodeKind.SUBSHELL:
                self.put(b"(")
                self.chain(node.first)
                self.put(b")")
            case NodeKind.GROUP:
                self.put(b"{ ")
                self.chain(node.first)
                self.put(b"\n}")
            case NodeKind.IF:
                self.if_command(node)
            case NodeKind.WHILE | NodeKind.UNTIL:
                self.put(b"while " if node.kind == NodeKind.WHILE else b"until ")
                self.chain(node.first)
                self.do_group(node.second)
            case NodeKind.FOR:
                self.for_loop(node)
            case NodeKind.CASE:
                self.case_command(node)
            case NodeKind.FUNCTION:
                self.put(node.name)
                self.put(b"() ")
                self.chain(node.first)
        if node.kind != NodeKind.SIMPLE:
            self.redirections(node.redirections)

    def put(self, text: Bytes) -> None:
        """Writes text as it stands."""
        self.writer.write(text)

    def chain(self, node: Node | None) -> None:
        """Writes commands, each on a line of its own; the last line is not ended."""
        while node is not None:
            self.command(node)
            if node.is_background:
                self.put(b" &")
            node = node.next
            if node is not None:
                self.put(b"\n")

    def pipeline(self, node: Node) -> None:
        """Writes commands joined by `|`."""
        if node.is_negated:
            self.put(b"! ")
        member = node.first
        while member is not None:
            self.command(member)
            member = member.next
            if member is not None:
                self.put(b" | ")

    def and_or(self, node: Node) -> None:
        """Writes two commands joined by `&&` or `||`."""
        first = node.first
        second = node.second
        if first is not None and second is not None:
            self.command(first)
            self.put(b" && " if node.kind == NodeKind.AND else b" || ")
            self.command(second)

    def if_command(self, node: Node) -> None:
        """Writes `if`; an `elif` stays one, since its `fi` is that of the whole."""
        self.put(b"if ")
        self.chain(node.first)
        self.put(b"\nthen ")
        self.chain(node.second)
        rest = node.third
        if rest is not None:
            self.put(b"\nelse ")
            self.chain(rest)
        self.put(b"\nfi")

    def do_group(self, body: Node | None) -> None:
        """Writes the body of a loop."""
        self.put(b"\ndo ")
        self.chain(body)
        self.put(b"\ndone")

    def for_loop(self, node: Node) -> None:
        """Writes `for`."""
        self.put(b"for ")
        self.put(node.name)
        if node.has_words:
            self.put(b" in")
            self.words(node.words)
        self.do_group(node.first)

    def case_command(self, node: Node) -> None:
        """Writes `case`."""
        self.put(b"case")
        self.words(node.words)
        self.put(b" in")
        branch = node.cases
        while branch is not None:
            self.put(b"\n(")
            self.patterns(branch)
            self.put(b")")
            body = branch.body
            if body is not None:
                self.put(b" ")
                self.chain(body)
            self.put(b"\n;;")
            branch = branch.next
        self.put(b"\nesac")

    def patterns(self, branch: CaseBranch) -> None:
        """Writes the patterns of a branch."""
        word = branch.patterns
        while word is not None:
            self.word(word)
            word = word.next
            if word is not None:
                self.put(b" | ")

    def simple(self, node: Node) -> None:
        """Writes a simple command: assignments, words, redirections."""
        assignment = node.assignments
        while assignment is not None:
            self.assignment(assignment)
            assignment = assignment.next
            if assignment is not None or node.words is not None:
                self.put(b" ")
        word = node.words
        while word is not None:
            self.word(word)
            word = word.next
            if word is not None:
                self.put(b" ")
        self.redirections(node.redirections)

    def assignment(self, assignment: Assignment) -> None:
        """Writes `name=value`."""
        self.put(assignment.name)
        self.put(b"=")
        self.word(assignment.value)

    def words(self, word: Word | None) -> None:
        """Writes words, each behind a blank."""
        while word is not None:
            self.put(b" ")
            self.word(word)
            word = word.next

    def redirections(self, redirection: Redirection | None) -> None:
        """Writes redirections, each behind a blank."""
        while redirection is not None:
            self.put(b" ")
            self.format(f"{redirection.descriptor}")
            self.put(redirection_text(redirection.kind))
            self.word(redirection.target)
            redirection = redirection.next

    def word(self, word: Word) -> None:
        """Writes the parts of a word."""
        part = word.parts
        while part is not None:
            self.part(part)
            part = part.next

    def part(self, part: Part) -> None:
        """Writes one part."""
        if part.kind == PartKind.LITERAL:
            if part.is_quoted and self.in_quotes:
                self.double_quoted(part.text)
            elif part.is_quoted:
                self.quoted(part.text)
            else:
                self.put(part.text)
            return
        if part.is_quoted:
            self.put(b'"')
        if part.kind == PartKind.PARAMETER:
            self.parameter(part)
        elif part.kind == PartKind.COMMAND:
            self.put(b"$( ")
            before = self.in_quotes
            self.in_quotes = False
            self.chain(part.command)
            self.in_quotes = before
            self.put(b"\n)")
        else:
            self.put(b"$((")
            before = self.in_quotes
            self.in_quotes = False
            self.argument(part.argument)
            self.in_quotes = before
            self.put(b"))")
        if part.is_quoted:
            self.put(b'"')

    def parameter(self, part: Part) -> None:
        """Writes `${…}`."""
        self.put(b"${")
        if part.operator == Operator.LENGTH:
            self.put(b"#")
        self.put(part.text)
        self.put(operator_text(part.operator))
        before = self.in_quotes
        self.in_quotes = part.is_quoted and not cuts(part.operator)
        self.argument(part.argument)
        self.in_quotes = before
        self.put(b"}")

    def argument(self, word: Word | None) -> None:
        """Writes the word inside braces or an arithmetic expansion."""
        if word is not None:
            self.word(word)

    def quoted(self, text: Bytes) -> None:
        """Writes a literal in single quotes; those in it stand outside, behind backslashes."""
        self.put(b"'")
        for index in range(len(text)):
            if text[index] == SINGLE_QUOTE:
                self.put(b"'\\''")
            else:
                self.put(text[index : index + 1])
        self.put(b"'")

    def double_quoted(self, text: Bytes) -> None:
        """Writes a literal in double quotes."""
        self.put(b'"')
        for index in range(len(text)):
            if text[index] in (DOLLAR, BACKQUOTE, DOUBLE_QUOTE, BACKSLASH):
                self.put(b"\\")
            self.put(text[index : index + 1])
        self.put(b'"')

    def format(self, message: FormatStr) -> None:
        """Writes formatted text."""
        write_to(self.writer, message)


def redirection_text(kind: RedirectionKind) -> Bytes:
    """Returns the operator of a redirection."""
    match kind:
        case RedirectionKind.READ:
            return b"<"
        case RedirectionKind.WRITE:
            return b">"
        case RedirectionKind.APPEND:
            return b">>"
        case RedirectionKind.READ_WRITE:
            return b"<>"
        case RedirectionKind.DUPLICATE_INPUT:
            return b"<&"
        case RedirectionKind.DUPLICATE_OUTPUT:
            return b">&"
        case RedirectionKind.HERE_TEXT:
            return b"<<"
