# SPDX-License-Identifier: GPL-2.0-or-later
"""Every scenario gets a Kamailio of its own and leaves it as it was.

    @pytest.mark.server(params={"min_expires": 2})
    def test_S8_...(scene): ...

`server` takes the arguments of kamailio.Kamailio. `slow` marks what takes
more than ten seconds; those run first, so that they overlap with the rest.
Whoever asks for `xdms`, too, gets an XDMS that the server of `scene` uses;
`double` is one that misbehaves.
"""

from __future__ import annotations

import functools
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

pytest.register_assert_rewrite("bodies", "scene")

from certificates import Certificates  # noqa: E402
from kamailio import Kamailio  # noqa: E402
from scene import Scene  # noqa: E402
from xdms import Xdms  # noqa: E402
from xdms_double import XdmsDouble  # noqa: E402

XDMS_FIXTURES = ("xdms", "double")
SCENES = pytest.StashKey[list]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "server(**options): of this Kamailio")
    config.addinivalue_line("markers", "slow: takes more than ten seconds")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(name="stage")
def stage_fixture(request: pytest.FixtureRequest):
    """stage(**options of Kamailio) -> Scene, for options known only then;
    stage(server) for a server made before."""
    scenes: list[Scene] = []
    request.node.stash[SCENES] = scenes

    def stage(server: Kamailio | None = None, **options) -> Scene:
        scene = Scene(server or Kamailio(**options))
        scenes.append(scene)
        scene.server.start()
        return scene
    yield stage
    for scene in scenes:
        scene.close_clients()
        scene.server.stop()
        scene.server.remove()


@pytest.fixture(name="xdms")
def xdms_fixture():
    """A running nginx with no documents; see xdms.py."""
    xdms = Xdms()
    try:
        xdms.start()
        yield xdms
    finally:
        xdms.stop()
        xdms.remove()


@pytest.fixture(name="double")
def double_fixture():
    """An XDMS that misbehaves as the test says; see xdms_double.py."""
    double = XdmsDouble()
    double.start()
    yield double
    double.stop()


@pytest.fixture(name="certificates", scope="session")
def certificates_fixture():
    """Made once; see certificates.py."""
    certificates = Certificates()
    yield certificates
    certificates.remove()


@pytest.fixture(name="scene")
def scene_fixture(request: pytest.FixtureRequest, stage):
    """A running server with the options of the mark; see scene.py."""
    marker = request.node.get_closest_marker("server")
    options = dict(marker.kwargs if marker else {})
    for name in XDMS_FIXTURES:
        if name in request.fixturenames:
            options["xdms_port"] = request.getfixturevalue(name).port
    if {"tls", "wss"} & set(options.get("transports", ())):
        certificates = request.getfixturevalue("certificates")
        options["params"] = {**certificates.params(),
                             **options.get("params", {})}
    return stage(**options)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> None:
    """The end of the scenario belongs to the test. The newest server's clients
    leave first: what they are in may be another's."""
    scenes = pyfuncitem.stash.get(SCENES, [])
    play = pyfuncitem.obj

    @functools.wraps(play)
    def play_to_the_end(*arguments, **named):
        play(*arguments, **named)
        for scene in reversed(scenes):
            scene.finish()
    pyfuncitem.obj = play_to_the_end


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """A failure shows the end of the server's log."""
    outcome = yield
    report = outcome.get_result()
    if not report.failed or report.when != "call":
        return
    for scene in item.stash.get(SCENES, []):
        report.sections.append(("kamailio", scene.server.log_tail()))
