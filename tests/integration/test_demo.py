"""`fasciwatch demo` as somebody runs it: the page answers, Ctrl-C ends it with a summary, nothing is left.

The demo's bars are for 60 s and more: recall and precision are held on eight minutes in
tests/detector/test_emg_on_wearables.py, these and the delay by `python -m bench.demo`. Here some 20 clear
twitches only show that the summary counts the right things.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

RUN_S = 25  # long enough for a dozen clear twitches at four sites


@pytest.mark.timeout(170)
def test_the_demo_shows_a_page_and_ends_with_an_honest_summary(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "fasciwatch", "demo", "--no-browser", "--port", "0", "--seed", "11"]
    environment = os.environ | {"TMPDIR": str(tmp_path), "COLUMNS": "120"}
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as demo:
        assert demo.stderr is not None
        address = next(found.group() for line in demo.stderr if (found := re.search(r"http://\S+?/", line)))
        with urllib.request.urlopen(address, timeout=20) as page:
            assert page.status == 200
            assert "fasciwatch" in page.read().decode()
        with urllib.request.urlopen(f"{address}healthz", timeout=20) as health:
            told = json.load(health)
            assert (told["ok"], len(told["links"])) == (True, 4)
        try:
            demo.wait(RUN_S)
        except subprocess.TimeoutExpired:
            demo.send_signal(signal.SIGINT)
        out, _ = demo.communicate(timeout=30)
    assert demo.returncode == 0
    recall, precision = map(float, re.findall(r"(?:recall|precision) ([\d.]+)", out))
    assert recall > 0.8
    assert precision > 0.8
    together = next(line.split() for line in out.splitlines() if line.strip().startswith("together"))
    planted, found, missed = map(int, together[1:4])
    assert planted == found + missed
    assert planted >= 12
    assert "p95" in out
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_said_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        words = [sys.executable, "-m", "fasciwatch", "demo", "--no-browser", "--port", str(port)]
        ended = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert str(port) in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_duration_ends_the_demo_by_itself() -> None:
    words = [sys.executable, "-m", "fasciwatch", "demo", "--no-browser", "--port", "0", "--duration", "3s"]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=90, check=False)
    assert ended.returncode == 0
    assert "recall" in ended.stdout
