/* SPDX-License-Identifier: MIT */
/* The hand-over through exec: the document goes into memory that outlives it, whose descriptor's
 * number stands in the environment. */
#include "cli/succession.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "cli/cli.h"
#include "front/handover.h"

enum { DOCUMENT_MAX = 1 << 30, ARGUMENTS_MAX = 256, ARGUMENT_BYTES_MAX = 1 << 20 };

static const char variable[] = "OTEDAMA_HANDOVER", own_image[] = "/proc/self/exe";

/* Calls it for each of this process, but for standard input and output. */
static void each_descriptor(void (*each)(int fd))
{
    DIR *dir = opendir("/proc/self/fd");
    struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        long fd = strtol(entry->d_name, NULL, 10); /* "." and ".." are 0 */
        if (fd > STDERR_FILENO && fd != dirfd(dir))
            each((int)fd);
    }
    if (dir)
        (void)closedir(dir);
}

/* --- the one before -----------------------------------------------------------------------------
 */

static void learn_program(char out[PATH_MAX])
{
    static const char gone[] = " (deleted)";
    ssize_t len = readlink(own_image, out, PATH_MAX - 1);
    size_t tail = sizeof gone - 1;

    out[len < 0 ? 0 : len] = 0;
    if (len > (ssize_t)tail && !strcmp(out + len - tail, gone))
        out[(size_t)len - tail] = 0;
}

/* The descriptor that the environment names, when it is such memory; -1. */
static int named_memory(const char *text)
{
    char *end;
    long fd = strtol(text, &end, 10);
    bool memory = end != text && !*end && fd > 2 && fd <= INT_MAX &&
                  fcntl((int)fd, F_GET_SEALS) >= 0; /* no other file has them */

    return memory ? (int)fd : -1;
}

static json_t *parse(int fd)
{
    struct stat st;
    json_error_t error;

    if (fstat(fd, &st) || st.st_size <= 0 || st.st_size > DOCUMENT_MAX)
        return NULL;
    void *text = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (text == MAP_FAILED)
        return NULL;
    json_t *document = json_loadb(text, (size_t)st.st_size, JSON_REJECT_DUPLICATES, &error);
    (void)munmap(text, (size_t)st.st_size);
    return document;
}

static json_t *read_document(int fd, struct fault *why)
{
    json_t *document = parse(fd);

    if (!document) {
        (void)fault_set(why, ERR_FIELD, "what it handed over cannot be read");
        return NULL;
    }
    if (handover_check(document, why) < 0) {
        json_decref(document);
        return NULL;
    }
    return document;
}

/* What came through exec and is in no row would hold a miner, or a port, without serving it. */
static void close_unnamed(int fd)
{
    int flags = fcntl(fd, F_GETFD), domain = 0;
    socklen_t len = sizeof domain;

    if (flags >= 0 && !(flags & FD_CLOEXEC) &&
        getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 &&
        (domain == AF_INET || domain == AF_INET6))
        (void)close(fd);
}

void succession_begin(struct succession *s)
{
    const char *text = getenv(variable);
    struct fault why = {0};

    learn_program(s->program);
    if (!text)
        return;
    int fd = named_memory(text);
    (void)unsetenv(variable);
    if (fd >= 0)
        s->handed = read_document(fd, &why);
    if (!s->handed)
        log_error(CORE, "miners of the program before are lost: %s",
                  *why.text ? why.text : "nothing was handed over");
    if (fd >= 0)
        (void)close(fd);
    each_descriptor(close_unnamed);
}

/* --- the next one -------------------------------------------------------------------------------
 */

static const int held_signals[SUCCESSION_SIGNALS] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2};

/* Those to wait for the next program become pending: this thread has them blocked. */
static void on_held(uv_signal_t *handle, int number)
{
    struct succession *s = handle->data;

    if (number == SIGTERM || number == SIGINT)
        s->ended = true;
    else
        (void)pthread_kill(pthread_self(), number);
}

