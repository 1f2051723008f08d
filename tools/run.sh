#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `make run`: an XDMS and a Kamailio with imconf, in the foreground until
# interrupted. Needs what server.sh needs, except RUN.

set -eu

RUN=$BUILD/run/$PORT
. tools/server.sh
tail_pid=""

# what to type in another terminal when the values are not the usual ones
overrides()
{
	[ "$ADDRESS" = 127.0.0.1 ] || printf ' ADDRESS=%s' "$ADDRESS"
	[ "$PORT" = 5060 ] || printf ' PORT=%s' "$PORT"
}

stop_all()
{
	[ -z "$tail_pid" ] || kill "$tail_pid" 2>/dev/null || true
	stop_servers
}

finish()
{
	trap '' INT TERM
	trap - EXIT
	stop_all
	echo
	echo "Stopped."
	exit 0
}

mkdir -p "$RUN"
require_free_ports
trap finish INT TERM
trap stop_all EXIT
start_xdms
start_kamailio

cat <<END

Kamailio with imconf is running.
  SIP      $ADDRESS:$PORT, UDP and TCP
  MSRP     $ADDRESS:$MSRP_PORT and up
  factory  sip:conference-factory@$ADDRESS:$PORT
  XDMS     http://$ADDRESS:$XDMS_PORT/
  RPC      kamcmd -s unix:$RUN/kamailio_ctl imconf.list

Try it from other terminals:
  make chat USER=bob$(overrides)
  make chat USER=carol$(overrides)
  make chat USER=alice INVITE=bob,carol$(overrides)
  make chat USER=alice GROUP=team$(overrides)

Ctrl-C stops it. Kamailio's log:
END
setsid tail -n 0 -F "$RUN/kamailio.log" &
tail_pid=$!

status=0
wait "$kamailio_pid" || status=$?
echo "imconf: Kamailio ended by itself (exit $status)" >&2
exit 1
