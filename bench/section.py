"""What a part of the bench hands to the report."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure and what is asked of it."""

    name: str
    value: float
    wanted: float
    at_least: bool = True

    @property
    def met(self) -> bool:
        return self.value >= self.wanted if self.at_least else self.value <= self.wanted

    def row(self) -> str:
        sign = "at least" if self.at_least else "at most"
        verdict = "met" if self.met else "**missed**"
        return f"| {self.name} | {self.value:.3g} | {sign} {self.wanted:g} | {verdict} |"


@dataclass(slots=True)
class Section:
    """A chapter: Markdown lines, bars, and the figures for the JSON file."""

    title: str
    lines: list[str] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    """A Markdown table; the first column is text, the others are figures."""
    lines = ["| " + " | ".join(head) + " |", "|---" + "|---:" * (len(head) - 1) + "|"]
    return [*lines, *("| " + " | ".join(row) + " |" for row in rows), ""]