void succession_hold_signals(struct succession *s, bool ignore_hangup)
{
    sigset_t set;

    (void)sigemptyset(&set);
    s->holding = !uv_loop_init(&s->loop);
    s->ignore_hangup = ignore_hangup;
    for (unsigned i = 0; i < SUCCESSION_SIGNALS && s->holding; i++) {
        (void)uv_signal_init(&s->loop, &s->held[i]);
        s->held[i].data = s;
        (void)uv_signal_start(&s->held[i], on_held, held_signals[i]);
        if (held_signals[i] != SIGTERM && held_signals[i] != SIGINT)
            (void)sigaddset(&set, held_signals[i]);
    }
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/* False: a signal said that the program is to end. */
static bool take_held(struct succession *s)
{
    if (s->holding)
        (void)uv_run(&s->loop, UV_RUN_NOWAIT);
    if (s->ignore_hangup)
        (void)signal(SIGHUP, SIG_IGN);
    return !s->ended;
}

/* The words this program was started with. NULL: they cannot be read. */
static char **arguments(char **text)
{
    size_t len, n = 0;

    if (file_read("/proc/self/cmdline", ARGUMENT_BYTES_MAX, text, &len) < 0)
        return NULL;
    char **argv = xcalloc(ARGUMENTS_MAX + 1, sizeof *argv);
    for (char *at = *text; at < *text + len && n < ARGUMENTS_MAX; at += strlen(at) + 1)
        argv[n++] = at;
    return argv;
}

static bool write_all(int fd, const char *text)
{
    for (size_t left = strlen(text); left;) {
        ssize_t done = write(fd, text, left);
        if (done < 0 && errno != EINTR)
            return false;
        text += done > 0 ? done : 0;
        left -= done > 0 ? (size_t)done : 0;
    }
    return true;
}

/* Memory with the document, its descriptor named in the environment. False: there is none. */
static bool write_document(json_t *document)
{
    AUTO_FREE char *text = document ? json_dumps(document, JSON_COMPACT) : NULL;
    int fd = text ? memfd_create("otedama-handover", MFD_ALLOW_SEALING) : -1;
    char number[16];

    if (fd < 0)
        return false;
    (void)snprintf(number, sizeof number, "%d", fd);
    if (!write_all(fd, text) || setenv(variable, number, 1)) {
        (void)close(fd);
        return false;
    }
    handover_inherit(document, true);
    return true;
}

static void close_at_exec(int fd)
{
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

int succession_exec(struct succession *s, struct fault *why)
{
    AUTO_FREE char *text = NULL;
    AUTO_FREE char **argv = arguments(&text);
    int err = ENOENT;

    if (!take_held(s))
        return EXIT_OK;
    if (argv && argv[0]) {
        each_descriptor(close_at_exec); /* whatever a library left open */
        if (s->handed && !write_document(s->handed))
            (void)fprintf(stderr, "otedama: the connections of miners cannot be handed over\n");
        (void)fflush(NULL);
        if (*s->program)
            (void)execv(s->program, argv);
        err = errno;
        (void)fprintf(stderr, "otedama: cannot start %s: %s; goes on as before\n", s->program,
                      strerror(err));
        (void)execv(own_image, argv);
        err = errno;
        (void)unsetenv(variable);
    }
    (void)fault_set(why, -err, "cannot start the next program: %s", strerror(err));
    return EXIT_RUNTIME;
}

void succession_end(struct succession *s)
{
    handover_free(s->handed);
    s->handed = NULL;
    for (unsigned i = 0; i < SUCCESSION_SIGNALS && s->holding; i++)
        uv_close((uv_handle_t *)&s->held[i], NULL);
    if (s->holding) {
        (void)uv_run(&s->loop, UV_RUN_DEFAULT);
        (void)uv_loop_close(&s->loop);
    }
    s->holding = false;
}
