# SPDX-License-Identifier: GPL-2.0-or-later
"""What these tests rely on must itself be able to fail."""

import socket
import subprocess
import sys

import pytest

import schema
from kamailio import ADDRESS, ROOT, rpc

GOOD = b'''\
<conference-info xmlns="urn:ietf:params:xml:ns:conference-info"
 entity="sip:c@x" state="full" version="1"><conference-description/>
<users><user entity="sip:a@x" state="full" yourown="true"><endpoint
 entity="sip:a@x"><status>connected</status></endpoint></user></users>
</conference-info>'''


@pytest.mark.skipif(not schema.available(), reason="no IMCONF_XSD_DIR")
def test_the_schema_finds_what_is_wrong():
    assert schema.problems_of([GOOD]) == []
    for bad in (GOOD.replace(b">connected<", b">here<"),
                GOOD.replace(b"yourown", b"myown"),
                GOOD.replace(b'entity="sip:c@x"', b"")):
        assert schema.problems_of([GOOD, bad])


def test_rpc_answers_are_taken_apart():
    text = ("{\n\tworker: 0\n\tlist: {\n\t\t{\n\t\t\tname: sip:a@b\n\t\t}\n"
            "\t\t{\n\t\t\tname: \n\t\t}\n\t}\n\tempty: {\n\t}\n}\nlast")
    assert rpc.parse(text) == [
        {"worker": 0, "list": [{"name": "sip:a@b"}, {"name": ""}],
         "empty": []}, "last"]


@pytest.mark.server(config="""\
event_route[core:pre-routing] {
	if (is_method("OPTIONS")) xlog("L_ERR", "trouble\\n");
}
""")
def test_an_error_in_the_log_is_noticed(scene):
    alice = scene.client("alice", register=False)
    alice.query(scene.server.factory)
    scene.server.wait_log("ERROR.*trouble")
    with pytest.raises(AssertionError, match="trouble"):
        scene.finish()
    scene.expect_log("trouble")


def test_who_stays_behind_is_noticed(scene, monkeypatch):
    alice, bob = scene.people("alice", "bob")
    mine, bobs = scene.conference(alice, bob)
    bobs.state = "lost from sight"
    bobs.subscription.state = "terminated"
    with monkeypatch.context() as hasty:
        hasty.setattr("scene.SETTLE_PATIENCE", 2.0)
        with pytest.raises(AssertionError, match="counters not back"):
            scene.finish()
    bobs.state = "connected"
    bobs.subscription.state = "active"


@pytest.mark.parametrize("claim, said", [
    ("sip=abc", "PORT=abc is no port"), ("msrp=65535+2", "is no port"),
    ("xdms={taken}", "is taken; choose another with XDMS_PORT=")])
def test_START_make_run_names_the_port_that_cannot_be(claim, said):
    with socket.create_server((ADDRESS, 0)) as taken:
        claim = claim.format(taken=taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, str(ROOT / "tools" / "ports.py"), "check",
             ADDRESS, claim], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert said in done.stderr and "Traceback" not in done.stderr
