/* SPDX-License-Identifier: MIT */
/* Starting the server's process, its orders and answers, and what it costs. */
#include "cli/bench_stage.h"

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"

/* --- cores ----------------------------------------------------------------------------------- */

void stage_pin(const cpu_set_t *cores, unsigned from, unsigned count)
{
    cpu_set_t mine;
    unsigned at = 0;

    CPU_ZERO(&mine);
    for (unsigned core = 0; core < CPU_SETSIZE; core++) {
        if (!CPU_ISSET(core, cores))
            continue;
        if (at >= from && at < from + count)
            CPU_SET(core, &mine);
        at++;
    }
    if (CPU_COUNT(&mine))
        (void)sched_setaffinity(0, sizeof mine, &mine);
}

/* --- life ------------------------------------------------------------------------------------ */

/* A process that outlived the benchmark would hold its port and its cores. */
static void serve(const struct stage_plan *plan, int wire, pid_t parent)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    stage_serve(plan, wire);
}

static int hear(const struct stage *s, struct stage_answer *answer, struct fault *why)
{
    ssize_t got;

    do
        got = recv(s->wire, answer, sizeof *answer, 0);
    while (got < 0 && errno == EINTR);
    if (got != sizeof *answer)
        return fault_set(why, ERR_CLOSED, "the server of the benchmark ended");
    answer->trouble[sizeof answer->trouble - 1] = 0;
    return *answer->trouble ? fault_set(why, ERR_REJECTED, "%s", answer->trouble) : 0;
}

int stage_open(struct stage *s, const struct stage_plan *plan, struct fault *why)
{
    pid_t parent = getpid();
    int wires[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, wires))
        return fault_set(why, -errno, "no socket pair: %s", err_str(-errno));
    (void)fflush(NULL);
    *s = (struct stage){.pid = fork(), .wire = wires[0]};
    if (!s->pid) {
        (void)close(wires[0]);
        serve(plan, wires[1], parent);
    }
    (void)close(wires[1]);
    int err = s->pid < 0 ? fault_set(why, -errno, "cannot fork: %s", err_str(-errno))
                         : hear(s, &s->first, why);
    if (!err && clock_getcpuclockid(s->pid, &s->clock))
        err = fault_set(why, ERR_CHECK, "the server's CPU time cannot be read");
    if (err)
        stage_close(s);
    return err;
}

void stage_close(struct stage *s)
{
    if (s->wire > 0)
        (void)close(s->wire);
    if (s->pid > 0)
        while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    *s = (struct stage){0};
}

int stage_order(const struct stage *s, enum stage_order order, const void *bytes, size_t len,
                struct stage_answer *answer, struct fault *why)
{
    char message[1 + STAGE_BYTES_MAX];
    ssize_t sent;

    if (len > STAGE_BYTES_MAX)
        return fault_set(why, ERR_FIELD, "a job's text is longer than %d bytes", STAGE_BYTES_MAX);
    message[0] = (char)order;
    if (len)
        memcpy(message + 1, bytes, len);
    do
        sent = send(s->wire, message, 1 + len, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0)
        return fault_set(why, ERR_CLOSED, "the server of the benchmark ended");
    return hear(s, answer, why);
}

/* --- what it costs --------------------------------------------------------------------------- */

double stage_cpu_s(const struct stage *s)
{
    struct timespec t = {0};

    (void)clock_gettime(s->clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static unsigned count_files(pid_t pid)
{
    char path[64];
    unsigned count = 0;

    (void)snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *dir = opendir(path);
    if (!dir)
        return 0;
    for (const struct dirent *e; (e = readdir(dir));)
        count += e->d_name[0] != '.';
    (void)closedir(dir);
    return count;
}

struct stage_memory stage_memory(const struct stage *s)
{
    struct stage_memory m = {.files = count_files(s->pid)};
    char path[64], line[256];

    (void)snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)s->pid);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        (void)sscanf(line, "Rss: %lf", &m.rss_kib);
        (void)sscanf(line, "Pss: %lf", &m.pss_kib);
    }
    if (file)
        (void)fclose(file);
    return m;
}
