"""`fasciwatch alerts`: how the alerts stand, what was sent, and what the rules would have sent."""

import time
from typing import Annotated

import typer
from rich.table import Table

from dashboards.report.phrases import counted
from fasciwatch.console import FAILED, WRONG_USAGE, err, fail, out, sentences
from fasciwatch.options import ConfigOption, JournalOption, Kept, WearerOption, kept
from ingest.alerts.alarm import Standing
from ingest.alerts.ledger import (
    EVERY_RULE,
    Ledger,
    Statement,
    acknowledging,
    ending_silence,
    is_watched,
    read_ledger,
    snoozing,
    watched_ns,
)
from ingest.alerts.message import Message
from ingest.alerts.phrases import moment
from ingest.config import DEFAULT_PATH
from ingest.configfile import load_config
from ingest.journal import Journal
from ingest.notify.addresses import read_addresses
from ingest.notify.outbox import waiting
from ingest.reader import JournalReader

DAYS = 14  # what glucose reports ask for before they speak of a usual day (AGP)
_DAY_NS = 24 * 3600 * 10**9

_TRIAL = Message("A test of fasciwatch", "This is a test. Nothing was measured, and there is nothing to do.")

app = typer.Typer(help="What the wearer is told, and when.", no_args_is_help=True)

RuleArgument = Annotated[str, typer.Argument(help="Its name, as `fasciwatch alerts list` has it.")]


@app.command("list")
def show(
    config: ConfigOption = DEFAULT_PATH,
    everything: Annotated[bool, typer.Option("--all", help="Also rules with nothing to say.")] = False,
    journal: JournalOption = None,
    wearer: WearerOption = None,
) -> None:
    """List what stands, what is silenced, and what could not be sent."""
    now_ns = time.time_ns()
    with sentences():
        at = kept(config, journal, wearer)
        with JournalReader(at.journal) as reader:
            ledger = read_ledger(reader, at.wearer)
            watched = is_watched(reader, at.wearer, now_ns)
            last_ns = watched_ns(reader, at.wearer)
            unsent = waiting(reader, at.wearer, now_ns=now_ns)
    shown = [one for one in ledger.standing.values() if one.verdict.level or everything]
    if shown:
        out.print(_table(shown, ledger, at, now_ns))
    elif watched:
        out.print("nothing stands: no rule has anything to say of what was measured, see `fasciwatch status`")
    if not watched:
        since = f"since {moment(last_ns, at.time_zone)}" if last_ns else "yet"
        out.print(f"nobody has looked {since}: is the service running? Without it no alert is raised.")
    for one in unsent:
        why = f"{one.tries} tries, {one.problem}" if one.tries else "not tried yet"
        out.print(f"not sent to {one.address}: {one.message.title} ({why})", markup=False)


@app.command()
def snooze(
    rule: Annotated[str, typer.Argument(help="Its name; all of them if not given.")] = EVERY_RULE,
    hours: Annotated[float, typer.Option(min=0.1, max=24 * 14, help="For so long.")] = 8.0,
    config: ConfigOption = DEFAULT_PATH,
    journal: JournalOption = None,
    wearer: WearerOption = None,
) -> None:
    """Do not tell of a rule for some time; what still stands then is told anew."""
    with sentences():
        at = kept(config, journal, wearer)
        if rule:
            _standing(at, rule)
        until_ns = time.time_ns() + round(hours * 3600e9)
        _change(at, snoozing(at.wearer, rule, until_ns))
    err.print(f"silent until {moment(until_ns, at.time_zone)}")


@app.command()
def ack(
    rule: RuleArgument,
    config: ConfigOption = DEFAULT_PATH,
    journal: JournalOption = None,
    wearer: WearerOption = None,
) -> None:
    """Say that you know: it is told again only when it gets worse, or comes again after it was well."""
    with sentences():
        at = kept(config, journal, wearer)
        _change(at, acknowledging(at.wearer, _standing(at, rule)))
    err.print("understood")


@app.command()
def resume(
    rule: Annotated[str, typer.Argument(help="Its name; if not given, what silences all.")] = EVERY_RULE,
    config: ConfigOption = DEFAULT_PATH,
    journal: JournalOption = None,
    wearer: WearerOption = None,
) -> None:
    """End a snooze or an acknowledgement."""
    with sentences():
        at = kept(config, journal, wearer)
        _change(at, ending_silence(at.wearer, rule))
    err.print("it is told again")


@app.command("test")
def send_test(config: ConfigOption = DEFAULT_PATH) -> None:
    """Send a message that says it is a test to every address."""
    from ingest.notify.apprise import send  # noqa: PLC0415 -- takes 0.3 s that --help need not wait

    with sentences():
        addresses = read_addresses(load_config(config).notify)
    if not addresses:
        raise fail("no address is named; see [notify] in the configuration")
    problems = {name: send(address, _TRIAL) for name, address in addresses.items()}
    for name, problem in problems.items():
        out.print(f"{name}: {problem or 'taken'}", markup=False)
    if any(problems.values()):
        raise typer.Exit(FAILED)


@app.command()
def replay(
    days: Annotated[int, typer.Option(min=1, max=365, help="How far back.")] = DAYS,
    config: ConfigOption = DEFAULT_PATH,
) -> None:
    """Say what these rules would have sent in the last days, had they been as they are now."""
    from ingest.alerts.past import replay as replay_alerts  # noqa: PLC0415 -- numpy and all of the detector

    until_ns = time.time_ns()
    with sentences():
        settings = load_config(config)
        with JournalReader(settings.journal.path) as reader, err.status("replaying"):
            sent = list(replay_alerts(reader, settings, until_ns - days * _DAY_NS, until_ns))
    for one in sent:
        out.print(f"{moment(one.time_ns, settings.alerts.time_zone)}  {one.message.title}", markup=False)
        out.print(_indented(one.message.body), markup=False)
    err.print(f"{counted(len(sent), 'message')} in {counted(days, 'day')}")


def _standing(at: Kept, rule: str) -> Standing:
    with JournalReader(at.journal) as reader:
        ledger = read_ledger(reader, at.wearer)
    if rule not in ledger.standing:
        known = ", ".join(name for name, one in ledger.standing.items() if one.verdict.level) or "none"
        raise fail(f"{rule!r} does not stand; these do: {known}", code=WRONG_USAGE)
    return ledger.standing[rule]


def _change(at: Kept, statements: list[Statement]) -> None:
    with Journal(at.journal) as journal:
        journal.change(statements)


def _table(shown: list[Standing], ledger: Ledger, at: Kept, now_ns: int) -> Table:
    table = Table("rule", "level", "since", "what was measured", box=None)
    for one in shown:
        rule, level = str(one.verdict.rule), one.verdict.level
        silent = " (silenced)" if ledger.is_silenced(rule, level, now_ns) else ""
        since = moment(one.since_ns, at.time_zone)
        table.add_row(rule, level.name.lower() + silent, since, one.verdict.why)
    return table


def _indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())
