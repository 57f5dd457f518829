/* SPDX-License-Identifier: MIT */
/* The shares of an upstream pool: sent, answered, waiting for a session, never answered. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "core/target.h"
#include "hub/upstream_one.h"

static void tell(struct upstream *up, struct share_note *note, enum fate fate)
{
    note->fate = fate;
    counters_note(&up->shares, note);
    up->all->hooks.note(up->all->hooks.arg, note);
    note->before = fate;
    note->sent = false;
}

static struct share_note note_of(const struct share *share)
{
    const struct job *job = share->job;

    return (struct share_note){
        .device = share->device,
        .algo = job->algo,
        .difficulty = target_difficulty(&job->algo->diff1, &job->share_target),
        .hashes = target_hashes(&job->share_target),
    };
}

/* --- sending --------------------------------------------------------------------------------- */

static void lose(struct upstream *up, struct share_note *note, const char *why)
{
    log_warn(SHARE, "lost, found for pool %u: %s", up->number, why);
    tell(up, note, FATE_LOST);
}

static void send_share(struct upstream *up, const struct share *share, struct share_note *note)
{
    int64_t id = up->client ? stratum_client_submit(up->client, share) : ERR_CLOSED;

    if (id < 0) {
        lose(up, note,
             id == ERR_NO_JOB ? "its session has ended, and the pool began another"
                              : err_str((int)id));
        return;
    }
    struct ticket *ticket = xmalloc(sizeof *ticket);
    int64_t age_us = share->found_us ? share->found_us - share->job->born_us : 0;
    *ticket = (struct ticket){
        .id = (uint64_t)id,
        .note = *note,
        .sent_us = now_us(),
        .job_age_ms = age_us > 0 ? age_us / 1000 : 0,
    };
    HASH_ADD(hh, up->tickets, id, sizeof ticket->id, ticket);
    ticket->note.sent = true;
    tell(up, &ticket->note, FATE_OPEN);
}

/* The session may be resumed: what is found meanwhile is kept. */
static bool may_wait(const struct upstream *up)
{
    return *up->session.id && up->enabled && up->phase != CLIENT_READY &&
           up->pending_count < PENDING_MAX;
}

void upstream_submit(struct upstream *up, const struct share *share)
{
    struct share_note note = note_of(share);

    counters_found(&up->shares, share->difficulty);
    if (!may_wait(up)) {
        send_share(up, share, &note);
        return;
    }
    if (!up->pending_count)
        up->pending_us = now_us();
    up->pending[up->pending_count++] = (struct pending){share_copy(share), note};
    if (up->pending_count == PENDING_MAX) /* what else is found would be lost */
        upstream_stop_lingering(up);
    log_info(SHARE, "a share for pool %u waits until its session is resumed", up->number);
}

void upstream_drop_pending(struct upstream *up, const char *why)
{
    if (up->pending_count)
        log_warn(SHARE, "%u share%s lost, found for pool %u: %s", up->pending_count,
                 up->pending_count == 1 ? "" : "s", up->number, why);
    for (unsigned i = 0; i < up->pending_count; i++) {
        tell(up, &up->pending[i].note, FATE_LOST);
        share_free(up->pending[i].share);
    }
    up->pending_count = 0;
}

void upstream_ready(struct upstream *up, bool resumed)
{
    unsigned count = up->pending_count;

    if (!resumed) {
        upstream_drop_pending(up, "its session has ended, and the pool began another");
        return;
    }
    up->resumed++;
    log_info(POOL, "pool %u: the session is resumed, %u share%s sent now", up->number, count,
             count == 1 ? "" : "s");
    up->pending_count = 0;
    for (unsigned i = 0; i < count; i++) {
        send_share(up, up->pending[i].share, &up->pending[i].note);
        share_free(up->pending[i].share);
    }
}

/* --- answers --------------------------------------------------------------------------------- */

