# SPDX-License-Identifier: GPL-2.0-or-later
"""Bodies of factory INVITEs as tests put them together, and their refusal."""

from __future__ import annotations

import pytest

from imclient import (Entry, IMClient, Part, Refused, SdpTemplate, multipart,
                      resource_list, sdp)
from kamailio import ADDRESS


def refused(creator: IMClient, users, **options) -> Refused:
    with pytest.raises(Refused) as caught:
        creator.initiate_ad_hoc_conference(users, **options)
    return caught.value


def body_of(*parts: Part, **options) -> tuple[str, bytes]:
    return multipart.build(list(parts), **options)


def description(creator: IMClient) -> Part:
    """The SDP part of an INVITE whose leg nobody uses."""
    leg = creator.msrp.new_leg(lambda message: None)
    return Part("application/sdp", sdp.build(
        SdpTemplate(), ADDRESS, creator.msrp.port, leg.local_path, "actpass"))


def listing(*uris: str) -> Part:
    return Part(resource_list.MEDIA_TYPE,
                resource_list.build([Entry(uri) for uri in uris]),
                [("Content-Disposition", "recipient-list")])
