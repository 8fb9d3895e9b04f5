"""Running trees. POSIX.1-2017, XCU 2.9.

`Executor.run` does a command and leaves its status in the shell. What is to happen to the commands
around it (`break`, `exit`, ^C) stands in `shell.flow`: loops and lists look at it after each
command.
"""

from __future__ import annotations

from abi.errno import EINTR
from abi.file import O_CLOEXEC, PipeEnds
from abi.signal import SIGINT, SIGPIPE
from bare import Array, Bytes, allocate, array, errno_of, i32, raises, struct, text, u8
from bare.lib.text import Text
from user.lib import sys
from user.lib.inputs import close_quietly
from user.lib.report import report, report_error
from user.lib.shell.builtins import Builtins
from user.lib.shell.control import Control
from user.lib.shell.fields import Field
from user.lib.shell.interrupt import take_interrupt
from user.lib.shell.jobs import Job, JobState, report_death
from user.lib.shell.parser import Parser
from user.lib.shell.process import become_child, fork, run_program
from user.lib.shell.redirect import Redirector
from user.lib.shell.region import Mark
from user.lib.shell.state import Flow, Function, ParameterList
from user.lib.shell.syntax_report import report_syntax
from user.lib.shell.tree import Assignment, Node, NodeKind
from user.lib.shell.wait_status import ended_status
from user.lib.standard import standard

FAILED: i32 = 1
USAGE: i32 = 2
FORK_FAILED: i32 = 254
CALL_LIMIT = 200
"""Functions inside each other; a deeper call fails."""


