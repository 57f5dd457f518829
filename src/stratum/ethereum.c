/* SPDX-License-Identifier: MIT */
/* Jobs and nonces of the Ethash family's dialects. */
#include "stratum/ethereum.h"

#include <string.h>

#include "base/endian.h"
#include "base/hex.h"
#include "stratum/seeds.h"

int ethereum_fill_job(struct stratum_client *c, struct job *job, const uint8_t header[32],
                      const uint8_t seed[32], uint64_t height)
{
    uint8_t want[32];

    if (!height && !seed_to_height(c->algo, seed, &job->key.height)) {
        client_fail(c, ERR_PROTOCOL,
                    "the pool's seed hash is not one of the first 4096: is this a "
                    "pool for %s?",
                    c->algo->name);
        return ERR_PROTOCOL;
    }
    if (height) {
        if (!seed_of_height(c->algo, height, want) || memcmp(want, seed, sizeof want) != 0) {
            client_fail(c, ERR_PROTOCOL, "height %llu and seed hash of the job disagree for %s",
                        (unsigned long long)height, c->algo->name);
            return ERR_PROTOCOL;
        }
        job->height = job->key.height = height;
    }
    client_fill_nonce64(c, job, header);
    return 0;
}

void ethereum_put_seed(struct str *out, const struct job *job)
{
    uint8_t seed[32];

    (void)seed_of_height(job->algo, job->key.height, seed);
    server_put_hex(out, seed, sizeof seed);
}

void ethereum_put_target(struct str *out, const struct u256 *target)
{
    uint8_t bytes[32];

    u256_to_be(target, bytes);
    server_put_hex(out, bytes, sizeof bytes);
}

bool ethereum_read_nonce(const struct miner *miner, const char *text, uint64_t *ret)
{
    uint8_t nonce[8];
    size_t prefix = miner->extranonce1_len;

    if (!text)
        return false;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        text += 2;
    if (strlen(text) == 2 * sizeof nonce)
        prefix = 0; /* the whole of it */
    memcpy(nonce, miner->extranonce1, prefix);
    if (!hex_decode(text, nonce + prefix, sizeof nonce - prefix))
        return false;
    *ret = be64(nonce);
    return true;
}

int ethereum_on_hashrate(struct miner *miner, const struct message *m)
{
    return server_yes(miner, m, "true");
}
