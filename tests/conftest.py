"""What tests share: whether a Docker engine or Java is there, and brokers of every kind."""

from __future__ import annotations

import os
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest

from schemareg.brokers import Broker, open_broker
from schemareg.brokers.container import ContainerBroker, find_image
from schemareg.errors import DockerError

# pytest-timeout's deadline of each test, also of those in a pytest that a test starts. A test that
# blocks the interpreter itself ends with the run, by faulthandler_timeout in pyproject.toml.
os.environ.setdefault("PYTEST_TIMEOUT", "180")

# registries that do not answer are given up after one short pause
os.environ.setdefault("SCHEMAREG_REGISTRY_TRIES", "2")

# A test that lints twice must not meet what an earlier one left in the user's cache.
os.environ.setdefault("SCHEMAREG_NO_CACHE", "1")

# pytest takes this from the outermost conftest only
pytest_plugins = ["pytester"]

EXTERNAL_KAFKA = os.environ.get("SCHEMAREG_TEST_KAFKA")

BROKERS = (
    pytest.param("embedded", id="embedded"),
    pytest.param("container", id="container", marks=pytest.mark.docker),
    # without a cluster of somebody's, the container's address stands for one
    pytest.param("external", id="external", marks=() if EXTERNAL_KAFKA else pytest.mark.docker),
)


@cache
def docker_is_missing() -> str | None:
    """Why tests with containers cannot run here, or None."""
    try:
        find_image(os.environ.get("SCHEMAREG_KAFKA_IMAGE"))
    except DockerError as error:
        return str(error)
    return None


@cache
def java_is_missing() -> str | None:
    """Why tests with Java cannot run here, or None."""
    return None if shutil.which("java") else "no java on PATH"


@cache
def browser_is_missing() -> str | None:
    """Why tests with a browser cannot run here, or None."""
    return None if shutil.which("chromium") else "no chromium on PATH (apt-get install chromium)"


def pytest_configure() -> None:
    # what starts in a shell's background ignores SIGINT, and so would every program that a test
    # starts and interrupts
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with the longest deadlines come first, then those with the most tests: by their number
    alone, which is xdist's own order, the longest would begin last and end the run alone.
    """
    deadlines: dict[str, float] = {}
    for item in items:
        mark = item.get_closest_marker("timeout")
        deadline_s = float(mark.args[0]) if mark is not None and mark.args else 0.0
        deadlines[_file_of(item)] = max(deadline_s, deadlines.get(_file_of(item), 0.0))
    counts = Counter(map(_file_of, items))
    items.sort(key=lambda item: (-deadlines[_file_of(item)], -counts[_file_of(item)]))


def _file_of(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, missing in (
        ("docker", docker_is_missing),
        ("java", java_is_missing),
        ("browser", browser_is_missing),
    ):
        if item.get_closest_marker(marker) is None:
            continue
        reason = missing()
        if reason is None:
            continue
        if os.environ.get(f"SCHEMAREG_REQUIRE_{marker.upper()}") == "1":
            pytest.fail(f"{reason} (SCHEMAREG_REQUIRE_{marker.upper()}=1)", pytrace=False)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def container_broker() -> Iterator[ContainerBroker]:
    """One real Kafka for the whole run; whoever breaks it starts one of their own."""
    with ContainerBroker(os.environ.get("SCHEMAREG_KAFKA_IMAGE")) as broker:
        yield broker


@pytest.fixture(scope="session", params=BROKERS)
def broker(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """The same test on every kind of broker."""
    if request.param == "container":
        yield request.getfixturevalue("container_broker")
        return
    spec = request.param
    if spec == "external":
        spec = EXTERNAL_KAFKA or request.getfixturevalue("container_broker").bootstrap_servers
    with open_broker(spec) as broker:
        yield broker
