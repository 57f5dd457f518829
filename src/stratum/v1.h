/* SPDX-License-Identifier: MIT */
/* Stratum v1 of the Bitcoin family: what client and server of this dialect share. */
#pragma once

#include "stratum/dialect.h"
#include "stratum/message.h"

extern const struct client_verb v1_as_client[];
extern const struct server_verb v1_as_server[];

void v1_hello(struct stratum_client *);
int v1_answer(struct stratum_client *, const struct message *);
int64_t v1_submit(struct stratum_client *, const struct share *);
void v1_probe(struct stratum_client *);

void v1_job_body(struct str *, const struct job *);
void v1_notify(struct str *, const struct notice *);
void v1_set_mask(struct str *, uint32_t mask);
void v1_reconnect(struct str *, const char *host, uint16_t port);

/* The wire's prevhash (each 4-byte word reversed) from header bytes and back. */
void v1_swap_words(const uint8_t from[32], uint8_t to[32]);

/* Fills id, plan and block target of a job from the parameters of mining.notify. 0, or
 * ERR_PROTOCOL and `why`, which names the field. The extranonces are the caller's. */
int v1_read_notify(const struct message *, struct job *, struct fault *why);

/* Block height from a BIP34 coinbase, 0 when it has none. */
uint64_t coinb1_height(const uint8_t *coinb1, size_t len);

/* Up to 8 hexadecimal digits, with or without leading zeros. */
bool hex_number(const char *text, uint32_t *ret);
