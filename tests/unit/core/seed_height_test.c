/* SPDX-License-Identifier: MIT */
/* Monero's key schedule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "core/seed_height.h"

static uint64_t number(const json_t *row, const char *name)
{
    return (uint64_t)json_integer_value(json_object_get(row, name));
}

static void heights_have_the_known_seed_heights(void **state)
{
    json_t *all = json_load_file("tests/vectors/randomx.json", 0, NULL);
    const json_t *row;
    size_t i;

    (void)state;
    json_array_foreach(json_object_get(all, "monero_seed_height"), i, row)
    {
        uint64_t height = number(row, "height");
        assert_int_equal(randomx_seed_height(height), number(row, "seed_height"));
        assert_int_equal(randomx_next_seed_height(height), number(row, "next_seed_height"));
    }
    assert_true(i > 5);
    json_decref(all);
}

static void the_highest_height_has_a_seed(void **state)
{
    (void)state;
    assert_int_equal(randomx_next_seed_height(UINT64_MAX), randomx_seed_height(UINT64_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heights_have_the_known_seed_heights),
        cmocka_unit_test(the_highest_height_has_a_seed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
