/* SPDX-License-Identifier: MIT */
/* What the RandomX tests share: keys and vectors, caches made once for each key. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "algo/dataset.h"
#include "base/hex.h"

extern const struct algo algo_randomx;

static inline struct algo_key key_of(const char *hex)
{
    struct algo_key key = {.seed_len = (uint8_t)(strlen(hex) / 2)};

    assert_true(hex_decode(hex, key.seed, key.seed_len));
    key.seed_is_empty = !*hex;
    return key;
}

static inline const char *word(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));

    assert_non_null(text);
    return text;
}

static inline struct dataset *light_of(const char *key_hex, const struct dataset_choices *choices)
{
    static const struct dataset_choices usual = {.huge_pages = true};
    struct algo_key key = key_of(key_hex);
    struct fault why = {0};
    struct dataset *d = NULL;

    if (dataset_build(&algo_randomx, &key, choices ? choices : &usual, false, 1, NULL, &d, &why) <
        0)
        fail_msg("%s", why.text);
    return d;
}

static inline json_t *randomx_vectors(void)
{
    json_t *all = json_load_file("tests/vectors/randomx.json", 0, NULL);

    assert_non_null(all);
    return all;
}
