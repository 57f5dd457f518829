/* SPDX-License-Identifier: MIT */
/* The faces for machines: HTTP API, health and metrics on the hub's loop (libwebsockets over
 * libuv). */
#pragma once

#include <uv.h>

#include "base/err.h"
#include "config/config.h"

struct api;
struct hub;
struct snapshot;
struct command_reply;

struct api_hooks {
    const struct snapshot *(*snapshot)(void *arg); /* newest, borrowed until the next loop turn */
    void (*command)(void *arg, const char *words, struct command_reply *);
    void *arg;
};

/* Opens the listeners that the configuration enables (api, metrics, health). A busy port is an
 * error that names the key, the address and who may hold it. Hub thread. */
int api_open(const struct config *, uv_loop_t *, const struct api_hooks *, struct api **ret,
             struct fault *why);
void api_close(struct api *); /* answers what is under way, closes; NULL is fine */
