"""`fasciwatch sensor`: look at one sensor, and tell it what it is called and where it sits."""

import asyncio
from collections.abc import Callable
from typing import Annotated

import typer
from rich.table import Table

from fasciwatch.console import WRONG_USAGE, err, fail, out, sentences
from ingest.config import DEFAULT_BAUD
from ingest.errors import LinkError
from ingest.messages import (
    MODALITY_NAMES,
    UNIT_NAMES,
    Feature,
    Hello,
    Identify,
    Modality,
    Query,
    Set,
    SettingKey,
    Stream,
)
from ingest.protocol import NAME_LIMIT, FrameDecoder, encode
from ingest.sites import Site
from ingest.transport.link import Link
from ingest.transport.serial import open_serial

ANSWER_WITHIN_S = 5.0  # an Uno is reset by opening and boots for 2 s; a setting is kept within 0.1 s
ASK_EVERY_S = 0.5  # a question during the boot is lost; asking twice does no harm

app = typer.Typer(help="Look at one sensor; name it, say where it sits, let it join a network.")

PortArgument = Annotated[str, typer.Argument(help="The serial port that it is on; see `fasciwatch devices`.")]
BaudOption = Annotated[int, typer.Option(help="Speed of the line.")]
_Holds = Callable[[Hello], bool]
_Order = tuple[bytes, _Holds]
"""What to say, and whether a hello shows that it was heard."""


@app.command()
def info(port: PortArgument, baud: BaudOption = DEFAULT_BAUD) -> None:
    """Show what a sensor says of itself."""
    out.print(_table(_talk(port, baud)))


@app.command("set-name")
def set_name(port: PortArgument, name: str, baud: BaudOption = DEFAULT_BAUD) -> None:
    """Give a sensor a name that it keeps."""
    value = name.encode()
    if len(value) > NAME_LIMIT:
        raise fail(f"the name has {len(value)} bytes, a sensor keeps {NAME_LIMIT}", code=WRONG_USAGE)
    _talk(port, baud, lambda _: (encode(Set(SettingKey.NAME, value)), lambda hello: hello.name == name))
    err.print(f"it is called {name} now", markup=False)


@app.command("set-site")
def set_site(
    port: PortArgument,
    site: Annotated[str, typer.Argument(help="Such as gastrocnemius-left; `fasciwatch config sites`.")],
    channel: Annotated[int, typer.Option(help="Which EMG input, from 1.", min=1)] = 1,
    accelerometer: Annotated[bool, typer.Option("--accelerometer", help="Where its case sits.")] = False,
    baud: BaudOption = DEFAULT_BAUD,
) -> None:
    """Tell a sensor which muscle it is on."""
    try:
        hint = Site.parse(site).hint
    except ValueError as error:
        raise fail(str(error), code=WRONG_USAGE) from error

    def order(hello: Hello) -> _Order:
        stream, index = _place(hello, None if accelerometer else channel - 1)
        value = bytes([stream.stream_id, index, hint.muscle, hint.side])

        def holds(answer: Hello) -> bool:
            told = {s.stream_id: s.site_hints for s in answer.streams}
            return told[stream.stream_id][index] == hint

        return encode(Set(SettingKey.SITE, value)), holds

    _talk(port, baud, order)
    err.print(f"it knows that it is on the {Site.parse(site).plain}", markup=False)


@app.command("set-network")
def set_network(
    port: PortArgument,
    ssid: Annotated[str, typer.Option(prompt="Wi-Fi name", help="Name of the Wi-Fi.")],
    broker: Annotated[str, typer.Option(prompt="MQTT broker", help="mqtts://user:password@host")],
    password: Annotated[
        str, typer.Option(prompt="Wi-Fi password", hide_input=True, envvar="FASCIWATCH_WIFI_PASSWORD")
    ],
    baud: BaudOption = DEFAULT_BAUD,
) -> None:
    """Let a sensor with Wi-Fi join a network and send to a broker.

    A sensor never tells these again, so that it took them shows only when it appears at the broker.
    """
    settings = {SettingKey.SSID: ssid, SettingKey.PASSWORD: password, SettingKey.MQTT_URL: broker}
    said = b"".join(encode(Set(key, value.encode())) for key, value in settings.items())
    _talk(port, baud, lambda _: (said, _any_answer))
    err.print("it was told; if it has Wi-Fi, it joins the network now")


