"""The page in a browser: a made service in a process of its own, and the system's Chromium."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

SCENE = Path(__file__).with_name("scene.py")
CHROMIUM_OPTIONS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
STOP_TIMEOUT_S = 10


@dataclass(frozen=True)
class Scene:
    """A running page: see scene.py."""

    url: str
    journal: Path
    process: subprocess.Popen[str]

    def tell(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(STOP_TIMEOUT_S)


@contextmanager
def playing(name: str, folder: Path) -> Iterator[Scene]:
    journal = folder / "journal.sqlite3"
    process = subprocess.Popen(
        [sys.executable, SCENE, journal, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert url, "the scene did not start"
            yield Scene(url, journal, process)
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Scene]]:
    """Starts scenes by name, each once, and ends them with the module."""
    running: dict[str, Scene] = {}
    with ExitStack() as stack:

        def start(name: str) -> Scene:
            if name not in running or running[name].process.poll() is not None:
                running[name] = stack.enter_context(playing(name, tmp_path_factory.mktemp(name)))
            return running[name]

        yield start


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with (
        sync_playwright() as playwright,
        closing(playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)) as browser,
    ):
        yield browser
