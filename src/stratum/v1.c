/* SPDX-License-Identifier: MIT */
/* Stratum v1 (Bitcoin family): reading mining.notify, and the dialect's row. */
#include "stratum/v1.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "base/hex.h"
#include "core/target.h"
#include "stratum/server_common.h"

enum { COINBASE_HALF_MAX = 100000, NTIME_ROLL_S = 600 };

void v1_swap_words(const uint8_t from[32], uint8_t to[32])
{
    for (size_t i = 0; i < 32; i += 4)
        bytes_reverse(to + i, from + i, 4);
}

bool hex_number(const char *text, uint32_t *ret)
{
    size_t len = text ? strlen(text) : 0;
    char padded[9] = "00000000";

    if (!len || len > 8)
        return false;
    memcpy(padded + 8 - len, text, len);
    return hex_u32(padded, ret);
}

uint64_t coinb1_height(const uint8_t *coinb1, size_t len)
{
    enum { SCRIPT_AT = 4 + 1 + 36 + 1 }; /* version, input count, null outpoint, script length */
    static const uint8_t outpoint[4] = {0xff, 0xff, 0xff, 0xff};

    if (len <= SCRIPT_AT || coinb1[4] != 1 || memcmp(coinb1 + 37, outpoint, 4) != 0)
        return 0;
    uint8_t op = coinb1[SCRIPT_AT];
    if (op >= 0x51 && op <= 0x60) /* OP_1 ... OP_16 */
        return op - 0x50u;
    if (!op || op > 5 || len < SCRIPT_AT + 1u + op)
        return 0;
    uint64_t height = 0;
    for (unsigned i = op; i-- > 0;)
        height = height << 8 | coinb1[SCRIPT_AT + 1 + i];
    return height < UINT64_C(1) << 32 ? height : 0;
}

static int bad(struct fault *why, const char *field)
{
    return fault_set(why, ERR_PROTOCOL, "mining.notify: %s is missing or malformed", field);
}

static bool read_half(const char *text, uint8_t **bytes, uint32_t *len)
{
    size_t digits = text ? strlen(text) : 1;

    if (digits % 2 || digits / 2 > COINBASE_HALF_MAX)
        return false;
    *bytes = xmalloc(digits / 2 + 1);
    *len = (uint32_t)(digits / 2);
    return hex_decode(text, *bytes, digits / 2);
}

static bool read_branch(const json_t *list, struct block_plan *plan)
{
    size_t i;
    const json_t *item;

    if (!json_is_array(list) || json_array_size(list) > MERKLE_MAX)
        return false;
    json_array_foreach(list, i, item)
    {
        const char *text = json_string_value(item);
        if (!text || !hex_decode(text, plan->branch[i], 32))
            return false;
    }
    plan->branch_count = (uint8_t)json_array_size(list);
    return true;
}

/* The clean flag: the last parameter, as a few pools append others before it. */
static bool read_clean(const struct message *m)
{
    const json_t *last = json_array_get(m->params, json_array_size(m->params) - 1);

    return json_is_true(last) || (json_is_integer(last) && json_integer_value(last));
}

int v1_read_notify(const struct message *m, struct job *job, struct fault *why)
{
    struct block_plan *plan = &job->plan;
    const char *id = message_text(m, 0), *prevhash = message_text(m, 1);
    uint8_t swapped[32];
    char number[24];

    if (!m->params || json_array_size(m->params) < 9)
        return bad(why, "the list of nine parameters");
    if (!id && json_is_integer(message_param(m, 0))) { /* a few pools number their jobs */
        (void)snprintf(number, sizeof number, "%lld",
                       (long long)json_integer_value(message_param(m, 0)));
        id = number;
    }
    if (!id || !text_copy(job->id, sizeof job->id, id))
        return bad(why, "the job id (at most 63 characters)");
    if (!prevhash || !hex_decode(prevhash, swapped, 32))
        return bad(why, "prevhash");
    v1_swap_words(swapped, plan->prevhash);
    if (!read_half(message_text(m, 2), &plan->coinb1, &plan->coinb1_len))
        return bad(why, "coinb1");
    if (!read_half(message_text(m, 3), &plan->coinb2, &plan->coinb2_len))
        return bad(why, "coinb2");
    if (!read_branch(message_param(m, 4), plan))
        return bad(why, "the Merkle branch");
    if (!hex_number(message_text(m, 5), &plan->version))
        return bad(why, "version");
    if (!hex_number(message_text(m, 6), &plan->bits) ||
        !target_from_bits(plan->bits, &job->block_target))
        return bad(why, "nbits");
    if (!hex_number(message_text(m, 7), &plan->ntime))
        return bad(why, "ntime");
    plan->ntime_min = plan->ntime;
    plan->ntime_max =
        plan->ntime > UINT32_MAX - NTIME_ROLL_S ? UINT32_MAX : plan->ntime + NTIME_ROLL_S;
    job->clean = read_clean(m);
    job->height = coinb1_height(plan->coinb1, plan->coinb1_len);
    return 0;
}

extern const struct dialect dialect_v1;
const struct dialect dialect_v1 = {
    .name = "stratum1",
    .title = "Stratum v1 (Bitcoin family)",
    .schemes = "stratum stratum1",
    .algos = "sha256d scrypt",
    .as_client = v1_as_client,
    .as_server = v1_as_server,
    .resumes = true,
    .same_for_all = true,
    .yes_word = "true",
    .no_word = "null",
    .hello = v1_hello,
    .answer = v1_answer,
    .submit = v1_submit,
    .probe = v1_probe,
    .job_body = v1_job_body,
    .notify = v1_notify,
    .set_difficulty = server_put_difficulty,
    .set_mask = v1_set_mask,
    .reconnect = v1_reconnect,
};
