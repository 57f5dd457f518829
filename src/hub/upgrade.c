/* SPDX-License-Identifier: MIT */
/* Whether the program's file, as it is now, can go on in this one's place: it must run, and accept
 * the configuration. Both are tried in processes of their own, without waiting. */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "hub/internal.h"

enum { CHECK_LIMIT_S = 10 };

enum trial { TRIAL_VERSION, TRIAL_CONFIG, TRIALS };

struct upgrade {
    uv_process_t process[TRIALS]; /* one closes while the next begins */
    uv_timer_t limit;
    struct hub *hub; /* NULL: nobody waits for it */
    enum trial trial;
    unsigned open; /* handles */
};

static void try_next(struct upgrade *);

static void on_closed(uv_handle_t *handle)
{
    struct upgrade *u = handle->data;

    if (!--u->open)
        free(u);
}

static void finish(struct upgrade *u)
{
    if (u->hub)
        u->hub->upgrade = NULL;
    u->hub = NULL;
    uv_close((uv_handle_t *)&u->limit, on_closed);
}

__attribute__((format(printf, 2, 3))) static void fail(struct upgrade *u, const char *format, ...)
{
    struct hub *hub = u->hub;
    va_list args;

    va_start(args, format);
    (void)vsnprintf(hub->upgrade_problem, sizeof hub->upgrade_problem, format, args);
    va_end(args);
    hub->upgrade_problem_us = now_us();
    log_error(CORE, "not upgraded: %s", hub->upgrade_problem);
    hub_snapshot_soon(hub);
    finish(u);
}

static void go(struct upgrade *u)
{
    struct hub *hub = u->hub;

    hub->upgrade_problem[0] = 0;
    hub->upgrading = true;
    log_info(CORE, "%s is good: it goes on from here", hub->program);
    finish(u);
    hub_stop(hub);
}

static void on_exit_of(uv_process_t *process, int64_t status, int number)
{
    static const char *const tries[TRIALS] = {"version", "config validate"};
    struct upgrade *u = process->data;

    uv_close((uv_handle_t *)process, on_closed);
    (void)uv_timer_stop(&u->limit);
    if (!u->hub)
        return;
    if (number == SIGKILL)
        fail(u, "`%.80s %s` did not end within %d s", u->hub->program, tries[u->trial],
             CHECK_LIMIT_S);
    else if (number || status)
        fail(u, "`%.80s %s` ended with %s%d", u->hub->program, tries[u->trial],
             number ? "signal " : "", number ? number : (int)status);
    else if (++u->trial == TRIALS || (u->trial == TRIAL_CONFIG && !u->hub->config->path))
        go(u);
    else
        try_next(u);
}

static void on_limit(uv_timer_t *timer)
{
    struct upgrade *u = timer->data;

    (void)uv_process_kill(&u->process[u->trial], SIGKILL);
}

static void try_next(struct upgrade *u)
{
    struct hub *hub = u->hub;
    char version[] = "version", config[] = "config", validate[] = "validate", flag[] = "--config";
    char *asks_version[] = {hub->program, version, NULL};
    char *asks_config[] = {hub->program, config, validate, flag, hub->config->path, NULL};
    const uv_process_options_t options = {
        .exit_cb = on_exit_of,
        .file = hub->program,
        .args = u->trial == TRIAL_VERSION ? asks_version : asks_config,
    };

    u->process[u->trial].data = u;
    int err = uv_spawn(&hub->loop, &u->process[u->trial], &options);
    u->open++; /* a handle even when it failed */
    if (err) {
        uv_close((uv_handle_t *)&u->process[u->trial], on_closed);
        fail(u, "%.120s cannot be started: %s", hub->program, err_str(err));
        return;
    }
    (void)uv_timer_start(&u->limit, on_limit, CHECK_LIMIT_S * 1000, 0);
}

void hub_upgrade(struct hub *hub, struct command_reply *reply)
{
    if (!*hub->program || hub->upgrade || hub->stopping) {
        reply->err = ERR_REJECTED;
        (void)text_copy(reply->text, sizeof reply->text,
                        !*hub->program ? "this program does not know its own file"
                        : hub->upgrade ? "an upgrade is being checked already"
                                       : "the program is stopping");
        return;
    }
    struct upgrade *u = xcalloc(1, sizeof *u);
    u->hub = hub;
    u->open = 1;
    u->limit.data = u;
    (void)uv_timer_init(&hub->loop, &u->limit);
    hub->upgrade = u;
    (void)snprintf(reply->text, sizeof reply->text,
                   "checking %.200s; it takes over when it is good", hub->program);
    try_next(u);
}

void hub_upgrade_cancel(struct hub *hub)
{
    struct upgrade *u = hub->upgrade;

    if (!u)
        return;
    (void)uv_process_kill(&u->process[u->trial], SIGKILL);
    uv_close((uv_handle_t *)&u->process[u->trial], on_closed);
    finish(u);
}
