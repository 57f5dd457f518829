/* SPDX-License-Identifier: MIT */
/* Jobs that are whole but for a 64-bit nonce, whose first bytes the pool may keep: Ethash, Etchash,
 * KawPow. The nonce is little-endian where it is hashed and big-endian on the wire. */
#include <string.h>

#include "base/endian.h"
#include "base/hex.h"
#include "stratum/client_common.h"

enum { HASH = 32, NONCE = 8 };

bool client_take_prefix(struct stratum_client *c, const char *hex)
{
    uint8_t bytes[PREFIX_MAX];
    long len = 0;

    if (hex && hex[0] == '0' && (hex[1] == 'x' || hex[1] == 'X'))
        hex += 2;
    if (hex && *hex)
        len = hex_decode_any(hex, bytes, sizeof bytes);
    if (len < 0)
        return false;
    memcpy(c->extranonce1, bytes, (size_t)len);
    c->extranonce1_len = (uint8_t)len;
    return true;
}

int client_on_set_prefix(struct stratum_client *c, const struct message *m)
{
    if (!client_take_prefix(c, message_text(m, 0)))
        return client_broken(c, "mining.set_extranonce: not 0 to 6 bytes of a nonce");
    client_reply(c, m, "true");
    return 0;
}

void client_fill_nonce64(struct stratum_client *c, struct job *job, const uint8_t header[32])
{
    uint8_t first[NONCE] = {0};
    unsigned free_bits = 8 * (NONCE - c->extranonce1_len);

    job->form = &form_given;
    memcpy(job->plan.extranonce1, c->extranonce1, c->extranonce1_len); /* whose job it is */
    job->plan.extranonce1_len = c->extranonce1_len;
    memcpy(job->input, header, HASH);
    job->input_len = HASH + NONCE;
    job->nonce_at = HASH;
    memcpy(first, c->extranonce1, c->extranonce1_len);
    job->nonce_min = be64(first);
    job->nonce_max =
        job->nonce_min + (free_bits < 64 ? (UINT64_C(1) << free_bits) - 1 : UINT64_MAX);
}

void client_nonce64_text(const struct share *share, struct nonce64_text *out)
{
    uint8_t nonce[NONCE];

    put_be64(nonce, share->nonce);
    hex_encode(nonce, NONCE, out->nonce);
    hex_encode(share->job->input, HASH, out->header);
    hex_encode(share->mix, HASH, out->mix);
}
