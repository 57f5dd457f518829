/* SPDX-License-Identifier: MIT */
/* Commands: the same words from console, API and command line ("mining stop", "pool on",
 * "upstream switch 1", "device pause cpu0"). The table is in commands.c. */
#pragma once

#include "base/err.h"

/* How a console asks before it sends one (tui.md 3.4). */
enum command_class { CLASS_A, CLASS_B, CLASS_C, CLASS_D };

struct command_info {
    const char *name; /* "device pause": what must stand first */
    const char *args; /* "ID|all"; "" = none */
    const char *help; /* one sentence */
    enum command_class class;
    const char *consequence; /* what a box of class C says; NULL for others */
};

/* All commands, ends with {0}; for help and completion. Any thread. */
extern const struct command_info command_table[];

struct command_reply {
    int err;        /* 0, or why not */
    char text[400]; /* one sentence for a person, always written */
};

/* A request on its way from another thread to the hub (EV_COMMAND carries it; owned by the hub). */
struct command_request {
    char words[256];
    void (*reply)(void *arg, const struct command_reply *); /* hub thread; may be NULL */
    void *arg;
};

struct hub;

/* Runs one command. Hub thread. */
void hub_command(struct hub *, const char *words, struct command_reply *);
