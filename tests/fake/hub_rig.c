/* SPDX-License-Identifier: MIT */
/* The rig of the tests of a whole hub. */
#include "tests/fake/hub_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fake/dataset_algo.h"
#include "tests/fake/folder.h"

struct rig {
    char dir[FOLDER_MAX];
    struct config *config;
    struct hub *hub;
};

static struct rig rig;

int hub_rig_setup(void **state)
{
    (void)state;
    (void)setenv("OTEDAMA_SIM", "2", 1);
    rig = (struct rig){0};
    atomic_store(&fake_dataset_held, false);
    atomic_store(&fake_dataset_broken, false);
    atomic_store(&fake_dataset_full, false);
    atomic_store(&fake_dataset_short, false);
    return folder_make(rig.dir);
}

int hub_rig_teardown(void **state)
{
    (void)state;
    atomic_store(&fake_dataset_held, false);
    if (rig.hub)
        (void)hub_free(rig.hub);
    config_unref(rig.config);
    return folder_remove(rig.dir);
}

struct hub *hub_rig_start(const char *extra_path, const char *extra_value)
{
    struct config_override set[] = {
        {"data.dir", rig.dir, NULL},
        {"mining.algorithm", "blobber", NULL},
        {"mining.enable_cpu", "false", NULL},
        {"pool.address", "127.0.0.1:0", NULL},
        {"pool.devnet.block_interval", "1s", NULL},
        {"api.enable", "false", NULL},
        {extra_path ? extra_path : "app.name", extra_value ? extra_value : "test", NULL},
    };
    struct config_request request = {
        .file = "/dev/null", .overrides = set, .override_count = sizeof set / sizeof *set};
    struct hub_options options = {.log_path = ""};
    struct fault why = {0};

    if (config_load(&request, &rig.config, &why) < 0)
        fail_msg("%s", why.text);
    options.config = rig.config;
    if (hub_new(&options, &rig.hub, &why) < 0)
        fail_msg("%s", why.text);
    hub_begin(rig.hub);
    return rig.hub;
}

void hub_rig_turn(struct hub *hub)
{
    (void)uv_run(&hub->loop, UV_RUN_NOWAIT);
    sleep_us(1000);
}

void hub_rig_run(struct hub *hub, int64_t us)
{
    for (int64_t end = now_us() + us; now_us() < end;)
        hub_rig_turn(hub);
}

static struct command_reply command(struct hub *hub, const char *words)
{
    struct command_reply reply;

    hub_command(hub, words, &reply);
    return reply;
}

void hub_must(struct hub *hub, const char *words)
{
    struct command_reply reply = command(hub, words);

    if (reply.err)
        fail_msg("%s: %s", words, reply.text);
}

void hub_says(struct hub *hub, const char *words, const char *part)
{
    struct command_reply reply = command(hub, words);

    if (reply.err || !strstr(reply.text, part))
        fail_msg("%s: \"%s\" does not say \"%s\"", words, reply.text, part);
}

void hub_refuses(struct hub *hub, const char *words, const char *part)
{
    struct command_reply reply = command(hub, words);

    assert_true(reply.err < 0);
    if (!strstr(reply.text, part))
        fail_msg("%s: \"%s\" does not say \"%s\"", words, reply.text, part);
}

static const char *algo_name(const struct hub_device *d)
{
    return d->algo ? d->algo->name : "";
}

bool hub_does(const struct hub *hub, unsigned device, const char *name)
{
    const struct hub_device *d = &hub->devices[device];

    return !strcmp(algo_name(d), name) && line_algo(d->line) == d->algo;
}

uint64_t hub_accepted(const struct hub *hub, unsigned device)
{
    return hub_tally_sum(hub->devices[device].shares, NULL).accepted;
}
