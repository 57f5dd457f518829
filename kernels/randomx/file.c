/* SPDX-License-Identifier: MIT */
/* The dataset's file: a header page, then the items as they lie in memory (little-endian). */
#include "kernels/randomx/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "base/file.h"
#include "base/log.h"
#include "kernels/randomx/data.h"

#define FILE_PREFIX "randomx-"
#define FILE_SUFFIX ".dataset"
#define TEMP_SUFFIX ".part"

enum {
    HEADER_BYTES = 4096,
    FORMAT = 1,
    CHUNK = 256 << 10,
    BEHIND = 16 * CHUNK, /* so much may wait for the disk: a slow one is left soon */
    LANES = 8,
};
#define RESERVE_BYTES (UINT64_C(1) << 30) /* left free on the disk */

/* Offsets in the header. */
enum {
    AT_MAGIC = 0,
    AT_FORMAT = 8,
    AT_SEED_LEN = 12,
    AT_BYTES = 16,
    AT_SUM = 24,
    AT_SEED = 32,
    AT_HEADER_SUM = HEADER_BYTES - 8,
};
static const char magic[8] = {'R', 'X', 'I', 'T', 'E', 'M', 'S', '\n'};

static uint64_t bytes_of(const struct rx_data *data)
{
    return data->items * RX_ITEM_BYTES;
}

char *rx_file_path(const char *dir, const char *name)
{
    return xasprintf("%s/" FILE_PREFIX "%s" FILE_SUFFIX, dir, name);
}

/* --- checksum -------------------------------------------------------------------------------- */

/* Against bad disks, not against people: eight lanes, each step a bijection, so that a single
 * changed word always changes the sum. As fast as memory is read. */
struct sum {
    uint64_t lane[LANES];
};

static void sum_add(struct sum *s, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i + 8 * LANES <= len; i += 8 * LANES)
        for (unsigned k = 0; k < LANES; k++)
            s->lane[k] = (s->lane[k] ^ le64(bytes + i + 8 * k)) * UINT64_C(0x9e3779b97f4a7c15);
}

static uint64_t sum_end(const struct sum *s)
{
    uint64_t sum = 0;

    for (unsigned k = 0; k < LANES; k++)
        sum = ((sum << 29 | sum >> 35) ^ s->lane[k]) * UINT64_C(0xd6e8feb86659fd93);
    return sum;
}

static uint64_t header_sum(const uint8_t *header)
{
    struct sum s = {{FORMAT}};

    sum_add(&s, header, HEADER_BYTES - 8 * LANES);
    return sum_end(&s);
}

static void make_header(const struct rx_data *data, uint64_t sum, uint8_t *header)
{
    memset(header, 0, HEADER_BYTES);
    memcpy(header + AT_MAGIC, magic, sizeof magic);
    put_le32(header + AT_FORMAT, FORMAT);
    put_le32(header + AT_SEED_LEN, data->seed_len);
    put_le64(header + AT_BYTES, bytes_of(data));
    put_le64(header + AT_SUM, sum);
    memcpy(header + AT_SEED, data->seed, data->seed_len);
    put_le64(header + AT_HEADER_SUM, header_sum(header));
}

/* --- reading --------------------------------------------------------------------------------- */

