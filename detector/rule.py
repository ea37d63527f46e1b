"""The figures that decide when twitching is persistent."""

from dataclasses import dataclass

MINUTES_A_DAY = 1440


@dataclass(frozen=True, slots=True)
class Rule:
    """The figures that decide. docs/persistence.md gives the reason of each at length."""

    valid_rest_min: float = (
        20.0  # rest that makes an hour valid: a muscle shows within 2 min whether it twitches
    )
    learn_days: int = 3  # valid days before anything is said: fewer know nothing of how days differ
    memory_days: int = 30  # valid days that the baseline looks back: follows the seasons, not a decline
    times_baseline: float = 2.0  # an hour is elevated beyond it: day to day a healthy muscle doubles at most
    sure: float = 0.9  # probability that an elevated hour truly is: several hours and days must agree anyway
    floor_per_h: float = 12.0  # and beyond this: ten times what a good detector finds where nothing is
    window_hours: int = 12  # valid hours that a site is judged on: half a day of rest
    raise_hours: int = 6  # elevated among them to raise it: half
    clear_hours: int = 2  # elevated among them to clear it: far enough below to keep it from flapping
    valid_day_hours: int = 4  # valid hours that make a day valid: more than one sitting
    elevated_day_share: float = 1 / 3  # of a day's valid hours to make it elevated: not one bad evening
    window_days: int = 5  # valid days that a site is judged on: outlasts sore muscles after exercise
    raise_days: int = 3  # elevated among them to call it persistent: most
    regions: int = 2  # persistent to be worth discussing: one region has many local reasons
    together_hours: int = (
        72  # how recently each of them must have been elevated: the same days, not months apart
    )
    look_hours: tuple[int, ...] = (8, 20)  # of the local day: at most as many changes of level a day as looks
    utc_offset_min: int = 0  # of the wearer's local time

    def day(self, hour: int) -> int:
        """The local day that an hour belongs to."""
        return (hour * 60 + self.utc_offset_min) // MINUTES_A_DAY

    def looks_at(self, hour: int) -> bool:
        """Whether the level is told at the end of this hour."""
        return ((hour + 1) * 60 + self.utc_offset_min) % MINUTES_A_DAY // 60 in self.look_hours
