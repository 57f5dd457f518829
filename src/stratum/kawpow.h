/* SPDX-License-Identifier: MIT */
/* KawPow Stratum: what client and server of this dialect share. */
#pragma once

#include "stratum/dialect.h"
#include "stratum/message.h"

extern const struct client_verb kawpow_as_client[];
extern const struct server_verb kawpow_as_server[];

void kawpow_hello(struct stratum_client *);
int kawpow_answer(struct stratum_client *, const struct message *);
int64_t kawpow_submit(struct stratum_client *, const struct share *);
void kawpow_probe(struct stratum_client *);

void kawpow_job_body(struct str *, const struct job *);
void kawpow_notify(struct str *, const struct notice *);
void kawpow_set_difficulty(struct str *, const struct miner *, double difficulty,
                           const struct u256 *target);
