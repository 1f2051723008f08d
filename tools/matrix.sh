#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds and tests the last commit against the Kamailio of each Debian suite, in
# chroots of their own below BUILD/matrix, with that suite's packages. The
# result goes into docs/compatibility.md. Needs root, BUILD in the environment
# and, the first time, the network. Called by the Makefile.
#
#   matrix.sh SUITE...

set -u

. tools/chroot.sh
matrix=$BUILD/matrix
page=docs/compatibility.md
older=/imconf/build/older	# within a chroot
commit=$(git rev-parse HEAD)
failed=0

# what changed since the last time is the project; build/ stays, and whatever
# has to be built anew is older than its source is now
update_checkout()
{
	mkdir -p "$root/imconf"
	find "$root/imconf" -mindepth 1 -maxdepth 1 ! -name build \
		-exec rm -rf {} +
	find "$root/tmp" -mindepth 1 -delete
	git archive "$commit" | tar -x -m -C "$root/imconf"
}

# a command in the suite, in the project's folder, with its Kamailio
in_suite()
{
	inside "$root" env -C /imconf PATH="$path" ${source:+"KAMAILIO_SRC=$source"} \
		"$@"
}

# The installed Kamailio when its source can be had, else an earlier one that is
# built with what source there is: module and program have to be of one version.
choose_kamailio()
{
	path=/usr/sbin:/usr/bin:/sbin:/bin
	source=
	inside "$root" apt-get -qq update
	in_suite make run-deps test-deps || return 1
	version=$(in_suite dpkg-query -W -f '${source:Version}' kamailio)
	in_suite make source && return
	built=$(in_suite tools/older-kamailio.sh $older) || return 1
	path=$older/installed/sbin:$path
	source=$older/source
	cat >>"$matrix/notes" <<END
On $suite the mirror had Kamailio $version as a package, but not its source. The
newest source package that was there, $built, was built in the chroot: the core,
kamcmd and the modules that the tests load, with Debian's flags. This is the
Kamailio that the module was built for and that the scenarios ran.

END
	version="$built, built here"
}

# the last line of a step's log that counts anything
outcome()
{
	[ -e "$1" ] || return
	grep -hE '[0-9]+ (passed|failed|error)' "$1" | tail -n 1 |
		sed 's/^=* *//; s/ in [0-9].*//; s/ *=*$//'
}

# what failed among others is asked once more by itself: a machine that is busy
# with something else is no finding
scenarios()
{
	in_suite make scenario >"$log.scenario" 2>&1 && return
	in_suite env PYTHONPATH=test MODULE=/imconf/modules/imconf \
		python3 -m pytest -q --last-failed test/scenario >"$log.alone" 2>&1
}

run_steps()
{
	choose_kamailio >"$log" 2>&1 || { result="no Kamailio"; return; }
	in_suite make build >"$log.build" 2>&1 || { result="does not build"; return; }
	in_suite make unit >"$log.unit" 2>&1 || result=FAIL
	scenarios || result=FAIL
}

# what a suite has of what the module is built with
toolchain()
{
	inside "$root" sh -c 'gcc -dumpfullversion
		pkg-config --modversion libcurl libxml-2.0 libevent gnutls' |
		paste -s -d, | sed 's/,/, /g'
}

# one row of the page; returns 1 when something failed
try_suite()
{
	suite=$1
	root=$matrix/$suite
	log=$matrix/$suite.test.log
	result=pass
	version=none
	rm -f "$log".*
	if (make_root "$suite" "$root"); then
		update_checkout
		run_steps
	else
		result="no such Debian"
	fi
	ran=$(outcome "$log.scenario")
	[ ! -e "$log.alone" ] || ran="$ran; these alone: $(outcome "$log.alone")"
	printf '| %s (%s) | %s | %s | %s | %s | %s | %s |\n' "$suite" \
		"$(cat "$root/etc/debian_version" 2>/dev/null)" "$version" "$(toolchain)" \
		"$(grep -sc 'warning:' "$log.build")" "$(outcome "$log.unit")" \
		"$ran" "$result" | tee -a "$matrix/rows"
	[ "$result" = pass ]
}

write_page()
{
	cat <<END
# Compatibility

What \`make test-matrix\` said last: each row is a Debian suite in a chroot of
its own, with its own packages and its own Kamailio, for which the module was
built and on which the unit tests and scenarios ran. Scenarios that fail among
the others are asked once more, "alone": a machine that is busy with something
else is no finding. Skipped is what wants something that is not there, such as
\`IMCONF_XSD_DIR\`.

Date: $(date -u +%Y-%m-%d). Commit: $(git rev-parse --short=10 "$commit").

| suite | Kamailio | gcc, libcurl, libxml2, libevent, GnuTLS | compiler warnings | unit tests | scenarios | |
|---|---|---|---|---|---|---|
END
	cat "$matrix/rows"
	echo
	cat "$matrix/notes"
	cat <<END
What differs between the versions is in \`modules/imconf/imconf_compat.h\`.

To run it again: \`make test-matrix\` as root tries the last commit and writes
this page; \`SUITES="trixie sid"\` names other suites, \`IMCONF_MIRROR=\` the
mirror of the chroots when it is not this machine's own. It wants about 5 GB
below \`build/matrix\`, the network, and half an hour on two cores. The logs of
each step stay there, as \`<suite>.test.log.*\`; removing \`build/matrix\` removes
all of it.
END
}

require_root "make test-matrix"
mkdir -p "$matrix"
: >"$matrix/rows"
: >"$matrix/notes"
for suite in "$@"; do
	try_suite "$suite" || failed=1
done
write_page >"$page"
echo "$page is written"
exit $failed
