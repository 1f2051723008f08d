/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * no_media: participants who take part without MSRP, having answered without a
 * description, or with none of use: they are in the roster and hear nothing,
 * for media_timeout if that is set. A leg has a deadline of its own.
 */
#include <stdlib.h>
#include "focus/session.h"
#include "settings.h"
#include "worker/effect_runner.h"
#include "worker/media.h"

static int has_media(const session_t *s)
{
	return strcmp(media.state(s->participant), "none") != 0;
}

static void too_long(void *arg)
{
	session_t *s = arg;
	conference_t *c = s->conference;
	effects_t fx;

	if(!s->participant || has_media(s))
		return;
	LM_INFO("%.*s: %.*s is without MSRP for too long, its session ends\n",
			TEXT_ARG(&c->identity), TEXT_ARG(&s->participant->entity));
	effects_init(&fx);
	conference_remove(s->participant, DEPARTED_FAILED, END_NO_MEDIA, &fx);
	effects_run(c, &fx);
	effects_free(&fx);
}

void no_media_watch(session_t *s)
{
	if(!settings.media_timeout || s->no_media || !s->participant
			|| has_media(s))
		return;
	s->no_media = calloc(1, sizeof(*s->no_media));
	if(s->no_media)
		alarm_start(s->no_media, settings.media_timeout * 1000L, too_long, s);
}

void no_media_forget(session_t *s)
{
	if(!s->no_media)
		return;
	alarm_stop(s->no_media);
	free(s->no_media);
	s->no_media = NULL;
}
