"""The tables in docs/reliability.md: the fault matrix, and how soon real servers were read again."""

import math
import re
from pathlib import Path

from tests.integration.faults import FAULTS, Fault
from tests.integration.faults_trial import Outcome

REPORT = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- written by tests/integration/test_faults.py -->\n", "<!-- end -->\n"
_HEAD = (
    "| fault | samples taken | archived | twice | acknowledged and lost | never came | gaps on record |"
    " lost with a restart | back after |\n|---" + "|---:" * 8 + "|\n"
)


class Table:
    """Gathers the rows of a run; writes them if all of them are there and any has changed."""

    def __init__(self) -> None:
        self._rows: dict[str, str] = {}

    def add(self, fault: Fault, outcome: Outcome) -> None:
        cells = (
            outcome.taken,
            outcome.archived,
            outcome.twice,
            outcome.acked_lost,
            sum(map(len, outcome.missing)),
            sum(map(len, outcome.recorded)),
            outcome.unsent,
        )
        back = "-" if outcome.back_s is None else f"{outcome.back_s:.2f} s"
        self._rows[fault.name] = f"| {fault.name} | {' | '.join(f'{n:,}' for n in cells)} | {back} |\n"

    def write(self) -> None:
        if len(self._rows) < len(FAULTS):
            return
        text = REPORT.read_text(encoding="utf-8")
        before, _, rest = text.partition(BEGIN)
        table = "".join(self._rows[fault.name] for fault in FAULTS)
        written = f"{before}{BEGIN}\n{_HEAD}{table}\n{END}{rest.partition(END)[2]}"
        if written != text:
            REPORT.write_text(written, encoding="utf-8")


BACK_WITHIN_S = 10.0  # of the end of a fault
BACK_BEGIN, BACK_END = "<!-- longest of all runs of tests/integration -->\n", "<!-- end of longest -->\n"
_BACK_HEAD = "| after | read again within |\n|---|---:|\n"


def note_back(fault: str, back_s: float) -> None:
    """Write down how long it took until samples came again, in whole seconds, if it was never that long."""
    text = REPORT.read_text(encoding="utf-8")
    before, _, rest = text.partition(BACK_BEGIN)
    table, _, after = rest.partition(BACK_END)
    rows = re.findall(r"^\| (.+?) \| (\d+) s \|$", table, re.MULTILINE)
    longest_s = {name: int(number) for name, number in rows}
    if back_s <= longest_s.get(fault, 0):
        return
    longest_s[fault] = math.ceil(back_s)
    table = "".join(f"| {name} | {number} s |\n" for name, number in longest_s.items())
    REPORT.write_text(f"{before}{BACK_BEGIN}\n{_BACK_HEAD}{table}\n{BACK_END}{after}", encoding="utf-8")
