#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Installs those of the named Debian packages that are missing, without their
# recommendations and without starting any service. Says nothing and touches no
# network when nothing is missing. Called by the Makefile.
#
#   install-packages.sh PACKAGE...

set -eu

POLICY=/usr/sbin/policy-rc.d

die()
{
	echo "imconf: $*" >&2
	exit 1
}

is_installed()
{
	status=$(dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null) || return 1
	echo "$status" | grep -qx installed
}

as_root()
{
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

# policy-rc.d is asked by Debian's maintainer scripts before they start a
# service; 101 means "do not". One that the machine already has is left alone.
forbid_services()
{
	[ ! -e "$POLICY" ] || return 0
	trap 'as_root rm -f "$POLICY"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	printf '#!/bin/sh\nexit 101\n' | as_root tee "$POLICY" >/dev/null
	as_root chmod 755 "$POLICY"
}

have_lists()
{
	ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1
}

install_missing()
{
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
		-o Dpkg::Use-Pty=0 \
		--no-install-recommends install "$@" >/dev/null
}

missing=""
for package in "$@"; do
	case "$missing " in
		*" $package "*) continue ;;
	esac
	is_installed "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

command -v apt-get >/dev/null ||
	die "these packages are needed and there is no apt-get:$missing"
[ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null ||
	die "these packages are needed; install them as root:$missing"

echo "Installing:$missing"
forbid_services
have_lists || as_root apt-get -qq update
# shellcheck disable=SC2086 # a list of words
install_missing $missing || {
	as_root apt-get -qq update
	install_missing $missing
} || die "could not install:$missing"
