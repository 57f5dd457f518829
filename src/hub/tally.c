/* SPDX-License-Identifier: MIT */
/* Counting shares: the device that found it and the total, by algorithm; each share in exactly one
 * final counter. */
#include <math.h>

#include "base/clock.h"
#include "base/str.h"
#include "hub/internal.h"

unsigned hub_algo_place(const struct algo *algo)
{
    unsigned i = 0;

    while (i < ALGOS_MAX && algos[i] && algos[i] != algo)
        i++;
    return i < ALGOS_MAX && algos[i] ? i : ALGOS_MAX;
}

static struct hub_device *numbered(struct hub *hub, unsigned device)
{
    for (unsigned i = 0; i < hub->device_count; i++)
        if (hub->devices[i].info.number == device)
            return &hub->devices[i];
    return NULL;
}

void hub_tally_found(struct hub *hub, unsigned device, const struct algo *algo, double difficulty)
{
    struct hub_device *d = numbered(hub, device);
    unsigned place = hub_algo_place(algo);

    if (place == ALGOS_MAX)
        return;
    counters_found(&hub->shares[place], difficulty);
    if (d)
        counters_found(&d->shares[place], difficulty);
}

static void count_effective(struct hub *hub, struct hub_device *d, const struct share_note *note)
{
    int64_t now = now_us();

    if (note->algo == hub->rate_algo)
        effective_add(&hub->effective, note->hashes, now);
    if (d && note->algo == d->algo)
        effective_add(&d->effective, note->hashes, now);
}

void hub_tally_note(struct hub *hub, const struct share_note *note)
{
    struct hub_device *d = numbered(hub, note->device);
    unsigned place = hub_algo_place(note->algo);

    if (place == ALGOS_MAX)
        return;
    counters_note(&hub->shares[place], note);
    if (d)
        counters_note(&d->shares[place], note);
    if (note->fate == FATE_ACCEPTED) {
        count_effective(hub, d, note);
        if (d)
            line_accepted(d->line, note->algo);
    }
    hub_snapshot_soon(hub);
}

void hub_tally_reject(struct hub *hub, unsigned device, struct rejected *reject)
{
    const struct hub_device *d = numbered(hub, device);

    if (d)
        (void)text_copy(reject->device, sizeof reject->device, d->info.id);
    rejects_add(&hub->rejects, reject);
}

void hub_tally_hardware_error(struct hub *hub, struct hub_device *d)
{
    unsigned place = hub_algo_place(d->algo ? d->algo : line_algo(d->line));

    if (place == ALGOS_MAX)
        return;
    d->shares[place].hardware_errors++;
    hub->shares[place].hardware_errors++;
}

struct counters hub_tally_sum(const struct counters shares[ALGOS_MAX], const struct algo *shown)
{
    struct counters sum = {.found = 0};
    unsigned place = hub_algo_place(shown);

    for (unsigned i = 0; i < ALGOS_MAX; i++)
        counters_add(&sum, &shares[i]);
    if (place < ALGOS_MAX) {
        sum.difficulty_accepted = shares[place].difficulty_accepted;
        sum.best_difficulty = shares[place].best_difficulty;
    }
    return sum;
}

double hub_algo_rate(const struct hub *hub, const struct algo *algo)
{
    double sum = 0;

    for (unsigned i = 0; i < hub->device_count; i++) {
        const struct hub_device *d = &hub->devices[i];
        double rate = d->algo == algo ? rate_window(&d->rate, RATE_1M, now_us()) : 0;
        sum += rate > 0 ? rate : 0;
    }
    return sum > 0 ? sum : NAN;
}
