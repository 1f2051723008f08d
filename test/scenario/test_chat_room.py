# SPDX-License-Identifier: GPL-2.0-or-later
"""RFC 7701: nicknames and private messages, and what a peer can take."""

import pytest

from imclient import Cpim, MsrpFrame, Options, SdpTemplate, cpim
from imclient.session import Session
from scene import Scene

RCS = SdpTemplate(chatroom=None)     # the GSMA reference client's word


@pytest.fixture(name="three")
def three_fixture(scene: Scene) -> list[Session]:
    """The sessions of alice, bob and carol in one conference."""
    return scene.conference(*scene.people("alice", "bob", "carol"))


def texts(session: Session) -> list[str]:
    return [m.text for m in session.messages]


def talk(speaker: Session, *listeners: Session, text: str = "alive") -> None:
    assert speaker.send_text(text).wait() == 200
    for listener in listeners:
        listener.client.wait_message(text, speaker.client.user)


def send(session: Session, body: bytes, **options) -> int:
    return session.leg.send("message/cpim", body, **options).wait()


def wait_shown(session: Session, names: dict[str, str]) -> None:
    """These display names in the session's roster, by user."""
    client = session.client
    wanted = {client.uri_of(user): name for user, name in names.items()}

    def shown() -> bool:
        seen = client.roster.display_names if client.roster else {}
        return all(seen.get(uri) == name for uri, name in wanted.items())
    client.wait_for(shown, 15, lambda: f"{wanted}, {client.roster.documents}")


def described(body: bytes, name: str) -> list[str]:
    """The values of an attribute in a description."""
    lines = body.decode().splitlines()
    return [line.partition(":")[2] for line in lines
            if line.partition(":")[0] == f"a={name}"]


# Nicknames

def test_N8_a_nickname_is_shown_and_only_one_has_it(scene, three):
    """RFC 7701 section 9.2."""
    mine, bobs, carols = three
    assert bobs.set_nickname("Alice the great").wait() == 200
    exchange = mine.set_nickname("alice  the GREAT")
    assert exchange.wait() == 425
    assert exchange.response.comment == "Nickname reserved or already in use"
    assert mine.set_nickname("Alice in Wonderland").wait() == 200
    for session in three:
        wait_shown(session, {"alice": "Alice in Wonderland",
                             "bob": "Alice the great", "carol": ""})
    assert bobs.set_nickname("").wait() == 200
    wait_shown(carols, {"bob": ""})
    assert carols.set_nickname("ALICE THE GREAT").wait() == 200
    wait_shown(mine, {"carol": "ALICE THE GREAT"})
    talk(mine, bobs, carols)
    # the switch leaves what is said as it is
    assert b"Wonderland" not in bobs.messages[0].raw


def test_N8_a_nickname_ends_with_the_session(scene, three):
    mine, bobs, carols = three
    assert bobs.set_nickname('Robert "Bob" \\ Builder').wait() == 200
    wait_shown(mine, {"bob": 'Robert "Bob" \\ Builder'})
    bobs.leave()
    mine.client.wait_roster({"alice": "connected", "carol": "connected"},
                            exact=False)
    assert carols.set_nickname('robert "bob" \\ builder').wait() == 200
    bobs.client.invite(mine.identity)
    wait_shown(mine, {"bob": "", "carol": 'robert "bob" \\ builder'})


def test_N8_what_is_no_nickname_gets_424(scene, three):
    mine = three[0]
    for value in ('Alice', '"Alice', '"a"b"', '" "', '"\u200b"',
                  '"' + "x" * 1024 + '"'):
        assert mine.leg.send_request(
            "NICKNAME", [("Use-Nickname", value)]).wait() == 424
    assert mine.leg.send_request("NICKNAME", []).wait() == 424
    assert mine.set_nickname("x" * 1023).wait() == 200
    talk(*three)


@pytest.mark.server(params={"nicknames": 0, "private_messages": "no"})
def test_A7_what_the_room_has_is_said_and_kept(scene):
    alice, bob = scene.people("alice", "bob")
    mine, bobs = scene.conference(alice, bob)
    assert described(mine.response.body, "chatroom") == [""]
    assert mine.set_nickname("Al").wait() == 403
    assert mine.send_text("psst", bob.aor).wait() == 428
    talk(mine, bobs)
    assert texts(bobs) == ["alive"]


def test_A7_offers_and_answers_say_what_the_room_has(scene, three):
    mine, bobs, _ = three
    both = ["nickname private-messages"]
    assert described(mine.response.body, "chatroom") == both
    assert described(bobs.invite.body, "chatroom") == both
