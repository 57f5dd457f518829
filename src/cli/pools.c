/* SPDX-License-Identifier: MIT */
/* `otedama pools`: the upstream pools, how they are, and what may be done with them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/client.h"
#include "cli/status_print.h"

static const char usage[] =
    "otedama pools [--json] | switch N | enable N | disable N | quota N QUOTA | "
    "strategy NAME [MINUTES] | drill [SECONDS] | rejects [LIMIT] [--json]";

/* --- printing -------------------------------------------------------------------------------- */

static const char *text(const json_t *object, const char *key)
{
    const char *said = json_string_value(json_object_get(object, key));

    return said ? said : "-";
}

static long long number(const json_t *object, const char *key)
{
    return (long long)json_integer_value(json_object_get(object, key));
}

static void print_signals(const json_t *pool)
{
    json_t *rows = json_object_get(pool, "signals"), *row;
    size_t i;

    printf("   ");
    json_array_foreach(rows, i, row)
    {
        const json_t *value = json_object_get(row, "value"), *limit = json_object_get(row, "limit");
        printf(" %s %s", text(row, "name"), text(row, "state"));
        if (json_is_number(value) && strcmp(text(row, "state"), "ok") != 0)
            printf(" (%.4g of %.4g %s)", json_number_value(value), json_number_value(limit),
                   json_is_null(json_object_get(row, "unit")) ? "" : text(row, "unit"));
        printf("%s", i + 1 < json_array_size(rows) ? "," : "\n");
    }
}

static void print_counts(const json_t *pool)
{
    const json_t *shares = json_object_get(pool, "shares");
    const json_t *part = json_object_get(pool, "part_of_work");
    char rate[128];

    printf("    found %lld, sent %lld, accepted %lld, rejected %lld, stale %lld, lost %lld, never "
           "answered %lld, open %lld\n",
           number(shares, "found"), number(shares, "sent"), number(shares, "accepted"),
           number(shares, "rejected"), number(shares, "stale"), number(shares, "lost"),
           number(shares, "unacknowledged"), number(shares, "unanswered"));
    status_effective(json_object_get(pool, "effective"), rate);
    printf("    effective %s", rate);
    if (json_is_number(part))
        printf(", %.1f %% of the work", json_number_value(part) * 100);
    printf(", quota %lld\n", number(pool, "quota"));
}

static void print_pool(const json_t *pool)
{
    char url[160], error[160];

    (void)text_clean(url, sizeof url, text(pool, "url"));
    (void)text_clean(error, sizeof error, text(pool, "last_error"));
    printf("%lld%s %-10s %s  user %s\n", number(pool, "number"),
           json_is_true(json_object_get(pool, "active")) ? "*" : " ", text(pool, "status"), url,
           text(pool, "user"));
    print_counts(pool);
    print_signals(pool);
    if (json_is_string(json_object_get(pool, "left_because")))
        printf("    left at %s (%s): %s\n", text(pool, "left_at"), text(pool, "left_because"),
               error);
}

static void print_pools(const json_t *data)
{
    const json_t *drill = json_object_get(data, "drill");
    json_t *rows = json_object_get(data, "pools"), *row;
    size_t i;

    if (!json_array_size(rows)) {
        puts("no upstream pools are configured");
        return;
    }
    printf("strategy %s", text(data, "strategy"));
    if (!strcmp(text(data, "strategy"), "rotate"))
        printf(", each for %lld s", number(data, "rotate_s"));
    puts("");
    json_array_foreach(rows, i, row)
    {
        print_pool(row);
    }
    if (json_is_object(drill))
        printf("drill %s: %s (%s)\n", text(drill, "state"), text(drill, "message"),
               text(drill, "began"));
}

static void print_rejects(const json_t *data)
{
    json_t *rows = json_object_get(data, "rejects"), *row;
    size_t i;

    if (!json_array_size(rows)) {
        puts("no share was rejected");
        return;
    }
    printf("%-24s %-4s %-8s %-10s %10s %9s  %s\n", "TIME", "POOL", "DEVICE", "ALGORITHM",
           "DIFFICULTY", "JOB AGE", "REASON");
    json_array_foreach(rows, i, row)
    {
        char pool[16] = "own";
        if (json_is_integer(json_object_get(row, "pool")))
            (void)snprintf(pool, sizeof pool, "%lld", number(row, "pool"));
        printf("%-24s %-4s %-8s %-10s %10.4g %7.1f s  %s: %s\n", text(row, "time"), pool,
               text(row, "device"), text(row, "algorithm"),
               json_number_value(json_object_get(row, "difficulty")),
               (double)number(row, "job_age_ms") / 1000, text(row, "kind"), text(row, "reason"));
    }
    printf("%lld of %lld ever\n", (long long)json_array_size(rows), number(data, "ever"));
}

