/* SPDX-License-Identifier: MIT */
/* How each kind of figure is measured. */
#include "cli/bench_room.h"

#include <stdio.h>
#include <string.h>

#include "algo/bench.h"
#include "algo/dataset.h"
#include "base/hex.h"
#include "base/str.h"

void bench_room_free(struct bench_room *room)
{
    dataset_unref(room->dataset);
    *room = (struct bench_room){0};
}

/* The key: a seed that the known answers use, or the height that was asked for. */
static struct algo_key key_of(const struct algo *algo, uint64_t height)
{
    struct algo_key key = {.height = height};

    for (const struct algo_vector *v = algo->vectors; v->source; v++) {
        size_t len = v->seed_hex ? strlen(v->seed_hex) / 2 : 0;
        if (len && len <= ALGO_SEED_MAX && hex_decode(v->seed_hex, key.seed, len)) {
            key.seed_len = (uint8_t)len;
            break;
        }
    }
    return key;
}

static bool is_there(const struct bench_room *room, const struct algo *algo, const struct figure *f,
                     bool full)
{
    bool timed = f->kind != FIGURE_DATASET || room->builders == f->threads;

    return room->algo == algo && room->key.height == f->height && room->dataset &&
           room->full == full && timed && (!room->reserved || f->kind == FIGURE_ITEMS);
}

int bench_room_fill(struct bench_room *room, const struct figure *f, bool full, struct fault *why)
{
    const struct algo *algo = algo_find(f->algo);
    const struct dataset_choices choices = {.huge_pages = true, .randomx = "v1"};

    if (algo->dataset && is_there(room, algo, f, full))
        return 0;
    bench_room_free(room);
    room->algo = algo;
    room->key = key_of(algo, f->height);
    room->full = full;
    room->builders = f->threads;
    return algo->dataset ? dataset_build(algo, &room->key, &choices, full, f->threads,
                                         room->seconds, &room->dataset, why)
                         : 0;
}

static int measure_hash(struct bench_room *room, struct figure *f, double seconds,
                        struct fault *why)
{
    struct bench b = {.algo = room->algo,
                      .impl = algo_impl_pick(room->algo, f->impl, why),
                      .dataset = room->dataset,
                      .threads = f->threads,
                      .seconds = seconds};
    int err = b.impl ? 0 : ERR_CONFIG;

    if (b.impl && strcmp(f->mode, FIGURE_ONE_VERSION) != 0)
        b.versions = b.impl->versions;
    if (err < 0 || (err = bench_run(&b, why)) < 0)
        return err;
    f->value = b.hashrate;
    f->count = (double)b.hashes;
    f->seconds = b.seconds;
    f->cpu_seconds = b.cpu_seconds;
    return 0;
}

static int measure_check(struct bench_room *room, struct figure *f, double seconds,
                         struct fault *why)
{
    return bench_check(room, f, seconds, why);
}

static int measure_items(struct bench_room *room, struct figure *f, double seconds,
                         struct fault *why)
{
    struct bench_fill b = {.algo = room->algo,
                           .dataset = room->dataset,
                           .reserved = room->reserved,
                           .threads = f->threads,
                           .seconds = seconds};
    int err = bench_fill(&b, why);

    room->reserved = room->reserved || b.reserved;
    if (err < 0)
        return err;
    f->value = b.rate;
    f->count = (double)b.items;
    f->seconds = b.seconds;
    f->cpu_seconds = b.cpu_seconds;
    f->total = (double)b.total;
    return 0;
}

/* The room was filled just now, or for the figure before. */
static int take_seconds(struct bench_room *room, struct figure *f, double seconds,
                        struct fault *why)
{
    (void)seconds;
    (void)why;
    f->value = f->seconds = room->seconds[f->kind == FIGURE_DATASET];
    f->count = 1;
    return 0;
}

int bench_measure(struct bench_room *room, struct figure *f, double seconds, struct fault *why)
{
    static int (*const measure[FIGURE_KINDS])(struct bench_room *, struct figure *, double,
                                              struct fault *) = {
        [FIGURE_HASH] = measure_hash,    [FIGURE_CHECK] = measure_check,
        [FIGURE_CACHE] = take_seconds,   [FIGURE_ITEMS] = measure_items,
        [FIGURE_DATASET] = take_seconds,
    };
    bool full = f->kind == FIGURE_DATASET || !strcmp(f->mode, "full");
    int err = bench_room_fill(room, f, full, why);

    if (err >= 0)
        err = measure[f->kind](room, f, seconds, why);
    if (err < 0)
        return err;
    f->per_cpu = f->cpu_seconds > 0 ? f->count / f->cpu_seconds : 0;
    if (room->dataset) {
        struct dataset_view view;
        dataset_view(room->dataset, &view);
        (void)text_copy(f->dataset, sizeof f->dataset, view.title);
    }
    return 0;
}

/* The epoch that a height's dataset is named for; -1 when it has none, -2 past the last. */
static long long epoch_at(const struct algo *algo, uint64_t height)
{
    const struct algo_key key = {.height = height};
    struct dataset_plan plan;
    long long epoch = -1;

    if (algo->dataset->plan(&key, &plan, NULL) < 0)
        return -2;
    return sscanf(plan.title, "epoch %lld", &epoch) == 1 ? epoch : -1;
}

int bench_epoch_height(const struct algo *algo, uint64_t epoch, uint64_t *height)
{
    uint64_t low = 0, high = UINT64_C(1) << 31;

    if (!algo->dataset || epoch_at(algo, 0) != 0)
        return ERR_FIELD;
    while (low < high) { /* the least height whose epoch is not below */
        uint64_t middle = low + (high - low) / 2;
        long long there = epoch_at(algo, middle);
        if (there == -2 || (there >= 0 && (uint64_t)there >= epoch))
            high = middle;
        else
            low = middle + 1;
    }
    *height = low;
    long long found = epoch_at(algo, low);
    return found >= 0 && (uint64_t)found == epoch ? 0 : ERR_FIELD;
}
