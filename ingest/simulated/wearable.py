"""Sensors worn by one simulated body: at each site a board with EMG and an accelerometer."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from ingest.simulated import body
from ingest.simulated.accelerometer import AccelerometerConditions, AccelerometerSignal
from ingest.simulated.board import Board
from ingest.simulated.converter import Converter
from ingest.simulated.emg import EmgConditions, EmgSignal
from ingest.sites import Region, Site

_EMG_SCALE_UV = 0.1  # uV a count: 16 bits over +-3.3 mV, ten times finer than the noise of a good electrode
_QRS_UV = {  # uV, peak of the heartbeat: large on the trunk, 40 on an upper arm, fading towards the feet
    Region.BULBAR: 30.0,
    Region.CERVICAL: 40.0,
    Region.THORACIC: 500.0,
    Region.LUMBOSACRAL: 10.0,
}
_ACCELEROMETER_SCALE_MG = 0.061  # mg a count of an LSM6DS3 at +-2 g (data sheet)


@dataclass(frozen=True, slots=True)
class Wearable:
    """A board and what it measures; `planted` of each signal is the truth about its twitches."""

    site: Site
    board: Board
    emg: EmgSignal
    accelerometer: AccelerometerSignal


def wearables(
    sites: Sequence[Site],
    *,
    seed: int,
    boot_id: int,
    buffer_s: float = 25.0,
    twitches_per_min: float = 20.0,
    contractions_per_min: float = 1.0,
    emg: EmgConditions | None = None,
    accelerometer: AccelerometerConditions | None = None,
) -> list[Wearable]:
    """Return a board for each site; one heart beats in all of them.

    Args:
        sites: Where they are worn.
        seed: Another one, another body.
        boot_id: Of every board.
        buffer_s: How much they can send again; 0 for boards that cannot.
        twitches_per_min: At each site, less those that would fall into a disturbance.
        contractions_per_min: At each site.
        emg: What is in the way of the electrodes; by default what is usual, with the site's heartbeat.
        accelerometer: Which sensor it is, and what is in its way.
    """
    heart = body.Heart((seed,))
    worn = []
    for number, site in enumerate(sites):
        muscle = body.Site.simulated(
            (seed, site.key),
            heart,
            twitches_per_min=twitches_per_min,
            contractions_per_min=contractions_per_min,
        )
        conditions = emg or EmgConditions(qrs_uv=_QRS_UV[site.region])
        potentials = EmgSignal((seed, site.key, "emg"), [muscle], conditions=conditions)
        movements = AccelerometerSignal((seed, site.key, "movement"), muscle, conditions=accelerometer)
        board = Board(
            [
                Converter(potentials, _EMG_SCALE_UV, sites=[site.hint]),
                Converter(movements, _ACCELEROMETER_SCALE_MG, sites=[site.hint]),
            ],
            device_id=blake2b(f"{seed} {site.key}".encode(), digest_size=8).digest(),
            boot_id=boot_id,
            name=site.key[:24],
            buffer_s=buffer_s,
            drift_ppm=20.0 * (number - 1.5),  # as far apart as crystals are
        )
        worn.append(Wearable(site, board, potentials, movements))
    return worn
