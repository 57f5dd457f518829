/* SPDX-License-Identifier: MIT */
/* HMAC-SHA256 over the plain compression function (RFC 2104) and PBKDF2 (RFC 8018, 5.2). */
#include "kernels/scrypt/hmac.h"

#include <string.h>

#include "base/endian.h"
#include "kernels/sha256d/sha256.h"

struct message { /* a running SHA-256 */
    uint32_t state[8];
    uint8_t block[64];
    uint64_t len;
};

static void begin(struct message *m)
{
    memcpy(m->state, sha256_iv, sizeof m->state);
    m->len = 0;
}

static void add(struct message *m, const uint8_t *bytes, size_t len)
{
    uint32_t words[16];

    for (size_t i = 0; i < len; i++) {
        m->block[m->len++ % 64] = bytes[i];
        if (m->len % 64)
            continue;
        for (unsigned w = 0; w < 16; w++)
            words[w] = be32(m->block + 4 * w);
        sha256_compress(m->state, words);
    }
}

static void finish(struct message *m, uint8_t digest[32])
{
    static const uint8_t padding[64] = {0x80};
    uint8_t bits[8];

    put_be64(bits, m->len * 8);
    add(m, padding, 1 + (119 - m->len % 64) % 64);
    add(m, bits, sizeof bits);
    for (unsigned i = 0; i < 8; i++)
        put_be32(digest + 4 * i, m->state[i]);
}

struct hmac { /* both hashes have taken the key */
    struct message inner, outer;
};

static void hmac_key(struct hmac *h, const uint8_t *key, size_t len)
{
    uint8_t block[64] = {0}, pad[64];

    if (len > sizeof block) {
        struct message m;
        begin(&m);
        add(&m, key, len);
        finish(&m, block);
    } else {
        memcpy(block, key, len);
    }
    begin(&h->inner);
    begin(&h->outer);
    for (unsigned i = 0; i < sizeof pad; i++)
        pad[i] = block[i] ^ 0x36;
    add(&h->inner, pad, sizeof pad);
    for (unsigned i = 0; i < sizeof pad; i++)
        pad[i] = block[i] ^ 0x5c;
    add(&h->outer, pad, sizeof pad);
}

void pbkdf2_once(const uint8_t *password, size_t password_len, const uint8_t *salt, size_t salt_len,
                 uint8_t *out, size_t out_len)
{
    struct hmac key;

    hmac_key(&key, password, password_len);
    add(&key.inner, salt, salt_len);
    for (uint32_t i = 1; out_len; i++) {
        struct hmac h = key;
        uint8_t number[4], digest[32];
        size_t n = out_len < sizeof digest ? out_len : sizeof digest;
        put_be32(number, i);
        add(&h.inner, number, sizeof number);
        finish(&h.inner, digest);
        add(&h.outer, digest, sizeof digest);
        finish(&h.outer, digest);
        memcpy(out, digest, n);
        out += n;
        out_len -= n;
    }
}
