#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Lists this project's C files, one on a line; with --sources only the module's
# translation units, with --standalone those outside the module.

set -eu

case ${1:-} in
	--sources) find modules -name '*.c' ;;
	--standalone) find test -name '*.c' ;;
	*) find modules test -name '*.[ch]' ;;
esac | sort
