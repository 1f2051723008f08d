# SPDX-License-Identifier: GPL-2.0-or-later
"""A REFER and the subscription it may make by itself (RFC 3515, RFC 4488).

Made by the client, which hands it the answer and its NOTIFYs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .dialog import Dialog
from .exchange import Exchange
from .loop import PATIENCE
from .sip_message import SipMessage, params_of
from .sip_transaction import ServerTransaction

if TYPE_CHECKING:
    from .client import IMClient

SIPFRAG = "message/sipfrag"


class Referral:
    """One REFER. `statuses` are those that its NOTIFYs told, in order."""

    def __init__(self, client: "IMClient", dialog: Dialog,
                 request: SipMessage, outside: bool):
        self.client = client
        self.dialog = dialog
        self.cseq = request.cseq[0]
        self.outside = outside        # it made its dialog itself
        self.state = "pending"        # active, terminated, none, failed
        self.reason = ""              # of termination
        self.statuses: list[int] = []
        self.notifies: list[SipMessage] = []
        self.response: SipMessage | None = None
        self.exchange: Exchange | None = None

    @property
    def alive(self) -> bool:
        return self.state in ("pending", "active")

    def wait(self, timeout: float = PATIENCE) -> SipMessage:
        """The final answer to the REFER, whatever it is."""
        self.client.wait_for(lambda: self.response, timeout,
                             "final answer to REFER")
        assert self.response is not None
        return self.response

    def wait_final(self, timeout: float = PATIENCE) -> int:
        """What became of it, as the last NOTIFY says."""
        self.client.wait_for(lambda: self.state == "terminated", timeout,
                             "last NOTIFY of a REFER")
        return self.statuses[-1]

    def wait_status(self, status: int, timeout: float = PATIENCE) -> None:
        self.client.wait_for(lambda: status in self.statuses, timeout,
                             f"NOTIFY that tells {status}")

    def receive_response(self, response: SipMessage) -> None:
        """RFC 4488: without Refer-Sub: false there is a subscription."""
        if response.status < 200 or response.method != "REFER":
            return
        if response.status < 300 and self.outside \
                and not self.dialog.remote_tag:
            self.dialog.confirm(response)
        self.response = response
        refer_sub = response.get("Refer-Sub").split(";")[0].strip().lower()
        if response.status >= 300:
            self.state = "failed"
        elif refer_sub == "false":
            self.state = "none"
        elif self.state == "pending":
            self.state = "active"

    def takes(self, request: SipMessage) -> bool:
        """Is this NOTIFY of ours? (RFC 3515 2.4.6)"""
        identifier = params_of(request.get("Event")).get("id")
        return self.alive and identifier in (None, str(self.cseq))

    def receive_notify(self, request: SipMessage,
                       transaction: ServerTransaction) -> None:
        if self.outside and not self._accepts(request):
            self._problem(f"CSeq {request.cseq[0]} out of order")
            self.client.respond(transaction, 500)
            return
        answer = self.client.options.answer_refer_notify
        if answer:
            self.client.respond(transaction, answer)
        if answer == 200:
            self.notifies.append(request)
            self._take(request)
        elif answer:
            self.state = "failed"

    def _accepts(self, request: SipMessage) -> bool:
        if not self.dialog.remote_tag:
            self.dialog.remote = request.get("From")
        self.dialog.refresh_target(request)
        return self.dialog.accepts_cseq(request)

    def _take(self, request: SipMessage) -> None:
        content_type = request.get("Content-Type").split(";")[0].strip()
        line = re.fullmatch(rb"SIP/2\.0 ([1-6]\d\d) [^\r\n]+\r\n",
                            request.body)
        if content_type.lower() != SIPFRAG or line is None:
            self._problem(f"no sipfrag: {content_type} {request.body!r}")
        else:
            self.statuses.append(int(line.group(1)))
        value = request.get("Subscription-State")
        state = re.split(r"[;\s]", value)[0].lower()
        if state == "terminated":
            self.state = "terminated"
            self.reason = params_of(value).get("reason", "")
        elif state == "active" and "expires" in params_of(value):
            self.state = "active"
        else:
            self._problem(f"Subscription-State {value!r}")

    def _problem(self, text: str) -> None:
        self.client.problems.append(f"NOTIFY of a REFER: {text}")
