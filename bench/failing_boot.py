"""A boot in which one allocation fails: it reaches the prompt, or refuses clearly; nothing else."""

import re

from swiftos.guest import Guest, GuestError

BOOT_S = 60
EXIT_S = 20
SHORT_S = 4
REFUSAL = r"Cannot allocate memory|No such device|init|no (console|clock|interrupt controller)"
OUTCOME = r"swiftos:[^\n]*# |panic: [^\n]*\n"


def allocations_at_prompt(guest: Guest) -> int:
    """Boots to the prompt, asks how many allocations that took, and powers off."""
    guest.wait_prompt(BOOT_S)
    text = guest.run_command("free -a", BOOT_S).text
    found = re.search(r"allocations: (\d+)", text)
    assert found is not None, text
    assert guest.power_off(EXIT_S) == 0
    return int(found.group(1))


def failing_arguments(number: int) -> str:
    """Returns the boot arguments with which allocation `number` fails."""
    return f"semihosting fail-allocation={number}"


def check_outcome(guest: Guest) -> str:
    """Waits for the outcome of a boot and returns it: "prompt", or the reason of the refusal.

    The failure may also strike behind the prompt, in the first `poweroff`: the second one works.
    """
    seen = guest.expect(OUTCOME, BOOT_S, is_panic_expected=True)
    if "panic: " in seen:
        reason = seen.rpartition("panic: ")[2].strip()
        assert re.search(REFUSAL, reason), seen
        assert guest.wait_exit(EXIT_S) != 0
        return reason
    # No echo is waited for: what the network says may lie across it.
    guest.send(b"poweroff\r")
    try:
        code = guest.wait_exit(SHORT_S)
    except GuestError:
        code = guest.power_off(EXIT_S)
    assert code == 0
    return "prompt"
