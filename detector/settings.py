"""What can be chosen about EMG detection; docs/accuracy.md is measured with the defaults."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EmgSettings:
    """Choices for `detector.emg.EmgDetector`.

    Attributes:
        false_alarms_per_hour: How many events an hour and channel noise alone may cause.
        false_share: Where a site twitches often, the share of its twitches that noise may add. A threshold
            for one false alarm in three hours hides many small twitches where there are a thousand an hour.
    """

    false_alarms_per_hour: float = 0.3
    false_share: float = 0.02
