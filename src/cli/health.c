/* SPDX-License-Identifier: MIT */
/* `otedama health`: exit 0 when the running program is healthy (for HEALTHCHECK). */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/client.h"

/* The health listener, or the API's copy of it when only that one is open. */
static int health_url(const struct client_options *options, struct str *url, struct fault *why)
{
    struct fault ignored = {0};
    int code = client_url(options, CLIENT_HEALTH, url, why);

    if (code != EXIT_NO_DAEMON)
        return code;
    if (client_url(options, CLIENT_API, url, &ignored) != EXIT_OK)
        return code;
    *why->text = '\0';
    return EXIT_OK;
}

static void print_checks(const json_t *checks)
{
    size_t i;
    json_t *check;

    json_array_foreach(checks, i, check)
    {
        const char *detail = json_string_value(json_object_get(check, "detail"));
        if (detail)
            printf("  %s: %s: %s\n", json_string_value(json_object_get(check, "name")),
                   json_string_value(json_object_get(check, "status")), detail);
    }
}

int cli_health(int argc, char **argv, struct fault *why)
{
    struct client_options options;
    AUTO_STR struct str url = {0};
    AUTO_STR struct str answer = {0};
    int words = client_words(argc, argv, &options, NULL, why), code, status;
    json_t *health;

    if (words != 0) {
        if (words > 0)
            (void)fault_set(why, ERR_FIELD, "otedama health takes no words, only --config, --api");
        return EXIT_BAD_USAGE;
    }
    if ((code = health_url(&options, &url, why)) != EXIT_OK)
        return code;
    status = client_ask(str_text(&url), "/health", NULL, &answer, why);
    if (status < 0)
        return -status;
    health = json_loads(str_text(&answer), 0, NULL);
    if (!json_is_string(json_object_get(health, "status"))) {
        json_decref(health);
        (void)fault_set(why, ERR_PROTOCOL, "what answers at %s is not Otedama", str_text(&url));
        return EXIT_RUNTIME;
    }
    printf("%s, score %lld of 10\n", json_string_value(json_object_get(health, "status")),
           (long long)json_integer_value(json_object_get(health, "score")));
    print_checks(json_object_get(health, "checks"));
    json_decref(health);
    return status == 200 ? EXIT_OK : EXIT_RUNTIME;
}
