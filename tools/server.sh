# SPDX-License-Identifier: GPL-2.0-or-later
#
# Starts and stops an XDMS and a Kamailio with the example configuration, both
# with everything they write below one folder. They run in sessions of their
# own: what the terminal's keys mean is for the reading script to say. Read by
# run.sh and demo.sh with "."; not run by itself. Needs KAMAILIO, MODULE and PYTHON, and ADDRESS, PORT,
# MSRP_PORT, XDMS_PORT and RUN (the folder) in the environment.

nginx_pid=""
kamailio_pid=""

die()
{
	echo "imconf: $*" >&2
	exit 1
}

# the last words of a log, when something did not start
die_with_log()
{
	tail -n 15 "$1" >&2
	shift
	die "$@"
}

# nginx lives where not every user's path leads
nginx_program()
{
	PATH="$PATH:/usr/sbin:/sbin" command -v nginx
}

require_free_ports()
{
	"$PYTHON" tools/ports.py check "$ADDRESS" "sip=$PORT" \
		"msrp=$MSRP_PORT+$(nproc)" "xdms=$XDMS_PORT" || exit 1
}

# the sample documents name their domain DOMAIN, in text and file name; a
# document that somebody PUT under another name stays
copy_documents()
{
	domain=$ADDRESS:$PORT
	(cd etc/xdms && find . -type f) | while read -r file; do
		target=$RUN/xdms/$(echo "$file" | sed "s/DOMAIN/$domain/g")
		mkdir -p "${target%/*}"
		sed "s/DOMAIN/$domain/g" "etc/xdms/$file" >"$target"
	done
}

start_xdms()
{
	user=""
	[ "$(id -u)" -ne 0 ] || user="user root;"
	mkdir -p "$RUN/tmp" "$RUN/xdms"
	copy_documents
	sed -e "s|@RUN@|$RUN|g; s|@ADDRESS@|$ADDRESS|g; s|@USER@|$user|g" \
		-e "s|@PORT@|$XDMS_PORT|g" \
		etc/nginx-xdms.conf.in >"$RUN/nginx.conf"
	setsid "$(nginx_program)" -p "$RUN" -e "$RUN/nginx-error.log" \
		-c "$RUN/nginx.conf" >"$RUN/nginx.log" 2>&1 &
	nginx_pid=$!
	"$PYTHON" tools/ports.py wait "$ADDRESS" "$XDMS_PORT" "$nginx_pid" ||
		die_with_log "$RUN/nginx.log" "the XDMS did not start"
}

# its log goes to $RUN/kamailio.log; DEFINES may name features of the
# configuration
start_kamailio()
{
	set --
	for define in ${DEFINES:-}; do
		set -- "$@" -A "$define"
	done
	setsid "$KAMAILIO" -DD -E -m 256 -Y "$RUN" -w "$RUN" \
		-L "$(tools/module-path.sh)" -f "$PWD/etc/kamailio-imconf.cfg" \
		--substdef "!MY_ADDRESS!$ADDRESS!g" \
		--substdef "!MY_PORT!$PORT!g" \
		--substdef "!MY_MSRP_PORT!$MSRP_PORT!g" "$@" \
		>"$RUN/kamailio.log" 2>&1 &
	kamailio_pid=$!
	"$PYTHON" tools/ports.py wait "$ADDRESS" "$PORT" "$kamailio_pid" ||
		die_with_log "$RUN/kamailio.log" "Kamailio did not start"
}

stop_servers()
{
	for pid in $kamailio_pid $nginx_pid; do
		kill -TERM "$pid" 2>/dev/null || true
	done
	for pid in $kamailio_pid $nginx_pid; do
		wait "$pid" 2>/dev/null || true
	done
	kamailio_pid=""
	nginx_pid=""
}
