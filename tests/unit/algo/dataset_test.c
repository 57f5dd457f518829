/* SPDX-License-Identifier: MIT */
/* The full part of a dataset: what is promised is counted, what fails its check is made anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "algo/dataset_one.h"
#include "base/alloc.h"
#include "base/clock.h"

enum { ITEMS = 10, STEP = 4, LIGHT = 100, FULL = 1000 };

static _Atomic unsigned bad_checks, items_made, reserves;

static int plan(const struct algo_key *key, struct dataset_plan *out, struct fault *why)
{
    (void)why;
    *out = (struct dataset_plan){.light_bytes = LIGHT, .full_bytes = FULL, .items = ITEMS};
    (void)snprintf(out->name, sizeof out->name, "small-%u", (unsigned)key->height);
    (void)snprintf(out->title, sizeof out->title, "small %u", (unsigned)key->height);
    return 0;
}

static int light(const struct algo_key *key, const struct dataset_plan *planned,
                 const struct dataset_choices *choices, const _Atomic bool *cancel,
                 _Atomic uint32_t *permille, void **state, struct fault *why)
{
    (void)key;
    (void)planned;
    (void)choices;
    (void)cancel;
    (void)why;
    atomic_store(permille, 1000);
    *state = xcalloc(ITEMS, 1);
    return 0;
}

static int reserve(void *state, const _Atomic bool *cancel, bool *complete, struct fault *why)
{
    (void)state;
    (void)cancel;
    (void)why;
    *complete = false;
    atomic_fetch_add(&reserves, 1);
    return 0;
}

static void fill(void *state, uint64_t first, uint64_t count)
{
    memset((uint8_t *)state + first, 1, count);
    atomic_fetch_add(&items_made, (unsigned)count);
}

static int finish(void *state, struct fault *why)
{
    (void)state;
    if (!atomic_load(&bad_checks))
        return 0;
    atomic_fetch_sub(&bad_checks, 1);
    return fault_set(why, ERR_CHECK, "an item is wrong");
}

static const struct dataset_ops ops = {
    .plan = plan,
    .light = light,
    .reserve = reserve,
    .fill = fill,
    .step = STEP,
    .finish = finish,
    .free = free,
};
static const struct algo algo = {.name = "small", .title = "Small", .dataset = &ops};

static struct dataset *get_full(struct datasets *all, uint64_t height)
{
    struct dataset *d = datasets_get(all, &algo, &(struct algo_key){.height = height}, true, NULL);

    assert_non_null(d);
    return d;
}

/* Until it may be filled, or is full, or cannot be. */
static void settle(struct dataset *d)
{
    struct dataset_view view;

    do {
        sleep_us(500);
        dataset_view(d, &view);
    } while (!dataset_filling(d) && view.state != DATASET_FULL && view.full_wanted);
}

static int setup(void **state)
{
    const struct datasets_options options = {.memory_max = 2 * LIGHT + FULL};

    atomic_store(&bad_checks, 0);
    atomic_store(&items_made, 0);
    atomic_store(&reserves, 0);
    *state = datasets_new(&options);
    return 0;
}

static int teardown(void **state)
{
    datasets_free(*state);
    return 0;
}

static void items_that_failed_their_check_are_all_made_again(void **state)
{
    struct dataset *d = get_full(*state, 1);
    struct dataset_view view;

    atomic_store(&bad_checks, 1);
    settle(d);
    while (dataset_fill(d, SECOND_US))
        ;
    settle(d);
    dataset_view(d, &view);
    assert_int_equal(view.state, DATASET_LIGHT);
    assert_string_equal(view.error, "an item is wrong");
    assert_int_equal(view.bytes, LIGHT + FULL); /* its memory is still there */
    dataset_unref(get_full(*state, 1));
    settle(d);
    assert_int_equal(dataset_state(d), DATASET_LIGHT);
    while (dataset_fill(d, SECOND_US))
        ;
    settle(d);
    assert_int_equal(dataset_state(d), DATASET_FULL);
    assert_int_equal(atomic_load(&items_made), 2 * ITEMS);
    dataset_unref(d);
}

static void bytes_of_a_dataset_that_is_filled_are_promised_once(void **state)
{
    struct dataset *first = get_full(*state, 1), *second;
    struct dataset_view view;

    settle(first);
    assert_int_equal(dataset_bytes(first), LIGHT + FULL);
    assert_int_equal(dataset_unmade(first), FULL);
    second = get_full(*state, 2);
    settle(second);
    dataset_view(second, &view);
    assert_int_equal(view.state, DATASET_LIGHT);
    assert_non_null(strstr(view.error, "not enough memory"));
    assert_int_equal(dataset_unmade(second), 0);
    assert_true(dataset_fill(first, 0));
    assert_int_equal(dataset_unmade(first), FULL / ITEMS * (ITEMS - STEP));
    while (dataset_fill(first, SECOND_US))
        ;
    settle(first);
    assert_int_equal(dataset_unmade(first), 0);
    assert_int_equal(atomic_load(&reserves), 1);
    dataset_unref(first);
    dataset_unref(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(items_that_failed_their_check_are_all_made_again, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(bytes_of_a_dataset_that_is_filled_are_promised_once, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
