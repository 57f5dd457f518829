/* SPDX-License-Identifier: MIT */
/* `otedama mining start|stop` and `otedama poolmode on|off|status`. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/client.h"

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
    struct client_options options = {0};
    const struct cli_option rows[] = {
        {"--config", CLI_TEXT, &options.config}, {"--api", CLI_TEXT, &options.api}, {0}};
    int words = cli_options(argc, argv, rows, why), code;
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

int cli_mining(int argc, char **argv, struct fault *why)
{
    return act(mining_actions, "otedama mining start|stop", argc, argv, why);
}

int cli_poolmode(int argc, char **argv, struct fault *why)
{
    return act(pool_actions, "otedama poolmode on|off|status", argc, argv, why);
}
