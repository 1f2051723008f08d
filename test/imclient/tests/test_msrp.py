# SPDX-License-Identifier: GPL-2.0-or-later
"""MSRP frames and the assembly of chunks."""

import random

import pytest

from imclient.msrp_frame import (FrameReader, MsrpFrame, MsrpSyntaxError,
                                 parse_uri)
from imclient.msrp_messages import Assembly

PATHS = [("To-Path", "msrp://h:1/a;tcp"), ("From-Path", "msrp://h:2/b;tcp")]


def frame(body, byte_range, flag="+", message_id="m"):
    headers = PATHS + [("Message-ID", message_id),
                       ("Byte-Range", byte_range),
                       ("Content-Type", "message/cpim")]
    return MsrpFrame("abcd1234", "SEND", headers=headers, body=body,
                     flag=flag)


FRAMES = [
    MsrpFrame("t1", "SEND", headers=PATHS),
    MsrpFrame("t2", "SEND", headers=PATHS, body=b""),
    MsrpFrame("t3", "SEND", headers=PATHS, flag="#",
              body=b"\r\n-------t3x\r\n-------t4$\r\n"),
    MsrpFrame("t5", status=200, comment="OK", headers=PATHS),
    MsrpFrame("t6", status=481, headers=PATHS),
    MsrpFrame("t7", "REPORT", headers=PATHS),
]


def test_frames_survive_any_cutting():
    data = b"".join(f.encode() for f in FRAMES)
    rng = random.Random(1)
    for step in (1, 2, 7, len(data)):
        reader, got, at = FrameReader(), [], 0
        while at < len(data):
            size = rng.randint(1, step)
            got += reader.feed(data[at:at + size])
            at += size
        assert got == FRAMES


def test_bodiless_send_is_written_as_the_field_does():
    data = MsrpFrame("ab12", "SEND", headers=[("Message-ID", "x")]).encode()
    assert data == (b"MSRP ab12 SEND\r\nMessage-ID: x\r\n"
                    b"-------ab12$\r\n")


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\n", b"x" * 300,
                                  b"MSRP  SEND\r\n", b"MSRP a send\r\n"])
def test_reader_refuses(data):
    with pytest.raises(MsrpSyntaxError):
        FrameReader().feed(data)


@pytest.mark.parametrize("text,expected", [
    ("1-5/9", (1, 5, 9)), ("1-*/9", (1, None, 9)), ("3-*/*", (3, None, None)),
    ("1-0/0", (1, 0, 0))])
def test_byte_range(text, expected):
    assert frame(b"", text).byte_range() == expected


def test_uri():
    uri = parse_uri("msrp://u@h:7/sEss;tcp")
    assert (uri.host, uri.port, uri.session, uri.transport) == (
        "h", 7, "sEss", "tcp")
    assert parse_uri("msrp://h/s;tcp").port == 2855
    with pytest.raises(MsrpSyntaxError):
        parse_uri("http://h/s")


def assemble(*chunks):
    assembly, message = Assembly(chunks[0]), None
    for chunk in chunks:
        message = assembly.add(chunk)
    return assembly, message


def test_assembly_in_any_order_last_wins():
    assembly, message = assemble(
        frame(b"world", "6-10/10"), frame(b"HELLO", "1-*/10"),
        frame(b"hello", "1-5/10", "$"))
    assert message.raw == b"helloworld" and not assembly.problems


@pytest.mark.parametrize("chunks,problem", [
    ([frame(b"abc", "1-4/4", "$")], "Byte-Range 1-4/4 on 3"),
    ([frame(b"abc", "1-3/9", "$")], "3 octets of 9"),
    ([frame(b"ab", "1-2/9"), frame(b"c", "5-5/5", "$")], "total changed"),
    ([frame(b"ab", "1-2/*"), frame(b"c", "5-5/*", "$")],
     "octets 3-4 missing"),
    ([frame(b"abc", "1-*/2", "$")], "chunk beyond total"),
])
def test_assembly_notes_wrong_ranges(chunks, problem):
    assembly, message = assemble(*chunks)
    assert message is not None
    assert any(problem in text for text in assembly.problems)


def test_aborted_message_and_impossible_range():
    _, message = assemble(frame(b"abc", "1-3/9", "#"))
    assert message.aborted
    with pytest.raises(MsrpSyntaxError):
        assemble(frame(b"x", "0-0/1"))
    with pytest.raises(MsrpSyntaxError):
        assemble(frame(b"x", "99999999999-99999999999/*"))
