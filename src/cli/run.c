/* SPDX-License-Identifier: MIT */
/* Running the program: configuration, log, hub, and the faces around it. */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/api.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/flags.h"
#include "cli/succession.h"
#include "config/paths.h"
#include "hub/hub.h"
#include "ui/ui.h"

enum { PROGRESS_FIRST_S = 5, PROGRESS_S = 30 };

struct program {
    struct flags flags;
    struct config *config;
    struct hub *hub;
    struct api *api;
    struct ui *ui;
    struct port *commands; /* console -> hub */
    int64_t started_us, said_us;
    bool nohup; /* started with SIGHUP ignored */
    struct succession succession;
    char log_path[600];
};

static bool want_console(const struct program *p)
{
    const char *term = getenv("TERM");

    return !p->flags.headless && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term &&
           strcmp(term, "dumb") != 0;
}

static void start_log(struct program *p, bool console)
{
    struct log_options options = {
        .stream = console ? NULL : "stdout",
        .journal = getenv("JOURNAL_STREAM") != NULL,
        .max_bytes = p->config->log.max_size,
        .keep = p->config->log.keep,
        .level = LOG_INFO,
    };
    int err;

    (void)log_level_parse(p->config->log.level, &options.level);
    if (*p->config->log.file && !options.journal) {
        path_in_data(p->config, p->config->log.file, p->log_path, sizeof p->log_path);
        options.file = p->log_path;
    }
    if ((err = log_start(&options)) < 0)
        log_warn(CORE, "no log file: %s: %s", p->log_path, err_str(err));
}

static void show(void *arg, struct snapshot *s)
{
    struct program *p = arg;

    ui_show(p->ui, s);
}

static void rate_text(double v, char out[32])
{
    static const char units[] = " kMGTPE";
    unsigned u = 0;

    if (isnan(v)) {
        (void)snprintf(out, 32, "unknown");
        return;
    }
    while (v >= 1000 && u + 1 < sizeof units - 1)
        v /= 1000, u++;
    (void)snprintf(out, 32, "%.2f %.*sH/s", v, u ? 1 : 0, units + u);
}

/* Without a console: a line of progress now and then. */
static void progress(void *arg, struct snapshot *s)
{
    struct program *p = arg;
    int64_t wait_s = s->taken_us - p->started_us < 60 * SECOND_US ? PROGRESS_FIRST_S : PROGRESS_S;
    char rate[32];

    if (s->taken_us - p->said_us < wait_s * SECOND_US)
        return;
    p->said_us = s->taken_us;
    rate_text(s->rate[RATE_10S], rate);
    log_info(
        CORE, "%s %s, %s, accepted %llu, rejected %llu, stale %llu, blocks %llu, height %llu%s%s",
        mining_state_name(s->state), s->algorithm, rate, (unsigned long long)s->shares.accepted,
        (unsigned long long)s->shares.rejected, (unsigned long long)s->shares.stale,
        (unsigned long long)s->pool.blocks_found, (unsigned long long)s->job_height,
        s->warning_count ? "; warning: " : "", s->warning_count ? s->warnings[0] : "");
}

static const struct snapshot *api_snapshot(void *arg)
{
    return hub_snapshot(arg);
}

static void api_command(void *arg, const char *words, struct command_reply *reply)
{
    hub_command(arg, words, reply);
}

static void give_terminal_back(void *arg)
{
    struct program *p = arg;

    ui_stop(p->ui);
}

static int open_console(struct program *p, struct fault *why)
{
    struct ui_options options = {
        .theme = p->config->ui.theme,
        .symbols = p->config->ui.symbols,
        .refresh_us = p->config->ui.refresh_us,
        .no_color = p->flags.no_color,
        .survive_hangup = p->nohup,
    };

    p->commands = port_new(hub_bell(p->hub));
    hub_add_port(p->hub, p->commands);
    options.commands = p->commands;
    int err = ui_start(&options, &p->ui, why);
    if (err < 0)
        return err;
    hub_watch(p->hub, show, p);
    hub_before_abort(p->hub, give_terminal_back, p);
    return 0;
}

/* False when a thread of libuv still waits for the name service: exit() would wait for it too. */
static bool close_all(struct program *p)
{
    bool ended;

    if (p->ui)
        ui_stop(p->ui);
    api_close(p->api);
    ended = hub_free(p->hub);
    port_free(p->commands);
    log_info(CORE, "ended");
    log_stop();
    config_unref(p->config);
    return ended;
}

static int run(struct program *p, bool console, struct fault *why)
{
    struct hub_options options = {.config = p->config,
                                  .request = &p->flags.request,
                                  .log_path = p->log_path,
                                  .program = p->succession.program,
                                  .handed = p->succession.handed};

    p->succession.handed = NULL;

    log_info(CORE, "otedama %s, configuration: %s", OTEDAMA_VERSION,
             p->config->path ? p->config->path : "embedded default");
    if (hub_new(&options, &p->hub, why) < 0)
        return EXIT_RUNTIME;
    struct api_hooks hooks = {.snapshot = api_snapshot, .command = api_command, .arg = p->hub};
    if (api_open(p->config, hub_loop(p->hub), &hooks, &p->api, why) < 0)
        return EXIT_RUNTIME;
    if (console && open_console(p, why) < 0)
        return EXIT_RUNTIME;
    if (!console)
        hub_watch(p->hub, progress, p);
    hub_run(p->hub);
    p->succession.wanted = hub_upgrading(p->hub, &p->succession.handed);
    if (p->succession.wanted)
        succession_hold_signals(&p->succession, p->nohup);
    return EXIT_OK;
}

static int start(int argc, char **argv, bool service, struct fault *why)
{
    struct program *p = calloc(1, sizeof *p);
    int code;

    if (!p)
        return EXIT_INTERNAL;
    struct sigaction hangup = {0};
    p->started_us = p->said_us = now_us();
    p->nohup = sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler == SIG_IGN;
    (void)umask(077);
    if ((code = flags_read(argc, argv, &p->flags, why))) {
        free(p);
        return code;
    }
    p->flags.headless |= service;
    succession_begin(&p->succession);
    if (config_load(&p->flags.request, &p->config, why) < 0) {
        free(p);
        return EXIT_BAD_CONFIG;
    }
    bool console = want_console(p);
    start_log(p, console);
    code = run(p, console, why);
    if (code)
        log_error(CORE, "%s", why->text);
    bool ended = close_all(p);
    if (p->succession.wanted)
        code = succession_exec(&p->succession, why);
    succession_end(&p->succession);
    if (!ended && code == EXIT_OK) {
        (void)fflush(NULL);
        _exit(code);
    }
    free(p);
    return code;
}

int cli_start(int argc, char **argv, struct fault *why)
{
    return start(argc, argv, false, why);
}

int cli_serve(int argc, char **argv, struct fault *why)
{
    return start(argc, argv, true, why);
}
