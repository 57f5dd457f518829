/* SPDX-License-Identifier: MIT */
/* Reading with a limit, replacing by rename, and mkdir -p. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

/* Reads to the end or to `max` + 1 bytes. */
static ssize_t read_all(int fd, char *to, size_t max)
{
    size_t len = 0;

    while (len <= max) {
        ssize_t got = read(fd, to + len, max + 1 - len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (!got)
            break;
        len += (size_t)got;
    }
    return (ssize_t)len;
}

int file_read(const char *path, size_t max, char **ret, size_t *ret_len)
{
    struct stat st;
    char *data = NULL;
    ssize_t len = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), err;

    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) < 0)
        err = -errno;
    else if (S_ISDIR(st.st_mode))
        err = -EISDIR;
    else if (!S_ISREG(st.st_mode))
        err = -EINVAL;
    else if (st.st_size > 0 && (size_t)st.st_size > max)
        err = -EFBIG;
    else {
        data = xmalloc(max + 2);
        len = read_all(fd, data, max);
        err = len < 0 ? (int)len : (size_t)len > max ? -EFBIG : 0;
    }
    (void)close(fd);
    if (err < 0) {
        free(data);
        return err;
    }
    data = xrealloc(data, (size_t)len + 1);
    data[len] = 0;
    *ret = data;
    *ret_len = (size_t)len;
    return 0;
}

static int write_all(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t put = write(fd, data, len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -errno;
        data += put;
        len -= (size_t)put;
    }
    return 0;
}

int file_write(const char *path, const void *data, size_t len, mode_t mode)
{
    AUTO_FREE char *temp = xasprintf("%s.XXXXXX", path);
    int fd = mkostemp(temp, O_CLOEXEC), err;

    if (fd < 0)
        return -errno;
    err = write_all(fd, data, len);
    if (!err && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
        err = -errno;
    if (close(fd) < 0 && !err)
        err = -errno;
    if (!err && rename(temp, path) < 0)
        err = -errno;
    if (err)
        (void)unlink(temp);
    return err;
}

static int make_one(const char *path, mode_t mode)
{
    struct stat st;

    if (!mkdir(path, mode))
        return 0;
    if (errno == EEXIST && !stat(path, &st))
        return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
    return -errno;
}

int dir_make(const char *path, mode_t mode)
{
    AUTO_FREE char *copy = xstrdup(path);
    struct stat st;

    if (!*path || (!stat(path, &st) && S_ISDIR(st.st_mode)))
        return 0;
    for (char *at = copy + 1; *at; at++) {
        if (*at != '/')
            continue;
        *at = 0;
        /* a folder above may forbid writing and still exist: only the last one decides */
        (void)make_one(copy, mode);
        *at = '/';
    }
    return make_one(copy, mode);
}

int dir_make_parent(const char *path, mode_t mode)
{
    const char *slash = strrchr(path, '/');

    if (!slash || slash == path)
        return 0;
    AUTO_FREE char *folder = xstrndup(path, (size_t)(slash - path));
    return dir_make(folder, mode);
}
