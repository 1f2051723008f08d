# SPDX-License-Identifier: GPL-2.0-or-later
"""What messages carry inside an IMS core (TS 24.229): who somebody is
asserted to be (RFC 3325), how charging records know it (RFC 7315), and the
way registrations give to requests (RFC 3608).
"""

from __future__ import annotations

from .sip_message import SipMessage, address_uri, params_of

ASSERTED = "P-Asserted-Identity"
CHARGING = "P-Charging-Vector"
PREFERRED = "P-Preferred-Identity"
SERVED = "P-Served-User"
SERVICE_ROUTE = "Service-Route"
PATH = "Path"
TRUST_DOMAIN_ONLY = (ASSERTED, CHARGING, PREFERRED, SERVED)


def asserted(message: SipMessage) -> list[str]:
    """The URIs of P-Asserted-Identity."""
    return [address_uri(value) for value in message.values(ASSERTED)]


def charging(message: SipMessage) -> dict[str, str]:
    """The parameters of P-Charging-Vector, without their quotes."""
    value = message.get(CHARGING)
    return params_of(f"<>;{value}") if value else {}


def leaked(message: SipMessage) -> list[str]:
    """Headers that must not leave the trust domain, in this message."""
    return [name for name in TRUST_DOMAIN_ONLY if message.get_all(name)]
