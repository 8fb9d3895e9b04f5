"""Build, boot, tell a story, serve pages and completions, and report what it all cost."""

import time

import click

from swiftos import artifacts, building, qemu
from swiftos.commands.measure import publish
from swiftos.commands.size import describe
from swiftos.measure import bootlog, demonstration, serving, session
from swiftos.measure.serving import Answers
from swiftos.measure.session import Session

ROUNDS = 2
BOOTS_IN_ROUND = 2


@click.command(help=__doc__)
@click.option("--rounds", default=ROUNDS, show_default=True, help="Rounds of two timed boots.")
def command(rounds: int) -> None:
    started_s = time.monotonic()
    heading("build")
    for line in building.build(building.Plan()):
        click.echo(line)
    profile = qemu.default_profile()
    heading("boot and story")
    told = session.tell_a_story(profile)
    print_session(told)
    heading("services")
    answers = serving.serve(profile)
    print_answers(answers)
    heading("measurements")
    boots = BOOTS_IN_ROUND * rounds
    record = demonstration.measure_demo(profile, boots, told, answers, "./swos demo")
    heading("sizes")
    for name, value in describe(artifacts.footprint()):
        click.echo(f"{value:>12,} bytes  {name}")
    heading("report")
    publish([(record, {})], as_json=False)
    click.echo(f"demo: done in {time.monotonic() - started_s:.0f} s")


def heading(text: str) -> None:
    """Prints the title of a part."""
    click.secho(f"== {text} ==", bold=True)


def print_session(told: Session) -> None:
    """Prints the boot's stages, the two frames of `top` and the story."""
    for line in bootlog.chart(bootlog.stages(told.serial_text)):
        click.echo(line)
    for text in (told.top_before, told.story.text, told.top_after):
        click.echo(text.strip() + "\n")


def print_answers(answers: Answers) -> None:
    """Prints what the services answered."""
    click.echo(f"GET /health      {answers.health}")
    click.echo(f"GET {serving.PAGE:<12} {answers.page.strip()}")
    click.echo(f"POST /completion {answers.completion.strip()}")
    for name in serving.COUNTERS:
        click.echo(f"GET /metrics     {name} {answers.metrics[name]}")
    for marker in answers.markers:
        click.echo(marker)
