/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * legs: the MSRP ends of participants that somebody else negotiated: read
 * from a file, connected, bound, idle until the caller is told to go, then
 * served. Shared by the load tools that only speak MSRP.
 *
 * The file has one line for each leg:
 *   HOST PORT TO-PATH FROM-PATH USER-URI
 */
#ifndef BENCH_LEGS_H
#define BENCH_LEGS_H

#include "connection.h"
#include "frame.h"

#define LEGS_MAX 2048
#define PATIENCE 10.0 /* seconds without any progress */

typedef struct leg
{
	connection_t *connection;
	int port;
	int bound;
	char host[48], to_path[256], from_path[256], user[256];
} leg_t;

extern leg_t legs[LEGS_MAX];
extern int leg_count;
extern int legs_epoll;
extern double last_progress; /* when something last came in */

/** Called for every answer and every SEND behind the binding. */
typedef void (*on_frame_t)(leg_t *l, const frame_t *f);

/** Says why and ends the program. */
void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

double now(void);

/** Reads the file, connects and binds all, says "bound", and idles until a
 * line comes in on standard input. A leg that is closed ends the program. */
void legs_start(const char *path, on_frame_t fn);

/** Serves one turn of events. */
void legs_turn(int timeout_ms);

#endif
