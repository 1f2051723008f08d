/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unit tests of base/map.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include "base/map.h"

#define MANY 10000

typedef struct thing
{
	map_node_t node;
	char name[24];
	int seen;
} thing_t;

static str name_of(thing_t *t)
{
	return (str){t->name, (int)strlen(t->name)};
}


static thing_t *make_things(int count)
{
	thing_t *t = calloc(count, sizeof(*t));

	assert_non_null(t);
	for(int i = 0; i < count; i++)
		snprintf(t[i].name, sizeof(t[i].name), "thing%d", i);
	return t;
}


static void put(map_t *m, thing_t *t)
{
	str name = name_of(t);

	assert_int_equal(map_put(m, &t->node, &name, t), 0);
}


/* the vectors of the SipHash paper's reference code, key 00 01 .. 0f */
static void test_hash(void **state)
{
	unsigned char key[16] = {0}, data[15];
	str s = {(char *)data, 0};

	(void)state;
	for(int i = 0; i < 16; i++)
		key[i] = i;
	for(int i = 0; i < 15; i++)
		data[i] = i;
	map_seed(key);
	assert_true(map_hash(&s) == 0x726fdb47dd0e0e31ULL);
	s.len = 1;
	assert_true(map_hash(&s) == 0x74f839c593dc67fdULL);
	s.len = 8;
	assert_true(map_hash(&s) == 0x93f5f5799a932462ULL);
	s.len = 15;
	assert_true(map_hash(&s) == 0xa129ca6149be45e5ULL);
	key[0] = 0xff;
	map_seed(key);
	assert_false(map_hash(&s) == 0xa129ca6149be45e5ULL);
}


static void test_many(void **state)
{
	thing_t *t = make_things(MANY);
	map_t m;

	(void)state;
	map_init(&m);
	assert_null(map_get(&m, &TEXT("thing1")));
	for(int i = 0; i < MANY; i++)
		put(&m, &t[i]);
	assert_int_equal(m.count, MANY);
	for(int i = 0; i < MANY; i += 2)
		map_remove(&m, &t[i].node);
	assert_int_equal(m.count, MANY / 2);
	for(int i = 0; i < MANY; i++) {
		str name = name_of(&t[i]);

		assert_ptr_equal(map_get(&m, &name), i % 2 ? &t[i] : NULL);
	}
	map_free(&m);
	assert_int_equal(m.count, 0);
	map_free(&m);
	free(t);
}


static void test_remove_is_harmless(void **state)
{
	thing_t *t = make_things(2);
	map_t m;

	(void)state;
	map_init(&m);
	map_remove(&m, &t[0].node);
	put(&m, &t[0]);
	map_remove(&m, &t[1].node);
	map_remove(&m, &t[0].node);
	assert_null(t[0].node.value);
	map_remove(&m, &t[0].node);
	assert_int_equal(m.count, 0);
	put(&m, &t[0]);
	map_free(&m);
	map_remove(&m, &t[0].node);
	free(t);
}


/* equal keys, kept in order while the table grows around them */
static void test_equal_keys(void **state)
{
	thing_t *t = make_things(1000);
	thing_t same[3];
	map_t m;

	(void)state;
	memset(same, 0, sizeof(same));
	map_init(&m);
	for(int i = 0; i < 3; i++)
		assert_int_equal(
				map_put(&m, &same[i].node, &TEXT("same"), &same[i]), 0);
	for(int i = 0; i < 1000; i++)
		put(&m, &t[i]);
	for(int i = 2; i >= 0; i--) {
		assert_ptr_equal(map_get(&m, &TEXT("same")), &same[i]);
		map_remove(&m, &same[i].node);
	}
	assert_null(map_get(&m, &TEXT("same")));
	map_free(&m);
	free(t);
}


static int is_it(void *value, void *arg)
{
	return value == arg;
}


/* among equal keys, the one that is meant */
static void test_find(void **state)
{
	thing_t same[3], other;
	map_t m;

	(void)state;
	memset(same, 0, sizeof(same));
	memset(&other, 0, sizeof(other));
	map_init(&m);
	assert_null(map_find(&m, &TEXT("same"), is_it, &same[0]));
	for(int i = 0; i < 3; i++)
		assert_int_equal(
				map_put(&m, &same[i].node, &TEXT("same"), &same[i]), 0);
	assert_int_equal(map_put(&m, &other.node, &TEXT("other"), &other), 0);
	for(int i = 0; i < 3; i++)
		assert_ptr_equal(
				map_find(&m, &TEXT("same"), is_it, &same[i]), &same[i]);
	assert_null(map_find(&m, &TEXT("same"), is_it, &other));
	map_free(&m);
}


static void test_octets(void **state)
{
	thing_t t[2];
	map_t m;

	(void)state;
	memset(t, 0, sizeof(t));
	map_init(&m);
	assert_int_equal(map_put(&m, &t[0].node, &(str){NULL, 0}, &t[0]), 0);
	assert_int_equal(map_put(&m, &t[1].node, &(str){"a\0b", 3}, &t[1]), 0);
	assert_ptr_equal(map_get(&m, &TEXT("")), &t[0]);
	assert_ptr_equal(map_get(&m, &(str){"a\0b", 3}), &t[1]);
	assert_null(map_get(&m, &TEXT("a")));
	assert_null(map_get(&m, &(str){"a\0c", 3}));
	map_free(&m);
}


typedef struct walk
{
	map_t *map;
	int calls, stop_after;
} walk_t;

static int remove_odd(void *value, void *arg)
{
	thing_t *t = value;
	walk_t *w = arg;

	t->seen++;
	if(t->name[strlen(t->name) - 1] % 2)
		map_remove(w->map, &t->node);
	return ++w->calls == w->stop_after ? 7 : 0;
}


static void test_each(void **state)
{
	thing_t *t = make_things(MANY);
	map_t m;
	walk_t w = {&m, 0, 0};

	(void)state;
	map_init(&m);
	assert_int_equal(map_each(&m, remove_odd, &w), 0);
	for(int i = 0; i < MANY; i++)
		put(&m, &t[i]);
	assert_int_equal(map_each(&m, remove_odd, &w), 0);
	assert_int_equal(w.calls, MANY);
	assert_int_equal(m.count, MANY / 2);
	for(int i = 0; i < MANY; i++)
		assert_int_equal(t[i].seen, 1);
	w = (walk_t){&m, 0, 3};
	assert_int_equal(map_each(&m, remove_odd, &w), 7);
	assert_int_equal(w.calls, 3);
	map_free(&m);
	free(t);
}


int main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_hash),
			cmocka_unit_test(test_many),
			cmocka_unit_test(test_remove_is_harmless),
			cmocka_unit_test(test_equal_keys),
			cmocka_unit_test(test_find),
			cmocka_unit_test(test_octets),
			cmocka_unit_test(test_each),
	};

	return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
