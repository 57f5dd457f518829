/* SPDX-License-Identifier: MIT */
/* Salts: none without a variant, else one that depends on all it is worked out of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "front/salt.h"

static void a_job_as_everybody_gets_it_has_none(void **state)
{
    static const uint8_t zeros[FRONT_SALT];
    uint8_t salt[FRONT_SALT];
    struct salts salts;

    (void)state;
    salts_init(&salts);
    salt_of(&salts, 7, 8, 0, salt);
    assert_memory_equal(salt, zeros, sizeof salt);
}

static void it_depends_on_connection_job_variant_and_secret(void **state)
{
    static const uint32_t of[][3] = {{7, 8, 1}, {8, 8, 1}, {7, 9, 1}, {7, 8, 2}, {8, 7, 1}};
    enum { CASES = sizeof of / sizeof *of };
    uint8_t salt[2 * CASES][FRONT_SALT], again[FRONT_SALT];
    struct salts salts[2] = {{.secret = {1}}, {.secret = {2}}};

    (void)state;
    for (unsigned i = 0; i < 2 * CASES; i++) {
        const uint32_t *c = of[i % CASES];
        salt_of(&salts[i / CASES], c[0], c[1], c[2], salt[i]);
        salt_of(&salts[i / CASES], c[0], c[1], c[2], again);
        assert_memory_equal(salt[i], again, sizeof again);
        for (unsigned k = 0; k < i; k++)
            assert_memory_not_equal(salt[i], salt[k], sizeof salt[i]);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_as_everybody_gets_it_has_none),
        cmocka_unit_test(it_depends_on_connection_job_variant_and_secret),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
