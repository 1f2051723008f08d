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
failed=0

# what changed since the last time is the project; build/ stays
update_checkout()
{
	root=$1
	mkdir -p "$root/imconf"
	find "$root/imconf" -mindepth 1 -maxdepth 1 ! -name build \
		-exec rm -rf {} +
	git archive HEAD | tar -x -C "$root/imconf"
}

# the last line of a step's log that counts anything
outcome()
{
	grep -E '[0-9]+ (passed|failed|error)' "$1" | tail -n 1 |
		sed 's/^=* *//; s/ in [0-9].*//; s/ *=*$//'
}

# one row of the page; returns 1 when something failed
try_suite()
{
	suite=$1
	root=$matrix/$suite
	log=$matrix/$suite.test.log
	result=pass
	make_root "$suite" "$root"
	update_checkout "$root"
	inside "$root" apt-get -qq update >"$log" 2>&1
	inside "$root" make -C /imconf build >>"$log" 2>&1 || result="does not build"
	version=$(inside "$root" kamailio -v 2>/dev/null |
		sed -n 's/^version: kamailio \([^ ]*\).*/\1/p')
	warnings=$(grep -c 'warning:' "$log")
	for step in unit scenario; do
		[ "$result" != "does not build" ] || break
		inside "$root" make -C /imconf $step >"$log.$step" 2>&1 ||
			result=FAIL
	done
	printf '| %s | %s | %s | %s | %s | %s |\n' "$suite" "${version:-none}" \
		"$warnings" "$(outcome "$log.unit")" "$(outcome "$log.scenario")" \
		"$result" | tee -a "$matrix/rows"
	[ "$result" = pass ]
}

write_page()
{
	cat <<END
# Compatibility

What \`make test-matrix\` said last: each row is a Debian suite in a chroot of
its own, with its own packages and its own Kamailio, on which the module was
built and the unit tests and scenarios ran.

Date: $(date -u +%Y-%m-%d). Commit: $(git rev-parse --short HEAD).

| suite | Kamailio | compiler warnings | unit tests | scenarios | |
|---|---|---|---|---|---|
END
	cat "$matrix/rows"
	echo
	echo "What differs between the versions is in \`imconf_compat.h\`."
}

require_root "make test-matrix"
mkdir -p "$matrix"
: >"$matrix/rows"
for suite in "$@"; do
	try_suite "$suite" || failed=1
done
write_page >"$page"
echo "$page is written"
exit $failed
