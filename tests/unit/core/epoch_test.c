/* SPDX-License-Identifier: MIT */
/* Seeds of real blocks lead back to their epochs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/hex.h"
#include "core/epoch.h"

static void known_seeds_lead_back_to_their_epochs(void **state)
{
    json_t *vectors = json_load_file("tests/vectors/ethash.json", 0, NULL), *seed;
    const char *epoch;

    (void)state;
    assert_non_null(vectors);
    json_object_foreach(json_object_get(vectors, "seedhash_by_keccak_count"), epoch, seed)
    {
        uint8_t bytes[32];
        assert_true(hex_decode(json_string_value(seed), bytes, 32));
        assert_int_equal(ethash_epoch_of_seed(bytes), strtol(epoch, NULL, 10));
    }
    json_decref(vectors);
}

static void a_seed_of_no_epoch_is_refused(void **state)
{
    uint8_t seed[32];

    (void)state;
    memset(seed, 0xff, sizeof seed);
    assert_int_equal(ethash_epoch_of_seed(seed), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_seeds_lead_back_to_their_epochs),
        cmocka_unit_test(a_seed_of_no_epoch_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
