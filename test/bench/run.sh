#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Builds the load tools and measures; the arguments are bench.py's, and so is
# what stands in BENCH. Called by `make bench`, for instance
#     make bench BENCH="fan-out --receivers 100"

set -eu

here=$(dirname "$0")
make --no-print-directory -C "$here"
# shellcheck disable=SC2086 # BENCH is a list of words
exec "${PYTHON:-/usr/bin/python3}" "$here/bench.py" ${BENCH:-} "$@"
