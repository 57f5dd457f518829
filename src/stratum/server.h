/* SPDX-License-Identifier: MIT */
/* Stratum server, one miner's connection as a dialect sees it: it reads lines, calls the pool's
 * hooks with checked values and writes the replies. It owns no socket. One owner thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "stratum/dialect.h"

/* The bits of nVersion that miners may roll (BIP320). */
#define VERSION_ROLLING_MASK UINT32_C(0x1fffe000)

struct miner;

struct submission { /* decoded; lengths and ranges of its own fields are checked */
    const char *user, *job;
    const char *id; /* the message's, for miner_verdict; borrowed */
    uint16_t id_len;
    uint8_t extranonce2[16];
    uint8_t extranonce2_len;
    uint32_t ntime;
    uint64_t nonce;
    uint32_t version_bits;              /* 0 when the miner sent none */
    bool has_header, has_mix, has_hash; /* what the miner claims; to be found out, never believed */
    uint8_t header[32];                 /* the header hash it worked on; `job` may be NULL then */
    uint8_t mix[32];                    /* Ethash, KawPow */
    uint8_t hash[32];                   /* as algo->hash writes it */
};

enum { SUBMIT_LATER = 1, SUBSCRIBE_LATER = 1 };

/* What the pool does about it. Each gets the miner it was registered with. */
struct miner_hooks {
    /* Gives the miner its extranonces and its session's id (again the same when asked again).
     * `session`: the id of the one it would like to go on with; NULL: none. SUBSCRIBE_LATER:
     * nothing is answered; the owner says the line again. */
    int (*subscribe)(struct miner *, const char *session, struct fault *why);
    int (*authorize)(struct miner *, const char *user, const char *pass, struct fault *why);
    /* 0 = accepted. `why` may say more than the code's own text. SUBMIT_LATER: the answer comes by
     * miner_verdict. */
    int (*submit)(struct miner *, const struct submission *, struct fault *why);
    /* A submit that did not get as far (not subscribed, malformed): for the counters. `user` may be
     * NULL. */
    void (*refused)(struct miner *, const char *user, int err);
    /* The bits of `mask` that the miner may roll from now on. */
    uint32_t (*roll)(struct miner *, uint32_t mask);
    /* What the connection should work on now, and counts as told. False: no job yet, or it has not
     * subscribed and logged in. Valid until the next call. */
    bool (*current)(struct miner *, struct notice *);
    /* The miner would like this difficulty (finite, > 0); `floor`: and never less. */
    void (*suggest)(struct miner *, double difficulty, bool floor);
};

struct miner {
    const struct dialect *dialect; /* NULL until the first message has shown which of `offered` */
    const struct dialect *const *offered; /* ends with NULL; may be NULL when `dialect` is set */
    const struct miner_hooks *hooks;
    const struct algo *algo;
    const char *pool_agent; /* what client.get_version is answered */
    struct str *out;        /* replies are appended here; the owner sends them */
    uint8_t session[16];    /* id: whoever knows it may go on with the session */
    uint8_t extranonce1[8];
    uint8_t extranonce1_len, extranonce2_len;
    bool subscribed;
    bool abandons;         /* it said goodbye: it does not come back to its session */
    uint8_t errors_max;    /* lines that are no messages, before it is closed */
    uint16_t idle_s;       /* it is closed when it says nothing for so long */
    bool rolling;          /* version rolling was agreed */
    uint32_t version_mask; /* agreed bits */
    uint32_t asked_mask;   /* bits the miner asked for */
    char agent[48];        /* user agent, cleaned */
    char user[128];        /* dialects that log in once: as whom */
};

/* One line from the miner. 0, or ERR_PROTOCOL and `why` when it is not a message at all. */
int miner_line(struct miner *, const char *line, size_t len, struct fault *why);

/* The answer to a submit that was put off: `err` and `why` as from the submit hook, `id` the bytes
 * of the message's id. */
void miner_verdict(struct miner *, const char *id, uint16_t id_len, int err,
                   const struct fault *why);

/* The version of a header from the job's, the agreed mask and submitted bits (BIP310). False when
 * bits outside the mask are set. */
bool version_merge(uint32_t job_version, uint32_t mask, uint32_t bits, uint32_t *ret);

/* The miner's mask under a new mask of the pool; appends mining.set_version_mask when it changes.
 */
void miner_remask(struct miner *, uint32_t pool_mask);
