/* SPDX-License-Identifier: MIT */
/* Any path, query and body through all routes: "METHOD\nPATH\nNAME=VALUE...\nBODY". */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/api/canned.h"
#include "api/routes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Cuts the next line off; "" when there is none. */
static char *line(char **at)
{
    char *start = *at, *end = strchr(start, '\n');

    if (end)
        *end = '\0';
    *at = end ? end + 1 : start + strlen(start);
    return start;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct snapshot snap;
    static struct device_view devices[2];
    struct request request = {.snapshot = &snap};
    struct reply reply;
    char *text, *at;

    if (size > ROUTE_BODY_MAX)
        return 0;
    if (!snap.seq)
        canned_snapshot(&snap, devices);
    at = text = calloc(1, size + 1);
    if (size)
        memcpy(text, data, size);
    request.now_us = snap.taken_us;
    request.now_ms = snap.taken_ms;
    switch (*line(&at)) {
    case 'P':
        request.method = METHOD_POST;
        break;
    case 'M':
        request.listener = LISTENER_METRICS;
        break;
    case 'H':
        request.listener = LISTENER_HEALTH;
        break;
    default:
        break;
    }
    request.path = line(&at);
    for (char *query = line(&at); request.param_count < PARAMS_MAX && *query;) {
        char *end = query + strcspn(query, "&"), *next = *end ? end + 1 : end, *equals;
        *end = '\0';
        equals = strchr(query, '=');
        if (equals)
            *equals = '\0';
        request.params[request.param_count++] = (struct param){query, equals ? equals + 1 : ""};
        query = next;
    }
    request.body = at;
    request.body_len = size - (size_t)(at - text);
    api_answer(&request, &reply);
    reply_fini(&reply);
    free(text);
    return 0;
}