@app.command()
def identify(
    port: PortArgument,
    seconds: Annotated[int, typer.Option(help="For how long.", min=1, max=255)] = 10,
    baud: BaudOption = DEFAULT_BAUD,
) -> None:
    """Let a sensor blink, so that you see which one it is."""
    hello = _talk(port, baud, lambda _: (encode(Identify(seconds)) + encode(Query()), _any_answer))
    if Feature.IDENTIFY not in hello.features:
        raise fail(f"device {hello.device_id.hex()} has no light")
    err.print(f"it blinks for {seconds} s")


def _place(hello: Hello, channel: int | None) -> tuple[Stream, int]:
    """Return the stream that a site is set for and the channel within it; None is the accelerometer."""
    for stream in hello.streams:
        if stream.modality is Modality.ACCELEROMETER:
            if channel is None:
                return stream, 0
        elif channel is not None:
            if channel < stream.channels:
                return stream, channel
            channel -= stream.channels
    what = "accelerometer" if channel is None else "EMG input of that number"
    raise LinkError(hello.device_id.hex(), f"it has no {what}")


def _any_answer(_hello: Hello) -> bool:
    return True


def _talk(port: str, baud: int, order: Callable[[Hello], _Order] | None = None) -> Hello:
    """Ask who is there; then say what its hello calls for. Returns the last hello."""

    async def talk() -> Hello:
        decoder = FrameDecoder()
        async with open_serial(port, baud) as link:
            hello = await _ask(link, decoder, encode(Query()), _any_answer)
            return await _ask(link, decoder, *order(hello)) if order else hello

    with sentences(), err.status(f"asking {port}"):
        return asyncio.run(talk())


async def _ask(link: Link, decoder: FrameDecoder, said: bytes, holds: _Holds) -> Hello:
    """Say it until a hello comes that shows what it should; an Uno that boots hears nothing."""
    seen = False
    for _ in range(round(ANSWER_WITHIN_S / ASK_EVERY_S)):
        await link.write(b"\0" + said)
        try:
            async with asyncio.timeout(ASK_EVERY_S):
                while True:
                    for message in decoder.feed(await link.read()):
                        if isinstance(message, Hello):
                            seen = True
                            if holds(message):
                                return message
        except TimeoutError:
            continue
    raise LinkError(
        link.name, "the sensor does not keep it" if seen else "no fasciwatch sensor answers there"
    )


def _table(hello: Hello) -> Table:
    table = Table(show_header=False, box=None)
    table.add_row("device", hello.device_id.hex())
    table.add_row("name", hello.name or "-")
    table.add_row("firmware", ".".join(map(str, hello.firmware)))
    table.add_row("protocol", f"{hello.major}.{hello.minor}")
    table.add_row("on for", f"{hello.device_time_us / 1e6:.0f} s")
    table.add_row("can", ", ".join(_FEATURES[f] for f in _FEATURES if f in hello.features) or "-")
    for stream in hello.streams:
        places = [site.key if (site := Site.from_hint(hint)) else "-" for hint in stream.site_hints]
        signal = f"{stream.channels} x {stream.rate_hz:g} Hz"
        count = f"{stream.scale:.4g} {UNIT_NAMES[stream.unit]} a count"
        table.add_row(MODALITY_NAMES[stream.modality], f"{signal}, {count}, on {', '.join(places)}")
    return table


_FEATURES = {
    Feature.RESEND: "send again what was lost",
    Feature.IDENTIFY: "blink",
    Feature.BATTERY: "measure its battery",
    Feature.BUTTON: "take a press of its button",
    Feature.SETTINGS: "keep settings",
}
