# SPDX-License-Identifier: GPL-2.0-or-later
#
# A Debian in a folder, for what has to be tried elsewhere than here. Read by
# other tools with "."; not run by itself.

# where this machine's own Debian comes from; IMCONF_MIRROR says otherwise
mirror()
{
	codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
	[ -z "${IMCONF_MIRROR:-}" ] || echo "$IMCONF_MIRROR"
	apt-get indextargets --format '$(REPO_URI) $(CODENAME)' \
		'Created-By: Packages' | sed -n "s/ $codename\$//p"
}

die()
{
	echo "imconf: $*" >&2
	exit 1
}

require_root()
{
	[ "$(id -u)" -eq 0 ] || die "$1 needs root, for its chroot"
}

# Runs a command in ROOT with mounts and processes of its own: whatever is left
# over ends with it. ROOT becomes a mount itself: `ip -n` wants one at "/".
#   inside ROOT COMMAND...
inside()
{
	unshare --mount --pid --fork sh -c '
		root=$1; shift
		mount --make-rprivate / &&
		mount --rbind "$root" "$root" &&
		mount --rbind /dev "$root/dev" &&
		mount -t proc proc "$root/proc" || exit 1
		exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
			HOME=/root LC_ALL=C.UTF-8 "$@"
	' sh "$@"
}

# A Debian SUITE below ROOT, unless it is there already.
#   make_root SUITE ROOT
make_root()
{
	if [ ! -e "$2/.ready" ]; then
		echo "Making a Debian $1 below $2"
		rm -rf "$2"
		mkdir -p "${2%/*}"
		debootstrap --variant=minbase --include=ca-certificates,make "$1" "$2" \
			"$(mirror | head -n 1)" >"$2.log" 2>&1 || die "no Debian $1: see $2.log"
		: >"$2/.ready"
	fi
	cp /etc/resolv.conf "$2/etc/resolv.conf"
	# a mirror may stand still
	echo 'Acquire::Check-Valid-Until "false";' \
		>"$2/etc/apt/apt.conf.d/90imconf"
}
