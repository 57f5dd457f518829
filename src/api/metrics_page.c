/* SPDX-License-Identifier: MIT */
/* GET /metrics: the snapshot in the Prometheus text format. What is unknown is left out. */
#include "api/metrics_page.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "api/health.h"
#include "base/log.h"
#include "hub/snapshot.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

static const char *const level_names[LOG_LEVELS] = {"error", "warn", "info", "debug", "trace"};
static const char *const window_names[RATE_WINDOWS] = {"10s", "1m", "15m"};

double metrics_age_s(int64_t now_us, int64_t at_us)
{
    return at_us ? (double)(now_us > at_us ? now_us - at_us : 0) / 1e6 : NAN;
}

double metrics_nonzero(uint64_t value)
{
    return value ? (double)value : NAN;
}

const char *metrics_number_text(unsigned number, char out[12])
{
    snprintf(out, 12, "%u", number);
    return out;
}

static void program(struct prom_page *page, const struct request *r, const struct snapshot *s)
{
    double tick_age = metrics_age_s(r->now_us, s->hub_tick_us);

    prom_put(page, METRIC_BUILD_INFO, 1, s->version);
    prom_plain(page, METRIC_UP, !(tick_age >= HUB_TICK_LIMIT_S));
    prom_plain(page, METRIC_START_TIME_SECONDS, (double)s->started_ms / 1000);
    for (unsigned i = MINING_STOPPED; i <= MINING_RUNNING; i++)
        prom_put(page, METRIC_MINING_STATE, s->state == i, mining_state_name(i));
    prom_plain(page, METRIC_HUB_BUSY_RATIO, s->hub_busy_ratio);
    prom_plain(page, METRIC_HUB_TICK_SECONDS, s->hub_tick_ms_max / 1000);
    prom_plain(page, METRIC_HUB_TICK_AGE_SECONDS, tick_age);
    prom_plain(page, METRIC_EVENTS_DROPPED_TOTAL, (double)s->events_dropped);
    prom_plain(page, METRIC_LOG_DROPPED_TOTAL, (double)s->log_dropped);
    for (unsigned i = 0; i < LOG_LEVELS; i++)
        prom_put(page, METRIC_LOG_RECORDS_TOTAL, (double)log_count(i), level_names[i]);
    prom_plain(page, METRIC_WARNINGS, s->warning_count);
}

static void job(struct prom_page *page, const struct request *r, const struct snapshot *s)
{
    prom_plain(page, METRIC_JOB_AGE_SECONDS, metrics_age_s(r->now_us, s->job_us));
    if (s->job_us) {
        prom_plain(page, METRIC_SHARE_DIFFICULTY, s->job_difficulty);
        prom_plain(page, METRIC_NETWORK_DIFFICULTY, s->network_difficulty);
    }
    for (unsigned i = 0; i < ALGOS_MAX && algos[i]; i++)
        if (s->by_algo[i].best_difficulty > 0)
            prom_put(page, METRIC_BEST_SHARE_DIFFICULTY, s->by_algo[i].best_difficulty,
                     algos[i]->name);
}

/* A device without a job keeps the label that it gets with the next: its counters go on. */
static const char *algo_of(const struct snapshot *s, const struct device_view *d)
{
    return *d->algo ? d->algo : s->algorithm;
}

/* One series for each algorithm that the device has done. */
static void hashes(struct prom_page *page, const struct snapshot *s, const struct device_view *d)
{
    bool any = false;

    for (unsigned i = 0; i < s->algo_count; i++) {
        if (!(d->done[i] > 0))
            continue;
        prom_put(page, METRIC_HASHES_TOTAL, d->done[i], d->info.id, s->algos[i].name);
        any = true;
    }
    if (!any)
        prom_put(page, METRIC_HASHES_TOTAL, d->hashes, d->info.id, algo_of(s, d));
}

static void datasets(struct prom_page *page, const struct request *r, const struct snapshot *s)
{
    (void)r;
    for (unsigned i = 0; i < s->device_count; i++)
        prom_put(page, METRIC_DEVICE_CPU_SHARE, s->devices[i].cpu_share, s->devices[i].info.id);
    for (unsigned i = 0; i < s->device_count; i++)
        if (s->devices[i].dataset.known)
            prom_put(page, METRIC_DATASET_PROGRESS,
                     s->devices[i].dataset.making ? s->devices[i].dataset.progress : 1,
                     s->devices[i].info.id, algo_of(s, &s->devices[i]));
    for (unsigned i = 0; i < s->device_count; i++)
        if (s->devices[i].dataset.known)
            prom_put(page, METRIC_DATASET_BYTES, (double)s->devices[i].dataset.bytes,
                     s->devices[i].info.id, algo_of(s, &s->devices[i]));
}

