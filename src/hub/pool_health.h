/* SPDX-License-Identifier: MIT */
/* Is an upstream pool well? Independent signals, each with its own limit; any that fails is a
 * reason to go elsewhere. Pure: facts in, judgement out. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why a pool was left, in words for metrics and people. */
#define TROUBLES_LIST(X)                                                                           \
    X(TROUBLE_NONE, "none")                                                                        \
    X(TROUBLE_CONNECT, "connect")       /* name, address, proxy, TLS */                            \
    X(TROUBLE_CLOSED, "closed")         /* it ended, or was reset */                               \
    X(TROUBLE_HANDSHAKE, "handshake")   /* connected, but no answer to subscribe or login */       \
    X(TROUBLE_LOGIN, "login")           /* our user is refused */                                  \
    X(TROUBLE_PROTOCOL, "protocol")     /* what it says cannot be understood */                    \
    X(TROUBLE_SILENT, "silent")         /* no line */                                              \
    X(TROUBLE_UNANSWERED, "unanswered") /* shares get no answer */                                 \
    X(TROUBLE_OLD_JOB, "old_job")       /* no new job */                                           \
    X(TROUBLE_REJECTS, "rejects")       /* most shares are refused */                              \
    X(TROUBLE_JOB_STORM, "job_storm")   /* far too many jobs */                                    \
    X(TROUBLE_DIFFICULTY, "difficulty") /* no share can be expected within a sensible time */

enum trouble {
#define X(name, word) name,
    TROUBLES_LIST(X)
#undef X
        TROUBLES
};
const char *trouble_name(enum trouble);

#define SIGNALS_LIST(X)                                                                            \
    X(SIGNAL_LINK, "link", "s", "time since the pool sent a line")                                 \
    X(SIGNAL_ANSWER, "answer", "s", "time that the oldest open share has waited")                  \
    X(SIGNAL_JOB, "job", "s", "age of the job")                                                    \
    X(SIGNAL_REJECTS, "rejects", "%", "rejected of the last 20 shares")                            \
    X(SIGNAL_LOGIN, "login", "", "shares in a row refused as unauthorised")                        \
    X(SIGNAL_JOB_RATE, "job_rate", "1/s", "jobs a second")                                         \
    X(SIGNAL_SHARE_TIME, "share_time", "s", "expected time between two shares")

enum signal_kind {
#define X(name, word, unit, help) name,
    SIGNALS_LIST(X)
#undef X
        SIGNALS
};
const char *signal_name(enum signal_kind);
const char *signal_unit(enum signal_kind);

enum signal_state { SIGNAL_UNKNOWN, SIGNAL_OK, SIGNAL_WARN, SIGNAL_FAIL };
const char *signal_state_name(enum signal_state); /* "unknown", "ok", "warn", "fail" */

struct signal {
    enum signal_state state;
    double value, limit; /* NAN = unknown, none */
};

struct health_limits {
    int64_t silence_us;
    int64_t answer_us; /* then it is asked; three times that is too long */
    int64_t job_us;    /* 0 = by the pool's own habit */
    unsigned rejects;  /* in a row */
    unsigned reject_percent;
    int64_t share_us; /* 0 = any */
};

enum { HEALTH_ANSWERS = 20, HEALTH_INTERVALS = 16, HEALTH_JOBS = 32 };

/* What is remembered of one connection. Zero is the beginning. */
struct pool_health {
    uint32_t answers, answer_count; /* bit 0 = newest: 1 = refused, and how many are known */
    uint32_t stales;                /* the same: 1 = refused as stale */
    unsigned rejects_in_a_row, unauthorised_in_a_row, too_easy_in_a_row;
    float interval_s[HEALTH_INTERVALS]; /* between jobs, ring */
    unsigned intervals;
    int64_t job_us;               /* newest job */
    int64_t jobs_us[HEALTH_JOBS]; /* when the newest came, ring */
    unsigned jobs;
};

void pool_health_job(struct pool_health *, int64_t now_us);
void pool_health_answer(struct pool_health *, int err); /* 0 or ERR_* of the pool's answer */

/* What only the connection knows. Times are monotonic, 0 = never. */
struct health_facts {
    int64_t now_us;
    bool ready;              /* authorised */
    int64_t last_line_us;    /* or since when the connection stands */
    int64_t oldest_share_us; /* sent and not answered; 0 = none */
    double share_s;          /* expected between two shares; NAN = unknown */
};

/* The first trouble, TROUBLE_NONE when it is well; `why` in words. Fills all signals. */
enum trouble pool_health_judge(const struct pool_health *, const struct health_limits *,
                               const struct health_facts *, struct signal out[SIGNALS], char *why,
                               size_t size);

/* The typical time between jobs, seconds; NAN while too few are known. */
double pool_health_interval(const struct pool_health *);
