/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * list: the C library's TAILQ, with the safe walk that glibc leaves out.
 */
#ifndef IMCONF_BASE_LIST_H
#define IMCONF_BASE_LIST_H

#include <sys/queue.h>

/** Like TAILQ_FOREACH, but `var` may be removed and freed in the body. */
#ifndef TAILQ_FOREACH_SAFE
#define TAILQ_FOREACH_SAFE(var, head, field, next) \
	for((var) = TAILQ_FIRST(head);                 \
			(var) && ((next) = TAILQ_NEXT(var, field), 1); (var) = (next))
#endif

#endif
