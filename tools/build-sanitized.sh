#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds the module with the address and undefined behaviour sanitizers, and
# test/sanitized/ in it, in a folder of its own below build/: the usual one is
# not touched. Needs KSRC, BUILD and JOBS in the environment. Called by the
# Makefile.

set -eu

root=$(pwd)
out=$BUILD/sanitized
module=$out/module

# links to the sources, as Kamailio's rules build where these are
find "$out" -xtype l -delete 2>/dev/null || true
for file in $(cd modules/imconf && find . -name '*.[ch]' -o -name Makefile); do
	mkdir -p "$module/$(dirname "$file")"
	ln -sf "$root/modules/imconf/$file" "$module/$file"
done
for file in test/sanitized/*.c; do
	ln -sf "$root/$file" "$module/"
done

sanitize="-fsanitize=address,undefined -fno-sanitize-recover=all"
wrap="-Wl,--wrap=mailbox_take,--wrap=worker_loop"
BUILD=$out MODULE=$module \
	EXTRA_CFLAGS="$sanitize -fno-omit-frame-pointer -U_FORTIFY_SOURCE" \
	EXTRA_LDFLAGS="$sanitize $wrap" tools/build-module.sh
