# SPDX-License-Identifier: GPL-2.0-or-later
"""Adding people to a conference and removing them (7.1.1.7).

A mixin of IMClient, like procedures.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import resource_list
from .dialog import Dialog
from .exchange import Refused
from .loop import PATIENCE
from .options import Headers
from .procedures import clause
from .referral import Referral
from .resource_list import Entry
from .session import Session
from .sip_message import SipMessage, new_token

if TYPE_CHECKING:
    from .client import IMClient

# where "BYE" may be said of a user (RFC 4579 5.11, RFC 5368, Blink)
EXPEL_FORMS = {"uri": "<{};method=BYE>", "header": "<{}>;method=BYE",
               "query": "<{}?method=BYE>", "bare": "{};method=BYE"}


class Referring:
    """What 7.1.1.7 asks; self is an IMClient."""

    @clause("7.1.1.7")
    def add_user(self: "IMClient", target: "str | Session", user: str,
                 subscribe: bool = False, headers: Headers | None = None,
                 **options) -> Referral:
        """7.1.1.7 item 3: one user, by the Refer-To header.

        `subscribe` leaves Refer-Sub out: NOTIFYs then tell how far it got.
        """
        fields: Headers = [("Refer-To", f"<{self.uri_of(user)}>")]
        if not subscribe:
            fields.append(("Refer-Sub", "false"))
        return self.refer(target, fields + (headers or []), **options)

    def add_users(self: "IMClient", target: "str | Session",
                  users: "list[str | Entry]", **options) -> Referral:
        """7.1.1.7 item 4: several users, by a list in the body."""
        entries = [u if isinstance(u, Entry) else Entry(self.uri_of(u))
                   for u in users]
        return self.refer_list(target, entries, **options)

    def expel_user(self: "IMClient", target: "str | Session", user: str,
                   form: str = "uri", **options) -> Referral:
        """RFC 4579 5.11: one user."""
        value = EXPEL_FORMS[form].format(self.uri_of(user))
        return self.refer(target, [("Refer-To", value),
                                   ("Refer-Sub", "false")], **options)

    def expel_users(self: "IMClient", target: "str | Session",
                    users: list[str], **options) -> Referral:
        """RFC 5368 section 9: several users."""
        entries = [Entry(f"{self.uri_of(u)}?method=BYE", "") for u in users]
        return self.refer_list(target, entries, **options)

    def refer_list(self: "IMClient", target: "str | Session",
                   entries: list[Entry], headers: Headers | None = None,
                   **options) -> Referral:
        cid = f"{new_token()}@{self.ip}"
        fields = [("Refer-To", f"<cid:{cid}>"), ("Refer-Sub", "true"),
                  ("Require", "multiple-refer, norefersub"),
                  ("Content-ID", f"<{cid}>"),
                  ("Content-Disposition", "recipient-list")]
        return self.refer(target, fields + (headers or []),
                          body=resource_list.build(entries),
                          content_type=resource_list.MEDIA_TYPE, **options)

    def refer(self: "IMClient", target: "str | Session",
              headers: Headers, body: bytes = b"", content_type: str = "",
              privacy: bool = False, wait: bool = True,
              timeout: float = PATIENCE) -> Referral:
        """REFER in a session's dialog, or outside dialogs to a URI.

        `privacy` is item 6. Raises Refused unless told not to wait.
        """
        fields = self.general("REFER") + headers
        if privacy:
            fields.append(("Privacy", "id"))
        referral = self._start_referral(target, fields, body, content_type)
        if wait:
            response = referral.wait(timeout)
            if response.status >= 300:
                raise Refused(response, "REFER")
        return referral

    def _start_referral(self: "IMClient", target: "str | Session",
                        headers: Headers, body: bytes,
                        content_type: str) -> Referral:
        with self.loop.changed:
            outside = not isinstance(target, Session)
            if isinstance(target, Session):
                message = target.dialog.request("REFER")
                dialog = target.dialog
            else:
                message = self.new_request("REFER", self.uri_of(target))
                dialog = Dialog.from_request(message)
            referral = Referral(self, dialog, message, outside)
            self.referrals.append(referral)
            self.complete(message, headers, body, content_type)
            address, protocol = (
                (self.proxy, self.protocol) if outside
                else self.next_hop(dialog))
            referral.exchange = self.transmit(
                message, address, protocol, referral.receive_response)
            return referral

    def refresh_referral(self: "IMClient", referral: Referral,
                         expires: int, identifier: str = "",
                         timeout: float = PATIENCE) -> SipMessage:
        """SUBSCRIBE to what becomes of a REFER; the final answer."""
        event = "refer" + (f";id={identifier}" if identifier else "")
        dialog = referral.dialog
        return self.send_in_dialog(
            dialog, dialog.request("SUBSCRIBE"),
            [("Event", event), ("Expires", str(expires))]).wait(timeout)
