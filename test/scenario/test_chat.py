# SPDX-License-Identifier: GPL-2.0-or-later
"""A whole conference: the path from the invitation to the last BYE."""

import pytest

EVERYBODY = {name: "connected" for name in ("alice", "bob", "carol")}


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_A5_three_people_chat_and_leave(scene, transport):
    alice, bob, carol = scene.people("alice", "bob", "carol",
                                     transport=transport)
    mine, bobs, carols = scene.conference(alice, bob, carol, subject="Lunch")
    for speaker, session in ((alice, mine), (bob, bobs), (carol, carols)):
        text = f"hello from {speaker.user}"
        assert session.send_text(text).wait() == 200
        for listener in (alice, bob, carol):
            if listener is not speaker:
                listener.wait_message(text, speaker.user)
        assert text not in [m.text for m in speaker.messages]
    bobs.leave()
    for one in (alice, carol):
        one.wait_roster({"alice": "connected", "carol": "connected"})
    assert scene.server.show(mine.identity)["present"] == 2
    carols.leave()
    alice.wait_roster({"alice": "connected"})
    mine.leave()
    scene.wait_statistic("conferences", 0)


def test_A5_a_conference_among_udp_and_tcp_clients(scene):
    alice = scene.client("alice")
    bob = scene.client("bob", "tcp")
    carol = scene.client("carol")
    mine, bobs, _ = scene.conference(alice, bob, carol)
    assert mine.send_text("one").wait() == 200
    assert bobs.send_text("two").wait() == 200
    bob.wait_message("one", "alice")
    carol.wait_message("two", "bob")
