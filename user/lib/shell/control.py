"""`Control`: conditions, loops and choices, around commands that a derived class runs."""

from __future__ import annotations

from abc import abstractmethod

from bare import i32, raises, struct
from user.lib.shell.expansion import CommandRunner, Expander
from user.lib.shell.fields import FieldList
from user.lib.shell.region import Mark
from user.lib.shell.state import Flow, Shell
from user.lib.shell.tree import Node, NodeKind


@struct
class Control(CommandRunner):
    """The commands that contain commands, without processes of their own."""

    shell: Shell
    expander: Expander

    @abstractmethod
    @raises()
    def run(self, node: Node) -> None:
        """Runs one command and sets the status. Raises where an expansion failed."""

    @raises()
    def run_chain(self, first: Node | None) -> None:
        """Runs commands one after the other."""
        node = first
        while node is not None and not self.shell.must_stop():
            self.run(node)
            node = node.next

    @raises()
    def run_guarded(self, node: Node | None) -> bool:
        """Runs a condition; whether it succeeded."""
        self.shell.guards += 1
        try:
            if node is not None:
                self.run(node)
        finally:
            self.shell.guards -= 1
        return self.shell.status == 0

    @raises()
    def run_and_or(self, node: Node) -> None:
        """Runs the second command as the first says."""
        succeeded = self.run_guarded(node.first)
        second = node.second
        if second is not None and succeeded == (node.kind == NodeKind.AND):
            self.run(second)

    @raises()
    def run_if(self, node: Node) -> None:
        """Runs `if`; without a branch taken the status is 0."""
        if self.run_guarded(node.first):
            self.run_chain(node.second)
        elif not self.shell.must_stop():
            self.shell.status = 0
            self.run_chain(node.third)

    @raises()
    def run_loop(self, node: Node) -> None:
        """Runs `while` and `until`."""
        shell = self.shell
        mark = Mark()
        status: i32 = 0
        shell.loops += 1
        try:
            while True:
                shell.region.mark(mark)
                if self.run_guarded(node.first) != (node.kind == NodeKind.WHILE):
                    break
                if shell.must_stop():
                    break
                self.run_chain(node.second)
                status = shell.status
                if not self.goes_on():
                    break
                shell.region.release_to(mark)
        finally:
            shell.loops -= 1
        if not shell.must_stop():
            shell.status = status

    @raises()
    def run_for(self, node: Node) -> None:
        """Runs `for`."""
        shell = self.shell
        names = self.for_words(node)
        mark = Mark()
        shell.status = 0
        shell.loops += 1
        try:
            field = names.first
            while field is not None:
                shell.region.mark(mark)
                shell.variables.set(node.name, field.text)
                self.run_chain(node.first)
                if not self.goes_on():
                    break
                shell.region.release_to(mark)
                field = field.next
        finally:
            shell.loops -= 1

    @raises()
    def for_words(self, node: Node) -> FieldList:
        """Returns what a `for` loop runs over."""
        if node.has_words:
            return self.expander.fields(node.words)
        fields = self.expander.new_list()
        parameter = self.shell.parameters
        while parameter is not None:
            fields.add(parameter.value, True)
            fields.open()
            fields.end()
            parameter = parameter.next
        return fields

    def goes_on(self) -> bool:
        """Whether a loop goes on after its body ran: takes a `break` or `continue` for it."""
        shell = self.shell
        if shell.flow not in (Flow.BREAK, Flow.CONTINUE):
            return not shell.must_stop()
        shell.flow_levels -= 1
        if shell.flow_levels > 0:
            return False
        goes_on = shell.flow == Flow.CONTINUE
        shell.flow = Flow.NORMAL
        return goes_on

    @raises()
    def run_case(self, node: Node) -> None:
        """Runs the first branch with a pattern that matches."""
        subject = node.words
        assert subject is not None, "case without a word"
        value = self.expander.string(subject)
        self.shell.status = 0
        branch = node.cases
        while branch is not None:
            pattern = branch.patterns
            while pattern is not None:
                if self.expander.pattern(pattern).matches(value):
                    self.run_chain(branch.body)
                    return
                pattern = pattern.next
            branch = branch.next
