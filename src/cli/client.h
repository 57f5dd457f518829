/* SPDX-License-Identifier: MIT */
/* Asks the running program by its HTTP API: for subcommands. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/err.h"
#include "base/str.h"

struct client_options {
    const char *config; /* --config; NULL = search */
    const char *api;    /* --api: "http://127.0.0.1:8080"; NULL = from the configuration */
};

/* Reads --config and --api, and --json where `json` is not NULL. As cli_options: how many words
 * there are, or -1 and `why`. */
int client_words(int argc, char **argv, struct client_options *ret, bool *json, struct fault *why);

/* Prints what was answered: as JSON, the words of its "message", or by `print`. Releases it. */
void client_print(json_t *data, bool json, void (*print)(const json_t *data));

enum client_place { CLIENT_API, CLIENT_HEALTH }; /* which listener of the configuration */

/* Where the program answers: from --api or the configuration. 0, or an exit code and `why`. */
int client_url(const struct client_options *, enum client_place, struct str *ret,
               struct fault *why);

/* GET, or POST of `body` when it is not NULL. Writes the answer's text, whatever its status.
 * Returns the HTTP status, or a negative exit code (-EXIT_NO_DAEMON) and `why`. */
int client_ask(const char *url, const char *path, const char *body, struct str *ret,
               struct fault *why);

/* Asks the API and unpacks the envelope. EXIT_OK and "data" in `*ret` (the caller's), or another
 * exit code and `why`: the program's own words where it gave some. */
int client_data(const struct client_options *, const char *path, const char *body, json_t **ret,
                struct fault *why);
/* The same with DELETE. */
int client_delete(const struct client_options *, const char *path, json_t **ret, struct fault *why);
