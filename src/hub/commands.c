/* SPDX-License-Identifier: MIT */
/* The command table: one row and one function for each thing that console, API and command line can
 * ask for. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "hub/command.h"
#include "hub/internal.h"

void command_say(struct command_reply *reply, int err, const char *format, ...)
{
    va_list args;

    reply->err = err;
    va_start(args, format);
    (void)vsnprintf(reply->text, sizeof reply->text, format, args);
    va_end(args);
}

static void mining(struct hub *hub, bool on, struct command_reply *reply)
{
    if (hub->mining == on) {
        command_say(reply, 0, "mining is %s already", on ? "on" : "stopped");
        return;
    }
    hub->mining = on;
    hub_publish(hub);
    log_info(CORE, "mining %s", on ? "started" : "stopped");
    command_say(reply, 0, "mining %s", on ? "started" : "stopped");
}

static void mining_start(struct hub *hub, const char *args, struct command_reply *reply)
{
    (void)args;
    mining(hub, true, reply);
}

static void mining_stop(struct hub *hub, const char *args, struct command_reply *reply)
{
    (void)args;
    mining(hub, false, reply);
}

static void pool_mode(struct hub *hub, bool on, struct command_reply *reply)
{
    struct fault why = {0};
    int err;

    if (!hub->pool) {
        command_say(reply, ERR_CONFIG,
                    "this configuration has no pool: set pool.coin and pool.daemons");
        return;
    }
    if (hub->pool_mode == on) {
        command_say(reply, 0, "pool mode is %s already", on ? "on" : "off");
        return;
    }
    if ((err = hub_pool_mode(hub, on, &why)) < 0) {
        command_say(reply, err, "%s", why.text);
        return;
    }
    hub_publish(hub);
    command_say(reply, 0, "pool mode is %s", on ? "on" : "off");
}

static void pool_on(struct hub *hub, const char *args, struct command_reply *reply)
{
    (void)args;
    pool_mode(hub, true, reply);
}

static void pool_off(struct hub *hub, const char *args, struct command_reply *reply)
{
    (void)args;
    pool_mode(hub, false, reply);
}

/* Where they are being sent away already, it is hurried, too. */
static void pool_off_now(struct hub *hub, const char *args, struct command_reply *reply)
{
    (void)args;
    if (hub->pool)
        pool_close(hub->pool, CLOSE_NOW);
    pool_mode(hub, false, reply);
}

static void log_level_words(struct hub *hub, const char *args, struct command_reply *reply)
{
    enum log_level level;

    (void)hub;
    if (!log_level_parse(args, &level)) {
        command_say(reply, ERR_FIELD, "\"%s\" is not a level: error, warn, info, debug or trace",
                    args);
        return;
    }
    log_set_level(level);
    command_say(reply, 0, "log level is %s", log_level_name(level));
}

static void reload(struct hub *hub, const char *args, struct command_reply *reply)
{
    (void)args;
    hub_reload(hub, reply);
}

static void upgrade(struct hub *hub, const char *args, struct command_reply *reply)
{
    (void)args;
    hub_upgrade(hub, reply);
}

static void quit(struct hub *hub, const char *args, struct command_reply *reply)
{
    (void)args;
    command_say(reply, 0, "stopping");
    hub_stop(hub);
}

