/* SPDX-License-Identifier: MIT */
/* One program per database: a lock on PATH.lock, which the kernel drops when its holder ends. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/alloc.h"
#include "store/db.h"

static long holder_pid(int fd)
{
    char text[24] = "";
    ssize_t len = pread(fd, text, sizeof text - 1, 0);

    return len > 0 ? strtol(text, NULL, 10) : 0;
}

static void write_pid(int fd)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%ld\n", (long)getpid());

    /* only a hint for the message above: the lock itself does not depend on it */
    if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)len, 0) < 0)
        return;
}

int db_lock(const char *path, struct fault *why)
{
    AUTO_FREE char *name = xasprintf("%s.lock", path);
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0) {
        int err = -errno;
        return fault_set(why, err,
                         "cannot create %s (%s): check that the folder exists and that "
                         "this user may write there",
                         name, strerror(-err));
    }
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        int err = -errno;
        if (err == -EWOULDBLOCK)
            (void)fault_set(why, err,
                            "database %s is in use by process %ld: stop that program, or "
                            "give this one another data.dir",
                            path, holder_pid(fd));
        else
            (void)fault_set(why, err, "cannot lock %s: %s", name, strerror(-err));
        (void)close(fd);
        return err;
    }
    write_pid(fd);
    return fd;
}
