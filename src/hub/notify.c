/* SPDX-License-Identifier: MIT */
/* One datagram to NOTIFY_SOCKET, which is a path or, with a leading @, an abstract name. */
#include "hub/notify.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void notify_send(const char *format, ...)
{
    const char *name = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    char text[512];
    va_list args;

    if (!name || (*name != '/' && *name != '@') || strlen(name) >= sizeof to.sun_path)
        return;
    memcpy(to.sun_path, name, strlen(name));
    if (*name == '@')
        to.sun_path[0] = 0;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    if (len > 0)
        (void)sendto(fd, text, strnlen(text, sizeof text), MSG_DONTWAIT | MSG_NOSIGNAL,
                     (struct sockaddr *)&to,
                     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name)));
    (void)close(fd);
}

int64_t notify_watchdog_us(void)
{
    const char *text = getenv("WATCHDOG_USEC");

    return text ? strtoll(text, NULL, 10) / 2 : 0;
}
