"""Home Assistant: entities for the wearer and for each site, told over MQTT.

The messages are those of Home Assistant's MQTT discovery (home-assistant.io/integrations/mqtt). A state that
is not renewed expires there, so that a service that has died never looks like quiet muscles.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterable
from zlib import crc32

import aiomqtt

from detector.persistence import Level
from ingest.alerts.alarm import Alarm, Kind, Standing
from ingest.alerts.facts import SiteKey, WatchedSites
from ingest.alerts.ledger import read_ledger
from ingest.alerts.phrases import place
from ingest.alerts.site_rules import NO_DATA_NS
from ingest.config import Config
from ingest.errors import JournalError, LinkError
from ingest.minutes import MINUTE_NS
from ingest.reader import JournalReader
from ingest.summary import Observation, latest_minute, observations
from ingest.transport.mqtt import connected

TELL_EVERY_S = 60.0  # a minute's row is the finest there is
EXPIRE_AFTER_S = 300  # five states that did not come: the service is not there
RECONNECT_S = 30.0  # to a broker that is away: it is in the house, and a minute late is early enough
DAY_MIN = 1440  # what rates and coverage are over
MIN_OBSERVED_S = 600.0  # less: one twitch more or less moves the rate by over 6 an hour, so none is told

_log = logging.getLogger(__name__)

Payload = dict[str, object]


class HomeAssistant:
    """Tells one wearer's state for as long as the service runs.

    Attributes:
        problem: Why nothing is told, in a sentence; empty when all is well.
    """

    def __init__(self, config: Config, now_ns: Callable[[], int] = time.time_ns) -> None:
        self.problem = ""
        self._config, self._now_ns = config, now_ns
        self._sites = WatchedSites(config.wearer, config.sites)
        self._node = f"fasciwatch_{crc32(config.wearer.encode()):08x}"  # topics take no names of people
        self._topic = f"fasciwatch/home/{self._node}"

    async def run(self) -> None:
        """Tell until cancelled; a broker that is away is met again."""
        will = aiomqtt.Will(f"{self._topic}/available", "offline", qos=1, retain=True)
        while True:
            try:
                async with connected(self._config.mqtt, "Home Assistant", session=None, will=will) as client:
                    try:
                        await self._tell(client)
                    finally:
                        await self._say_whether_there(client, there=False)
            except (LinkError, JournalError) as error:
                if self.problem != str(error):
                    _log.warning("%s", error)
                self.problem = str(error)
            await asyncio.sleep(RECONNECT_S)

    async def _tell(self, client: aiomqtt.Client) -> None:
        told: set[SiteKey] | None = None
        while True:
            sites, state = await asyncio.to_thread(self._read, self._now_ns())
            if sites != told:
                for topic, entity in self.entities(sites).items():
                    await client.publish(topic, json.dumps(entity), qos=1, retain=True)
                told = sites
            await self._say_whether_there(client, there=True)
            await client.publish(f"{self._topic}/state", json.dumps(state), qos=1, retain=True)
            self.problem = ""
            await asyncio.sleep(TELL_EVERY_S)

    async def _say_whether_there(self, client: aiomqtt.Client, *, there: bool) -> None:
        await client.publish(f"{self._topic}/available", "online" if there else "offline", qos=1, retain=True)

    def entities(self, sites: Iterable[SiteKey]) -> dict[str, Payload]:
        """What is announced, by topic."""
        found = {
            self._config_topic("sensor", "level"): self._entity(
                "level",
                "Twitching",
                "{{ value_json.level }}",
                device_class="enum",
                options=[level.name.lower() for level in Level],
            ),
            self._config_topic("binary_sensor", "problem"): self._entity(
                "problem",
                "Something keeps it from measuring",
                "{{ value_json.problem }}",
                device_class="problem",
                json_attributes_topic=f"{self._topic}/state",
                json_attributes_template="{{ {'problems': value_json.problems} | tojson }}",
            ),
        }
        for key in sorted(sites):
            found |= self._site_entities(key)
        return found

    def _site_entities(self, key: SiteKey) -> dict[str, Payload]:
        name, value = place(key), f"value_json.sites.get('{_name(key)}', {{}})"
        rate, coverage, connected_id = (f"{_name(key)}_{what}" for what in ("rate", "coverage", "connected"))
        return {
            self._config_topic("sensor", rate): self._entity(
                rate,
                f"{name}: twitches an observed hour, last 24 h",
                f"{{{{ {value}.get('per_hour') }}}}",
                unit_of_measurement="1/h",
                state_class="measurement",
            ),
            self._config_topic("sensor", coverage): self._entity(
                coverage,
                f"{name}: share of the last 24 h observed",
                f"{{{{ {value}.get('coverage_percent') }}}}",
                unit_of_measurement="%",
                state_class="measurement",
            ),
            self._config_topic("binary_sensor", connected_id): self._entity(
                connected_id,
                f"{name}: data arriving",
                f"{{{{ {value}.get('connected') }}}}",
                device_class="connectivity",
            ),
        }

    def _entity(self, what: str, name: str, template: str, **more: object) -> Payload:
        return {
            "unique_id": f"{self._node}_{what}",
            "object_id": f"{self._node}_{what}",
            "name": name,
            "state_topic": f"{self._topic}/state",
            "value_template": template,
            "availability_topic": f"{self._topic}/available",
            "expire_after": EXPIRE_AFTER_S,
            "device": {"identifiers": [self._node], "name": f"fasciwatch {self._config.wearer}"},
            **more,
        }

    def _config_topic(self, component: str, what: str) -> str:
        return f"{self._config.notify.home_assistant_prefix}/{component}/{self._node}/{what}/config"

    def _read(self, now_ns: int) -> tuple[set[SiteKey], Payload]:
        wearer = self._config.wearer
        with JournalReader(self._config.journal.path) as reader:
            sites = self._sites.read(reader, now_ns)
            minute = now_ns // MINUTE_NS
            day = observations(reader, wearer=wearer, since_minute=minute - DAY_MIN, until_minute=minute)
            by_site = {(one.site, one.modality): one for one in day}
            standing = list(read_ledger(reader, wearer).standing.values())
            return sites, {
                "level": _level(standing),
                "problem": "ON" if any(s.verdict.level is Alarm.ACT for s in standing) else "OFF",
                "problems": [s.verdict.why for s in standing if s.verdict.level is Alarm.ACT],
                "sites": {
                    _name(key): _site_state(reader, wearer, key, by_site.get(key), now_ns) for key in sites
                },
            }


def _site_state(
    reader: JournalReader, wearer: str, key: SiteKey, day: Observation | None, now_ns: int
) -> Payload:
    site, modality = key
    latest = latest_minute(reader, wearer=wearer, site=site, modality=modality)
    is_there = latest is not None and now_ns - (latest.minute + 1) * MINUTE_NS < NO_DATA_NS[0]
    observed_s = day.observed_s if day else 0.0
    enough = day is not None and observed_s >= MIN_OBSERVED_S
    return {
        "per_hour": round(day.count / observed_s * 3600, 1) if day and enough else None,
        "coverage_percent": round(observed_s / (DAY_MIN * 60) * 100),
        "connected": "ON" if is_there else "OFF",
    }


def _level(standing: Iterable[Standing]) -> str:
    twitching = (one.verdict for one in standing if one.verdict.rule.kind is Kind.PERSISTENCE)
    return next((verdict.level for verdict in twitching), Level.NONE).name.lower()


def _name(key: SiteKey) -> str:
    return "_".join(key).replace("-", "_")
