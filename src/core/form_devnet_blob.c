/* SPDX-License-Identifier: MIT */
/* Headers of a devnet whose algorithm is RandomX. They begin like a Monero hashing blob with fields
 * of today's widths, so that what mines Monero can hash them: versions (one byte each), timestamp
 * (a varint of five bytes), prev, nonce at 39, root, number of transactions; bits follow. */
#include <string.h>

#include "base/endian.h"
#include "core/form.h"
#include "core/job.h"

enum {
    VERSION = 16, /* major and minor */
    TIME_AT = 2,
    PREV_AT = 7,
    NONCE_AT = 39,
    ROOT_AT = 43,
    COUNT_AT = 75,
    BITS_AT = 76,
    LEN = 80,
};

/* A varint of 29 to 32 bits takes five bytes. Source: LEB128, as in Monero's varint.h. */
static void put_time(uint8_t to[5], uint32_t time)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(0x80 | (time >> 7 * i));
    to[4] = (uint8_t)(time >> 28);
}

/* False for what is no number below 2^32 in five bytes, or would fit in fewer. */
static bool get_time(const uint8_t from[5], uint32_t *time)
{
    *time = (uint32_t)from[4] << 28;
    if (!from[4] || from[4] > 15)
        return false;
    for (unsigned i = 0; i < 4; i++) {
        *time |= (uint32_t)(from[i] & 0x7f) << 7 * i;
        if (!(from[i] & 0x80))
            return false;
    }
    return true;
}

static void input(const struct job *job, const uint8_t root[32], uint32_t version, uint32_t ntime,
                  uint8_t *to)
{
    (void)version;
    to[0] = to[1] = VERSION;
    put_time(to + TIME_AT, ntime);
    memcpy(to + PREV_AT, job->plan.prevhash, 32);
    put_le32(to + NONCE_AT, 0);
    memcpy(to + ROOT_AT, root, 32);
    to[COUNT_AT] = 1;
    put_le32(to + BITS_AT, job->plan.bits);
}

static bool read(const uint8_t *header, struct header_fields *out)
{
    *out = (struct header_fields){.bits = le32(header + BITS_AT)};
    memcpy(out->prev, header + PREV_AT, 32);
    memcpy(out->root, header + ROOT_AT, 32);
    return header[0] == VERSION && header[1] == VERSION && header[COUNT_AT] == 1 &&
           get_time(header + TIME_AT, &out->time);
}

static void unseal(const uint8_t *header, uint8_t *input, uint8_t mix[32])
{
    memcpy(input, header, LEN);
    memset(mix, 0, 32);
}

const struct header_form form_devnet_blob = {
    .name = "devnet-blob",
    .header_len = LEN,
    .input_len = LEN,
    .nonce_at = NONCE_AT,
    .nonce_len = 4,
    .root = plan_merkle_root,
    .input = input,
    .header = form_header_as_hashed,
    .read = read,
    .unseal = unseal,
};
