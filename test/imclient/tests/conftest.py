# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts the package and the helpers of these tests on the path."""

import os
import sys

HERE = os.path.dirname(__file__)
sys.path[:0] = [os.path.dirname(os.path.dirname(HERE)), HERE]

import pytest  # noqa: E402

from focus_double import FocusDouble  # noqa: E402


@pytest.fixture(name="focus")
def focus_fixture():
    """A running conference server in miniature."""
    with FocusDouble() as focus:
        yield focus
        assert focus.loop.errors == []
