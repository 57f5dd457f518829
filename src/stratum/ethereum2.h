/* SPDX-License-Identifier: MIT */
/* EthereumStratum/2.0.0 (EIP-1571): what client and server of this dialect share. */
#pragma once

#include "stratum/dialect.h"
#include "stratum/message.h"

#define ETHEREUM2_PROTOCOL "EthereumStratum/2.0.0"

extern const struct client_verb ethereum2_as_client[];
extern const struct server_verb ethereum2_as_server[];

void ethereum2_hello(struct stratum_client *);
int ethereum2_answer(struct stratum_client *, const struct message *);
int64_t ethereum2_submit(struct stratum_client *, const struct share *);
void ethereum2_probe(struct stratum_client *);

bool ethereum2_greets(const struct message *);
void ethereum2_notify(struct str *, const struct notice *);
void ethereum2_set_target(struct str *, const struct miner *, double difficulty,
                          const struct u256 *target);
void ethereum2_reconnect(struct str *, const char *host, uint16_t port);
int ethereum2_error_code(int err);
