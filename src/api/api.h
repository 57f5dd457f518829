/* SPDX-License-Identifier: MIT */
/* The faces for machines: HTTP API, health and metrics. They are served on a thread of their own
 * (libwebsockets), so that a probe gets its answer while the main loop hangs, and a slow client or
 * a long page never delays a share. The thread reads snapshots that the hub's loop hands over, and
 * commands go back to that loop. */
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
 * error that names the key, the address and who may hold it. None enabled: `*ret` is NULL. The
 * hooks are called on the loop's thread. Hub thread. */
int api_open(const struct config *, uv_loop_t *, const struct api_hooks *, struct api **ret,
             struct fault *why);

/* Answers what is under way (1 s at most), closes, joins the thread. The hooks are not called after
 * it; two closed handles leave the loop on its next turn. Hub thread; NULL is fine. */
void api_close(struct api *);
