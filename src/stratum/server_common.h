/* SPDX-License-Identifier: MIT */
/* What the server halves of all dialects share: replies, and the verbs that mean the same in each.
 */
#pragma once

#include "stratum/message.h"
#include "stratum/server.h"

/* {"id":ID,["jsonrpc":"2.0",] : the rest is the caller's. */
void server_begin(struct miner *, const struct message *);

/* Whole replies; `result` is JSON (NULL = none, where answers are bare). All return 0: the
 * connection goes on. */
int server_yes(struct miner *, const struct message *, const char *result);
int server_no(struct miner *, const struct message *, const char *result, int err,
              const struct fault *why);
int server_bad_field(struct miner *, const struct message *, const char *what);

/* "0x"-prefixed or bare hexadecimal digits into exactly `len` bytes. */
bool server_hex(const char *text, void *out, size_t len);

/* Gives the miner its extranonce or nonce prefix; `session`: the id of the one it would like to go
 * on with, or NULL. False: a reply says why not. */
bool server_subscribe(struct miner *, const struct message *, const char *agent,
                      const char *session);

/* Hands a decoded submission to the pool and replies. */
int server_submit(struct miner *, const struct message *, const struct submission *);
/* Counts a submission that cannot be decoded, and replies. */
int server_refuse(struct miner *, const struct message *, const char *user, int err,
                  const char *what);

/* mining.set_difficulty [number]. */
void server_put_difficulty(struct str *, const struct miner *, double difficulty,
                           const struct u256 *target);

/* Nonce (16 digits), header hash and mix hash (64 each) as text, from parameter `at` on. NULL, or
 * what is wrong. */
const char *server_read_solution(const struct message *, unsigned at, struct submission *);

server_verb_fn server_on_authorize, server_on_true, server_on_ping, server_on_get_version,
    server_on_suggest_difficulty, server_on_suggest_target;

/* Appends the digits of `len` bytes. */
void server_put_hex(struct str *, const void *bytes, size_t len);
