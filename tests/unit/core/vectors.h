/* SPDX-License-Identifier: MIT */
/* tests/vectors/stratum-v1-vectors.json: known answers by kind, and jobs made from them. For tests
 * of core/. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "base/hex.h"
#include "core/job.h"

static inline json_t *vectors_load(void)
{
    json_t *root = json_load_file("tests/vectors/stratum-v1-vectors.json", 0, NULL);

    if (!root)
        abort();
    return root;
}

static inline const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    if (!text)
        abort();
    return text;
}

static inline uint32_t u32_of(const char *hex)
{
    uint32_t v;

    if (!hex_u32(hex, &v))
        abort();
    return v;
}

static inline void bytes_of(const char *hex, void *out, size_t len)
{
    if (!hex_decode(hex, out, len))
        abort();
}

static inline struct u256 target_of(const char *display_hex)
{
    uint8_t bytes[32];

    bytes_of(display_hex, bytes, 32);
    return u256_from_be(bytes);
}

static inline uint8_t *new_bytes(const char *hex, uint32_t *len)
{
    *len = (uint32_t)(strlen(hex) / 2);
    uint8_t *bytes = xmalloc(*len);
    bytes_of(hex, bytes, *len);
    return bytes;
}

static inline void fill_branch(struct block_plan *plan, const json_t *branch)
{
    plan->branch_count = (uint8_t)json_array_size(branch);
    for (size_t i = 0; i < plan->branch_count; i++)
        bytes_of(json_string_value(json_array_get(branch, i)), plan->branch[i], 32);
}

/* The job of a "notify_params" vector: prevhash comes as eight words with their bytes reversed. */
static inline struct job *job_of(const json_t *input, const struct algo *algo)
{
    const json_t *notify = json_object_get(input, "notify_params");
    struct job *job = job_new(algo);
    struct block_plan *plan = &job->plan;
    uint8_t words[32];

    plan->extranonce1_len = (uint8_t)(strlen(text_of(input, "extranonce1")) / 2);
    bytes_of(text_of(input, "extranonce1"), plan->extranonce1, plan->extranonce1_len);
    bytes_of(json_string_value(json_array_get(notify, 1)), words, 32);
    for (unsigned i = 0; i < 32; i += 4)
        put_le32(plan->prevhash + i, be32(words + i));
    plan->coinb1 = new_bytes(json_string_value(json_array_get(notify, 2)), &plan->coinb1_len);
    plan->coinb2 = new_bytes(json_string_value(json_array_get(notify, 3)), &plan->coinb2_len);
    fill_branch(plan, json_array_get(notify, 4));
    plan->version = u32_of(json_string_value(json_array_get(notify, 5)));
    plan->bits = u32_of(json_string_value(json_array_get(notify, 6)));
    plan->ntime = u32_of(json_string_value(json_array_get(notify, 7)));
    plan->ntime_min = plan->ntime;
    plan->ntime_max = plan->ntime + 600;
    return job;
}
