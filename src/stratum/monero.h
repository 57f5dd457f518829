/* SPDX-License-Identifier: MIT */
/* Monero (CryptoNote) Stratum: what client and server of this dialect share. */
#pragma once

#include "base/u256.h"
#include "stratum/dialect.h"
#include "stratum/message.h"

extern const struct client_verb monero_as_client[];
extern const struct server_verb monero_as_server[];

void monero_hello(struct stratum_client *);
int monero_answer(struct stratum_client *, const struct message *);
int64_t monero_submit(struct stratum_client *, const struct share *);
void monero_probe(struct stratum_client *);

bool monero_greets(const struct message *);
void monero_notify(struct str *, const struct notice *);

/* The target that 8 or 16 hexadecimal digits on the wire stand for: a hash is good when its most
 * significant 64 bits are below the wire's number (8 digits are first widened as xmrig does), which
 * is the same as being at most the target. False when the text is neither, or zero. */
bool monero_target_read(const char *text, struct u256 *ret);

/* The wire's form of a target: 8 digits where they say it to one part in 2^20, else 16. What the
 * miner will make of it is written back to *target. */
void monero_target_write(struct u256 *target, char out[17]);

/* Offset of the 4-byte nonce in a hashing blob: behind three varints and the previous block's hash.
 * 0 when the blob is too short or malformed. */
unsigned monero_nonce_at(const uint8_t *blob, size_t len);