@struct
class Executor(Control):
    """Runs commands of one shell."""

    builtins: Builtins

    def run_line(self, node: Node) -> None:
        """Runs a complete command; whatever fails is reported. Its memory is kept."""
        shell = self.shell
        try:
            self.run(node)
        except OSError as error:
            shell.status = FAILED
            if errno_of(error) == EINTR:
                shell.flow = Flow.INTERRUPT
            elif not shell.is_interactive:
                shell.flow = Flow.EXIT
                shell.status = USAGE
        standard().output.flush()

    @raises()
    def run(self, node: Node) -> None:
        """Runs one command and sets the status. Raises where an expansion failed."""
        shell = self.shell
        if shell.is_interactive and take_interrupt():
            shell.flow = Flow.INTERRUPT
        if shell.must_stop():
            return
        if node.is_background:
            self.start_background(node)
            return
        if node.kind != NodeKind.SIMPLE and node.redirections is not None:
            self.run_redirected(node)
        else:
            self.run_plain(node)
        if shell.exits_on_error and shell.status != 0 and shell.guards == 0:
            if node.kind in (NodeKind.SIMPLE, NodeKind.SUBSHELL, NodeKind.PIPELINE):
                if not node.is_negated and not shell.must_stop():
                    shell.flow = Flow.EXIT

    @raises()
    def run_redirected(self, node: Node) -> None:
        """Runs a compound command with redirections of its own."""
        redirector = Redirector(self.expander, self.shell.region)
        redirector.keeps = True
        try:
            redirector.apply(node.redirections)
        except OSError:
            redirector.undo()
            self.shell.status = FAILED
            return
        try:
            self.run_plain(node)
        finally:
            redirector.undo()

    @raises()
    def run_plain(self, node: Node) -> None:
        """Runs a command without looking at redirections of compound ones."""
        match node.kind:
            case NodeKind.SIMPLE:
                self.run_simple(node)
            case NodeKind.PIPELINE:
                self.run_pipeline(node)
            case NodeKind.AND | NodeKind.OR:
                self.run_and_or(node)
            case NodeKind.LIST:
                self.run_chain(node.first)
            case NodeKind.SUBSHELL:
                self.run_subshell(node)
            case NodeKind.GROUP:
                self.run_chain(node.first)
            case NodeKind.IF:
                self.run_if(node)
            case NodeKind.WHILE | NodeKind.UNTIL:
                self.run_loop(node)
            case NodeKind.FOR:
                self.run_for(node)
            case NodeKind.CASE:
                self.run_case(node)
            case NodeKind.FUNCTION:
                self.builtins.define(node)

    @raises()
    def run_simple(self, node: Node) -> None:
        """Runs a simple command: assignments only, a function, a builtin, or a program."""
        shell = self.shell
        shell.substitution_status = 0
        fields = self.expander.fields(node.words)
        first = fields.first
        if shell.traces:
            trace(first)
        if first is None:
            self.assign(node.assignments, False)
            self.run_nothing(node)
            return
        function = shell.find_function(first.text)
        if function is not None:
            self.call(function, first, node)
        elif self.builtins.has(first.text):
            self.run_builtin(node, first)
        else:
            self.run_external(node, first)

    @raises()
    def run_nothing(self, node: Node) -> None:
        """Does the redirections of a command without a name."""
        self.shell.status = self.shell.substitution_status
        if node.redirections is None:
            return
        redirector = Redirector(self.expander, self.shell.region)
        redirector.keeps = True
        try:
            redirector.apply(node.redirections)
        except OSError:
            self.shell.status = FAILED
        redirector.undo()

    @raises()
    def assign(self, assignment: Assignment | None, exports: bool) -> None:
        """Sets variables."""
        entry = assignment
        while entry is not None:
            value = self.expander.string(entry.value)
            try:
                self.shell.variables.set(entry.name, value)
            except OSError as error:
                report_error(entry.name, errno_of(error))
                raise
            if exports:
                self.shell.variables.entry(entry.name).is_exported = True
            entry = entry.next

    @raises()
    def run_builtin(self, node: Node, first: Field) -> None:
        """Runs a builtin in this process; `exec` keeps its redirections."""
        shell = self.shell
        redirector = Redirector(self.expander, shell.region)
        redirector.keeps = first.text != b"exec"
        self.assign(node.assignments, False)
        try:
            redirector.apply(node.redirections)
        except OSError:
            redirector.undo()
            shell.status = FAILED
            return
        try:
            shell.status = self.builtins.run(self, first)
        finally:
            redirector.undo()
        if standard().output.error != 0:
            report_error(first.text, standard().output.error)
            standard().output.error = 0
            shell.status = FAILED

    @raises()
    def call(self, function: Function, first: Field, node: Node) -> None:
        """Calls a function with parameters of its own."""
        shell = self.shell
        if shell.calls >= CALL_LIMIT:
            report(f"{text(function.name)}: too many functions inside each other")
            shell.status = FAILED
            shell.flow = Flow.INTERRUPT if shell.is_interactive else Flow.EXIT
            return
        self.assign(node.assignments, False)
        redirector = Redirector(self.expander, shell.region)
        redirector.keeps = True
        parameters = ParameterList(shell.region)
        argument = first.next
        while argument is not None:
            parameters.add(argument.text)
            argument = argument.next
        before = shell.parameters
        loops = shell.loops
        shell.calls += 1
        try:
            redirector.apply(node.redirections)
            shell.parameters = parameters.first
            shell.loops = 0
            self.run_chain(function.body)
        finally:
            shell.calls -= 1
            shell.parameters = before
            shell.loops = loops
            redirector.undo()
        if shell.flow == Flow.RETURN:
            shell.flow = Flow.NORMAL

    @raises()
    def run_external(self, node: Node, first: Field) -> None:
        """Runs a program in a child and waits for it."""
        shell = self.shell
        pid = self.try_fork()
        if pid == 0:
            become_child(shell, 0, True)
            self.become_program(node, first)
        if pid > 0:
            job = shell.jobs.add(node.text)
            shell.jobs.add_process(job, pid)
            self.finish(job)

    @raises()
    def try_fork(self) -> i32:
        """Forks; -1 where that failed and was reported."""
        try:
            return fork()
        except OSError as error:
            report_error(b"cannot fork", errno_of(error))
            self.shell.status = FORK_FAILED
            return -1

    def become_program(self, node: Node, first: Field) -> None:
        """Does what stands before the program in a child, and becomes it. Does not return."""
        status = FAILED
        try:
            self.assign(node.assignments, True)
            Redirector(self.expander, self.shell.region).apply(node.redirections)
            status = run_program(self.shell, first)
        except OSError:
            status = FAILED
        standard().output.flush()
        sys.exit_group(status)

    @raises()
    def finish(self, job: Job) -> None:
        """Waits for a foreground job and takes over its status."""
        shell = self.shell
        try:
            shell.status = shell.jobs.wait_for(job)
        except OSError:
            shell.flow = Flow.INTERRUPT
        state = job.state()
        if state == JobState.STOPPED:
            job.is_background = True
            standard().errors.line(f"\n[{job.number}] stopped  {text(job.text)}")
            if shell.loops > 0:
                shell.flow_levels = shell.loops
                shell.flow = Flow.BREAK
            return
        if job.was_interrupted() and shell.is_interactive:
            shell.flow = Flow.INTERRUPT
        last = job.last
        if last is not None and last.signal not in (0, SIGINT, SIGPIPE):
            report_death(last.signal)
        shell.jobs.remove(job)

    @raises()
    def run_subshell(self, node: Node) -> None:
        """Runs `( … )` in a child."""
        pid = self.try_fork()
        if pid == 0:
            become_child(self.shell, 0, True)
            self.run_and_exit(node.first)
        if pid > 0:
            job = self.shell.jobs.add(node.text)
            self.shell.jobs.add_process(job, pid)
            self.finish(job)

    def run_and_exit(self, node: Node | None) -> None:
        """Runs commands in a child and ends it with their status."""
        shell = self.shell
        shell.loops = 0
        try:
            self.run_chain(node)
        except OSError:
            shell.status = FAILED
        standard().output.flush()
        standard().errors.flush()
        sys.exit_group(shell.status)

    def run_in_child(self, node: Node) -> None:
        """Runs one command of a pipeline or the background; a program without a further child."""
        shell = self.shell
        if node.kind == NodeKind.SIMPLE:
            try:
                fields = self.expander.fields(node.words)
            except OSError:
                sys.exit_group(FAILED)
            first = fields.first
            if first is not None and not self.is_own(first.text):
                if shell.traces:
                    trace(first)
                self.become_program(node, first)
        node.is_background = False
        following = node.next
        node.next = None
        self.run_and_exit(node)
        node.next = following

    def is_own(self, name: Bytes) -> bool:
        """Whether a name is that of a function or a builtin."""
        return self.shell.find_function(name) is not None or self.builtins.has(name)

    @raises()
    def run_pipeline(self, node: Node) -> None:
        """Runs commands with their outputs and inputs joined."""
        member = node.first
        if member is not None and member.next is None:
            self.run_guarded(member)
        else:
            job = self.shell.jobs.add(node.text)
            if self.start_members(node, job, True):
                self.finish(job)
        if node.is_negated:
            self.shell.status = 1 if self.shell.status == 0 else 0

    @raises()
    def start_members(self, node: Node, job: Job, is_foreground: bool) -> bool:
        """Starts every command of a pipeline; false where one could not be forked."""
        member = node.first
        source: i32 = -1
        while member is not None:
            ends = PipeEnds(-1, -1)
            if member.next is not None:
                sys.pipe2(ends, O_CLOEXEC)
            pid = self.try_fork()
            if pid == 0:
                become_child(self.shell, job.group, is_foreground)
                connect(source, ends.write_end)
                self.run_in_child(member)
            if source >= 0:
                close_quietly(source)
            if ends.write_end >= 0:
                close_quietly(ends.write_end)
            source = ends.read_end
            if pid < 0:
                if source >= 0:
                    close_quietly(source)
                return False
            self.shell.jobs.add_process(job, pid)
            member = member.next
        return True

    @raises()
    def start_background(self, node: Node) -> None:
        """Starts a command that is not waited for."""
        shell = self.shell
        job = shell.jobs.add(node.text)
        job.is_background = True
        if node.kind == NodeKind.PIPELINE and not node.is_negated:
            self.start_members(node, job, False)
        else:
            pid = self.try_fork()
            if pid == 0:
                become_child(shell, 0, False)
                self.run_in_child(node)
            if pid > 0:
                shell.jobs.add_process(job, pid)
        last = job.last
        if last is not None:
            shell.last_background = last.pid
            shell.status = 0
            if shell.is_interactive:
                standard().errors.line(f"[{job.number}] {last.pid}")

    @raises()
    def run_text(self, text: Bytes) -> None:
        shell = self.shell
        parser = allocate(shell.region, Parser)
        parser.allocator = shell.region
        parser.text = text
        mark = Mark()
        shell.region.mark(mark)
        while not shell.must_stop():
            shell.region.release_to(mark)
            try:
                if parser.position == 0:
                    parser.begin()
                node = parser.next_command()
            except OSError as error:
                report_syntax(parser, errno_of(error))
                shell.status = USAGE
                raise
            if node is None:
                break
            self.run(node)

    @raises()
    def output_of(self, command: Node | None, into: Text) -> None:
        shell = self.shell
        ends = PipeEnds()
        sys.pipe2(ends, O_CLOEXEC)
        pid = self.try_fork()
        if pid == 0:
            shell.jobs.has_control = False
            become_child(shell, 0, False)
            connect(-1, ends.write_end)
            self.run_and_exit(command)
        close_quietly(ends.write_end)
        try:
            if pid > 0:
                read_all(ends.read_end, into)
        finally:
            close_quietly(ends.read_end)
        if pid > 0:
            shell.substitution_status = wait_for_process(pid)
            shell.status = shell.substitution_status


@raises()
def read_all(descriptor: i32, into: Text) -> None:
    """Reads a pipe to its end; NUL bytes are left out."""
    buffer: Array[u8] = array(512)
    while True:
        count = sys.read(descriptor, buffer[:])
        if count == 0:
            return
        for byte in buffer[:count]:
            if byte != 0:
                into.append_byte(byte)


def wait_for_process(pid: i32) -> i32:
    """Waits for one child that is in no job; returns its status."""
    status: Array[i32] = array(1)
    while True:
        try:
            sys.wait4(pid, status[:], 0, None)
            return ended_status(status[0])
        except OSError as error:
            if errno_of(error) != EINTR:
                return FAILED


def connect(source: i32, target: i32) -> None:
    """Makes pipe ends standard input and output."""
    try:
        if source >= 0:
            sys.dup3(source, 0, 0)
        if target >= 0:
            sys.dup3(target, 1, 0)
    except OSError:
        sys.exit_group(FAILED)


def trace(first: Field | None) -> None:
    """Prints the words of a command for `set -x`."""
    errors = standard().errors
    field = first
    errors.write(b"+")
    while field is not None:
        errors.write(b" ")
        errors.write(field.text)
        field = field.next
    errors.line("")
