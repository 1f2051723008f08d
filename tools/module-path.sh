#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Prints the module path with which the installed Kamailio finds its own
# modules and the imconf.so just built. Needs KAMAILIO and MODULE in the
# environment. Called by other tools.

set -eu

own=$("$KAMAILIO" -I | sed -n 's/.*paths to modules: *//p')
echo "$own:$MODULE/"
