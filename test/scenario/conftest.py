# SPDX-License-Identifier: GPL-2.0-or-later
"""Every scenario gets a Kamailio of its own and leaves it as it was.

    @pytest.mark.server(params={"min_expires": 2})
    def test_S8_...(scene): ...

`server` takes the arguments of kamailio.Kamailio. `slow` marks what takes
more than ten seconds; those run first, so that they overlap with the rest.
"""

from __future__ import annotations

import functools
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from kamailio import Kamailio  # noqa: E402
from scene import Scene  # noqa: E402


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "server(**options): of this Kamailio")
    config.addinivalue_line("markers", "slow: takes more than ten seconds")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(name="scene")
def scene_fixture(request: pytest.FixtureRequest):
    """A running server; see scene.py."""
    marker = request.node.get_closest_marker("server")
    server = Kamailio(**(marker.kwargs if marker else {}))
    try:
        server.start()
        scene = Scene(server)
        yield scene
        scene.close_clients()
    finally:
        server.stop()
        server.remove()


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> None:
    """The end of the scenario belongs to the test."""
    scene = pyfuncitem.funcargs.get("scene")
    if scene is None:
        return
    play = pyfuncitem.obj

    @functools.wraps(play)
    def play_to_the_end(**arguments):
        play(**arguments)
        scene.finish()
    pyfuncitem.obj = play_to_the_end


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """A failure shows the end of the server's log."""
    outcome = yield
    report = outcome.get_result()
    scene = getattr(item, "funcargs", {}).get("scene")
    if report.failed and report.when == "call" and scene is not None:
        report.sections.append(("kamailio", scene.server.log_tail()))
