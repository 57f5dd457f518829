/* SPDX-License-Identifier: MIT */
/* Fields of rows. */
#include "tests/fake/row.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/hex.h"

const char *row_text(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));

    if (!text)
        fail_msg("no text \"%s\"", key);
    return text;
}

uint64_t row_number(const json_t *row, const char *key)
{
    const json_t *number = json_object_get(row, key);

    if (!json_is_integer(number))
        fail_msg("no number \"%s\"", key);
    return (uint64_t)json_integer_value(number);
}

void row_bytes(const json_t *row, const char *key, uint8_t *out, size_t len)
{
    if (!hex_decode(row_text(row, key), out, len))
        fail_msg("\"%s\" is not the hex of %zu bytes", key, len);
}