static bool read_all(int fd, uint8_t *to, size_t len)
{
    while (len) {
        ssize_t got = read(fd, to, len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        to += got;
        len -= (size_t)got;
    }
    return true;
}

/* What is wrong with a file's size and header; NULL = nothing, and `*sum` is what it promises. */
static const char *check_header(const struct rx_data *data, int fd, uint64_t *sum)
{
    uint8_t header[HEADER_BYTES], want[HEADER_BYTES];
    struct stat st;

    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return "it is not a file";
    if (st.st_size != (off_t)(HEADER_BYTES + bytes_of(data)))
        return "its size is wrong";
    if (!read_all(fd, header, sizeof header))
        return "it cannot be read";
    *sum = le64(header + AT_SUM);
    make_header(data, *sum, want);
    return memcmp(header, want, sizeof header) != 0 ? "its header is wrong" : NULL;
}

static const char *read_items(int fd, const struct rx_data *data, uint64_t want,
                              const _Atomic bool *cancel)
{
    uint8_t *items = rx_items(data, &data->copies[0]);
    const uint64_t bytes = bytes_of(data);
    struct sum sum = {{0}};

    for (uint64_t at = 0; at < bytes; at += CHUNK) {
        size_t n = bytes - at < CHUNK ? (size_t)(bytes - at) : CHUNK;
        if (atomic_load(cancel))
            return "the program is ending";
        if (!read_all(fd, items + at, n))
            return "it cannot be read";
        sum_add(&sum, items + at, n);
        /* it was read for the last time: leave the page cache to others */
        (void)posix_fadvise(fd, (off_t)(HEADER_BYTES + at), (off_t)n, POSIX_FADV_DONTNEED);
    }
    return sum_end(&sum) == want ? NULL : "its checksum is wrong";
}

bool rx_read(struct rx_data *data, const _Atomic bool *cancel)
{
    if (!data->dir)
        return false;
    AUTO_FREE char *path = rx_file_path(data->dir, data->name);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    uint64_t sum = 0;

    if (fd < 0)
        return false;
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    const char *wrong = check_header(data, fd, &sum);
    if (!wrong)
        wrong = read_items(fd, data, sum, cancel);
    (void)close(fd);
    if (wrong && !atomic_load(cancel))
        log_warn(DEVICE, "RandomX: %s is not used, %s; the dataset is made again", path, wrong);
    return !wrong;
}

/* --- writing --------------------------------------------------------------------------------- */

static int write_all(int fd, const uint8_t *from, size_t len)
{
    while (len) {
        ssize_t put = write(fd, from, len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -errno;
        from += put;
        len -= (size_t)put;
    }
    return 0;
}

/* Chunk behind chunk goes to the disk, so that neither the cache nor the last fsync grows long. */
static void push_out(int fd, uint64_t end)
{
    const off_t at = (off_t)end;

    (void)sync_file_range(fd, at - CHUNK, CHUNK, SYNC_FILE_RANGE_WRITE);
    if (end < BEHIND + CHUNK)
        return;
    (void)sync_file_range(fd, at - BEHIND - CHUNK, CHUNK,
                          SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
                              SYNC_FILE_RANGE_WAIT_AFTER);
    (void)posix_fadvise(fd, at - BEHIND - CHUNK, CHUNK, POSIX_FADV_DONTNEED);
}

static int write_items(int fd, const struct rx_data *data, const _Atomic bool *cancel)
{
    const uint8_t *items = rx_items(data, &data->copies[0]);
    const uint64_t bytes = bytes_of(data);
    uint8_t header[HEADER_BYTES] = {0};
    struct sum sum = {{0}};
    int err;

    /* in one piece it is removed quickly too; file systems that cannot do it do without */
    (void)fallocate(fd, 0, 0, (off_t)(HEADER_BYTES + bytes));
    err = write_all(fd, header, sizeof header); /* room for the one that comes last */
    for (uint64_t at = 0; !err && at < bytes; at += CHUNK) {
        size_t n = bytes - at < CHUNK ? (size_t)(bytes - at) : CHUNK;
        if (atomic_load(cancel))
            return ERR_CLOSED;
        sum_add(&sum, items + at, n);
        err = write_all(fd, items + at, n);
        if (!err)
            push_out(fd, HEADER_BYTES + at + n);
    }
    if (err)
        return err;
    make_header(data, sum_end(&sum), header);
    if (pwrite(fd, header, sizeof header, 0) != (ssize_t)sizeof header || fsync(fd) < 0)
        return errno ? -errno : -EIO;
    return 0;
}

static bool ends_with(const char *text, const char *end)
{
    size_t a = strlen(text), b = strlen(end);

    return a >= b && !strcmp(text + a - b, end);
}

/* Removes other datasets, and what a killed process left of one. */
static void remove_others(const char *dir, const char *path)
{
    const char *own = strrchr(path, '/') + 1;
    DIR *d = opendir(dir);
    struct dirent *e;

    while (d && (e = readdir(d))) {
        if (strncmp(e->d_name, FILE_PREFIX, strlen(FILE_PREFIX)) != 0 || !strcmp(e->d_name, own) ||
            !(ends_with(e->d_name, FILE_SUFFIX) || ends_with(e->d_name, TEMP_SUFFIX)))
            continue;
        (void)unlinkat(dirfd(d), e->d_name, 0);
    }
    if (d)
        (void)closedir(d);
}

static bool has_room(const char *dir, uint64_t bytes)
{
    struct statvfs fs;

    return statvfs(dir, &fs) < 0 || (uint64_t)fs.f_bavail * fs.f_frsize >= bytes + RESERVE_BYTES;
}

/* Writes beside `path` and renames. */
static int keep_at(const struct rx_data *data, const char *path, const _Atomic bool *cancel)
{
    AUTO_FREE char *temp = xasprintf("%s" TEMP_SUFFIX, path);
    int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600), err;

    if (fd < 0)
        return -errno;
    err = write_items(fd, data, cancel);
    if (close(fd) < 0 && !err)
        err = -errno;
    if (!err && rename(temp, path) < 0)
        err = -errno;
    if (err)
        (void)unlink(temp);
    return err;
}

int rx_keep(void *state, const _Atomic bool *cancel, struct fault *why)
{
    const struct rx_data *data = state;
    int err;

    if (!data->dir)
        return 0;
    AUTO_FREE char *path = rx_file_path(data->dir, data->name);
    if ((err = dir_make(data->dir, 0700)) == 0) {
        remove_others(data->dir, path); /* first: their room may be what is needed */
        err = has_room(data->dir, bytes_of(data)) ? keep_at(data, path, cancel) : -ENOSPC;
    }
    if (err < 0 && err != ERR_CLOSED) {
        log_warn(DEVICE, "RandomX: the dataset is not kept in %s: %s", path, err_str(err));
        return fault_set(why, err, "the dataset is not kept in %s: %s", path, err_str(err));
    }
    return err;
}
