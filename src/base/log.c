/* SPDX-License-Identifier: MIT */
/* The log: a bounded ring with a sequence number per cell (Dmitry Vyukov's MPMC form, used by many
 * producers and one consumer), and the thread that empties it. Producers never wait. */
#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log_fold.h"
#include "base/log_sink.h"
#include "base/str.h"

enum { RING = 2048, RECENT = 4096, DROP_REPORT_US = 10000000 };

struct cell {
    _Atomic uint64_t turn; /* = position: free for it; = position + 1: written */
    struct log_record record;
};

/* One per program, like the stream that it writes to. */
static struct {
    _Atomic bool running, stop, reopen, sleeping;
    _Atomic int level;
    _Atomic uint64_t dropped, count[LOG_LEVELS];
    _Alignas(64) _Atomic uint64_t tail; /* next position of the producers */
    _Alignas(64) uint64_t head;         /* log thread */
    struct cell ring[RING];
    sem_t bell;
    pthread_t thread;
    /* log thread */
    struct log_sink sink;
    struct fold fold;
    uint64_t told_dropped;
    int64_t told_us;
    /* the newest records, for log_recent */
    pthread_mutex_t recent_lock;
    uint64_t seq; /* of the newest; under recent_lock */
    struct log_record recent[RECENT];
} lg = {.level = LOG_INFO, .recent_lock = PTHREAD_MUTEX_INITIALIZER};

static const char *const level_names[LOG_LEVELS] = {"ERROR", "WARN", "INFO", "DEBUG", "TRACE"};

static const char *const category_names[LOG_CATEGORIES] = {
#define CATEGORY_WORD(name, word) word,
    LOG_CATEGORY_LIST(CATEGORY_WORD)
#undef CATEGORY_WORD
};

const char *log_level_name(enum log_level level)
{
    return (unsigned)level < LOG_LEVELS ? level_names[level] : "?";
}

const char *log_category_name(enum log_category category)
{
    return (unsigned)category < LOG_CATEGORIES ? category_names[category] : "?";
}

bool log_level_parse(const char *word, enum log_level *ret)
{
    for (unsigned i = 0; i < LOG_LEVELS; i++) {
        if (!strcasecmp(word, level_names[i])) {
            *ret = (enum log_level)i;
            return true;
        }
    }
    return false;
}

/* --- producers ---------------------------------------------------------------------------------*/

/* Pairs with the loads in `take` and before sem_wait: all seq_cst, so that either the sleeping
 * thread sees the record or we see that it sleeps. */
static bool push(const struct log_record *record)
{
    uint64_t at = atomic_load_explicit(&lg.tail, memory_order_relaxed);
    struct cell *cell;

    for (;;) {
        cell = &lg.ring[at % RING];
        uint64_t turn = atomic_load_explicit(&cell->turn, memory_order_acquire);
        if (turn == at) {
            if (atomic_compare_exchange_weak_explicit(&lg.tail, &at, at + 1, memory_order_relaxed,
                                                      memory_order_relaxed))
                break;
        } else if (turn < at) {
            return false; /* full: its last round is not read yet */
        } else {
            at = atomic_load_explicit(&lg.tail, memory_order_relaxed);
        }
    }
    cell->record = *record;
    atomic_store(&cell->turn, at + 1);
    return true;
}

static void ring_bell(void)
{
    if (atomic_load(&lg.sleeping) && atomic_exchange(&lg.sleeping, false))
        (void)sem_post(&lg.bell);
}

void log_write(enum log_level level, enum log_category category, const char *format, ...)
{
    struct log_record record = {.level = (uint8_t)level, .category = (uint8_t)category};
    char text[1024];
    va_list args;
    bool running = atomic_load_explicit(&lg.running, memory_order_acquire);

    if ((int)level > (running ? atomic_load_explicit(&lg.level, memory_order_relaxed) : LOG_WARN))
        return;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    (void)text_clean(record.text, sizeof record.text, text);
    record.wall_ms = wall_ms();
    if (!running) {
        (void)fprintf(stderr, "otedama: %s: %s\n", level == LOG_ERROR ? "error" : "warning",
                      record.text);
    } else if (!push(&record)) {
        atomic_fetch_add_explicit(&lg.dropped, 1, memory_order_relaxed);
        return;
    } else {
        ring_bell();
    }
    atomic_fetch_add_explicit(&lg.count[level], 1, memory_order_relaxed);
}

/* --- the log thread ----------------------------------------------------------------------------*/

static bool ready(void)
{
    return atomic_load(&lg.ring[lg.head % RING].turn) == lg.head + 1;
}

static bool take(struct log_record *ret)
{
    struct cell *cell = &lg.ring[lg.head % RING];

    if (!ready())
        return false;
    *ret = cell->record;
    atomic_store_explicit(&cell->turn, lg.head + RING, memory_order_release);
    lg.head++;
    return true;
}

/* Gives the record its number and keeps it. */
static void remember(struct log_record *record)
{
    (void)pthread_mutex_lock(&lg.recent_lock);
    record->seq = ++lg.seq;
    lg.recent[record->seq % RECENT] = *record;
    (void)pthread_mutex_unlock(&lg.recent_lock);
}

static void remember_repeat(const struct log_record *first)
{
    (void)pthread_mutex_lock(&lg.recent_lock);
    struct log_record *kept = &lg.recent[first->seq % RECENT];
    if (kept->seq == first->seq)
        kept->repeats = first->repeats;
    (void)pthread_mutex_unlock(&lg.recent_lock);
}

