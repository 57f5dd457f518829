/* SPDX-License-Identifier: MIT */
/* The verifier: whose turn it is, what goes first, what closing does with what waits. One thread
 * that hashes a share each time the test lets it. */
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <uv.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/err.h"
#include "front/verifier.h"
#include "tests/fake/hash_algo.h"

enum { TASKS_MAX = 2048 };

static sem_t begun, gate;

static int slow_hash(struct algo_ctx *ctx, const struct algo_input *in, struct algo_result *out)
{
    (void)ctx, (void)in;
    (void)sem_post(&begun);
    while (sem_wait(&gate) < 0)
        continue;
    memset(out, 0, sizeof *out);
    return 0;
}

struct rig {
    uv_loop_t loop;
    struct algo algo;
    struct job *job;
    struct verifier *verifier;
    struct verify_lane lanes[3];
    char order[TASKS_MAX + 1]; /* first letters of the ids, as they came back */
    unsigned done, closed;
};

static void on_done(void *arg, struct verify_task *t)
{
    struct rig *r = arg;

    r->order[r->done++] = t->id[0];
    r->closed += t->err == ERR_CLOSED;
    verify_task_free(t);
}

static bool add(struct rig *r, unsigned lane, char id, bool urgent)
{
    const struct share share = {.job = r->job};
    struct verify_task *t = xcalloc(1, sizeof *t);

    t->share = share_copy(&share);
    t->target = u256_max();
    t->lane = &r->lanes[lane];
    t->urgent = urgent;
    t->id[0] = id;
    bool added = verifier_add(r->verifier, t);
    if (!added)
        verify_task_free(t);
    return added;
}

static int setup(void **state)
{
    struct rig *r = xcalloc(1, sizeof *r);

    (void)sem_init(&begun, 0, 0);
    (void)sem_init(&gate, 0, 0);
    (void)uv_loop_init(&r->loop);
    r->algo = fake_easy;
    r->algo.hash = slow_hash;
    r->job = job_new(&r->algo);
    r->job->form = &form_given;
    r->job->input_len = 80;
    r->job->nonce_at = 76;
    r->verifier = verifier_new(&r->loop, &r->algo, NULL, 1, on_done, r);
    /* the thread is at this one while the others are added */
    assert_true(add(r, 0, '0', false));
    assert_int_equal(sem_wait(&begun), 0);
    *state = r;
    return 0;
}

static void let(unsigned hashes)
{
    while (hashes--)
        (void)sem_post(&gate);
}

static void finish(struct rig *r, int64_t patience_us)
{
    verifier_close(r->verifier, patience_us);
    r->verifier = NULL;
}

static int teardown(void **state)
{
    struct rig *r = *state;

    let(TASKS_MAX);
    verifier_close(r->verifier, 0);
    (void)uv_run(&r->loop, UV_RUN_DEFAULT);
    int err = uv_loop_close(&r->loop);
    job_unref(r->job);
    free(r);
    (void)sem_destroy(&begun);
    (void)sem_destroy(&gate);
    return err;
}

static void connections_are_served_in_turn(void **state)
{
    struct rig *r = *state;

    for (unsigned i = 0; i < 4; i++)
        assert_true(add(r, 0, 'a', false));
    assert_true(add(r, 1, 'b', false));
    assert_true(add(r, 2, 'c', false));
    assert_true(add(r, 2, 'c', false));
    let(8);
    finish(r, 5 * SECOND_US);
    assert_string_equal(r->order, "0abcacaa");
}

static void urgent_tasks_go_first(void **state)
{
    struct rig *r = *state;

    assert_true(add(r, 0, 'a', false));
    assert_true(add(r, 1, 'B', true));
    assert_true(add(r, 1, 'C', true));
    let(4);
    finish(r, 5 * SECOND_US);
    assert_string_equal(r->order, "0BCa");
}

static void closing_finishes_what_waits(void **state)
{
    struct rig *r = *state;

    for (unsigned i = 0; i < 50; i++)
        assert_true(add(r, i % 3, 'a', false));
    let(51);
    finish(r, 5 * SECOND_US);
    assert_int_equal(r->done, 51);
    assert_int_equal(r->closed, 0);
}

static void *let_later(void *arg)
{
    (void)arg;
    sleep_us(100000);
    let(6);
    return NULL;
}

static void closing_without_patience_gives_back_the_rest(void **state)
{
    struct rig *r = *state;

    for (unsigned i = 0; i < 5; i++)
        assert_true(add(r, i % 3, 'a', false));
    pthread_t helper; /* lets the hash end that the thread is at when it is told to stop */
    assert_int_equal(pthread_create(&helper, NULL, let_later, NULL), 0);
    finish(r, 0);
    (void)pthread_join(helper, NULL);
    assert_int_equal(r->done, 6);
    assert_int_equal(r->closed, 5);
}

static void full_queue_has_room_for_the_first_of_a_connection_and_for_blocks(void **state)
{
    struct rig *r = *state;

    for (unsigned i = 0; i < VERIFY_QUEUE; i++)
        assert_true(add(r, 0, 'a', false));
    assert_false(add(r, 0, 'a', false));
    assert_true(add(r, 1, 'b', false));
    assert_false(add(r, 1, 'b', false));
    assert_true(add(r, 0, 'B', true));
    let(4);
    while (r->done < 4)
        (void)uv_run(&r->loop, UV_RUN_ONCE);
    assert_memory_equal(r->order, "0Bab", 4);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(connections_are_served_in_turn),
        T(urgent_tasks_go_first),
        T(closing_finishes_what_waits),
        T(closing_without_patience_gives_back_the_rest),
        T(full_queue_has_room_for_the_first_of_a_connection_and_for_blocks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
