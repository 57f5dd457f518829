/* SPDX-License-Identifier: MIT */
/* `otedama bans`, `bans add ADDRESS [TIME]` and `bans remove ADDRESS`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/client.h"
#include "net/peer.h"

static const char usage[] =
    "use: otedama bans [add ADDRESS|NETWORK [TIME|forever] | remove ADDRESS|NETWORK]";

static const char *text_of(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));

    return text ? text : "";
}

static void print_bans(const json_t *data)
{
    const json_t *rows = json_object_get(data, "bans");
    long long total = (long long)json_integer_value(json_object_get(data, "total"));
    const json_t *row;
    size_t i;

    if (!total) {
        puts("nobody is banned");
        return;
    }
    printf("%-40s %-20s %5s  %s\n", "ADDRESS", "UNTIL", "COUNT", "REASON");
    json_array_foreach(rows, i, row)
    {
        const char *until = text_of(row, "until");
        printf("%-40s %.19s%-1s %5lld  %s\n", text_of(row, "address"),
               *until ? until : "for ever           ", *until ? "Z" : "",
               (long long)json_integer_value(json_object_get(row, "count")),
               text_of(row, "reason"));
    }
    if ((long long)json_array_size(rows) < total)
        printf("... and %lld more\n", total - (long long)json_array_size(rows));
}

/* The network as the API's path has it. */
static int read_network(const char *text, char out[PEER_MAX], struct fault *why)
{
    struct prefix prefix;

    if (prefix_parse(text, &prefix, why) < 0)
        return EXIT_BAD_USAGE;
    prefix_format(&prefix, out);
    return EXIT_OK;
}

static int add(const struct client_options *options, int words, char **argv, json_t **ret,
               struct fault *why)
{
    char network[PEER_MAX];
    int code = read_network(argv[2], network, why);

    if (code != EXIT_OK)
        return code;
    json_t *body = json_pack("{s:s}", "address", network);
    if (words == 3)
        (void)json_object_set_new(body, "time", json_string(argv[3]));
    char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    code = client_data(options, "/api/pool/bans", text ? text : "", ret, why);
    free(text);
    return code;
}

static int take_away(const struct client_options *options, const char *text, json_t **ret,
                     struct fault *why)
{
    char network[PEER_MAX], path[PEER_MAX + 32];
    int code = read_network(text, network, why);

    if (code != EXIT_OK)
        return code;
    (void)snprintf(path, sizeof path, "/api/pool/bans/%s", network);
    return client_delete(options, path, ret, why);
}

static int ask(const struct client_options *options, int words, char **argv, json_t **ret,
               struct fault *why)
{
    if (!words)
        return client_data(options, "/api/pool/bans", NULL, ret, why);
    if ((words == 2 || words == 3) && !strcmp(argv[1], "add"))
        return add(options, words, argv, ret, why);
    if (words == 2 && !strcmp(argv[1], "remove"))
        return take_away(options, argv[2], ret, why);
    (void)fault_set(why, ERR_FIELD, "%s", usage);
    return EXIT_BAD_USAGE;
}

int cli_bans(int argc, char **argv, struct fault *why)
{
    struct client_options options;
    bool json = false;
    int words = client_words(argc, argv, &options, &json, why);
    json_t *data = NULL;

    if (words < 0)
        return EXIT_BAD_USAGE;
    int code = ask(&options, words, argv, &data, why);
    if (code != EXIT_OK)
        return code;
    client_print(data, json, print_bans);
    return EXIT_OK;
}
