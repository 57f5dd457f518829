/* SPDX-License-Identifier: MIT */
/* Errors: one int in three ranges that cannot collide (-errno, libuv's UV_*, ours below -10000). */
#pragma once

#define ERR_LIST(X)                                                                                \
    X(ERR_CONFIG, -10001, "configuration is not valid")                                            \
    X(ERR_PROTOCOL, -10002, "peer broke the protocol")                                             \
    X(ERR_STALE, -10003, "work is stale")                                                          \
    X(ERR_LOW_DIFF, -10004, "hash does not meet the target")                                       \
    X(ERR_NO_DEVICE, -10005, "device is gone")                                                     \
    X(ERR_KERNEL, -10006, "GPU program failed to build or run")                                    \
    X(ERR_DUPLICATE, -10007, "share was submitted before")                                         \
    X(ERR_NO_JOB, -10008, "job not found")                                                         \
    X(ERR_UNAUTHORIZED, -10009, "worker is not authorised")                                        \
    X(ERR_NOT_SUBSCRIBED, -10010, "client has not subscribed")                                     \
    X(ERR_TIME_RANGE, -10011, "ntime is out of range")                                             \
    X(ERR_VERSION, -10012, "version bits are not allowed")                                         \
    X(ERR_FIELD, -10013, "a field has a wrong length or value")                                    \
    X(ERR_NO_METHOD, -10014, "method not found")                                                   \
    X(ERR_STORE, -10015, "the store refused a statement")                                          \
    X(ERR_RPC, -10016, "the coin daemon answered with an error")                                   \
    X(ERR_CLOSED, -10017, "connection is closed")                                                  \
    X(ERR_SILENT, -10018, "peer stayed silent too long")                                           \
    X(ERR_REJECTED, -10019, "peer refused it")                                                     \
    X(ERR_KEY, -10020, "no dataset for that height or seed")                                       \
    X(ERR_MEMORY, -10021, "not enough memory")                                                     \
    X(ERR_CHECK, -10022, "the computer's own result failed a check")

enum err {
#define ERR_ENUM(name, code, text) name = (code),
    ERR_LIST(ERR_ENUM)
#undef ERR_ENUM
};

/* A sentence for any code: ERR_*, UV_* and -errno alike. Never NULL. Any thread. */
const char *err_str(int code);

/* What a person needs to mend it; written only on failure. */
struct fault {
    char file[128];   /* empty = not from a file */
    int line, column; /* 1-based; 0 = unknown */
    char text[384];   /* one sentence, no newline; says what to do next */
};

/* Writes `text` (printf form) and returns `code`, so that `return fault_set(why, ERR_X, ...)` reads
 * well. `why` may be NULL. Leaves file, line and column as they are. */
int fault_set(struct fault *why, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