/* A record of the log about itself: to the stream and the console, not to the file. */
static void __attribute__((format(printf, 2, 3)))
tell(enum log_level level, const char *format, ...)
{
    struct log_record record = {
        .level = (uint8_t)level, .category = LOG_CORE, .wall_ms = wall_ms()};
    char text[sizeof record.text];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    (void)text_clean(record.text, sizeof record.text, text);
    remember(&record);
    sink_stream(&lg.sink, &record);
}

static void output(const struct log_record *record)
{
    uint64_t lost = lg.sink.lost;

    if (sink_write(&lg.sink, record)) {
        if (lg.sink.file_err) {
            tell(LOG_ERROR, "log file %s takes no lines (%s): going on without it", lg.sink.path,
                 err_str(lg.sink.file_err));
        } else {
            tell(LOG_WARN, "log file %s takes lines again; %llu are missing in it", lg.sink.path,
                 (unsigned long long)lost);
            lg.sink.lost = lost = 0;
        }
    }
    if (lg.sink.lost > lost) { /* told already, with the file's error */
        atomic_fetch_add_explicit(&lg.dropped, lg.sink.lost - lost, memory_order_relaxed);
        lg.told_dropped += lg.sink.lost - lost;
    }
}

static void handle(struct log_record *record, int64_t now)
{
    struct log_record out;
    const struct fold_entry *first;

    record->repeats = 0;
    record->seq = lg.seq + 1; /* only this thread writes seq */
    if (fold_add(&lg.fold, record, now, &out, &first)) {
        remember_repeat(&first->record);
        return;
    }
    remember(record);
    if (out.seq && out.repeats)
        output(&out);
    output(record);
}

static void report_drops(int64_t now)
{
    uint64_t dropped = atomic_load_explicit(&lg.dropped, memory_order_relaxed);

    if (dropped == lg.told_dropped || now - lg.told_us < DROP_REPORT_US)
        return;
    tell(LOG_WARN, "%llu log records were dropped: they came faster than they could be written",
         (unsigned long long)(dropped - lg.told_dropped));
    lg.told_dropped = dropped;
    lg.told_us = now;
}

static void flush_folds(int64_t now, bool all)
{
    struct log_record out;

    while (fold_expired(&lg.fold, now, all, &out))
        if (out.repeats)
            output(&out);
}

/* Waits for the bell, a second at most: folded texts are due then. */
static void doze(void)
{
    struct timespec until;

    atomic_store(&lg.sleeping, true);
    if (ready() || atomic_load(&lg.stop) || atomic_load(&lg.reopen)) {
        atomic_store(&lg.sleeping, false);
        return;
    }
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec++;
    while (sem_timedwait(&lg.bell, &until) < 0 && errno == EINTR)
        ;
    atomic_store(&lg.sleeping, false);
}

static void *run(void *unused)
{
    struct log_record record;

    (void)unused;
    (void)pthread_setname_np(pthread_self(), "log");
    for (;;) {
        bool stop = atomic_load(&lg.stop);
        int64_t now = now_us();
        if (atomic_exchange(&lg.reopen, false))
            sink_reopen(&lg.sink);
        while (take(&record))
            handle(&record, now);
        flush_folds(now, stop);
        report_drops(now);
        if (stop)
            return NULL;
        doze();
    }
}

/* --- life --------------------------------------------------------------------------------------*/

int log_start(const struct log_options *options)
{
    sigset_t all, before;
    int err = sink_open(&lg.sink, options);

    atomic_store(&lg.level, (int)options->level);
    atomic_store(&lg.stop, false);
    lg.head = atomic_load(&lg.tail);
    for (uint64_t i = 0; i < RING; i++) /* the ring is empty: cell i waits for its next position */
        atomic_store(&lg.ring[(lg.head + i) % RING].turn, lg.head + i);
    (void)sem_init(&lg.bell, 0, 0);
    /* signals are the main thread's; a blocked SIGPIPE makes write() return EPIPE */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&lg.thread, NULL, run, NULL);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) {
        sink_close(&lg.sink);
        return -failed;
    }
    atomic_store_explicit(&lg.running, true, memory_order_release);
    return err;
}

void log_stop(void)
{
    if (!atomic_exchange(&lg.running, false))
        return;
    atomic_store(&lg.stop, true);
    (void)sem_post(&lg.bell);
    (void)pthread_join(lg.thread, NULL);
    (void)sem_destroy(&lg.bell);
    sink_close(&lg.sink);
}

void log_set_level(enum log_level level)
{
    atomic_store_explicit(&lg.level, (int)level, memory_order_relaxed);
}

void log_reopen(void)
{
    if (!atomic_load(&lg.running))
        return;
    atomic_store(&lg.reopen, true);
    ring_bell();
}

/* --- readers -----------------------------------------------------------------------------------*/

unsigned log_recent(uint64_t after, struct log_record *out, unsigned max)
{
    unsigned count = 0;

    (void)pthread_mutex_lock(&lg.recent_lock);
    uint64_t first = after < lg.seq ? after + 1 : lg.seq + 1;
    if (lg.seq > RECENT && first < lg.seq - RECENT + 1)
        first = lg.seq - RECENT + 1;
    if (lg.seq >= max && first < lg.seq - max + 1)
        first = lg.seq - max + 1;
    for (uint64_t seq = first; seq <= lg.seq && count < max; seq++)
        out[count++] = lg.recent[seq % RECENT];
    (void)pthread_mutex_unlock(&lg.recent_lock);
    return count;
}

uint64_t log_dropped(void)
{
    return atomic_load_explicit(&lg.dropped, memory_order_relaxed);
}

uint64_t log_count(enum log_level level)
{
    return (unsigned)level < LOG_LEVELS
               ? atomic_load_explicit(&lg.count[level], memory_order_relaxed)
               : 0;
}
