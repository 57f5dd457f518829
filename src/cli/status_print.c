/* SPDX-License-Identifier: MIT */
/* Status for people: a few lines of text made from the API's answers. */
#include "cli/status_print.h"

#include <stdbool.h>
#include <string.h>

#include "base/str.h"

static const char *text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));

    return value ? value : "-";
}

static long long count(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

void status_rate(const json_t *rate, char out[32])
{
    static const char *const units[] = {"H/s", "kH/s", "MH/s", "GH/s", "TH/s", "PH/s", "EH/s"};
    double value = json_number_value(rate);
    unsigned unit = 0;

    if (!json_is_number(rate)) {
        out[0] = '-';
        out[1] = 0;
        return;
    }
    while (value >= 999.5 && unit + 1 < sizeof units / sizeof *units) {
        value /= 1000;
        unit++;
    }
    snprintf(out, 32, "%.*f %s", value < 10 ? 2 : value < 100 ? 1 : 0, value, units[unit]);
}

void status_effective(const json_t *effective, char out[128])
{
    char rate[32], low[32], high[32];

    if (!json_is_object(effective)) {
        (void)snprintf(out, 128, "unknown");
        return;
    }
    status_rate(json_object_get(effective, "hashrate_hs"), rate);
    status_rate(json_object_get(effective, "low_hs"), low);
    status_rate(json_object_get(effective, "high_hs"), high);
    (void)snprintf(out, 128, "%s (%s to %s by %lld shares)", rate, low, high,
                   count(effective, "shares"));
}

static void print_duration(FILE *out, long long seconds)
{
    if (seconds >= 86400)
        fprintf(out, "%lldd ", seconds / 86400);
    fprintf(out, "%02lld:%02lld:%02lld", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
}

static void print_head(FILE *out, const json_t *status)
{
    fprintf(out, "otedama %s on %s   up ", text(status, "version"), text(status, "host"));
    print_duration(out, count(status, "uptime_s"));
    fprintf(out, "\n%s   %s   for %s   pool mode %s\n", text(status, "state"),
            text(status, "algorithm"), text(status, "source"),
            json_is_true(json_object_get(status, "pool_mode")) ? "on" : "off");
}

static void print_totals(FILE *out, const json_t *status)
{
    const json_t *rates = json_object_get(status, "hashrate_hs"),
                 *shares = json_object_get(status, "shares");
    char r10[32], r60[32], r900[32], effective[128];

    status_rate(json_object_get(rates, "10s"), r10);
    status_rate(json_object_get(rates, "1m"), r60);
    status_rate(json_object_get(rates, "15m"), r900);
    fprintf(out, "hash rate   10 s %s   1 m %s   15 m %s\n", r10, r60, r900);
    status_effective(json_object_get(status, "effective"), effective);
    fprintf(out, "effective   %s\n", effective);
    fprintf(
        out,
        "shares      accepted %lld   rejected %lld   stale %lld   unanswered %lld   lost %lld   "
        "never answered %lld   hardware errors %lld\n",
        count(shares, "accepted"), count(shares, "rejected"), count(shares, "stale"),
        count(shares, "unanswered"), count(shares, "lost"), count(shares, "unacknowledged"),
        count(shares, "hardware_errors"));
}

static void print_dataset(FILE *out, const json_t *dataset)
{
    double progress = json_number_value(json_object_get(dataset, "progress"));
    const json_t *eta = json_object_get(dataset, "eta_s");

    if (!json_is_object(dataset))
        return;
    fprintf(out, "   dataset %s: %s", text(dataset, "title"), text(dataset, "state"));
    if (progress < 1)
        fprintf(out, ", %.0f %% of the next part", progress * 100);
    if (json_is_number(eta))
        fprintf(out, ", %.0f s left", json_number_value(eta));
    if (json_is_string(json_object_get(dataset, "error")))
        fprintf(out, " (%s)", text(dataset, "error"));
}

/* What several lines do, and what is being changed; nothing where all is one and at rest. */
static void print_lines(FILE *out, const json_t *status)
{
    json_t *rows = json_object_get(status, "lines"), *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        const json_t *change = json_object_get(row, "change"),
                     *dataset = json_object_get(row, "dataset");
        const char *name = json_string_value(json_object_get(row, "device"));
        char rate[32];
        bool changes = json_is_string(json_object_get(change, "to"));
        if (json_array_size(rows) < 2 && !changes && !json_is_object(dataset))
            continue;
        status_rate(json_object_get(row, "hashrate_hs"), rate);
        fprintf(out, "%-11s %s   %s   for %s", name ? name : "devices", text(row, "algorithm"),
                rate, text(row, "source"));
        print_dataset(out, dataset);
        if (changes) {
            fprintf(out, "   prepares %s", text(change, "to"));
            print_dataset(out, json_object_get(change, "dataset"));
        }
        fputc('\n', out);
    }
}

static void print_devices(FILE *out, const json_t *devices)
{
    json_t *rows = json_object_get(devices, "devices"), *row;
    size_t i;

    if (json_array_size(rows))
        fprintf(out, "\n%-8s %-8s %-8s %-11s %-22s %12s %9s %7s %s\n", "DEVICE", "STATE", "ALGO",
                "CODE", "NAME", "1 M", "ACCEPTED", "HW ERR", "TEMP");
    json_array_foreach(rows, i, row)
    {
        const json_t *shares = json_object_get(row, "shares");
        const json_t *heat =
            json_array_get(json_object_get(json_object_get(row, "telemetry"), "temperature_c"), 0);
        char rate[32], name[23], celsius[16] = "-";
        status_rate(json_object_get(json_object_get(row, "hashrate_hs"), "1m"), rate);
        (void)text_clean(name, sizeof name, text(row, "name"));
        if (json_is_number(heat))
            snprintf(celsius, sizeof celsius, "%.0f C", json_number_value(heat));
        fprintf(out, "%-8s %-8s %-8s %-11s %-22s %12s %9lld %7lld %s\n", text(row, "id"),
                text(row, "state"), text(row, "algorithm"), text(row, "implementation"), name, rate,
                count(shares, "accepted"), count(shares, "hardware_errors"), celsius);
    }
}

static void print_pools(FILE *out, const json_t *pools)
{
    json_t *rows = json_object_get(pools, "pools"), *row;
    size_t i;

    if (json_array_size(rows))
        fprintf(out, "\n%-2s %-10s %-44s %9s %9s %s\n", "#", "STATUS", "POOL", "ACCEPTED",
                "REJECTED", "LAST ERROR");
    json_array_foreach(rows, i, row)
    {
        const json_t *shares = json_object_get(row, "shares");
        char url[64], error[80];
        (void)text_clean(url, sizeof url, text(row, "url"));
        (void)text_clean(error, sizeof error, text(row, "last_error"));
        fprintf(out, "%lld%s %-10s %-44s %9lld %9lld %s\n", count(row, "number"),
                json_is_true(json_object_get(row, "active")) ? "*" : " ", text(row, "status"), url,
                count(shares, "accepted"), count(shares, "rejected"), error);
    }
}

/* Where the pool listens, when that is more than one plain port. */
static void print_listeners(FILE *out, const json_t *pool)
{
    json_t *rows = json_object_get(pool, "listeners"), *row;
    const char *fingerprint = json_string_value(json_object_get(pool, "tls_fingerprint"));
    size_t i;

    if (json_array_size(rows) < 2 || !json_is_true(json_object_get(pool, "serving")))
        return;
    fprintf(out, "\n%-24s %-9s %-7s %s\n", "POOL PORT", "PRESET", "TLS", "STATE");
    json_array_foreach(rows, i, row)
    {
        const char *error = json_string_value(json_object_get(row, "error"));
        bool listens = json_is_true(json_object_get(row, "listening"));
        char problem[200];
        (void)text_clean(problem, sizeof problem, error ? error : "closed");
        fprintf(out, "%-24s %-9s %-7s %s\n", text(row, "address"), text(row, "preset"),
                text(row, "tls"), listens ? "listening" : problem);
    }
    if (fingerprint)
        fprintf(out, "certificate's fingerprint %s\n", fingerprint);
}

static void print_warnings(FILE *out, const json_t *status)
{
    json_t *rows = json_object_get(status, "warnings"), *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        char line[200];
        const char *said = json_string_value(row);
        (void)text_clean(line, sizeof line, said ? said : "");
        fprintf(out, "%swarning: %s\n", i ? "" : "\n", line);
    }
}

void status_print(FILE *out, const json_t *status, const json_t *devices, const json_t *pools)
{
    print_head(out, status);
    print_totals(out, status);
    print_lines(out, status);
    print_devices(out, devices);
    print_pools(out, pools);
    print_listeners(out, json_object_get(status, "pool"));
    print_warnings(out, status);
}
