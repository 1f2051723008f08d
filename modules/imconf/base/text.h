/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * text: what every floor needs to do with a `str`: compare, trim, copy, read
 * a number. Ground floor: knows Kamailio's `str` type and nothing else of it.
 */
#ifndef IMCONF_BASE_TEXT_H
#define IMCONF_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include "core/str.h"

/** A `str` from a string literal; does not own its bytes. */
#define TEXT(lit) ((str){(char *)(lit), sizeof(lit) - 1})

/** The two printf arguments of "%.*s". */
#define TEXT_ARG(p) (p)->len, ((p)->s ? (p)->s : "")

/** Octet by octet; two empty strings are equal whatever their pointers. */
int text_eq(const str *a, const str *b);

/** Like text_eq(), ASCII case ignored. */
int text_eq_nocase(const str *a, const str *b);

/** 1 when `s` begins with `prefix`, ASCII case ignored. */
int text_starts_nocase(const str *s, const str *prefix);

/** First occurrence of `c` in `s`, or -1. */
int text_find_char(const str *s, char c);

/** First occurrence of `needle` in `s`, or -1. An empty needle is at 0. */
int text_find(const str *s, const str *needle);

/** The part of `s` without leading and trailing space, tab, CR, LF. */
str text_trim(const str *s);

/** The part of `s` from `from` on; empty when `from` is beyond its end. */
str text_from(const str *s, int from);

/** What a hexadecimal digit is worth, -1 when it is none. */
int text_hex_value(char c);

/** At most the first `max` octets of `s`, and no UTF-8 character cut in two. */
str text_cut(const str *s, int max);

/**
 * Copies `src` to the heap, zero terminated; `dst` owns the copy, text_free()
 * gives it back. An empty `src` gives an empty `dst` without memory.
 * Returns 0, or -1 when memory is out (dst is empty then).
 */
int text_copy(str *dst, const str *src);

/** Frees what text_copy() made and empties `s`. Harmless when empty. */
void text_free(str *s);

/**
 * Replaces what `dst` owns by a copy of `src`. Returns 0, or -1 when memory
 * is out (dst is unchanged then).
 */
int text_replace(str *dst, const str *src);

/**
 * Reads an unsigned decimal number that is all of `s`. Returns 0, or -1 when
 * `s` is empty, holds anything else than digits or the number exceeds `max`.
 */
int text_to_uint(const str *s, uint64_t max, uint64_t *value);

/**
 * Takes the next token up to `sep` (or the end) off the front of `rest`,
 * trimmed. Returns 1, or 0 when `rest` is empty (no token left).
 */
int text_next(str *rest, char sep, str *token);

#endif
