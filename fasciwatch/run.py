"""`fasciwatch run`: the service and its page."""

import asyncio
import logging
import signal
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashboards.web.context import PageContext
from fasciwatch.console import err, sentences
from fasciwatch.options import ConfigOption
from fasciwatch.page import load_page
from ingest.alerts.links import link_facts
from ingest.alerts.message import Message
from ingest.alerts.watchman import Watchman
from ingest.config import DEFAULT_PATH, Config, DeviceConfig, InfluxConfig
from ingest.configfile import load_config
from ingest.errors import FasciwatchError, LinkError
from ingest.influx.destination import destination
from ingest.journal import Journal
from ingest.live import LiveSignal
from ingest.notify.addresses import read_addresses
from ingest.notify.home_assistant import HomeAssistant
from ingest.probe import probe
from ingest.service import Service
from ingest.transport.mqtt import see_online
from ingest.transport.opening import open_link

if TYPE_CHECKING:
    from ingest.influx.forwarder import Forwarder


def command(
    config: ConfigOption = DEFAULT_PATH,
    wait: Annotated[
        bool, typer.Option("--wait", help="Start even if no sensor answers yet, and wait for them.")
    ] = False,
    page: Annotated[bool, typer.Option(help="Serve the page.")] = True,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say more.")] = False,
) -> None:
    """Read the sensors, find twitches, keep the journal and serve the page; Ctrl-C ends it."""
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO, format="%(levelname)s %(name)s: %(message)s"
    )
    for chatty in (
        "asyncio",
        "bleak",
        "bleak_retry_connector",
        "dbus_fast",
        "serialx",
        "uvicorn",
        "httpx",
        "multipart",
    ):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    with sentences():
        settings = load_config(config)
        asyncio.run(_run(settings, wait=wait, page=page))


async def _run(config: Config, *, wait: bool, page: bool) -> None:
    if not wait:
        await _see_that_one_answers(config)
    live = LiveSignal()
    with Journal(config.journal.path) as journal:
        service = Service(config, journal, watcher=live)
        context = PageContext(
            config.journal.path, config.wearer, live, service.add_note, health=service.health
        )
        tasks: list[Coroutine[Any, Any, None]] = [service.run()]
        if page:
            tasks.append(
                load_page()(context, host=config.web.host, port=config.web.port, on_ready=_say_where)
            )
        tasks.append(watchman(config, service, read_addresses(config.notify)).run())
        if config.notify.home_assistant:
            tasks.append(HomeAssistant(config).run())
        if config.influx is not None:
            tasks.append(_forwarder(config.influx, config.journal.path).run())
        err.print(f"journal: {config.journal.path}", markup=False)
        await until_told_to_stop(*tasks)


def watchman(config: Config, service: Service, addresses: Mapping[str, str]) -> Watchman:
    """What looks after the alerts while this service runs."""
    return Watchman(
        config,
        addresses,
        _send,
        links=lambda: link_facts(service.links),
        journal_problem=lambda: service.writer.problem,
    )


def _send(address: str, message: Message) -> str:
    from ingest.notify.apprise import send  # noqa: PLC0415 -- takes 0.3 s, and most of the time nothing is sent

    return send(address, message)


def _forwarder(config: InfluxConfig, journal: Path) -> "Forwarder":
    from ingest.influx.forwarder import Forwarder  # noqa: PLC0415 -- takes a second, and few have InfluxDB

    return Forwarder(lambda: destination(config), journal)


async def until_told_to_stop(*work: Coroutine[Any, Any, None], for_s: float | None = None) -> None:
    """Run all of it until one fails, `for_s` is over, or the process gets SIGINT or SIGTERM.

    Raises:
        FasciwatchError: The first of our own errors that ended it.
    """
    everything = asyncio.ensure_future(_together(*work))
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, everything.cancel)
    end = loop.call_later(for_s, everything.cancel) if for_s is not None else None
    try:
        await everything
    except asyncio.CancelledError:
        pass
    except BaseExceptionGroup as group:
        if error := _first_of_ours(group):
            raise error from None
        raise
    finally:
        if end:
            end.cancel()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(name)


async def _together(*work: Coroutine[Any, Any, None]) -> None:
    async with asyncio.TaskGroup() as tasks:
        for coroutine in work:
            tasks.create_task(coroutine)


def _first_of_ours(group: BaseExceptionGroup[BaseException]) -> FasciwatchError | None:
    for error in group.exceptions:
        if isinstance(error, FasciwatchError):
            return error
        if isinstance(error, BaseExceptionGroup) and (found := _first_of_ours(error)):
            return found
    return None


async def _see_that_one_answers(config: Config) -> None:
    """Refuse to start where no sensor is to be had: most likely a port is named wrongly."""
    problems = await asyncio.gather(*(_problem(device, config) for device in config.devices))
    missing = [problem for problem in problems if problem]
    if len(missing) == len(problems):
        raise FasciwatchError("; ".join(map(str, missing)))
    for problem in missing:
        err.print(f"{problem}; going on without it until it answers", markup=False)


async def _problem(device: DeviceConfig, config: Config) -> LinkError | None:
    try:
        if device.mqtt:
            await see_online(config.mqtt, device.mqtt)  # a probe would use up what waits there
        else:
            await probe(open_link(device, config))
    except LinkError as error:
        return error
    return None


def _say_where(address: str) -> None:
    err.print(f"page:    {address}", markup=False)
