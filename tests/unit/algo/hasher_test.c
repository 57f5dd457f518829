/* SPDX-License-Identifier: MIT */
/* A hasher follows its keys: it never waits, never hashes with a wrong dataset, and tries again. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "algo/hasher.h"
#include "base/clock.h"
#include "tests/fake/dataset_algo.h"
#include "tests/fake/hash_algo.h"

struct fixture {
    struct datasets *datasets;
    struct hasher hasher;
};

static int setup(void **state)
{
    static struct fixture f;
    const struct datasets_options options = {.memory_max = 1 << 20};

    f.datasets = datasets_new(&options);
    hasher_init(&f.hasher, &fake_sealer, f.datasets);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    atomic_store(&fake_dataset_held, false);
    atomic_store(&fake_dataset_broken, false);
    hasher_fini(&f->hasher);
    datasets_free(f->datasets);
    return 0;
}

static int wait_ready(struct hasher *h, const struct algo_key *key, struct fault *why)
{
    int err;

    while ((err = hasher_ready(h, key, why)) == -EAGAIN)
        sleep_us(1000);
    return err;
}

static int hash_at(struct hasher *h, uint64_t height)
{
    const struct algo_key key = {.height = height};
    const uint8_t bytes[40] = {0};
    const struct algo_input in = {bytes, 40, 32, &key};
    struct algo_result result;

    return h->algo->hash(h->ctx, &in, &result);
}

static void algorithm_without_a_dataset_is_ready_at_once(void **state)
{
    struct hasher h;

    (void)state;
    hasher_init(&h, &fake_sha256d, NULL);
    assert_int_equal(hasher_ready(&h, &(struct algo_key){0}, NULL), 0);
    hasher_fini(&h);
}

static void dataset_in_preparation_is_not_waited_for(void **state)
{
    struct fixture *f = *state;
    const struct algo_key key = {.height = 5};

    atomic_store(&fake_dataset_held, true);
    assert_int_equal(hasher_ready(&f->hasher, &key, NULL), -EAGAIN);
    assert_int_equal(hasher_ready(&f->hasher, &key, NULL), -EAGAIN);
    atomic_store(&fake_dataset_held, false);
    assert_int_equal(wait_ready(&f->hasher, &key, NULL), 0);
    assert_int_equal(hash_at(&f->hasher, 5), 0);
}

static void context_stays_within_an_epoch_and_changes_with_it(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(wait_ready(&f->hasher, &(struct algo_key){.height = 5}, NULL), 0);
    const struct algo_ctx *ctx = f->hasher.ctx;
    assert_int_equal(hasher_ready(&f->hasher, &(struct algo_key){.height = 6}, NULL), 0);
    assert_ptr_equal(f->hasher.ctx, ctx);
    assert_int_equal(hash_at(&f->hasher, FAKE_EPOCH), ERR_KEY);
    assert_int_equal(wait_ready(&f->hasher, &(struct algo_key){.height = FAKE_EPOCH}, NULL), 0);
    assert_int_equal(hash_at(&f->hasher, FAKE_EPOCH), 0);
}

static void failed_dataset_is_tried_again(void **state)
{
    struct fixture *f = *state;
    struct fault why = {.text = ""};
    const struct algo_key key = {.height = 5};

    atomic_store(&fake_dataset_broken, true);
    assert_int_equal(wait_ready(&f->hasher, &key, &why), ERR_MEMORY);
    assert_non_null(strstr(why.text, "the fake dataset is broken"));
    atomic_store(&fake_dataset_broken, false);
    assert_int_equal(wait_ready(&f->hasher, &key, NULL), 0);
}

static void key_out_of_range_is_refused(void **state)
{
    struct fixture *f = *state;
    struct fault why = {.text = ""};

    assert_int_equal(hasher_ready(&f->hasher, &(struct algo_key){.height = UINT64_MAX}, &why),
                     ERR_KEY);
    assert_non_null(strstr(why.text, "past the last epoch"));
}

static void memory_too_small_for_the_dataset_is_no_fault_of_the_key(void **state)
{
    const struct datasets_options options = {.memory_max = 1};
    struct datasets *small = datasets_new(&options);
    struct fault why = {.text = ""};
    struct hasher h;

    (void)state;
    hasher_init(&h, &fake_sealer, small);
    assert_int_equal(hasher_ready(&h, &(struct algo_key){.height = 5}, &why), ERR_MEMORY);
    assert_non_null(strstr(why.text, "not enough memory"));
    hasher_fini(&h);
    datasets_free(small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(algorithm_without_a_dataset_is_ready_at_once),
        cmocka_unit_test_setup_teardown(dataset_in_preparation_is_not_waited_for, setup, teardown),
        cmocka_unit_test_setup_teardown(context_stays_within_an_epoch_and_changes_with_it, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(failed_dataset_is_tried_again, setup, teardown),
        cmocka_unit_test_setup_teardown(key_out_of_range_is_refused, setup, teardown),
        cmocka_unit_test(memory_too_small_for_the_dataset_is_no_fault_of_the_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
