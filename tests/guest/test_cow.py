"""Copy on write: after a fork neither side sees what the other writes, and no frame is lost."""

from swiftos.guest import Guest

BUDGET_S = 30
SUBSHELL = 'word=before; (word=child; echo "child $word"); echo "parent $word"'


def free_kib(shell: Guest) -> int:
    for line in shell.run_command("free", BUDGET_S).text.splitlines():
        if line.startswith("Mem:"):
            return int(line.split()[3])
    raise AssertionError("free printed no line of memory")


def test_subshell_changes_only_its_own_variable(shell: Guest) -> None:
    result = shell.run_command(SUBSHELL, BUDGET_S)
    assert result.text.splitlines() == ["child child", "parent before"]


def test_forks_give_their_frames_back(shell: Guest) -> None:
    loop = "for i in 1 2 3 4 5 6 7 8; do (true); (false); done"
    shell.run_command(loop, BUDGET_S)
    before = free_kib(shell)
    for _ in range(3):
        shell.run_command(loop, BUDGET_S)
    assert free_kib(shell) == before