static void switches(struct prom_page *page, const struct request *r, const struct snapshot *s)
{
    (void)r;
    for (unsigned i = 0; i < s->switch_count; i++)
        prom_put(page, METRIC_ALGORITHM_SWITCHES_TOTAL, (double)s->switches[i].count,
                 s->switches[i].from, s->switches[i].to, s->switches[i].cause);
    for (unsigned i = 0; i < s->line_count; i++)
        prom_put(page, METRIC_ALGORITHM_SWITCH_GAP_SECONDS, s->lines[i].gap_ms / 1000,
                 *s->lines[i].name ? s->lines[i].name : "all");
}

/* One series for each algorithm that it found shares of. */
static void found(struct prom_page *page, const struct snapshot *s, const struct device_view *d)
{
    bool any = false;

    for (unsigned i = 0; i < ALGOS_MAX && algos[i]; i++) {
        if (!d->by_algo[i].found)
            continue;
        prom_put(page, METRIC_SHARES_FOUND_TOTAL, (double)d->by_algo[i].found, d->info.id,
                 algos[i]->name);
        any = true;
    }
    if (!any)
        prom_put(page, METRIC_SHARES_FOUND_TOTAL, 0, d->info.id, algo_of(s, d));
}

static void effective(struct prom_page *page, const struct effective_rate *e, const char *device,
                      const char *algo)
{
    const struct {
        const char *bound;
        double value;
    } rows[] = {{"value", e->rate}, {"low", e->low}, {"high", e->high}};

    for (unsigned i = 0; i < COUNT_OF(rows); i++)
        prom_put(page, METRIC_EFFECTIVE_HASHRATE_HASHES_PER_SECOND, rows[i].value, device, algo,
                 rows[i].bound);
}

static void device_work(struct prom_page *page, const struct request *r, const struct snapshot *s)
{
    (void)r;
    for (unsigned i = 0; i < s->device_count; i++)
        for (unsigned w = 0; w < RATE_WINDOWS; w++)
            prom_put(page, METRIC_HASHRATE_HASHES_PER_SECOND, s->devices[i].rate[w],
                     s->devices[i].info.id, algo_of(s, &s->devices[i]), window_names[w]);
    for (unsigned i = 0; i < s->device_count; i++)
        hashes(page, s, &s->devices[i]);
    for (unsigned i = 0; i < s->device_count; i++)
        found(page, s, &s->devices[i]);
    effective(page, &s->effective, "all", s->algorithm);
    for (unsigned i = 0; i < s->device_count; i++)
        effective(page, &s->devices[i].effective, s->devices[i].info.id,
                  algo_of(s, &s->devices[i]));
    for (unsigned i = 0; i < s->device_count; i++)
        prom_put(page, METRIC_HARDWARE_ERRORS_TOTAL, (double)s->devices[i].shares.hardware_errors,
                 s->devices[i].info.id);
    for (unsigned i = 0; i < s->device_count; i++)
        for (unsigned n = DEVICE_OFF; n <= DEVICE_FAILED; n++)
            prom_put(page, METRIC_DEVICE_STATE, s->devices[i].state == n, s->devices[i].info.id,
                     device_state_name(n));
}

