/* SPDX-License-Identifier: MIT */
/* What `otedama doctor` looks at: rows of checks, each of which only reads. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum finding_state {
    FINDING_OK,   /* nothing to gain */
    FINDING_NOTE, /* worth knowing; nothing that a command would mend */
    FINDING_GAIN, /* something to do */
};

struct finding {
    enum finding_state state;
    char now[256];      /* how it is */
    char gain[256];     /* what would be won, and where that is known from; "" = nothing */
    char command[1024]; /* to run as root, one a line; "" = none */
};

struct doctor_check {
    const char *name;  /* "huge-pages": the word in JSON */
    const char *title; /* "huge pages" */
    /* `root` is put before /sys and /proc: "" outside tests. `f` is zero. */
    void (*look)(const char *root, struct finding *f);
};

extern const struct doctor_check doctor_cpu[];               /* doctor_cpu.c; ends with {0} */
void doctor_look_at_msr(const char *root, struct finding *); /* doctor_msr.c: one of them */

/* Reading small files below `root`: doctor_files.c. */

/* The first line without its end; "" when there is none. Returns whether it was there. */
bool doctor_line(const char *root, const char *path, char *out, size_t size);
/* The first whole number of the file; -1 when there is none. */
long long doctor_number(const char *root, const char *path);
/* The number behind "KEY:" or "KEY " at the beginning of a line; -1 when there is none. */
long long doctor_field(const char *root, const char *path, const char *key);
/* The text behind "KEY\t: " of /proc/cpuinfo; "" when there is none. */
bool doctor_cpuinfo(const char *root, const char *key, char *out, size_t size);
/* How many CPUs or nodes a list such as "0-3,8" names; 0 for what is none. */
unsigned doctor_list(const char *list);
