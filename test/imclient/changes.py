# SPDX-License-Identifier: GPL-2.0-or-later
"""What becomes of a session that stands: its timer, re-INVITE and UPDATE.

A mixin of Session; clauses 7.1.1.5 and 7.1.1.8, RFC 4028, RFC 3261 14.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import multipart, sdp
from .exchange import Exchange
from .options import Headers
from .sip_message import SipMessage, params_of
from .sip_transaction import ServerTransaction

if TYPE_CHECKING:
    from .session import Session

SDP_TYPE = "application/sdp"


class SessionChanges:
    """self is a Session."""

    # Asking

    def refresh(self: "Session", method: str = "INVITE",
                headers: Headers | None = None,
                offer: bool = True) -> Exchange:
        """7.1.1.8, by re-INVITE with the description as it is (without,
        when not `offer`: the server's offer is then left unanswered) or by
        UPDATE without one."""
        body = self._local_sdp if offer and method == "INVITE" else b""
        return self.change(method, body, headers)

    def change(self: "Session", method: str = "INVITE", body: bytes = b"",
               headers: Headers | None = None,
               answer: bytes = b"") -> Exchange:
        """7.1.1.5: a re-INVITE or UPDATE with this description.

        `answer` is what the ACK carries when the 200 brings an offer. A
        2xx is acknowledged, its description taken and the timer restarted.
        """
        with self.loop.changed:
            message = self.dialog.request(method)
            own = {name for name, _ in headers or []}
            fields = [(name, value) for name, value
                      in self.client.general("INVITE") if name not in own]
            fields += headers or []
            exchange = self.client.send_in_dialog(
                self.dialog, message, fields, body, SDP_TYPE if body else "",
                lambda response: self._changed(message, response, body,
                                               answer))
            self.exchange_under_way = exchange
            return exchange

    def acknowledge_change(self: "Session", exchange: Exchange) -> None:
        """ACK to the 2xx of a change, by hand (Options.ack is False)."""
        with self.loop.changed:
            self._ack_change(exchange.request, b"")

    def describe_anew(self: "Session", setup: str = "") -> bytes:
        """The description of a fresh leg, that takes the old one's place
        when a change() with it is accepted; by then the old one is gone."""
        with self.loop.changed:
            old = self.leg
            self.leg = self.client.msrp.new_leg(self._message_arrived)
            old.close()
            return self.describe(setup or self.client.options.setup)

    def _changed(self: "Session", request: SipMessage, response: SipMessage,
                 body: bytes, answer: bytes) -> None:
        if 200 <= response.status < 300:
            if request.method == "INVITE" and self.client.options.ack:
                self._ack_change(request, answer)
            self._take_description(response, bool(body))
        self.refreshed(response)

    def _ack_change(self: "Session", request: SipMessage,
                    answer: bytes) -> None:
        ack = self.dialog.request("ACK", request.cseq[0])
        if answer:
            ack.add("Content-Type", SDP_TYPE)
        self.client.send_ack(self.dialog, ack, answer)

    def _take_description(self: "Session", response: SipMessage,
                          offered: bool) -> None:
        part = multipart.find(response, SDP_TYPE)
        media = sdp.parse(part.body) if part else None
        self.remote_sdp = part.body if part else b""
        if media is not None and offered and not self.leg.remote_path:
            self._start_leg(media, offerer=True)

    # Being asked

    def _modified(self: "Session", request: SipMessage,
                  transaction: ServerTransaction) -> None:
        """re-INVITE or UPDATE: same description again, timer headers."""
        options = self.client.options
        self.changes.append(request)
        self.change_transactions.append(transaction)
        status = options.answer_change
        if callable(status):
            status = status(self)
        if self._is_glare(request):
            status = 491
        if not status:
            return
        if status != 200:
            self.client.respond(transaction, status, options.change_headers)
            return
        self.dialog.refresh_target(request)
        with_sdp = options.change_sdp and (request.method == "INVITE"
                                           or request.body)
        headers = [("Contact", self.client.contact),
                   ("Allow", options.allow)] + self.timer_headers(request)
        body = self._local_sdp if with_sdp else b""
        self.client.respond(transaction, 200, headers, body,
                            SDP_TYPE if body else "")
        self._answered_timer(request)

    def _is_glare(self: "Session", request: SipMessage) -> bool:
        """A re-INVITE of ours is on its way (RFC 3261 14.2)."""
        ours = self.exchange_under_way
        return (request.method == "INVITE" and ours is not None
                and ours.final is None and ours.request.method == "INVITE")

    # RFC 4028

    def timer_headers(self: "Session", request: SipMessage) -> Headers:
        """What our 2xx says of the session timer it asks for."""
        seconds, refresher = timer_of(request)
        if not self.client.options.timer or not seconds:
            return []
        return [("Session-Expires",
                 f"{seconds};refresher={refresher or 'uac'}"),
                ("Require", "timer"), ("Supported", "timer")]

    def wants_longer(self: "Session", request: SipMessage) -> bool:
        """Is its interval below our Min-SE (422)?"""
        seconds = timer_of(request)[0]
        return 0 < seconds < self.client.options.min_se

    def _answered_timer(self: "Session", request: SipMessage) -> None:
        """As UAS: `refresher=uas` is us."""
        seconds, refresher = timer_of(request)
        if self.client.options.timer and seconds:
            self._run_timer(seconds, refresher == "uas")

    def _start_session_timer(self: "Session", response: SipMessage) -> None:
        """As UAC, from the 2xx: `refresher=uac` is us."""
        self.session_expires = response.get("Session-Expires")
        seconds, refresher = timer_of(response)
        if seconds and self.client.options.timer:
            self._run_timer(seconds, refresher == "uac")

    def _run_timer(self: "Session", seconds: int, ours: bool) -> None:
        if self.session_timer is not None:
            self.session_timer.cancel()
        if ours:
            self.session_timer = self._later(seconds / 2, self._refresh)
        else:
            self.session_timer = self._later(
                seconds - min(32.0, seconds / 3), self._expired)

    def _refresh(self: "Session") -> None:
        if self.state == "connected" and self.client.options.refresh:
            update = self.client.options.refresh == "UPDATE"
            self.client.refresh_session(
                self, "UPDATE" if update else "INVITE")

    def refreshed(self: "Session", response: SipMessage) -> None:
        """The answer to a refresh restarts the timer."""
        if response.status < 200:
            return
        if response.status < 300:
            self._start_session_timer(response)
        elif response.status in (408, 481):
            self.bye()

    def _expired(self: "Session") -> None:
        if self.state == "connected" and self.client.options.expire:
            self.client.problems.append("session timer ran out")
            self.bye()


def timer_of(message: SipMessage) -> tuple[int, str]:
    """Seconds and refresher of Session-Expires; 0 without."""
    value = message.get("Session-Expires")
    seconds = value.partition(";")[0].strip()
    if not seconds.isdigit():
        return 0, ""
    return int(seconds), params_of(value).get("refresher", "")
