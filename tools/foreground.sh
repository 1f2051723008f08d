#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs a command so that Ctrl-C reaches it alone and not make, too, which would
# end with an error whatever the command says. Called by the Makefile.
#
#   foreground.sh COMMAND...

# of /proc/<pid>/stat after the name: state, parent, process group, session,
# terminal, the terminal's foreground process group
# shellcheck disable=SC2046 # words are wanted
in_foreground()
{
	set -- $(sed 's/.*) //' /proc/$$/stat)
	[ "$3" = "$6" ]
}

# job control gives the command a process group and the terminal
if [ -t 0 ] && in_foreground; then
	set -m
fi
"$@"
