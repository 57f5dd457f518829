/* SPDX-License-Identifier: MIT */
/* `otedama mining start|stop`, `otedama poolmode on|off|status` and `otedama algorithm NAME`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/client.h"
#include "cli/status_print.h"

struct action {
    const char *word, *path, *body; /* body NULL = GET */
};

static const struct action mining_actions[] = {
    {"start", "/api/mining/start", ""},
    {"stop", "/api/mining/stop", ""},
    {0},
};

static const struct action pool_actions[] = {
    {"on", "/api/pool/mode", "{\"enabled\":true}"},
    {"off", "/api/pool/mode", "{\"enabled\":false}"},
    {"status", "/api/pool/info", NULL},
    {0},
};

static void print_pool(const json_t *pool)
{
    const char *address = json_string_value(json_object_get(pool, "address"));
    const char *scheme = json_string_value(json_object_get(pool, "scheme"));

    if (!json_is_true(json_object_get(pool, "serving"))) {
        puts("pool mode is off");
        return;
    }
    printf("pool mode is on: %s, %s, %lld connections, %lld workers\n", address ? address : "-",
           scheme ? scheme : "-",
           (long long)json_integer_value(json_object_get(pool, "connections")),
           (long long)json_integer_value(json_object_get(pool, "workers")));
}

static const struct action *find(const struct action *actions, const char *word)
{
    for (; actions->word; actions++)
        if (strcmp(actions->word, word) == 0)
            return actions;
    return NULL;
}

static int act(const struct action *actions, const char *usage, int argc, char **argv,
               struct fault *why)
{
    struct client_options options;
    int words = client_words(argc, argv, &options, NULL, why), code;
    const struct action *action = words == 1 ? find(actions, argv[1]) : NULL;
    const char *message;
    json_t *data;

    if (!action) {
        if (words >= 0)
            (void)fault_set(why, ERR_FIELD, "use: %s", usage);
        return EXIT_BAD_USAGE;
    }
    if ((code = client_data(&options, action->path, action->body, &data, why)) != EXIT_OK)
        return code;
    message = json_string_value(json_object_get(data, "message"));
    if (action->body)
        puts(message ? message : "done");
    else
        print_pool(data);
    json_decref(data);
    return EXIT_OK;
}

static void print_algorithms(const json_t *data)
{
    json_t *rows = json_object_get(data, "algorithms"), *row;
    size_t i;

    printf("%-10s %-9s %-12s %10s  %s\n", "ALGORITHM", "DEVICES", "HASH RATE", "DATASET", "WORK");
    json_array_foreach(rows, i, row)
    {
        const char *source = json_string_value(json_object_get(row, "source"));
        double bytes = json_number_value(json_object_get(row, "full_bytes")) +
                       json_number_value(json_object_get(row, "light_bytes"));
        char rate[32], size[32] = "-";
        status_rate(json_object_get(row, "hashrate_hs"), rate);
        if (bytes > 0)
            (void)snprintf(size, sizeof size, "%.2f GiB", bytes / (1 << 30));
        printf("%-10s %-9lld %-12s %10s  %s\n", json_string_value(json_object_get(row, "name")),
               (long long)json_integer_value(json_object_get(row, "devices")), rate, size,
               source ? source : "none: no pool of it in upstreams");
    }
}

/* Without a name it lists what there is. */
int cli_algorithm(int argc, char **argv, struct fault *why)
{
    struct client_options options;
    int words = client_words(argc, argv, &options, NULL, why), code;
    json_t *data;

    if (words < 0 || words > 2) {
        if (words > 2)
            (void)fault_set(why, ERR_FIELD, "use: otedama algorithm NAME|auto [DEVICE|all]");
        return EXIT_BAD_USAGE;
    }
    json_t *body = json_pack("{s:s, s:s}", "algorithm", words ? argv[1] : "auto", "device",
                             words == 2 ? argv[2] : "all");
    if (words == 1)
        (void)json_object_del(body, "device");
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    json_decref(body);
    if (!text) {
        (void)fault_set(why, ERR_FIELD, "a name must be UTF-8 text");
        return EXIT_BAD_USAGE;
    }
    code = client_data(&options, words ? "/api/mining/algorithm" : "/api/algorithms",
                       words ? text : NULL, &data, why);
    free(text);
    if (code != EXIT_OK)
        return code;
    if (words)
        puts(json_string_value(json_object_get(data, "message")));
    else
        print_algorithms(data);
    json_decref(data);
    return EXIT_OK;
}

int cli_mining(int argc, char **argv, struct fault *why)
{
    return act(mining_actions, "otedama mining start|stop", argc, argv, why);
}

int cli_poolmode(int argc, char **argv, struct fault *why)
{
    return act(pool_actions, "otedama poolmode on|off|status", argc, argv, why);
}
