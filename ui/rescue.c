/* SPDX-License-Identifier: MIT */
/* Fatal signals with a console open. The handler uses only async-signal-safe calls; its facts are
 * static because a handler has no argument. */
#include "ui/rescue.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
enum { FATAL = sizeof fatal / sizeof *fatal };

static struct {
    atomic_bool armed;
    int fd;
    bool has_modes;
    struct termios modes;
    char bytes[512];
    size_t n;
    struct sigaction before[FATAL];
} rescue;

static void on_fatal(int signal, siginfo_t *info, void *context)
{
    (void)context;
    if (atomic_exchange(&rescue.armed, false)) {
        if (write(rescue.fd, rescue.bytes, rescue.n) < 0)
            (void)0; /* nothing better to do in a crash */
        if (rescue.has_modes)
            (void)tcsetattr(rescue.fd, TCSANOW, &rescue.modes);
    }
    for (int i = 0; i < FATAL; i++)
        if (fatal[i] == signal)
            (void)sigaction(signal, &rescue.before[i], NULL);
    /* a fault happens again on return; a signal that was sent is sent again */
    if (signal == SIGABRT || info->si_code <= 0)
        (void)raise(signal);
}

void rescue_arm(int fd, const struct termios *modes, const char *bytes, size_t n)
{
    struct sigaction action = {.sa_sigaction = on_fatal, .sa_flags = SA_NODEFER | SA_SIGINFO};

    if (atomic_load(&rescue.armed))
        return;
    rescue.fd = fd;
    rescue.has_modes = modes != NULL;
    if (modes)
        rescue.modes = *modes;
    rescue.n = n < sizeof rescue.bytes ? n : sizeof rescue.bytes;
    memcpy(rescue.bytes, bytes, rescue.n);
    for (int i = 0; i < FATAL; i++)
        (void)sigaction(fatal[i], &action, &rescue.before[i]);
    atomic_store(&rescue.armed, true);
}

void rescue_disarm(void)
{
    if (!atomic_exchange(&rescue.armed, false))
        return;
    for (int i = 0; i < FATAL; i++)
        (void)sigaction(fatal[i], &rescue.before[i], NULL);
}
