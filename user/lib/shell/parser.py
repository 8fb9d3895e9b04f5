"""The grammar of the shell. POSIX.1-2017, XCU 2.10.2.

`Parser` turns text into trees, one complete command (a line, or as many as it takes) at a time.
Errors as in `lexer.py`: EINVAL with `message`, ENODATA where the text ends inside a command.
"""

from __future__ import annotations

from abi.errno import ENODATA
from bare import Bytes, allocate, raises, struct, usize
from user.lib.shell.characters import EQUALS, is_name
from user.lib.shell.lexer import WordMode
from user.lib.shell.literal import plain_text
from user.lib.shell.redirections import RedirectionParser
from user.lib.shell.token import TokenKind, is_redirection
from user.lib.shell.tree import (
    Assignment,
    CaseBranch,
    Node,
    NodeKind,
    Part,
    PartKind,
    Redirection,
    Word,
)
from user.lib.strings import find_byte


@struct
class Parser(RedirectionParser):
    """Set `allocator` and `text`, then `begin`."""

    @raises()
    def begin(self) -> None:
        """Takes the first token."""
        self.position = 0
        self.advance()

    def reset(self) -> None:
        """Forgets where an earlier attempt stopped; `begin` starts anew."""
        self.position = 0
        self.depth = 0
        self.pending = None
        self.last_pending = None
        self.message = b""
        self.is_unexpected = False

    @raises()
    def next_command(self) -> Node | None:
        """Returns the next complete command; none at the end of the text.

        The newline behind it stays the token at hand, so nothing of the next command is read: what
        this call allocated may be freed when the command has run.
        """
        self.skip_newlines()
        if self.at(TokenKind.END):
            return None
        node = self.list_until_newline()
        if not self.at(TokenKind.NEWLINE) and not self.at(TokenKind.END):
            self.unexpected()
        if self.pending is not None:
            raise OSError(ENODATA)
        return node

    @raises()
    def list_until_newline(self) -> Node:
        """Reads the commands of a line."""
        first = self.and_or()
        last = first
        count: usize = 1
        while self.take_separator(last):
            if self.kind in (TokenKind.NEWLINE, TokenKind.END):
                break
            item = self.and_or()
            last.next = item
            last = item
            count += 1
        return self.as_list(first, count)

    @raises()
    def compound_list(self) -> Node:
        """Reads commands up to a reserved word or parenthesis that ends them; at least one."""
        self.skip_newlines()
        first = self.and_or()
        last = first
        count: usize = 1
        while self.take_separator(last) or self.at(TokenKind.NEWLINE):
            self.skip_newlines()
            if self.ends_list():
                break
            item = self.and_or()
            last.next = item
            last = item
            count += 1
        return self.as_list(first, count)

    @raises()
    def take_separator(self, item: Node) -> bool:
        """Takes `;` or `&` behind a command; whether there was one."""
        if self.at(TokenKind.AMPERSAND):
            item.is_background = True
        elif not self.at(TokenKind.SEMICOLON):
            return False
        self.advance()
        return True

    @raises()
    def as_list(self, first: Node, count: usize) -> Node:
        """Makes a list of a chain, unless it is one command in the foreground."""
        if count == 1 and not first.is_background:
            return first
        node = self.node(NodeKind.LIST)
        node.first = first
        return node

    def ends_list(self) -> bool:
        """Whether the token at hand cannot begin a command of a list."""
        if self.kind in (TokenKind.END, TokenKind.CLOSE, TokenKind.DOUBLE_SEMICOLON):
            return True
        return is_closing_word(self.word_text())

    @raises()
    def and_or(self) -> Node:
        """Reads pipelines joined by `&&` and `||`."""
        left = self.pipeline()
        while self.kind in (TokenKind.AND, TokenKind.OR):
            node = self.node(NodeKind.AND if self.at(TokenKind.AND) else NodeKind.OR)
            self.advance()
            self.skip_newlines()
            node.first = left
            node.second = self.pipeline()
            left = node
        return left

    @raises()
    def pipeline(self) -> Node:
        """Reads commands joined by `|`, perhaps negated."""
        start = self.start_of_token()
        is_negated = False
        while self.word_text() == b"!":
            is_negated = not is_negated
            self.advance()
        first = self.command()
        last = first
        while self.at(TokenKind.PIPE):
            self.advance()
            self.skip_newlines()
            following = self.command()
            last.next = following
            last = following
        if last is first and not is_negated:
            return first
        node = self.node(NodeKind.PIPELINE)
        node.first = first
        node.is_negated = is_negated
        node.text = self.copy(self.text[start : self.previous_end])
        return node

    @raises()
    def command(self) -> Node:
        """Reads one command with its redirections."""
        self.enter()
        start = self.start_of_token()
        node = self.compound()
        if node is None:
            node = self.simple()
        elif node.kind != NodeKind.FUNCTION:
            node.redirections = self.redirections()
        node.text = self.copy(self.text[start : self.previous_end])
        self.leave()
        return node

    @raises()
    def compound(self) -> Node | None:
        """Reads a compound command; none where a simple one begins."""
        if self.at(TokenKind.OPEN):
            self.advance()
            node = self.node(NodeKind.SUBSHELL)
            node.first = self.compound_list()
            self.expect(TokenKind.CLOSE)
            return node
        word = self.word_text()
        if word == b"{":
            self.advance()
            node = self.node(NodeKind.GROUP)
            node.first = self.compound_list()
            self.expect_word(b"}")
            return node
        if word == b"if":
            return self.if_command()
        if word == b"while" or word == b"until":
            return self.loop(NodeKind.WHILE if word == b"while" else NodeKind.UNTIL)
        if word == b"for":
            return self.for_loop()
        if word == b"case":
            return self.case_command()
        if is_closing_word(word):
            self.unexpected()
        return None

    @raises()
    def if_command(self) -> Node:
        """Reads `if`, or `elif` as one: then its `fi` is that of the whole."""
        self.advance()
        node = self.node(NodeKind.IF)
        node.first = self.compound_list()
        self.expect_word(b"then")
        node.second = self.compound_list()
        if self.word_text() == b"elif":
            self.enter()
            node.third = self.if_command()
            self.leave()
            return node
        if self.word_text() == b"else":
            self.advance()
            node.third = self.compound_list()
        self.expect_word(b"fi")
        return node

    @raises()
    def loop(self, kind: NodeKind) -> Node:
        """Reads `while` or `until`."""
        self.advance()
        node = self.node(kind)
        node.first = self.compound_list()
        node.second = self.do_group()
        return node

    @raises()
    def do_group(self) -> Node:
        """Reads `do … done`."""
        self.expect_word(b"do")
        body = self.compound_list()
        self.expect_word(b"done")
        return body

    @raises()
    def for_loop(self) -> Node:
        """Reads `for name [in words]`."""
        self.advance()
        node = self.node(NodeKind.FOR)
        node.name = self.word_text()
        if not is_name(node.name):
            self.fail(b"bad name in a for loop")
        self.advance()
        self.skip_newlines()
        if self.word_text() == b"in":
            self.advance()
            node.has_words = True
            node.words = self.words()
            if self.kind not in (TokenKind.SEMICOLON, TokenKind.NEWLINE):
                self.unexpected()
            self.advance()
        elif self.at(TokenKind.SEMICOLON):
            self.advance()
        self.skip_newlines()
        node.first = self.do_group()
        return node

    @raises()
    def words(self) -> Word | None:
        """Reads words up to another token."""
        first: Word | None = None
        last: Word | None = None
        while self.at(TokenKind.WORD):
            word = self.taken_word()
            if last is None:
                first = word
            else:
                last.next = word
            last = word
        return first

    @raises()
    def case_command(self) -> Node:
        """Reads `case word in … esac`."""
        self.advance()
        node = self.node(NodeKind.CASE)
        if not self.at(TokenKind.WORD):
            self.unexpected()
        node.words = self.taken_word()
        self.skip_newlines()
        self.expect_word(b"in")
        self.skip_newlines()
        last: CaseBranch | None = None
        while self.word_text() != b"esac":
            branch = self.case_branch()
            if last is None:
                node.cases = branch
            else:
                last.next = branch
            last = branch
        self.advance()
        return node

    @raises()
    def case_branch(self) -> CaseBranch:
        """Reads `pattern | pattern) commands ;;`."""
        branch = allocate(self.allocator, CaseBranch)
        if self.at(TokenKind.OPEN):
            self.advance()
        branch.patterns = self.patterns()
        self.expect(TokenKind.CLOSE)
        self.skip_newlines()
        if not self.at(TokenKind.DOUBLE_SEMICOLON) and self.word_text() != b"esac":
            branch.body = self.compound_list()
        if self.at(TokenKind.DOUBLE_SEMICOLON):
            self.advance()
            self.skip_newlines()
        elif self.word_text() != b"esac":
            self.unexpected()
        return branch

    @raises()
    def patterns(self) -> Word:
        """Reads words separated by `|`."""
        if not self.at(TokenKind.WORD):
            self.unexpected()
        first = self.taken_word()
        last = first
        while self.at(TokenKind.PIPE):
            self.advance()
            if not self.at(TokenKind.WORD):
                self.unexpected()
            word = self.taken_word()
            last.next = word
            last = word
        return first

    @raises()
    def simple(self) -> Node:
        """Reads a simple command, or the definition of a function."""
        node = self.node(NodeKind.SIMPLE)
        last_word: Word | None = None
        last_assignment: Assignment | None = None
        last_redirection: Redirection | None = None
        while True:
            if self.at(TokenKind.IO_NUMBER) or is_redirection(self.kind):
                redirection = self.redirection()
                if last_redirection is None:
                    node.redirections = redirection
                else:
                    last_redirection.next = redirection
                last_redirection = redirection
                continue
            if not self.at(TokenKind.WORD):
                break
            word = self.taken_word()
            assignment = self.assignment(word) if last_word is None else None
            if assignment is not None:
                if last_assignment is None:
                    node.assignments = assignment
                else:
                    last_assignment.next = assignment
                last_assignment = assignment
                continue
            if last_word is None:
                node.words = word
                if self.at(TokenKind.OPEN) and node.redirections is None:
                    return self.function(plain_text(word))
            else:
                last_word.next = word
            last_word = word
        if last_word is None and last_assignment is None and last_redirection is None:
            self.unexpected()
        return node

    @raises()
    def assignment(self, word: Word) -> Assignment | None:
        """Returns the assignment that a word is, none where it is not one."""
        part = word.parts
        if part is None or part.kind != PartKind.LITERAL or part.is_quoted:
            return None
        end = find_byte(part.text, EQUALS, 0)
        if end == len(part.text) or not is_name(part.text[:end]):
            return None
        made = allocate(self.allocator, Assignment)
        made.name = part.text[:end]
        value = allocate(self.allocator, Word)
        value.parts = part.next
        if end + 1 < len(part.text):
            rest = allocate(self.allocator, Part)
            rest.kind = PartKind.LITERAL
            rest.text = part.text[end + 1 :]
            rest.next = part.next
            value.parts = rest
        made.value = value
        return made

    @raises()
    def function(self, name: Bytes) -> Node:
        """Reads the rest of `name() compound-command`."""
        if not is_name(name):
            self.fail(b"bad name of a function")
        self.advance()
        self.expect(TokenKind.CLOSE)
        self.skip_newlines()
        body = self.compound()
        if body is None:
            self.unexpected()
        else:
            body.redirections = self.redirections()
        node = self.node(NodeKind.FUNCTION)
        node.name = name
        node.first = body
        return node

    @raises()
    def read_here_text(self, text: Bytes) -> Word:
        return self.copy_for(text).read_word(WordMode.TEXT)

    @raises()
    def read_substitution(self) -> Node | None:
        start = self.start
        self.advance()
        self.skip_newlines()
        node: Node | None = None
        if not self.at(TokenKind.CLOSE):
            node = self.compound_list()
        if self.at(TokenKind.END):
            raise OSError(ENODATA)
        if not self.at(TokenKind.CLOSE):
            self.unexpected()
        self.start = start
        return node

    @raises()
    def parse_copy(self, text: Bytes) -> Node | None:
        inner = self.copy_for(text)
        try:
            inner.begin()
            inner.skip_newlines()
            if inner.at(TokenKind.END):
                return None
            node = inner.compound_list()
            if not inner.at(TokenKind.END) or inner.pending is not None:
                inner.unexpected()
            return node
        except OSError:
            self.message = inner.message
            self.is_unexpected = inner.is_unexpected
            if len(self.message) == 0:
                self.fail(b"unfinished command in backquotes")
            raise

    @raises()
    def copy_for(self, text: Bytes) -> Parser:
        """Returns a parser of another text at the same depth."""
        inner = allocate(self.allocator, Parser)
        inner.allocator = self.allocator
        inner.text = text
        inner.depth = self.depth
        return inner

    @raises()
    def node(self, kind: NodeKind) -> Node:
        """Makes a node."""
        node = allocate(self.allocator, Node)
        node.kind = kind
        return node

    def start_of_token(self) -> usize:
        """Returns where the token at hand begins in the text."""
        return self.start


def is_closing_word(word: Bytes) -> bool:
    """Whether a reserved word ends a list of commands."""
    for closing in CLOSING_WORDS:
        if word == closing:
            return True
    return False


CLOSING_WORDS: tuple[bytes, ...] = (
    b"then",
    b"else",
    b"elif",
    b"fi",
    b"do",
    b"done",
    b"esac",
    b"}",
)
