"""Options and fixtures of all tests."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import hypothesis
import pytest

from tests.sites import Site

# The same examples in every run: a test fails because of a change, not because of luck.
EXAMPLES = 3 if os.environ.get("READING_ROOM_FEW_EXAMPLES") else 100  # few where the suite is run a second time
hypothesis.settings.register_profile(
    "repeatable", derandomize=True, deadline=None, max_examples=EXAMPLES, database=None
)
hypothesis.settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--refresh", action="store_true", help="write what is expected anew from what the code does")


@pytest.fixture(scope="session", autouse=True)
def temporary_files_in_a_folder_of_their_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what builds put among the system's temporary files, their locks, with the other files of the tests."""
    folder = str(tmp_path_factory.mktemp("temporary"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", folder)
        patch.setenv("TMPDIR", folder)
        yield


@pytest.fixture
def refresh(request: pytest.FixtureRequest) -> bool:
    """Whether files with expected results are to be written anew."""
    return bool(request.config.getoption("--refresh"))


@pytest.fixture
def site(tmp_path: Path) -> Callable[..., Site]:
    """Return a function that makes a site in a fresh folder from a mapping of path to text or bytes."""

    def make(files: Mapping[str, str | bytes] | None = None) -> Site:
        return Site(tmp_path / "site", files)

    return make
