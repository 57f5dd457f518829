/* SPDX-License-Identifier: MIT */
/* Setting up and clearing away. */
#include "cli/bench_scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/str.h"

enum { SPARE_FILES = 96 };

void scene_prepare(struct scene_plan *plan)
{
    struct rlimit limit;

    if (sched_getaffinity(0, sizeof plan->cores, &plan->cores)) {
        CPU_ZERO(&plan->cores);
        CPU_SET(0, &plan->cores);
    }
    stage_pin(&plan->cores, (unsigned)CPU_COUNT(&plan->cores) - 1, 1);
    if (!getrlimit(RLIMIT_NOFILE, &limit)) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* --- what the kernel counts ------------------------------------------------------------------ */

/* The number in the same column of the second line as the name has in the first. */
static uint64_t column(char *names, char *values, const char *wanted)
{
    char *at_name, *at_value;
    const char *name = strtok_r(names, " \n", &at_name);
    const char *value = strtok_r(values, " \n", &at_value);

    while (name && value && strcmp(name, wanted) != 0) {
        name = strtok_r(NULL, " \n", &at_name);
        value = strtok_r(NULL, " \n", &at_value);
    }
    return name && value ? strtoull(value, NULL, 10) : 0;
}

/* Connections that a listener had no place for, on this machine since it started. */
static uint64_t dropped_syns(void)
{
    char names[8192], values[8192];
    FILE *file = fopen("/proc/net/netstat", "re");
    uint64_t count = 0;

    while (file && fgets(names, sizeof names, file) && fgets(values, sizeof values, file))
        if (!strncmp(names, "TcpExt:", 7)) {
            count = column(names, values, "ListenDrops");
            break;
        }
    if (file)
        (void)fclose(file);
    return count;
}

/* --- life ------------------------------------------------------------------------------------ */

static int check_files(const struct scene_plan *plan, struct fault *why)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= plan->connections + SPARE_FILES)
        return 0;
    return fault_set(why, ERR_REJECTED,
                     "the hard limit of %llu open files (ulimit -Hn) leaves no room for %u "
                     "connections",
                     (unsigned long long)limit.rlim_cur, plan->connections);
}

static int connect_crowd(struct scene *s, bool stamps, struct fault *why)
{
    const struct scene_plan *plan = s->plan;
    const struct crowd_plan crowd = {
        .count = plan->connections, .window = plan->window, .tls = plan->tls, .stamps = stamps};
    int err = crowd_new(s->stage.first.address, &crowd, &s->crowd, why);

    if (err < 0)
        return err;
    double cpu = stage_cpu_s(&s->stage);
    uint64_t dropped = dropped_syns();
    err = crowd_connect(s->crowd, plan->parallel, &s->connect_s, why);
    s->connect_cpu_s = stage_cpu_s(&s->stage) - cpu;
    s->lost_syns = dropped_syns() - dropped;
    return err;
}

int scene_open(struct scene *s, const struct scene_plan *plan, const char *bench, const char *what,
               bool stamps, struct fault *why)
{
    const struct stage_plan stage = {.connections = plan->connections,
                                     .loops = plan->loops,
                                     .tls = plan->tls,
                                     .cores = plan->cores};

    *s = (struct scene){.plan = plan, .row = {.bench = bench, .what = what}};
    row_add(&s->row, "connections", "connections", plan->connections, 0);
    row_add(&s->row, "tls", NULL, plan->tls, 0);
    row_add(&s->row, "loops", plan->loops > 1 ? "loops" : NULL, plan->loops, 0);
    int err = check_files(plan, why);
    if (err < 0 || (err = stage_open(&s->stage, &stage, why)) < 0)
        return err;
    s->empty = stage_memory(&s->stage);
    return connect_crowd(s, stamps, why);
}

int scene_close(struct scene *s, int err, const struct fault *why)
{
    if (err < 0)
        row_missing(&s->row, *why->text ? why->text : err_str(err), s->plan->json);
    else
        row_print(&s->row, s->plan->json);
    crowd_free(s->crowd);
    stage_close(&s->stage);
    return err;
}
