/* SPDX-License-Identifier: MIT */
/* Shares are counted once each, and the newest rejects are kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "hub/fates.h"
#include "hub/rejects.h"

static uint64_t settled(const struct counters *c)
{
    return c->accepted + c->rejected + c->stale + c->lost + c->unacknowledged + c->unanswered;
}

static void note(struct counters *c, enum fate before, enum fate fate, int err)
{
    const struct share_note n = {
        .before = before, .fate = fate, .refusal = refusal_of(err), .difficulty = 8};

    counters_note(c, &n);
    assert_int_equal(settled(c), c->found);
}

static void each_share_is_in_one_counter(void **state)
{
    struct counters c = {.found = 0};

    (void)state;
    for (int i = 0; i < 5; i++)
        counters_found(&c, 10 + i);
    assert_int_equal(c.unanswered, 5);
    note(&c, FATE_OPEN, FATE_ACCEPTED, 0);
    note(&c, FATE_OPEN, FATE_REJECTED, ERR_LOW_DIFF);
    note(&c, FATE_OPEN, FATE_STALE, ERR_NO_JOB);
    note(&c, FATE_OPEN, FATE_LOST, 0);
    note(&c, FATE_OPEN, FATE_UNACKNOWLEDGED, 0);
    assert_int_equal(c.unanswered, 0);
    assert_true(c.difficulty_accepted == 8 && c.best_difficulty == 14);
    assert_int_equal(c.refused[REFUSAL_LOW_DIFFICULTY], 1);
    assert_int_equal(c.refused[REFUSAL_STALE], 1);
}

static void a_late_answer_moves_the_share(void **state)
{
    struct counters c = {.found = 0};

    (void)state;
    counters_found(&c, 1);
    note(&c, FATE_OPEN, FATE_UNACKNOWLEDGED, 0);
    note(&c, FATE_UNACKNOWLEDGED, FATE_ACCEPTED, 0);
    assert_int_equal(c.unacknowledged, 0);
    assert_int_equal(c.accepted, 1);
}

static void sending_leaves_it_open(void **state)
{
    struct counters c = {.found = 0};
    const struct share_note sent = {.sent = true};

    (void)state;
    counters_found(&c, 1);
    counters_note(&c, &sent);
    assert_int_equal(c.sent, 1);
    assert_int_equal(c.unanswered, 1);
}

static void answers_are_sorted(void **state)
{
    (void)state;
    assert_int_equal(fate_of(0), FATE_ACCEPTED);
    assert_int_equal(fate_of(ERR_STALE), FATE_STALE);
    assert_int_equal(fate_of(ERR_NO_JOB), FATE_STALE);
    assert_int_equal(fate_of(ERR_DUPLICATE), FATE_REJECTED);
    assert_string_equal(refusal_name(refusal_of(ERR_DUPLICATE)), "duplicate");
    assert_string_equal(refusal_name(refusal_of(ERR_REJECTED)), "other");
}

static void add(struct rejects **r, unsigned number)
{
    struct rejected one = {.job_age_ms = number};

    (void)snprintf(one.reason, sizeof one.reason, "number %u", number);
    rejects_add(r, &one);
}

static void the_newest_thousand_are_kept(void **state)
{
    struct rejects *r = rejects_new();

    (void)state;
    for (unsigned i = 0; i < 1234; i++)
        add(&r, i);
    assert_int_equal(r->count, REJECTS_KEPT);
    assert_int_equal(r->total, 1234);
    assert_int_equal(rejects_at(r, 0)->job_age_ms, 1233);
    assert_string_equal(rejects_at(r, 999)->reason, "number 234");
    rejects_unref(r);
}

static void who_holds_the_list_sees_no_change(void **state)
{
    struct rejects *r = rejects_new(), *held;

    (void)state;
    add(&r, 1);
    held = rejects_ref(r);
    add(&r, 2);
    assert_ptr_not_equal(held, r);
    assert_int_equal(held->count, 1);
    assert_int_equal(r->count, 2);
    rejects_unref(held);
    held = r;
    add(&r, 3);
    assert_ptr_equal(held, r); /* nobody else has it: no copy */
    rejects_unref(r);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_share_is_in_one_counter),
        cmocka_unit_test(a_late_answer_moves_the_share),
        cmocka_unit_test(sending_leaves_it_open),
        cmocka_unit_test(answers_are_sorted),
        cmocka_unit_test(the_newest_thousand_are_kept),
        cmocka_unit_test(who_holds_the_list_sees_no_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
