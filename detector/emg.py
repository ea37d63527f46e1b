"""The EMG detector: samples of all channels in, twitches and the state of every channel out."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.block import Block
from detector.contract import StateValue
from detector.event import Findings, Span, State
from detector.page import PAGE_HOPS, Grid
from detector.settings import EmgSettings
from detector.sites import Sites

LOWEST_HZ, HIGHEST_HZ = 200, 4000  # below, a twitch is a sample or two; above, nothing is gained

__all__ = ["EmgDetector", "EmgSettings"]


class EmgDetector:
    """Finds twitches in surface EMG by matched filters. See docs/detector.md for how and why.

    The first page (2 s) of a stream is kept back until it is complete: it shows the noise floor.

    Args:
        rate_hz: 200 to 4000.
        channels: Rows of every block.
        settings: What can be chosen.
        saturation_uv: The lowest and the highest value that the converter can give, if known.

    Raises:
        ValueError: The rate is outside its range or there is no channel.
    """

    version = "emg-3"

    def __init__(
        self,
        rate_hz: float,
        channels: int,
        settings: EmgSettings = EmgSettings(),  # noqa: B008 -- frozen
        saturation_uv: tuple[float, float] | None = None,
    ) -> None:
        if not LOWEST_HZ <= rate_hz <= HIGHEST_HZ:
            raise ValueError(
                f"an EMG stream has {LOWEST_HZ} to {HIGHEST_HZ} samples a second, not {rate_hz:g}"
            )
        if channels < 1:
            raise ValueError(f"an EMG stream has at least one channel, not {channels}")
        self._channels = channels
        self._grid = Grid(rate_hz)
        self._sites = Sites(self._grid, channels, settings, saturation_uv)
        self._primed = False
        self._end: int | None = None
        self._raw = np.empty((channels, 0), dtype=np.float32)  # what does not fill a hop yet

    def update(self, block: Block) -> Findings:
        """See `detector.contract.Detector`."""
        samples = np.asarray(block.samples, dtype=np.float32)
        if samples.ndim != 2 or len(samples) != self._channels:
            raise ValueError(f"a block of {self._channels} channels was expected, not {samples.shape}")
        findings = Findings()
        if self._end is None:
            self._sites.begin(block.start)
        elif block.start < self._end:
            raise ValueError(f"block starts at {block.start}, before the end of the last one at {self._end}")
        elif block.start > self._end:
            self._close(findings)
            findings.spans.extend(
                Span(channel, self._end, block.start, State.MISSING, np.nan)
                for channel in range(self._channels)
            )
            self._sites.begin(block.start)
        self._end = block.end
        self._raw = np.concatenate([self._raw, samples], axis=1)
        if self._raw.shape[1] >= PAGE_HOPS * self._grid.raw_hop:
            self._prime()
        if self._primed:
            self._consume(findings, self._raw.shape[1] // self._grid.raw_hop)
        return findings

    def finish(self) -> Findings:
        """See `detector.contract.Detector`."""
        findings = Findings()
        if self._end is not None:
            self._close(findings)
        return findings

    def _close(self, findings: Findings) -> None:
        """The segment ended: work off the rest, then as much padding as pending candidates wait for."""
        assert self._end is not None
        real = -(-self._raw.shape[1] // self._grid.raw_hop)
        padding = -(-self._sites.wait // self._grid.hop)
        missing = (real + padding) * self._grid.raw_hop - self._raw.shape[1]
        last = self._raw[:, -1:] if self._raw.shape[1] else np.zeros((self._channels, 1), dtype=np.float32)
        self._raw = np.concatenate([self._raw, np.repeat(last, missing, axis=1)], axis=1)
        self._prime()
        self._consume(findings, real)
        self._consume(findings, padding, real=False)
        findings.extend(self._sites.finish(self._end))

    def _prime(self) -> None:
        """Before the first hop of all, let the first page be looked at."""
        if not self._primed:
            hops = min(self._raw.shape[1] // self._grid.raw_hop, PAGE_HOPS)
            self._sites.prime(self._piece(0, hops))
            self._primed = True

    def _consume(self, findings: Findings, hops: int, *, real: bool = True) -> None:
        """Work through so many hops in pieces that end where pages end."""
        done = 0
        while done < hops:
            count = min(hops - done, self._sites.hops_left)
            findings.extend(self._sites.work(self._piece(done, count), real=real))
            done += count
        self._raw = self._raw[:, hops * self._grid.raw_hop :].copy()  # let go of the block

    def _piece(self, first: int, hops: int) -> NDArray[np.float32]:
        """So many of the raw hops that wait: (hops, n, channels)."""
        size = self._grid.raw_hop
        piece = self._raw[:, first * size : (first + hops) * size]
        return np.ascontiguousarray(piece.T).reshape(hops, size, self._channels)

    def state(self) -> dict[str, StateValue]:
        """See `detector.contract.Detector`."""
        return {
            "version": self.version,
            "sites": self._sites.state(),
            "primed": self._primed,
            "end": self._end,
            "raw": self._raw.copy(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """See `detector.contract.Detector`."""
        if state.get("version") != self.version:
            raise ValueError(f"a state of {state.get('version')!r} does not fit {self.version!r}")
        self._sites.restore(state["sites"])
        self._primed, self._end = state["primed"], state["end"]
        self._raw = np.array(state["raw"])
