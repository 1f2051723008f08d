# SPDX-License-Identifier: GPL-2.0-or-later
"""A subscription to the conference event package (7.1.1.11, RFC 6665).

Made by the client, which hands it its NOTIFYs and answers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .dialog import Dialog
from .exchange import Exchange
from .loop import PATIENCE, Timer
from .roster import MEDIA_TYPE, Roster
from .sip_message import SipMessage, address_uri, params_of
from .sip_transaction import ServerTransaction

if TYPE_CHECKING:
    from .client import IMClient
    from .session import Session


class Subscription:
    """One watcher dialog and the roster it feeds."""

    def __init__(self, client: "IMClient", request: SipMessage,
                 session: "Session | None" = None):
        self.client = client
        self.loop = client.loop
        self.dialog = Dialog.from_request(request)
        self.session = session
        self.uri = request.uri
        self.state = "pending"        # active, terminated, failed
        self.reason = ""              # of termination
        self.expires = 0
        self.contact = ""
        self.exchange: Exchange | None = None
        self.notifies: list[SipMessage] = []
        self.roster = Roster()
        self._refresh: Timer | None = None
        self._confirmed = False

    @property
    def alive(self) -> bool:
        return self.state in ("pending", "active")

    @property
    def own_entity(self) -> str:
        """We ourselves: by yourown if there is one, else by address."""
        marked = self.roster.yourown
        return marked[0] if marked else self.client.aor

    @property
    def blocked(self) -> list[str]:
        """Who of the user's block list is in the conference (item 3)."""
        return [entity for entity, state in self.roster.users.items()
                if entity in self.client.options.blocked
                and state == "connected"]

    def wait_state(self, *states: str, timeout: float = PATIENCE) -> None:
        self.client.wait_for(
            lambda: self.state in states, timeout,
            f"subscription {'/'.join(states)}")

    def receive_response(self, response: SipMessage) -> None:
        """Answer to SUBSCRIBE, first or refresh."""
        if response.status < 200:
            return
        if response.status < 300:
            self._accepted(response)
        elif response.status == 423 and self.alive:
            self._too_brief(response)
        elif response.status == 481 or self.state == "pending":
            self._end("failed", str(response.status))

    def receive_notify(self, request: SipMessage,
                       transaction: ServerTransaction) -> None:
        status = self._check(request)
        answer = self.client.options.answer_notify
        if status == 200 and answer != 200:
            if answer:
                self.client.respond(transaction, answer)
            return
        self.client.respond(transaction, status)
        if status == 200:
            self.notifies.append(request)
            self._take(request)

    def close(self) -> None:
        if self._refresh is not None:
            self._refresh.cancel()

    def _accepted(self, response: SipMessage) -> None:
        if self._confirmed:
            self.dialog.refresh_target(response)
        else:
            self.dialog.confirm(response)
            self._confirmed = True
        self.contact = address_uri(response.get("Contact"))
        if self.state == "pending":
            self.state = "active"
        expires = response.get("Expires")
        if expires.isdigit():
            self._set_expiry(int(expires))

    def _too_brief(self, response: SipMessage) -> None:
        minimum = response.get("Min-Expires")
        if minimum.isdigit():
            self.client.send_subscribe(self, int(minimum))
        else:
            self._end("failed", "423 without Min-Expires")

    def _check(self, request: SipMessage) -> int:
        if self.state in ("terminated", "failed"):
            return 481
        if not self.dialog.remote_tag:
            # RFC 6665 4.1.2.4: a NOTIFY may come before the 200.
            self.dialog.remote = request.get("From")
            self.dialog.refresh_target(request)
        if not self.dialog.accepts_cseq(request):
            self._problem(f"NOTIFY CSeq {request.cseq[0]} out of order")
            return 500
        if request.get("Event").split(";")[0].strip() != "conference":
            self._problem(f"NOTIFY for event {request.get('Event')!r}")
            return 489
        if not request.get("Subscription-State"):
            self._problem("NOTIFY without Subscription-State")
            return 400
        return 200

    def _take(self, request: SipMessage) -> None:
        self._take_body(request)
        self._take_state(request)
        if not self.alive:
            return
        if self.roster.deleted:
            self.client.send_subscribe(self, 0)
        elif self.roster.needs_full:
            self.roster.needs_full = False
            self.client.send_subscribe(self, self.client.options.expires)

    def _take_state(self, request: SipMessage) -> None:
        value = request.get("Subscription-State")
        state = re.split(r"[;\s]", value)[0].lower()
        params = params_of(value)
        if state == "terminated":
            self._end("terminated", params.get("reason", ""))
            return
        if state == "active":
            self.state = "active"
        if params.get("expires", "").isdigit():
            self._set_expiry(int(params["expires"]))

    def _take_body(self, request: SipMessage) -> None:
        if not request.body:
            return
        media_type = request.get("Content-Type").split(";")[0].strip()
        if media_type.lower() != MEDIA_TYPE:
            self._problem(f"NOTIFY body of type {media_type!r}")
            return
        self.roster.feed(request.body)

    def _set_expiry(self, seconds: int) -> None:
        self.expires = seconds
        self.close()
        if seconds > 0:
            self._refresh = self.loop.call_later(seconds / 2, self._renew)

    def _renew(self) -> None:
        if self.alive and self.client.auto_refresh:
            self.client.send_subscribe(self, self.client.options.expires)

    def _end(self, state: str, reason: str) -> None:
        self.state = state
        self.reason = reason
        self.close()

    def _problem(self, text: str) -> None:
        self.roster.problems.append(text)