static void count_ack(struct upstream *up, int err, double ms)
{
    up->ack_ms[up->ack_count++ % ACK_SAMPLES] = (float)ms;
    pool_health_answer(&up->health, err);
    if (!err)
        up->failures = up->distrust = 0;
}

static void tell_reject(struct upstream *up, const struct ticket *ticket, int err,
                        const char *reason)
{
    struct rejected reject = {
        .at_ms = wall_ms(),
        .at_us = now_us(),
        .job_age_ms = ticket->job_age_ms,
        .difficulty = ticket->note.difficulty,
        .pool = (int16_t)up->number,
        .refusal = (uint8_t)refusal_of(err),
    };

    (void)text_copy(reject.algo, sizeof reject.algo, ticket->note.algo->name);
    (void)text_clean(reject.reason, sizeof reject.reason, reason);
    log_warn(SHARE, "REJECTED by pool %u: %s", up->number, reason);
    up->all->hooks.rejected(up->all->hooks.arg, ticket->note.device, &reject);
}

static void take_verdict(struct upstream *up, struct ticket *ticket, int err, const char *reason,
                         double ms)
{
    count_ack(up, err, ms);
    ticket->note.refusal = refusal_of(err);
    if (err) {
        tell_reject(up, ticket, err, reason && *reason ? reason : err_str(err));
    } else {
        effective_add(&up->effective, ticket->note.hashes, now_us());
        log_info(SHARE, "accepted by pool %u, difficulty %.4g, %.0f ms%s", up->number,
                 ticket->note.difficulty, ms,
                 ticket->note.before == FATE_UNACKNOWLEDGED ? ", very late" : "");
        drill_accepted(up);
    }
    tell(up, &ticket->note, fate_of(err));
}

void upstream_answered(struct upstream *up, uint64_t id, int err, const char *reason, double ms)
{
    struct ticket *ticket;

    HASH_FIND(hh, up->tickets, &id, sizeof id, ticket);
    if (!ticket)
        return;
    HASH_DEL(up->tickets, ticket);
    if (err != ERR_CLOSED) {
        take_verdict(up, ticket, err, reason, ms);
    } else if (ticket->note.before == FATE_OPEN) {
        log_warn(SHARE, "never answered by pool %u: the connection ended first", up->number);
        tell(up, &ticket->note, FATE_UNACKNOWLEDGED);
    }
    free(ticket);
}

/* --- time ------------------------------------------------------------------------------------ */

int64_t upstream_oldest_sent(const struct upstream *up)
{
    int64_t oldest = 0;

    for (const struct ticket *t = up->tickets; t; t = t->hh.next)
        if (!oldest || t->sent_us < oldest)
            oldest = t->sent_us;
    return oldest;
}

bool upstream_owes_answers(const struct upstream *up)
{
    int64_t oldest = upstream_oldest_sent(up);

    return oldest && now_us() - oldest <= up->all->config->upstreams.answer_us * 3 / 2;
}

void upstream_shares_tick(struct upstream *up)
{
    int64_t now = now_us();

    for (struct ticket *t = up->tickets; t; t = t->hh.next) {
        if (t->note.before != FATE_OPEN || now - t->sent_us < UNACKNOWLEDGED_S * SECOND_US)
            continue;
        log_warn(SHARE, "not answered by pool %u for %d s", up->number, UNACKNOWLEDGED_S);
        tell(up, &t->note, FATE_UNACKNOWLEDGED);
    }
    if (up->pending_count && now - up->pending_us > SESSION_S * SECOND_US)
        upstream_drop_pending(up, "its session was not resumed in time");
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

void upstream_ack_quantiles(const struct upstream *up, double *p50, double *p95)
{
    float sorted[ACK_SAMPLES];
    unsigned n = up->ack_count < ACK_SAMPLES ? up->ack_count : ACK_SAMPLES;

    *p50 = *p95 = NAN;
    if (!n)
        return;
    memcpy(sorted, up->ack_ms, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_value);
    *p50 = (double)sorted[n / 2];
    *p95 = (double)sorted[n * 95 / 100];
}