static void device_sensors(struct prom_page *page, const struct request *r,
                           const struct snapshot *s)
{
    char number[12];

    (void)r;
    for (unsigned i = 0; i < s->device_count; i++)
        for (unsigned n = 0; n < COUNT_OF(s->devices[i].telemetry.celsius); n++)
            prom_put(page, METRIC_DEVICE_TEMPERATURE_CELSIUS,
                     (double)s->devices[i].telemetry.celsius[n], s->devices[i].info.id,
                     metrics_number_text(n, number));
    for (unsigned i = 0; i < s->device_count; i++)
        for (unsigned n = 0; n < COUNT_OF(s->devices[i].telemetry.fan_rpm); n++)
            prom_put(page, METRIC_DEVICE_FAN_RPM, (double)s->devices[i].telemetry.fan_rpm[n],
                     s->devices[i].info.id, metrics_number_text(n, number));
    for (unsigned i = 0; i < s->device_count; i++)
        prom_put(page, METRIC_DEVICE_FAN_RATIO, (double)s->devices[i].telemetry.fan_ratio,
                 s->devices[i].info.id);
    for (unsigned i = 0; i < s->device_count; i++)
        prom_put(page, METRIC_DEVICE_POWER_WATTS, (double)s->devices[i].telemetry.watts,
                 s->devices[i].info.id);
    for (unsigned i = 0; i < s->device_count; i++)
        prom_put(page, METRIC_DEVICE_VOLTAGE_VOLTS, (double)s->devices[i].telemetry.volts,
                 s->devices[i].info.id);
    for (unsigned i = 0; i < s->device_count; i++)
        prom_put(page, METRIC_DEVICE_CLOCK_HERTZ, (double)s->devices[i].telemetry.mhz * 1e6,
                 s->devices[i].info.id, "core");
}

static void store(struct prom_page *page, const struct request *r, const struct snapshot *s)
{
    (void)r;
    prom_plain(page, METRIC_STORE_HEALTHY, !*s->store.error);
    prom_plain(page, METRIC_STORE_SIZE_BYTES, metrics_nonzero(s->store.bytes));
    prom_plain(page, METRIC_STORE_QUEUED_BATCHES, (double)s->store.queued);
    prom_plain(page, METRIC_STORE_TRANSACTIONS_TOTAL, (double)s->store.committed);
    if (s->store.committed)
        prom_plain(page, METRIC_STORE_COMMIT_SECONDS, s->store.last_commit_ms / 1000);
}

static void http(struct prom_page *page, const struct request *r, const struct snapshot *s)
{
    (void)s;
    if (!r->counts)
        return;
    for (unsigned i = 0; i < LISTENERS; i++)
        prom_put(page, METRIC_HTTP_CONNECTIONS, r->counts->connections[i], listener_name(i));
    for (unsigned i = 0; i < r->counts->row_count; i++) {
        char code[12];
        prom_put(page, METRIC_HTTP_REQUESTS_TOTAL, (double)r->counts->rows[i].requests,
                 r->counts->rows[i].route, r->counts->rows[i].method,
                 metrics_number_text((unsigned)r->counts->rows[i].status, code));
    }
}

/* Descriptors open now; NAN where /proc does not tell. */
static double open_fds(void)
{
    DIR *dir = opendir("/proc/self/fd");
    double count = 0;

    if (!dir)
        return NAN;
    while (readdir(dir))
        count++;
    closedir(dir);
    return count - 3; /* ".", "..", and the one that reads */
}

static double seconds(const struct timeval *tv)
{
    return (double)tv->tv_sec + (double)tv->tv_usec / 1e6;
}

static void process(struct prom_page *page, const struct request *r, const struct snapshot *s)
{
    struct rusage usage;
    struct rlimit limit;

    (void)r;
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        prom_plain(page, METRIC_PROCESS_CPU_SECONDS_TOTAL,
                   seconds(&usage.ru_utime) + seconds(&usage.ru_stime));
    prom_plain(page, METRIC_PROCESS_START_TIME_SECONDS, (double)s->started_ms / 1000);
    prom_plain(page, METRIC_PROCESS_RESIDENT_MEMORY_BYTES, metrics_nonzero(s->rss_bytes));
    prom_plain(page, METRIC_PROCESS_OPEN_FDS, open_fds());
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        prom_plain(page, METRIC_PROCESS_MAX_FDS, (double)limit.rlim_cur);
}

void route_metrics(struct request *request, struct reply *reply)
{
    static section_fn *const sections[] = {
        program,
        job,
        device_work,
        device_sensors,
        datasets,
        switches,
        metrics_upstream_shares,
        metrics_upstream_links,
        metrics_drill,
        metrics_server,
        metrics_chain,
        metrics_money,
        store,
        http,
        process,
    };
    struct prom_page page = {0};

    if (!request->snapshot) {
        reply_unavailable(reply, request->now_ms, "the program is starting");
        return;
    }
    for (size_t i = 0; i < COUNT_OF(sections); i++)
        sections[i](&page, request, request->snapshot);
    reply_text(reply, 200, PROM_CONTENT_TYPE, page.out.s);
}
