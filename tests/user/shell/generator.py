"""Random scripts from a seed: every construct of the grammar, nested a few levels deep."""

from __future__ import annotations

from random import Random

PLAIN = ("a", "b1", "-n", "x=y", "if", "done", "/bin/ls", "~", "*.c", "[a-z]?")
QUOTED = ('"two words"', '"$x"', "\\;", '"\\$"', '""', "$", '"$@"', "a'b'\"c\"", "'it'\\''s'")
PARAMETERS = ("$x", "${name}", "$1", "$@", "$*", "$#", "$?", "${#x}", "${10}")
ARITHMETIC = ("$((1 + 2))", "$(( (x) * $y ))", '"$((1))"')
OPERATORS = (":-", "-", "+", ":=", "%", "%%", "#", "##", ":?")
REDIRECTIONS = ("<", ">", ">>", "<>", ">&", "<&", ">|")
TARGETS = ("file", "1", "-", "$x")
SIMPLE = ("cmd", "a b", "x=1", "> f", "ls -l")


class Generator:
    """Makes scripts."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def word(self, depth: int) -> str:
        """Returns a word."""
        kind = self._random.randrange(8 if depth else 5)
        pick = self._random.choice
        if kind == 0:
            return pick(PLAIN)
        if kind == 1:
            return pick(QUOTED)
        if kind == 2:
            return pick(PARAMETERS) if self._random.random() < 0.7 else pick(ARITHMETIC)
        if kind == 3:
            return pick(PLAIN) + pick(QUOTED)
        if kind == 4:
            return pick(PARAMETERS) + pick(QUOTED)
        if kind == 5:
            return f"${{x{pick(OPERATORS)}{self.word(depth - 1)}}}"
        if kind == 6:
            argument = pick(("a", "$y", '"q r"', "b c", "${z}"))
            return f'"${{x{pick(OPERATORS)}{argument}}}"'
        quote = pick(("", '"'))
        return f"{quote}$({self.command(depth - 1)}\n){quote}"

    def words(self, depth: int) -> str:
        """Returns up to three words."""
        return " ".join(self.word(depth) for _ in range(self._random.randrange(4)))

    def redirection(self) -> str:
        """Returns a redirection, or nothing."""
        pick = self._random.choice
        if self._random.random() < 0.6:
            return ""
        return f" {pick(('', '2', '13'))}{pick(REDIRECTIONS)} {pick(TARGETS)}"

    def block(self, depth: int) -> str:
        """Returns one or two commands."""
        if self._random.random() < 0.6:
            return self.command(depth)
        return f"{self.command(depth)}\n{self.command(depth)}"

    def command(self, depth: int) -> str:
        """Returns a command."""
        if depth <= 0:
            return self._random.choice(SIMPLE)
        makers = (self.simple, self.simple, self.compound, self.loop, self.joined)
        return self._random.choice(makers)(depth - 1)

    def simple(self, depth: int) -> str:
        """Returns a simple command."""
        assignments = "".join(f"v={self.word(depth)} " for _ in range(self._random.randrange(3)))
        return f"{assignments}cmd {self.words(depth)}{self.redirection()}"

    def compound(self, depth: int) -> str:
        """Returns a group, a condition or a function."""
        kind = self._random.randrange(6)
        block = self.block
        if kind == 0:
            return f"( {block(depth)}\n){self.redirection()}"
        if kind == 1:
            return f"{{ {block(depth)}\n}}{self.redirection()}"
        if kind == 2:
            return f"if {block(depth)}\nthen {block(depth)}\nfi"
        if kind == 3:
            return f"if {block(depth)}\nthen {block(depth)}\nelse {block(depth)}\nfi"
        if kind == 4:
            body = f"then {block(depth)}\nelif {block(depth)}\nthen {block(depth)}"
            return f"if {block(depth)}\n{body}\nfi"
        return f"f() {{ {block(depth)}\n}}"

    def loop(self, depth: int) -> str:
        """Returns a loop or a choice."""
        kind = self._random.randrange(5)
        block = self.block
        if kind == 0:
            return f"while {block(depth)}\ndo {block(depth)}\ndone{self.redirection()}"
        if kind == 1:
            return f"until {self.command(depth)}\ndo {block(depth)}\ndone"
        if kind == 2:
            return f"for i in {self.words(depth)}; do {block(depth)}\ndone"
        if kind == 3:
            return f"for i do {block(depth)}\ndone"
        patterns = f"{self.word(0)} | {self.word(0)}) {block(depth)}\n;; (*|x) ;;"
        return f"case {self.word(depth)} in {patterns} esac"

    def joined(self, depth: int) -> str:
        """Returns commands that depend on each other."""
        kind = self._random.randrange(5)
        one, two = self.command(depth), self.command(depth)
        if kind == 0:
            return f"{{ {one}\n}} | {{ {two}\n}}"
        if kind == 1:
            return f"! {{ {one}\n}}"
        if kind == 2:
            return f"{{ {one}\n}} && {{ {two}\n}}"
        if kind == 3:
            return f"( {one}\n) || {{ {two}\n}}"
        return f"{{ {one}\n}} & {{ {two}\n}}"
