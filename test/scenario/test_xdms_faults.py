# SPDX-License-Identifier: GPL-2.0-or-later
"""An XDMS that is away, slow, wrong, huge or suspicious: what callers get."""

from __future__ import annotations

import gzip
import subprocess
import time
from pathlib import Path

import pytest

import group_documents
from group_documents import ANYBODY, JOIN, WATCH, Rule
from imclient import IMClient, Refused, SipMessage
from imclient.session import Session
from kamailio import ADDRESS, Kamailio
from scene import Scene
from xdms_double import Digest, Page, XdmsDouble

DOWN = r"group sip:\S+: document \S+: "
MANY = 200
BOMB = '<!DOCTYPE g [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {y} "{f"&{x};" * 10}">' for x, y in zip("abcdefgh", "bcdefghi")
) + "]><g>&i;</g>"


def document(uri: str) -> str:
    return group_documents.group(uri, [], invite_members=False,
                                 rules=[Rule(ANYBODY, (JOIN, WATCH))])


def put(scene: Scene, double: XdmsDouble, name: str = "room-a", **how) -> str:
    """A group that everybody may join; its URI."""
    uri = f"sip:{name}@{scene.server.domain}"
    double.put(uri, document(uri), **how)
    return uri


def refused(client: IMClient, uri: str) -> SipMessage:
    with pytest.raises(Refused) as caught:
        client.invite(uri)
    return caught.value.response


def memory(scene: Scene) -> int:
    """Of the worker, in bytes: the most it ever had."""
    pid = scene.server.worker_pid()
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) << 10
    raise AssertionError("no VmHWM")


def statuses(sessions: list[Session]) -> set[int]:
    return {session.exchange.wait(20).status for session in sessions}


# Not there

def test_P1_not_there_at_start_480_then_used_when_it_comes(scene, double):
    alice = scene.client("alice")
    room = put(scene, double)
    double.stop()
    scene.expect_log(DOWN)
    answer = refused(alice, room)
    assert answer.status == 480
    assert int(answer.get("Retry-After")) > 0
    double.start()
    assert alice.invite(room).state == "connected"


@pytest.mark.parametrize("code", [500, 503])
def test_P1_the_operator_may_choose_another_code(stage, double, code):
    scene = stage(params={"xdms_down_code": code}, xdms_port=double.port)
    room = put(scene, double, status=503)
    scene.expect_log(DOWN)
    assert refused(scene.client("alice"), room).status == code


def test_P1_dies_while_many_wait(scene, double):
    alice = scene.client("alice", "tcp")
    rooms = [put(scene, double, f"room-{n}", hold=True) for n in range(20)]
    scene.expect_log(DOWN)
    waiting = [alice.invite(rooms[n % 20], wait=False) for n in range(MANY)]
    scene.poll(lambda: double.open == 20, what="20 requests")
    double.stop()
    assert statuses(waiting) == {480}
    assert len(double.requests) == 20


@pytest.mark.server(params={"xdms_timeout": 500})
def test_P1_too_slow_480(scene, double):
    alice = scene.client("alice")
    room = put(scene, double, delay=30)
    scene.expect_log(DOWN)
    began = time.monotonic()
    assert refused(alice, room).status == 480
    assert 0.4 < time.monotonic() - began < 20


@pytest.mark.server(params={"xdms_ttl": 0, "xdms_timeout": 3000})
def test_P1_what_is_known_serves_while_it_is_down(scene, double):
    alice = scene.client("alice")
    room = put(scene, double)
    alice.invite(room).leave()
    double.stop()
    scene.expect_log(DOWN)
    alice.invite(room).leave()
    scene.wait_statistic("xdms_errors", 1)


@pytest.mark.parametrize("params", [
    {"xdms_timeout": 27500},    # tm ends the INVITE after 32 s
    {"xdms_root": "ftp://127.0.0.1/"}, {"xdms_path": "byGroupID"},
    {"xdms_auth": "ntlm"}, {"xdms_ca_file": "/nowhere"},
], ids=lambda params: next(iter(params)))
def test_START_xdms_parameters_that_cannot_be_are_named(params):
    server = Kamailio(params=params)
    try:
        assert f"parameter {next(iter(params))} is " in server.run_to_refusal()
    finally:
        server.remove()


# Cancelled

def test_P1_cancel_while_it_is_fetched(scene, double):
    alice = scene.client("alice")
    room = put(scene, double, hold=True)
    session = alice.invite(room, wait=False)
    scene.poll(lambda: double.open == 1, what="a request")
    assert session.cancel().wait().status == 200
    assert session.exchange.wait().status == 487
    double.let_go()
    scene.poll(lambda: double.asked(room) == [200], what="the answer")
    assert scene.server.statistics()["created"] == 0


# Wrong

@pytest.mark.server(workers=1)
@pytest.mark.parametrize("page", [
    Page(b"<group", media_type=group_documents.MEDIA_TYPE),
    Page(b"<p>Log in first</p>", media_type="text/html"),
    Page(BOMB.encode()),
    Page(gzip.compress(b" " * 10_000_000),
         headers={"Content-Encoding": "gzip"}),
    Page(b"<group>", huge=100 << 20),
    Page(b"", status=302, headers={"Location": "/elsewhere"}),
    Page(b"", status=403),
], ids=["cut", "html", "xml-bomb", "gzip-bomb", "huge", "redirect", "403"])
def test_P1_no_usable_document_500_and_a_line_that_names_it(scene, double,
                                                            page):
    alice = scene.client("alice")
    room = f"sip:room-a@{scene.server.domain}"
    double.default = page
    before = memory(scene)
    scene.expect_log(rf"group {room}: document http://\S+{room}: \S+")
    assert refused(alice, room).status == 500
    assert len(scene.server.bad_lines()) == 1
    assert memory(scene) - before < 16 << 20


