# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions that stand: timers, refreshes and changes, between two clients."""

import pytest

from imclient import IMClient, Options, Refused, sdp

PATIENCE = 15.0


@pytest.fixture(name="make")
def make_fixture():
    """make(options of alice, of bob) -> the two of them, one's call away."""
    clients = []

    def make(mine: Options, theirs: Options):
        bob = IMClient("bob", "x.invalid", ("127.0.0.1", 9), options=theirs)
        alice = IMClient("alice", "x.invalid", ("127.0.0.1", bob.port),
                         options=mine)
        clients.extend((alice, bob))
        return alice, bob
    yield make
    for client in clients:
        client.close()
        assert client.loop.errors == []


def answered(client, method: str, count: int) -> None:
    client.wait_response(method, 200, count, PATIENCE)


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_the_refresher_refreshes_at_half_time(make, method):
    alice, bob = make(Options(session_expires=2, refresh=method), Options())
    mine = alice.invite("bob")
    assert mine.session_expires == "2;refresher=uac"
    theirs = bob.wait_connected()
    answered(alice, method, 3 if method == "INVITE" else 2)
    assert [m.method for m in theirs.changes[:2]] == [method] * 2
    assert mine.state == theirs.state == "connected"
    assert not bob.problems


def test_the_other_side_may_be_the_refresher(make):
    alice, bob = make(Options(session_expires=2, refresher="uas"),
                      Options(refresh="UPDATE"))
    mine = alice.invite("bob")
    answered(bob, "UPDATE", 1)
    assert len(mine.changes) == 1 and not alice.problems


def test_who_is_not_refreshed_says_bye(make):
    alice, bob = make(Options(session_expires=2, refresher="uas"),
                      Options(refresh=""))
    mine = alice.invite("bob")
    bob.wait_bye(timeout=PATIENCE)
    assert alice.problems == ["session timer ran out"]
    mine.wait_state("ended")


def test_who_does_not_expire_waits(make):
    alice, bob = make(Options(session_expires=1, refresher="uas",
                              expire=False), Options(refresh=""))
    alice.invite("bob")
    with pytest.raises(TimeoutError):
        bob.wait_bye(timeout=2)


def test_481_to_a_refresh_ends_the_session(make):
    alice, bob = make(Options(session_expires=0), Options(answer_change=481))
    mine = alice.invite("bob")
    assert alice.refresh_session(mine, "UPDATE").wait().status == 481
    bob.wait_bye()


def test_silence_is_no_answer(make):
    alice, bob = make(Options(t1=0.01), Options(answer_change=0))
    mine = alice.invite("bob")
    assert alice.refresh_session(mine, "UPDATE").wait().status == 408
    assert bob.wait_connected().changes


def test_an_answer_may_depend_on_what_came_before(make):
    alice, bob = make(Options(), Options(
        answer_change=lambda session: 488 if len(session.changes) == 1
        else 200, change_sdp=False))
    mine = alice.invite("bob")
    bob.wait_connected()
    assert alice.modify_session(mine).wait().status == 488
    response = alice.modify_session(mine).wait()
    assert response.status == 200 and not response.body


def test_too_short_a_timer_gets_422(make):
    alice, _ = make(Options(session_expires=60), Options(min_se=90))
    with pytest.raises(Refused) as caught:
        alice.invite("bob")
    assert caught.value.status == 422
    assert caught.value.response.get("Min-SE") == "90"


def test_without_timers_none_is_mentioned(make):
    alice, bob = make(Options(timer=False), Options())
    mine = alice.invite("bob")
    assert "timer" not in bob.wait_request("INVITE").tokens("Supported")
    assert not mine.response.get("Session-Expires")


def test_reinvites_that_cross_each_other_get_491(make):
    alice, bob = make(Options(answer_change=0), Options(answer_change=0))
    mine, theirs = alice.invite("bob"), bob.wait_connected()
    mine.change("INVITE", mine.describe("active"))
    bob.wait_for(lambda: theirs.changes, what="re-INVITE")
    bob.options.answer_change = alice.options.answer_change = 200
    assert theirs.change("INVITE", theirs.describe("active")
                         ).wait().status == 491


def test_descriptions_of_a_fresh_leg_and_of_a_direction(make):
    alice, _ = make(Options(), Options())
    mine = alice.invite("bob")
    before = mine.leg
    media = sdp.parse(mine.describe_anew("active"))
    assert mine.leg is not before and media.path == mine.leg.local_path
    media = sdp.parse(mine.describe("active", "sendonly"))
    assert ("sendonly", "") in media.attributes
