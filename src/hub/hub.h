/* SPDX-License-Identifier: MIT */
/* The hub: the one owner of all shared state, on the main thread's loop. Faces read its snapshots
 * and send it commands. All functions on the main thread. */
#pragma once

#include <jansson.h>
#include <uv.h>

#include "base/err.h"
#include "config/config.h"
#include "core/port.h"
#include "hub/command.h"
#include "hub/snapshot.h"

struct hub;

struct hub_options {
    struct config *config;                /* takes a reference */
    const struct config_request *request; /* read again on SIGHUP; outlives the hub */
    const char *log_path;                 /* shown to people; "" = none */
    const char *program;                  /* file that "upgrade" starts; NULL = it cannot */
    json_t *handed; /* by the program before (front/handover.h); takes it; NULL = nothing */
};

/* Opens store, pool, devices and upstream pools. Nothing hashes before hub_run. */
int hub_new(const struct hub_options *, struct hub **ret, struct fault *why);

/* Runs until SIGTERM, SIGINT, the command "quit" or hub_stop; then stops devices, sends what is due
 * and closes the pool. Returns within 5 s of being asked; a second signal ends the process at once.
 */
void hub_run(struct hub *);
void hub_stop(struct hub *);
/* After hub_run: is another program to go on in this process? `*handed` takes the connections that
 * it inherits, the caller's; NULL: none. */
bool hub_upgrading(struct hub *, json_t **handed);

/* False when a name lookup still hangs after a second: then the process is to end with _exit(), as
 * exit() would wait for its thread. NULL is fine. */
bool hub_free(struct hub *);

uv_loop_t *hub_loop(struct hub *);
uv_async_t *hub_bell(struct hub *);
const struct snapshot *hub_snapshot(const struct hub *); /* newest, borrowed */

typedef void hub_watch_fn(void *arg, struct snapshot *); /* borrowed */
void hub_watch(struct hub *, hub_watch_fn *, void *arg); /* called with each new snapshot */

/* Called before a second signal ends the process at once: gives the terminal back. */
void hub_before_abort(struct hub *, void (*fn)(void *arg), void *arg);

/* Events of another thread's port (console): EV_COMMAND. The port outlives hub_run. */
void hub_add_port(struct hub *, struct port *);