@pytest.mark.parametrize("how", [{"cut": 40}, {"status": 500}],
                         ids=["truncated", "500"])
def test_P1_no_document_for_now_480(scene, double, how):
    alice = scene.client("alice")
    room = put(scene, double, **how)
    scene.expect_log(DOWN)
    assert refused(alice, room).status == 480
    put(scene, double)
    assert alice.invite(room).state == "connected"


# Again

@pytest.mark.server(params={"xdms_ttl": 0})
def test_P1_reload_group_helps_where_the_etag_never_changes(scene, double):
    alice = scene.client("alice")
    room = put(scene, double, etag='"1"')
    alice.invite(room).leave()
    empty = group_documents.group(room, [], invite_members=False, rules=[])
    double.put(room, empty, etag='"1"')
    alice.invite(room).leave()
    assert double.asked(room) == [200, 304]
    told = scene.server.rpc("imconf.reload_group", room)
    assert told[0]["forgotten"] == 1
    assert refused(alice, room).status == 403
    assert double.asked(room) == [200, 304, 200]


def test_P1_imconf_groups_tells_what_is_known(scene, double):
    alice = scene.client("alice")
    room = put(scene, double)
    alice.invite(room).leave()
    alice.invite(room).leave()
    nobody = f"sip:room-none@{scene.server.domain}"
    assert refused(alice, nobody).status == 404
    workers = scene.server.rpc("imconf.groups")
    groups = {g["group"]: g for w in workers for g in w["groups"]}
    assert sum(w["total"] for w in workers) == 2
    assert groups[room]["hits"] == 1
    assert groups[room]["absent"] == 0
    assert groups[nobody]["absent"] == 1


# Who asks

def test_P1_openxcaps_nonces_are_good_once(stage, double):
    scene = stage(params={"xdms_user": "imconf", "xdms_password": "secret"},
                  xdms_port=double.port)
    double.login = Digest("imconf", "secret")
    alice = scene.client("alice")
    for name in ("room-a", "room-b", "room-c"):
        room = put(scene, double, name)
        alice.invite(room).leave()
        assert double.asked(room) == [401, 200]
    asserted = double.requests[-1].headers["X-XCAP-Asserted-Identity"]
    assert asserted == f'"sip:alice@{scene.server.domain}"'


def test_P1_a_wrong_password_is_tried_twice_and_no_more(stage, double):
    scene = stage(params={"xdms_user": "imconf", "xdms_password": "wrong"},
                  xdms_port=double.port)
    double.login = Digest("imconf", "secret")
    room = put(scene, double)
    scene.expect_log(DOWN + "the answer is 401")
    assert refused(scene.client("alice"), room).status == 500
    assert double.asked(room) == [401] * 4


# TLS

@pytest.fixture(name="certificate")
def certificate_fixture(tmp_path):
    """Of 127.0.0.1, signed by itself; with its key."""
    path = tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days",
         "2", "-subj", "/CN=xdms", "-addext", f"subjectAltName=IP:{ADDRESS}",
         "-keyout", str(path), "-out", str(tmp_path / "public.pem")],
        check=True, capture_output=True)
    path.write_text(path.read_text() + (tmp_path / "public.pem").read_text())
    return path


def secure(stage, double: XdmsDouble, certificate: Path, **params) -> Scene:
    double.stop()
    double.certificate = str(certificate)
    double.start()
    root = f"https://{ADDRESS}:{double.port}"
    return stage(params={"xdms_root": root, **params})


def test_P1_https_with_a_certificate_of_our_authority(stage, double,
                                                      certificate):
    scene = secure(stage, double, certificate,
                   xdms_ca_file=str(certificate.parent / "public.pem"))
    alice = scene.client("alice")
    for name in ("room-a", "room-b"):
        assert alice.invite(put(scene, double, name)).state == "connected"


def test_P1_https_with_a_strangers_certificate_is_no_xdms(stage, double,
                                                          certificate):
    scene = secure(stage, double, certificate)
    room = put(scene, double)
    scene.expect_log(DOWN + ".*certificate")
    assert refused(scene.client("alice"), room).status == 480
    assert double.requests == []


def test_P1_unless_the_operator_does_not_care(stage, double, certificate):
    scene = secure(stage, double, certificate, xdms_verify=0)
    room = put(scene, double)
    assert scene.client("alice").invite(room).state == "connected"


# Many

@pytest.mark.server(params={"xdms_parallel": 40}, workers=1)
def test_P1_forty_fetches_at_once_and_nobody_else_waits(scene, double):
    alice, bob = scene.client("alice", "tcp"), scene.client("bob")
    session, _ = scene.conference(bob, scene.client("carol"))
    rooms = [put(scene, double, f"room-{n}", hold=True) for n in range(60)]
    waiting = [alice.invite(room, wait=False) for room in rooms]
    scene.poll(lambda: double.open == 40, what="40 requests")
    for n in range(20):
        session.send_text(f"message {n}")
    assert bob.query(scene.server.factory).status == 200
    assert double.open == 40
    double.let_go()
    for each in waiting:
        each.wait_state("connected", timeout=15)
    assert double.open_max == 40
