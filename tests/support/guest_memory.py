"""What a guest's memory holds beyond caches and the shell: what a leak would change."""

from swiftos.guest import Guest

BUDGET_S = 30


def accounted_kib(shell: Guest) -> int:
    """Returns free memory plus what may be dropped or is the shell's own, in KiB.

    Cached file pages can be dropped at any time; the shell's resident pages grow with its history.
    """
    report = shell.run_command("free", BUDGET_S).text.split("Mem:")[1].split()
    free, cached = int(report[2]), int(report[3])
    rows = shell.run_command("ps -o args,rss", BUDGET_S).text.splitlines()
    shell_kib = next(int(row.split()[-1]) for row in rows if row.startswith("-sh"))
    return free + cached + shell_kib
