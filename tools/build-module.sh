#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds the module with -O2 and Debian's hardening flags. Needs KSRC, MODULE,
# BUILD and JOBS in the environment; EXTRA_CFLAGS and EXTRA_LDFLAGS are added.
# Called by the Makefile.

set -eu

# Kamailio's saved configuration has no -O of its own and ignores CFLAGS from
# the environment: CC_OPT and the EXTRA_OPTS are the way in
export DEB_BUILD_MAINT_OPTIONS="hardening=+all"
cc_opts="$(dpkg-buildflags --get CFLAGS) $(dpkg-buildflags --get CPPFLAGS)"
cc_opts="$cc_opts ${EXTRA_CFLAGS:-}"
ld_opts="$(dpkg-buildflags --get LDFLAGS) ${EXTRA_LDFLAGS:-}"

run_make()
{
	make -s --no-print-directory -C "$MODULE" -j"$JOBS" COREPATH="$KSRC" "$@"
}

# Kamailio's rules see a change of defines, not one of options
flags="$cc_opts
$ld_opts"
if [ "$(cat "$BUILD/module.flags" 2>/dev/null)" != "$flags" ]; then
	find "$MODULE" \( -name '*.o' -o -name '*.so' \) -delete
	printf '%s\n' "$flags" >"$BUILD/module.flags"
fi
run_make CC_OPT=-O2 CC_EXTRA_OPTS="$cc_opts" LD_EXTRA_OPTS="$ld_opts" imconf.so
