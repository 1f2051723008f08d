# SPDX-License-Identifier: GPL-2.0-or-later
"""Joins and invitations that cross, fork, or meet nobody."""

from kamailio import Frozen

PATIENCE = 15.0
DISPATCHER = """\
loadmodule "dispatcher.so"
modparam("dispatcher", "list_file", "{path}")
"""


def test_J2_one_user_by_two_phones_at_once(scene):
    """Both INVITEs wait for the worker: the later one has the place."""
    # the earlier one's MSRP may come when its place is taken already
    scene.expect_problem("bob: bind refused with 481")
    alice, desk = scene.people("alice", "bob")
    mobile = scene.client("bob", register=False)
    mine, first = scene.conference(alice, desk)
    first.bye().wait()
    alice.wait_roster({"alice": "connected"}, timeout=PATIENCE)
    with Frozen(scene.server):
        pending = [phone.invite(mine.identity, wait=False)
                   for phone in (desk, mobile)]
        for session in pending:
            session.client.wait_response("INVITE", 100)
    for session in pending:
        assert session.exchange.wait(PATIENCE).status == 200
    ended = scene.poll(
        lambda: [s for s in pending if s.state == "ended"], PATIENCE,
        "the end of one")
    stays = next(s for s in pending if s not in ended)
    assert "cause=200" in ended[0].end_reason
    stays.wait_bound(PATIENCE)
    assert mine.send_text("which one?").wait() == 200
    stays.client.wait_message("which one?", timeout=PATIENCE)
    shown = scene.server.show(mine.identity)["participants"]
    assert [p["state"] for p in shown] == ["connected", "connected"]


def test_A5_invitees_whose_contact_leads_nowhere(scene):
    """Behind NAT, by UDP and by TCP: what is for them takes the way by which
    they came."""
    alice = scene.client("alice")
    phones = [scene.client("bob"), scene.client("carol", "tcp")]
    mine = alice.initiate_ad_hoc_conference([])
    sessions = []
    for phone in phones:
        assert mine.request("REFER", [
            ("Refer-To", f"<{phone.aor}>"), ("Refer-Sub", "false"),
        ]).wait().status == 200
        phone.wait_connected(timeout=PATIENCE).bye().wait()
        session = phone.invite(mine.identity, headers=[
            ("Contact", f"<sip:{phone.user}@192.0.2.1:9>")])
        session.wait_bound(PATIENCE)
        sessions.append(session)
    assert mine.send_text("reached?").wait() == 200
    for phone in phones:
        phone.wait_message("reached?", timeout=PATIENCE)
    scene.server.rpc("imconf.end", mine.identity)
    for session in sessions:
        bye = session.client.wait_bye(session, timeout=PATIENCE)
        assert bye.uri == f"sip:{session.client.user}@192.0.2.1:9"


def test_A5_the_dispatcher_is_reloaded_meanwhile(stage, tmp_path):
    """And values of the core and of tm change: conferences go on."""
    path = tmp_path / "dispatcher.list"
    path.write_text("1 sip:127.0.0.1:9\n")
    scene = stage(config=DISPATCHER.format(path=path))
    alice, bob = scene.people("alice", "bob")
    mine, _ = scene.conference(alice, bob)
    path.write_text("1 sip:127.0.0.1:9\n2 sip:127.0.0.1:10\n")
    scene.server.rpc("dispatcher.reload")
    for group, name, value in (("core", "debug", 2), ("tm", "fr_timer", 20000),
                               ("tm", "fr_inv_timer", 60000)):
        scene.server.rpc("cfg.set_now_int", group, name, str(value))
    assert mine.send_text("still here").wait() == 200
    bob.wait_message("still here", timeout=PATIENCE)
    carol = scene.client("carol")
    other = alice.initiate_ad_hoc_conference(["carol"])
    assert carol.wait_connected(timeout=PATIENCE).is_focus
    assert other.request("OPTIONS").wait().status == 200