/* --- asking ---------------------------------------------------------------------------------- */

struct question {
    char path[96], body[128]; /* body "" = GET */
};

static bool is_number(const char *word)
{
    return *word && strlen(word) < 10 && word[strspn(word, "0123456789")] == 0;
}

static bool ask_verb(struct question *q, int words, char **argv)
{
    if (words != 2 || !is_number(argv[2]))
        return false;
    (void)snprintf(q->path, sizeof q->path, "/api/pools/%s/%s", argv[2], argv[1]);
    (void)snprintf(q->body, sizeof q->body, "{}");
    return true;
}

static bool ask_quota(struct question *q, int words, char **argv)
{
    if (words != 3 || !is_number(argv[2]) || !is_number(argv[3]))
        return false;
    (void)snprintf(q->path, sizeof q->path, "/api/pools/%s/quota", argv[2]);
    (void)snprintf(q->body, sizeof q->body, "{\"quota\":%ld}", strtol(argv[3], NULL, 10));
    return true;
}

static bool ask_strategy(struct question *q, int words, char **argv)
{
    if (words < 2 || words > 3 || strlen(argv[2]) > 30 || strpbrk(argv[2], "\"\\") ||
        (words == 3 && !is_number(argv[3])))
        return false;
    (void)snprintf(q->path, sizeof q->path, "/api/pools/strategy");
    if (words == 3)
        (void)snprintf(q->body, sizeof q->body, "{\"strategy\":\"%s\",\"minutes\":%ld}", argv[2],
                       strtol(argv[3], NULL, 10));
    else
        (void)snprintf(q->body, sizeof q->body, "{\"strategy\":\"%s\"}", argv[2]);
    return true;
}

static bool ask_drill(struct question *q, int words, char **argv)
{
    if (words > 2 || (words == 2 && !is_number(argv[2])))
        return false;
    (void)snprintf(q->path, sizeof q->path, "/api/pools/drill");
    if (words == 2)
        (void)snprintf(q->body, sizeof q->body, "{\"seconds\":%ld}", strtol(argv[2], NULL, 10));
    else
        (void)snprintf(q->body, sizeof q->body, "{}");
    return true;
}

static bool ask_rejects(struct question *q, int words, char **argv)
{
    if (words > 2 || (words == 2 && !is_number(argv[2])))
        return false;
    (void)snprintf(q->path, sizeof q->path, "/api/rejects?limit=%s", words == 2 ? argv[2] : "50");
    return true;
}

static const struct {
    const char *word;
    bool (*ask)(struct question *, int words, char **argv);
} verbs[] = {
    {"switch", ask_verb},     {"enable", ask_verb}, {"disable", ask_verb},
    {"quota", ask_quota},     {"drill", ask_drill}, {"strategy", ask_strategy},
    {"rejects", ask_rejects},
};

static bool make_question(struct question *q, int words, char **argv)
{
    *q = (struct question){.path = "/api/pools"};
    if (words <= 0)
        return words == 0;
    for (unsigned i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (!strcmp(argv[1], verbs[i].word))
            return verbs[i].ask(q, words, argv);
    return false;
}

static void print(const json_t *data)
{
    if (json_object_get(data, "rejects"))
        print_rejects(data);
    else
        print_pools(data);
}

int cli_pools(int argc, char **argv, struct fault *why)
{
    struct client_options options;
    bool json = false;
    int words = client_words(argc, argv, &options, &json, why), code;
    struct question q;
    json_t *data;

    if (words < 0)
        return EXIT_BAD_USAGE;
    if (!make_question(&q, words, argv)) {
        (void)fault_set(why, ERR_FIELD, "use: %s", usage);
        return EXIT_BAD_USAGE;
    }
    code = client_data(&options, q.path, *q.body ? q.body : NULL, &data, why);
    if (code != EXIT_OK)
        return code;
    client_print(data, json, print);
    return EXIT_OK;
}
