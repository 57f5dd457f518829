/* SPDX-License-Identifier: MIT */
/* `otedama upgrade`: asks the running program to go on as the one that is installed now, and waits
 * until it did. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/client.h"

enum { WAIT_S = 60 };

/* The program's warning that says why not; borrowed. */
static const char *refusal(const json_t *status)
{
    static const char begins[] = "not upgraded: ";
    json_t *row;
    size_t i;

    json_array_foreach(json_object_get(status, "warnings"), i, row)
    {
        const char *text = json_string_value(row);
        if (text && !strncmp(text, begins, sizeof begins - 1))
            return text;
    }
    return NULL;
}

static json_int_t uptime(const json_t *status)
{
    return json_integer_value(json_object_get(status, "uptime_s"));
}

/* EXIT_OK when it runs, and did not before. */
static int wait_for(const struct client_options *options, json_int_t before, struct fault *why)
{
    json_t *status;

    for (unsigned s = 0; s < WAIT_S; s++) {
        (void)sleep(1);
        if (client_data(options, "/api/status", NULL, &status, why) != EXIT_OK)
            continue; /* between the two */
        const char *no = refusal(status);
        const char *version = json_string_value(json_object_get(status, "version"));
        bool fresh = uptime(status) < before + (json_int_t)s;
        if (no)
            (void)fault_set(why, ERR_REJECTED, "%s", no);
        else if (fresh)
            printf("otedama %s goes on\n", version ? version : "");
        json_decref(status);
        if (no || fresh)
            return no ? EXIT_RUNTIME : EXIT_OK;
    }
    (void)fault_set(why, -ETIMEDOUT, "no other program has taken over within %d s", WAIT_S);
    return EXIT_RUNTIME;
}

int cli_upgrade(int argc, char **argv, struct fault *why)
{
    struct client_options options = {0};
    const struct cli_option rows[] = {
        {"--config", CLI_TEXT, &options.config}, {"--api", CLI_TEXT, &options.api}, {0}};
    int words = cli_options(argc, argv, rows, why), code;
    json_t *status, *reply;

    if (words) {
        if (words > 0)
            (void)fault_set(why, ERR_FIELD, "use: otedama upgrade");
        return EXIT_BAD_USAGE;
    }
    if ((code = client_data(&options, "/api/status", NULL, &status, why)) != EXIT_OK)
        return code;
    json_int_t before = uptime(status);
    json_decref(status);
    code = client_data(&options, "/api/program/upgrade", "", &reply, why);
    if (code != EXIT_OK)
        return code;
    puts(json_string_value(json_object_get(reply, "message")));
    json_decref(reply);
    return wait_for(&options, before, why);
}
