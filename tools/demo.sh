#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `make demo`: a server of its own on free ports, three clients who hold a short
# conference, and the end of both. Exits as the clients did. Needs what
# server.sh needs, except RUN and the ports.

set -eu

ADDRESS=127.0.0.1
. tools/server.sh

base=$("$PYTHON" tools/ports.py free "$ADDRESS" $((2 + $(nproc))))
PORT=$base
XDMS_PORT=$((base + 1))
MSRP_PORT=$((base + 2))

mkdir -p "$BUILD"
RUN=$(mktemp -d "$BUILD/demo.XXXXXX")
trap stop_servers EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
start_xdms
start_kamailio

PYTHONPATH=test "$PYTHON" -m imclient demo --proxy "$ADDRESS:$PORT" &
demo_pid=$!
status=0
wait "$demo_pid" || status=$?
if [ "$status" -eq 0 ]; then
	stop_servers
	rm -rf "$RUN"
else
	echo "imconf: the demo failed; the server's log is $RUN/kamailio.log" >&2
fi
exit "$status"
