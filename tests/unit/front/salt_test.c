/* SPDX-License-Identifier: MIT */
/* Salts: a common one of each front, and one of each variant that depends on all it is worked out
 * of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "front/salt.h"

static void it_depends_on_connection_job_variant_and_secret(void **state)
{
    static const uint32_t of[][3] = {{0, 8, 0}, {0, 9, 0}, {7, 8, 1}, {8, 8, 1},
                                     {7, 9, 1}, {7, 8, 2}, {8, 7, 1}};
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
        cmocka_unit_test(it_depends_on_connection_job_variant_and_secret),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
