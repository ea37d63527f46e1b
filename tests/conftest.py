"""What tests of several rooms share: where the recordings are, and which browser there is."""

import os
import shutil
from pathlib import Path

import pytest

import fasciwatch  # noqa: F401 -- says how many threads numpy may use, which is not imported yet

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def recordings() -> Path:
    """The folder with the real recordings; tests that use it are marked `recordings`."""
    folder = Path(os.environ.get("FASCIWATCH_RECORDINGS", REPOSITORY.parent / "shared" / "recordings"))
    if not folder.is_dir():
        pytest.skip(f"no recordings at {folder}; FASCIWATCH_RECORDINGS names them")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The system's Chromium; tests that use it are marked `server`."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium has to be there in CI")
        pytest.skip("no Chromium on this machine")
    return found
