# SPDX-License-Identifier: GPL-2.0-or-later
"""One INVITE dialog with its MSRP leg, as caller or as invited user.

Made by the client, which hands it every message of its dialog. The order of
things (ring, answer, ACK, connect, subscribe) is decided here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import cpim, multipart, sdp
from .changes import SDP_TYPE, SessionChanges
from .dialog import Dialog
from .exchange import Exchange
from .loop import PATIENCE, Timer
from .msrp_messages import Message, MsrpExchange, OutgoingMessage
from .options import Answer, Headers
from .sip_message import (SipMessage, address_uri, params_of, tag_of)
from .sip_transaction import T2, ServerTransaction

if TYPE_CHECKING:
    from .client import IMClient
    from .subscription import Subscription


class Session(SessionChanges):
    """A participant's (or a 1-to-1 peer's) session."""

    def __init__(self, client: "IMClient", invite: SipMessage, dialog: Dialog,
                 incoming: bool):
        self.client = client
        self.loop = client.loop
        self.invite = invite
        self.dialog = dialog
        self.incoming = incoming
        self.state = "invited" if incoming else "calling"
        self.leg = client.msrp.new_leg(self._message_arrived)
        self.identity = ""
        self.is_focus = False
        self.peer_methods: set[str] = set()
        self.session_expires = ""
        self.response: SipMessage | None = None
        self.exchange: Exchange | None = None
        self.subscription: "Subscription | None" = None
        self.messages: list[Message] = []
        self.acks: list[SipMessage] = []
        self.cancelled = False
        self.end_reason = ""
        self.left = False             # we sent the BYE
        self.released = False         # and we received one
        self.left_binding = False     # ours did not wait for the leg
        self.offer: sdp.MsrpMedia | None = None
        self.transaction: ServerTransaction | None = None
        self.answer = Answer.accept()
        self.exchange_under_way: Exchange | None = None   # of a change
        self.changes: list[SipMessage] = []     # re-INVITE, UPDATE received
        self.change_transactions: list[ServerTransaction] = []
        self.remote_sdp = b""                   # in answers to changes
        self.session_timer: Timer | None = None
        self._local_sdp = b""
        self._setup = ""
        self._offered = False
        self._timers: list[Timer] = []
        self._extra_dialogs: dict[str, Dialog] = {}

    # What people do with a session

    def send_text(self, text: str, to: str = cpim.ROOM, sender: str = "",
                  **options) -> OutgoingMessage:
        """A chat message in CPIM from our own address, or another."""
        message = cpim.text_message(text, sender or self.client.aor, to)
        return self.leg.send("message/cpim", message.encode(), **options)

    def set_nickname(self, nickname: str) -> MsrpExchange:
        """RFC 7701 section 7; an empty one removes it."""
        quoted = nickname.replace("\\", "\\\\").replace('"', '\\"')
        return self.leg.send_request(
            "NICKNAME", [("Use-Nickname", f'"{quoted}"')])

    def request(self, method: str, headers: Headers | None = None,
                body: bytes = b"", content_type: str = "",
                cseq: int | None = None) -> Exchange:
        """Any request in the dialog; `cseq` overrides the next number."""
        with self.loop.changed:
            message = self.dialog.request(method, cseq)
            return self.client.send_in_dialog(
                self.dialog, message, headers, body, content_type)

    def bye(self, reason: str = "") -> Exchange:
        """End our part in it; the leg closes with the answer."""
        headers = [("Reason", reason)] if reason else []
        with self.loop.changed:
            self.left = True
            self.left_binding = not self.leg.bind_refused
            exchange = self.request("BYE", headers)
            exchange.on_response = self._bye_answered
            return exchange

    def replaces(self) -> str:
        """What a Replaces header says of this dialog to its other end."""
        dialog = self.dialog
        return (f"{dialog.call_id};to-tag={dialog.remote_tag};"
                f"from-tag={dialog.local_tag}")

    def own_replaces(self) -> str:
        """What a Replaces header says of this dialog to us."""
        dialog = self.dialog
        return (f"{dialog.call_id};to-tag={dialog.local_tag};"
                f"from-tag={dialog.remote_tag}")

    def leave(self, timeout: float = PATIENCE) -> None:
        """un-SUBSCRIBE, then BYE, both answered."""
        self.client.leave(self, timeout)

    def cancel(self) -> Exchange:
        """Give up an INVITE that is not answered yet."""
        return self.client.cancel(self)

    def ring(self) -> None:
        with self.loop.changed:
            self.state = "ringing"
            self._respond(180)

    def accept(self, with_sdp: bool = True) -> None:
        """200, repeated until its ACK; refuses an unusable offer by 488."""
        with self.loop.changed:
            if self.state not in ("invited", "ringing"):
                raise RuntimeError(f"cannot accept, session {self.state}")
            if not with_sdp:
                self._answer_200(b"")
            elif multipart.find(self.invite, SDP_TYPE) and not self.offer:
                self.refuse(488)
            else:
                self._answer_200(self._make_sdp())

    def refuse(self, status: int = 603) -> None:
        with self.loop.changed:
            self.state = "failed"
            self._respond(status)
            self.leg.close()

    def ack(self) -> None:
        """Acknowledge the 2xx (by hand when Options.ack is False)."""
        with self.loop.changed:
            self._send_ack(self.dialog)

    def wait_state(self, *states: str, timeout: float = PATIENCE) -> None:
        self.client.wait_for(lambda: self.state in states, timeout,
                             f"session {'/'.join(states)}")

    def wait_bound(self, timeout: float = PATIENCE) -> None:
        self.leg.wait_bound(timeout)

    # As caller

    def receive_response(self, response: SipMessage) -> None:
        self.response = response
        if response.status < 200:
            if response.status == 180 and self.state == "calling":
                self.state = "ringing"
            self._store(response)
        elif response.status >= 300:
            self.state = "failed"
            self.leg.close()
        elif self.state in ("calling", "ringing"):
            self._established(response)
        elif response.to_tag == self.dialog.remote_tag:
            self._acknowledge(self.dialog)
        else:
            self._refuse_fork(response)

    def _established(self, response: SipMessage) -> None:
        self.dialog.confirm(response)
        self._store(response)
        self.state = "connected"
        answer = multipart.find(response, SDP_TYPE)
        media = sdp.parse(answer.body) if answer else None
        self._acknowledge(self.dialog)
        if media is None:
            self.client.problems.append("200 to INVITE without MSRP answer")
        else:
            self._start_leg(media, offerer=True)
        self._in_session()

    def _refuse_fork(self, response: SipMessage) -> None:
        """Another 2xx of a forked INVITE: ACK and BYE (13.2.2.4)."""
        dialog = self._extra_dialogs.get(response.to_tag)
        if dialog is not None:
            self._acknowledge(dialog)
            return
        dialog = Dialog.from_request(self.invite)
        dialog.confirm(response)
        self._extra_dialogs[response.to_tag] = dialog
        self._acknowledge(dialog)
        self.client.send_in_dialog(dialog, dialog.request("BYE"))

    def _acknowledge(self, dialog: Dialog) -> None:
        if self.client.options.ack:
            self._send_ack(dialog)

    def _send_ack(self, dialog: Dialog) -> None:
        ack = dialog.request("ACK", self.invite.cseq[0])
        self.client.send_ack(dialog, ack)

    # As invited user

    def handle_invitation(self, answer: Answer) -> None:
        """Play the answer policy; the transaction exists already."""
        self.answer = answer
        part = multipart.find(self.invite, SDP_TYPE)
        self.offer = sdp.parse(part.body) if part else None
        self._store(self.invite)
        if answer.trying:
            self._respond(100, tagged=False)
        if answer.ring:
            self.ring()
        if self.wants_longer(self.invite):
            self.refuse(422)
        elif answer.status:
            self._later(answer.delay, self._answer_by_policy)

    def handle_cancel(self) -> None:
        self.cancelled = True
        if self.state not in ("invited", "ringing"):
            return
        if self.answer.answers_cancel_with_200:
            self.accept()
        elif not self.answer.ignore_cancel:
            self.refuse(487)

    def _answer_by_policy(self) -> None:
        if self.state not in ("invited", "ringing"):
            return
        if self.answer.status < 300:
            self.accept(self.answer.sdp)
        else:
            self.refuse(self.answer.status)

    def _make_sdp(self) -> bytes:
        """Answer to the offer, or an offer when the INVITE had none."""
        options = self.client.options
        self._offered = self.offer is None
        setup = options.setup if self.offer is None else sdp.answer_setup(
            self.offer.setup, options.answer_setup)
        if self.offer is not None:
            self.leg.use_transport(self.offer.transport)
        return self.describe(setup)

    def _replace(self) -> None:
        """RFC 3891 3: the dialog that the INVITE replaces ends."""
        for old in self.client.sessions:
            if old is not self and old.state == "connected" \
                    and self.invite.get("Replaces") == old.own_replaces():
                old.bye()

    def _answer_200(self, body: bytes) -> None:
        self.state = "answered"
        self._respond(200, body)
        if body and self.client.options.connect_at == "answer":
            self._start_from_offer()
        transaction = self.transaction
        final = transaction.final if transaction else None
        if transaction is not None and final is not None:
            self._repeat_200(transaction, final, self.client.options.t1)
            self._later(64 * self.client.options.t1, self._no_ack)

    def _repeat_200(self, transaction: ServerTransaction,
                    response: SipMessage, interval: float) -> None:
        def again() -> None:
            if self.state == "answered":
                transaction.path.send(response)
                self._repeat_200(transaction, response,
                                 min(2 * interval, T2))
        self._later(interval, again)

    def _no_ack(self) -> None:
        if self.state == "answered":
            self.client.problems.append("no ACK for our 200")
            self.bye()

    def _acked(self, ack: SipMessage) -> None:
        self.acks.append(ack)
        if self.state != "answered":
            return
        self.state = "connected"
        self._replace()
        part = multipart.find(ack, SDP_TYPE)
        if self._offered and part is not None:
            media = sdp.parse(part.body)
            if media is not None:
                self._start_leg(media, offerer=True)
        elif self.answer.sdp:
            self._start_from_offer()
        self._in_session()

    def _start_from_offer(self) -> None:
        if self.offer is not None and not self.leg.remote_path:
            self._start_leg(self.offer, offerer=False)

    # In the dialog

    def receive_request(self, request: SipMessage,
                        transaction: ServerTransaction) -> None:
        if request.method == "ACK":
            self._acked(request)
            return
        if not self.dialog.accepts_cseq(request):
            self.client.problems.append(
                f"{request.start}: CSeq {request.cseq[0]} out of order")
            self.client.respond(transaction, 500)
            return
        if request.method == "BYE":
            self._bye_received(request, transaction)
        elif request.method in ("INVITE", "UPDATE"):
            self._modified(request, transaction)
        elif request.method == "NOTIFY":
            self._notified(request, transaction)
        else:
            self.client.respond(transaction, 405,
                                [("Allow", self.client.options.allow)])

    def _notified(self, request: SipMessage,
                  transaction: ServerTransaction) -> None:
        """7.1.1.7: of a REFER in this dialog, or of nothing we know."""
        referral = self.client.find_referral(request)
        if referral is None:
            self.client.respond(transaction, 481)
        else:
            referral.receive_notify(request, transaction)

    def _bye_received(self, request: SipMessage,
                      transaction: ServerTransaction) -> None:
        """7.1.2.3 Receiving a session release request."""
        self.client.respond(transaction, 200)
        self.end_reason = request.get("Reason")
        self.released = True
        self._ended()

    def close(self) -> None:
        """Stop timers and the leg; nothing is sent."""
        for timer in self._timers:
            timer.cancel()
        self.leg.close()

    @property
    def problems(self) -> list[str]:
        """What this session and its leg complain about.

        That a BYE overtook the SEND which binds the leg is no complaint.
        """
        status = self.leg.bind_refused
        crossed = self.released or self.left_binding
        if not status or (status == 481 and crossed):
            return self.leg.problems
        return [*self.leg.problems, f"bind refused with {status}"]

    # Common

    def describe(self, setup: str, direction: str = "sendrecv") -> bytes:
        """Our SDP for this session's leg."""
        secure = self.leg.transport in ("tls", "wss")
        identity = self.client.options.msrp.tls
        self._local_sdp = sdp.build(
            self.client.options.sdp, self.client.msrp.ip,
            self.client.msrp.port, self.leg.path, setup,
            "TCP/TLS/MSRP" if secure else "TCP/MSRP",
            identity.fingerprint_line() if secure else "", direction)
        self._setup = setup
        return self._local_sdp

    def _start_leg(self, media: sdp.MsrpMedia, offerer: bool) -> None:
        address = ((media.host, media.port)
                   if self.client.options.connect_to == "media" else None)
        connect = sdp.connects(self._setup, media.setup, offerer)
        self.leg.fingerprints = media.fingerprints
        self.leg.start(media.path, connect, address)

    def _store(self, message: SipMessage) -> None:
        """7.1.1.1: the peer's methods and Contact."""
        if message.get("Allow"):
            self.peer_methods = {m.upper() for m in message.tokens("Allow")}
        contact = message.get("Contact")
        if contact:
            self.identity = address_uri(contact)
            self.is_focus = "isfocus" in params_of(contact)

    def _in_session(self) -> None:
        """7.1.1.1 on 200: session timer, then the subscription."""
        if self.incoming:
            self._answered_timer(self.invite)
        elif self.response is not None:
            self._start_session_timer(self.response)
        if self.is_focus and self.client.options.subscribe:
            self.subscription = self.client.start_subscription(
                self.identity, self)

    def _bye_answered(self, response: SipMessage) -> None:
        if response.status >= 200:
            self._ended()

    def _ended(self) -> None:
        self.state = "ended"
        self.close()

    def _message_arrived(self, message: Message) -> None:
        message.session = self
        self.messages.append(message)
        self.client.message_arrived(message)

    def _later(self, seconds: float, action) -> Timer:
        timer = self.loop.call_later(seconds, action)
        self._timers.append(timer)
        return timer

    def _respond(self, status: int, body: bytes = b"",
                 tagged: bool = True) -> None:
        headers: Headers = []
        if 100 < status < 300:
            headers = [("Contact", self.client.contact),
                       ("Allow", self.client.options.allow)]
        if status == 200:
            headers += self.timer_headers(self.invite)
        if status == 422:
            headers.append(("Min-SE", str(self.client.options.min_se)))
        if status >= 180:
            headers = headers + self.answer.headers
        tag = tag_of(self.dialog.local) if tagged else ""
        if self.transaction is not None:
            self.client.respond(self.transaction, status, headers, body,
                                SDP_TYPE if body else "", tag)