#define COMMAND_LIST(X)                                                                            \
    X("mining start", "", CLASS_B, mining_start, "start hashing", NULL)                            \
    X("mining stop", "", CLASS_B, mining_stop, "stop hashing", NULL)                               \
    X("pool on", "", CLASS_C, pool_on, "open the embedded pool to miners",                         \
      "The Stratum port opens; this rig's devices move to the own pool and go on hashing. "        \
      "Upstream pools are left, and used again when pool mode is turned off.")                     \
    X("pool off now", "", CLASS_C, pool_off_now, "close the embedded pool without a word",         \
      "Connected miners are disconnected after their shares so far are credited. This rig's "      \
      "devices move to the upstream pools, or mine solo on the same chain when there are none.")   \
    X("pool off", "", CLASS_C, pool_off, "close the embedded pool",                                \
      "Connected miners are sent away over some seconds (pool.drain_to) and their shares until "   \
      "then credited. This rig's devices move to the upstream pools, or mine solo on the same "    \
      "chain when there are none.")                                                                \
    X("upstream switch", "N", CLASS_B, hub_upstream_switch, "use upstream pool N", NULL)           \
    X("upstream enable", "N", CLASS_B, hub_upstream_enable, "allow upstream pool N", NULL)         \
    X("upstream disable", "N", CLASS_B, hub_upstream_disable, "do not use upstream pool N", NULL)  \
    X("upstream strategy", "NAME [MINUTES]", CLASS_B, hub_upstream_strategy,                       \
      "which pools work is done for: failover, round-robin, rotate, balance or quota", NULL)       \
    X("upstream quota", "N QUOTA", CLASS_B, hub_upstream_quota,                                    \
      "the part of the work that pool N gets by the strategy quota", NULL)                         \
    X("upstream drill", "[SECONDS]", CLASS_B, hub_upstream_drill,                                  \
      "leave the pool in use alone for a while (30 s), to see that another one takes over", NULL)  \
    X("ban add", "NETWORK [TIME|forever]", CLASS_C, hub_ban_add,                                   \
      "keep an address, or a network such as 203.0.113.0/24, off the own pool's port",             \
      "Its connections are closed and new ones refused until the ban ends or is removed.")         \
    X("ban remove", "NETWORK", CLASS_B, hub_ban_remove, "let a banned address connect again",      \
      NULL)                                                                                        \
    X("device pause", "ID|all", CLASS_B, hub_device_pause_words, "pause a device", NULL)           \
    X("device resume", "ID|all", CLASS_B, hub_device_resume_words,                                 \
      "let a device hash again, or try one that failed", NULL)                                     \
    X("algorithm", "NAME|auto [DEVICE|all]", CLASS_C, hub_algorithm,                               \
      "let the devices, or one of them, do another algorithm",                                     \
      "The devices go on until the other algorithm's work and dataset are there, then change "     \
      "over. With nothing accepted for a while they return by themselves.")                        \
    X("log level", "LEVEL", CLASS_A, log_level_words, "write records up to this level", NULL)      \
    X("reload", "", CLASS_B, reload, "read the configuration again", NULL)                         \
    X("upgrade", "", CLASS_C, upgrade, "go on as the program that is installed now",               \
      "Its file is checked first. Then this program ends as by quit, and the other begins in its " \
      "process: miners without TLS keep their connection, those with TLS connect anew.")           \
    X("quit", "", CLASS_C, quit, "stop the program",                                               \
      "Hashing stops, open shares are sent, the pool is closed and the program ends.")

const struct command_info command_table[] = {
#define X(name, args, class, fn, help, consequence) {name, args, help, class, consequence},
    COMMAND_LIST(X)
#undef X
        {0},
};

static command_fn *const functions[] = {
#define X(name, args, class, fn, help, consequence) fn,
    COMMAND_LIST(X)
#undef X
};

/* What follows `name` in `words`, or NULL when `words` is another command. */
static const char *arguments(const char *words, const char *name)
{
    size_t len = strlen(name);

    if (strncmp(words, name, len) || (words[len] && words[len] != ' '))
        return NULL;
    words += len;
    return words + strspn(words, " ");
}

void hub_command(struct hub *hub, const char *words, struct command_reply *reply)
{
    *reply = (struct command_reply){0};
    for (unsigned i = 0; command_table[i].name; i++) {
        const char *args = arguments(words, command_table[i].name);
        if (!args)
            continue;
        if (*command_table[i].args != '[' && !*command_table[i].args != !*args) {
            command_say(reply, ERR_FIELD, "use: %s %s", command_table[i].name,
                        command_table[i].args);
            return;
        }
        functions[i](hub, args, reply);
        log_info(CORE, "command \"%s\": %s", words, reply->text);
        hub_take_snapshot(hub); /* who asks next sees what the command did */
        return;
    }
    unsigned best = 0, least = 1000;
    for (unsigned i = 0; command_table[i].name; i++) {
        unsigned d = text_distance(words, command_table[i].name);
        if (d < least)
            least = d, best = i;
    }
    command_say(reply, ERR_NO_METHOD, "\"%.60s\" is not a command; did you mean \"%s\"?", words,
                command_table[best].name);
}
