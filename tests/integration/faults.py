"""The faults that a sensor and its host have to survive, by name."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ingest.simulated.line import Faults
from tests.integration.faults_trial import Trial

KILLS = 50
EARLY_KILLS = 15
TEARS = 5


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens, and what may be lost by it.

    Attributes:
        name: In the table.
        happen: Lets it happen; the sensor's signal lasts 60 s unless `settings` say otherwise.
        settings: Of the trial.
        loses: Whether samples are lost, because the sensor cannot hold them that long or at all.
    """

    name: str
    happen: Callable[[Trial], None]
    settings: dict[str, Any] = field(default_factory=dict)
    loses: bool = False


def unplugged(seconds: float) -> Callable[[Trial], None]:
    def happen(trial: Trial) -> None:
        trial.run(10)
        trial.unplug(seconds)

    return happen


def suspended(seconds: float) -> Callable[[Trial], None]:
    def happen(trial: Trial) -> None:
        trial.run(10)
        trial.suspend(seconds)

    return happen


def on_a_bad_line(trial: Trial) -> None:
    trial.run(30)


def stalled(trial: Trial) -> None:
    trial.run(30)
    trial.over()


def restarted(trial: Trial) -> None:
    trial.run(17.03)  # in the middle of a frame
    trial.reboot()


def restarted_unplugged(trial: Trial) -> None:
    trial.run(12)
    trial.unplug(3)
    trial.reboot()


def host_clock_set(step_s: float) -> Callable[[Trial], None]:
    def happen(trial: Trial) -> None:
        trial.run(20)
        trial.set_host_clock(step_s)

    return happen


def host_clock_set_while_unplugged(trial: Trial) -> None:
    trial.run(20)
    trial.unplug(2, then=lambda: trial.set_host_clock(3600))


def killed(trial: Trial) -> None:
    for _ in range(KILLS):
        trial.run(trial.rng.uniform(0.0, 10.0))  # more or less than lies between two checkpoints
        trial.kill(stage=int(trial.rng.integers(3)))


def killed_early(trial: Trial) -> None:
    for _ in range(EARLY_KILLS):
        trial.run(3.0)  # less than lies between two checkpoints
        trial.kill(stage=0)


def torn(trial: Trial) -> None:
    for _ in range(TEARS):
        trial.run(trial.rng.uniform(5.5, 7.0))  # a checkpoint gets through in between
        trial.kill_while_archiving()


def refused(pragma: str, end: str) -> Callable[[Trial], None]:
    """The disk takes nothing for 15 s: `pragma` makes SQLite believe so, and `end` that it is over."""

    def happen(trial: Trial) -> None:
        trial.run(10)
        assert trial.host
        database = trial.host.journal._db
        [pages] = database.execute("PRAGMA page_count").fetchone()
        database.execute(pragma.format(pages=pages))
        trial.run(15)
        assert trial.host.is_behind
        database.execute(end)
        trial.over()

    return happen


FAULTS = (
    Fault("unplugged for 20 s, plugged in again", unplugged(20)),
    Fault("unplugged for 40 s, longer than the sensor holds", unplugged(40), loses=True),
    Fault("line stalls for 20 s", stalled, {"line": Faults(stalls=[(10, 30)])}),
    Fault(
        "bytes flipped, dropped and doubled, both ways",
        on_a_bad_line,
        {"line": Faults(flip=5e-4, drop=2e-4, double=2e-4)},
    ),
    Fault(
        "the same, from a sensor that cannot send again",
        on_a_bad_line,
        {"line": Faults(flip=1e-4, drop=1e-4, double=1e-4), "held_s": 0.0},
        loses=True,
    ),
    Fault("frames lost, doubled and out of order", on_a_bad_line, {"frames": 0.05}),
    Fault("half a frame, then the sensor restarts: its clock and numbers begin anew", restarted, loses=True),
    Fault("sensor restarts while unplugged", restarted_unplugged, loses=True),
    Fault("host's clock set forward by 1 h", host_clock_set(3600)),
    Fault("host's clock set back by 1 h", host_clock_set(-3600)),
    Fault("host's clock set forward by 1 h while unplugged", host_clock_set_while_unplugged),
    Fault("host suspended for 20 s", suspended(20)),
    Fault("host suspended for 40 s, longer than the sensor holds", suspended(40), loses=True),
    Fault(f"host killed at {KILLS} random instants in 5 min", killed, {"duration_s": 300.0}),
    Fault(f"host killed every 3 s, {EARLY_KILLS} times", killed_early),
    Fault(f"host killed while it archives, the file torn at a random byte, {TEARS} times", torn),
    Fault(
        "disk full for 15 s",
        refused("PRAGMA max_page_count = {pages}", "PRAGMA max_page_count = 1000000"),
    ),
    Fault("disk read-only for 15 s", refused("PRAGMA query_only = 1", "PRAGMA query_only = 0")),
)
