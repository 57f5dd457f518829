/* SPDX-License-Identifier: MIT */
/* What the client halves of all dialects share: asking, answering, and the words that mean the same
 * in each. */
#pragma once

#include "stratum/client_session.h"

enum request_kind {
    ASK_CONFIGURE,
    ASK_SUBSCRIBE, /* or whatever begins a session: mining.hello, eth_submitLogin, login */
    ASK_AUTHORIZE,
    ASK_EXTRANONCE,
    ASK_WORK,
    ASK_PROBE,
    ASK_SUBMIT,
    ASKS,
};

/* Sends {"id":N,"method":METHOD,"params":PARAMS}; `params` is JSON, NULL = without. */
void client_say(struct stratum_client *, enum request_kind, uint64_t ticket, const char *method,
                const char *params);

/* "[USER,PASS]" as JSON. */
void client_put_login(const struct stratum_client *, struct str *);

/* Answers a request of the pool; nothing when it wants no answer. `result` is JSON. */
void client_reply(struct stratum_client *, const struct message *, const char *result);

/* Ends the connection because the pool broke the protocol. Returns ERR_PROTOCOL. */
int client_broken(struct stratum_client *, const char *what);

/* Passes a pool's words on to people, cleaned. */
void client_tell(struct stratum_client *, const char *text);

/* Words of the pool in an answer to nothing we asked: "pool is full". */
void client_unasked(struct stratum_client *, const struct message *);

/* Answers to what we asked, by the kind of request: NULL where nothing depends on it. 0, or
 * negative after ending the connection. */
typedef int client_answer_fn(struct stratum_client *, const struct message *,
                             const struct request *);
int client_answer(struct stratum_client *, const struct message *,
                  client_answer_fn *const by_kind[ASKS]);

client_answer_fn client_authorized, client_submitted;

/* A ticket for a submit; negative when too many are unanswered. */
int64_t client_ticket(struct stratum_client *);

/* A new job with what every job of this connection carries, for the caller to fill. */
struct job *client_job_new(struct stratum_client *);

/* Sets the target of the next job. False for zero. */
bool client_set_target(struct stratum_client *, const struct u256 *);

/* "0x"-prefixed or bare hexadecimal digits into exactly `len` bytes. */
bool client_hex(const char *text, uint8_t *out, size_t len);

/* --- dialects whose jobs are whole but for a 64-bit nonce ------------------------------------ */

enum { PREFIX_MAX = 6 };

/* The first bytes of every nonce of this connection, from hexadecimal digits (an even number, NULL
 * or "" = none). Counts for the jobs that come from now on. */
bool client_take_prefix(struct stratum_client *, const char *hex);

/* Makes the job's input from a header hash, and leaves it the nonces behind our prefix. */
void client_fill_nonce64(struct stratum_client *, struct job *, const uint8_t header[32]);

/* What a submit of such a dialect is made of, as digits without "0x". */
struct nonce64_text {
    char nonce[17], header[65], mix[65]; /* nonce: big-endian */
};
void client_nonce64_text(const struct share *, struct nonce64_text *);

client_verb_fn client_on_set_prefix; /* mining.set_extranonce ["hex"] */

client_verb_fn client_on_set_difficulty, client_on_set_target, client_on_reconnect,
    client_on_show_message, client_on_get_version, client_on_ping, client_on_ignored;
