/* SPDX-License-Identifier: MIT */
/* The stages inside the kernels, so that a wrong hash is traced to its part. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/endian.h"
#include "base/hex.h"
#include "kernels/scrypt/hmac.h"
#include "kernels/scrypt/romix.h"
#include "kernels/sha256d/prepare.h"

static json_t *vectors;

static const json_t *rows(const char *algo, const char *set)
{
    const json_t *found = json_object_get(json_object_get(vectors, algo), set);

    assert_true(json_array_size(found) > 0);
    return found;
}

static const char *text(const json_t *row, const char *key)
{
    const char *s = json_string_value(json_object_get(row, key));

    assert_non_null(s);
    return s;
}

static void bytes(const json_t *row, const char *key, uint8_t *out, size_t len)
{
    assert_true(hex_decode(text(row, key), out, len));
}

static void words(const json_t *row, const char *key, uint32_t *out, size_t count)
{
    uint8_t raw[128];

    bytes(row, key, raw, 4 * count);
    for (size_t i = 0; i < count; i++)
        out[i] = le32(raw + 4 * i);
}

static uint32_t word(const json_t *hex)
{
    return (uint32_t)strtoul(json_string_value(hex), NULL, 16);
}

static void a_header_is_prepared_up_to_its_nonce(void **state)
{
    const json_t *row;
    size_t i;

    (void)state;
    json_array_foreach(rows("sha256d", "headers"), i, row)
    {
        uint8_t header[80];
        struct sha256d_prepared p;
        struct scan scan = {.in = {header, 80, 76, NULL}};
        bytes(row, "header", header, sizeof header);
        sha256d_prepare(&p, &scan);
        for (size_t k = 0; k < 8; k++)
            assert_int_equal(p.version[0].mid[k],
                             word(json_array_get(json_object_get(row, "midstate"), k)));
        assert_int_equal(p.c[C_W16], word(json_object_get(row, "W16")));
        assert_int_equal(p.c[C_W17], word(json_object_get(row, "W17")));
        /* b, c, d and f, g, h of round 3 are a, b, c and e, f, g after round 2 */
        for (size_t k = 0; k < 7; k += k == 2 ? 2 : 1)
            assert_int_equal(p.version[0].start[k + 1],
                             word(json_array_get(json_object_get(row, "state_after_3_rounds"), k)));
    }
}

static void salsa20_8_matches_the_rfc(void **state)
{
    const json_t *row;
    size_t i;

    (void)state;
    json_array_foreach(rows("scrypt", "salsa20_8"), i, row)
    {
        uint32_t in[16], want[16];
        words(row, "input", in, 16);
        words(row, "output", want, 16);
        salsa20_8(in);
        assert_memory_equal(in, want, sizeof want);
    }
}

static void blockmix_matches_its_vector(void **state)
{
    const json_t *row;
    size_t i;

    (void)state;
    json_array_foreach(rows("scrypt", "blockmix_r1"), i, row)
    {
        uint32_t in[32], want[32];
        words(row, "input", in, 32);
        words(row, "output", want, 32);
        scrypt_blockmix(in);
        assert_memory_equal(in, want, sizeof want);
    }
}

static void romix_of_small_n_matches_its_vector(void **state)
{
    const json_t *row;
    size_t i;

    (void)state;
    json_array_foreach(rows("scrypt", "romix_small"), i, row)
    {
        static uint32_t v[16 * SCRYPT_WORDS];
        uint32_t in[32], want[32];
        assert_int_equal(json_integer_value(json_object_get(row, "N")), 16);
        words(row, "input", in, 32);
        words(row, "output", want, 32);
        scrypt_romix(in, v, 16);
        assert_memory_equal(in, want, sizeof want);
    }
}

static void a_header_passes_all_stages_of_scrypt(void **state)
{
    static uint32_t v[SCRYPT_N * SCRYPT_WORDS];
    const json_t *row;
    size_t i;

    (void)state;
    json_array_foreach(rows("scrypt", "stages"), i, row)
    {
        uint8_t header[80], block[128], want[128], out[32];
        uint32_t x[32];
        bytes(row, "header", header, sizeof header);
        pbkdf2_once(header, 80, header, 80, block, sizeof block);
        bytes(row, "pbkdf2_first_128", want, sizeof want);
        assert_memory_equal(block, want, sizeof want);
        for (size_t k = 0; k < 32; k++)
            x[k] = le32(block + 4 * k);
        scrypt_romix(x, v, SCRYPT_N);
        for (size_t k = 0; k < 32; k++)
            put_le32(block + 4 * k, x[k]);
        bytes(row, "after_romix_128", want, sizeof want);
        assert_memory_equal(block, want, sizeof want);
        pbkdf2_once(header, 80, block, sizeof block, out, sizeof out);
        bytes(row, "output", want, sizeof out);
        assert_memory_equal(out, want, sizeof out);
    }
}

static void scrypt_of_the_rfc_holds_for_small_n(void **state)
{
    const json_t *row = json_array_get(rows("scrypt", "rfc7914"), 0);
    static uint32_t v[16 * SCRYPT_WORDS];
    uint8_t block[128], want[64], out[64];
    uint32_t x[32];

    (void)state;
    pbkdf2_once((const uint8_t *)"", 0, (const uint8_t *)"", 0, block, sizeof block);
    for (size_t k = 0; k < 32; k++)
        x[k] = le32(block + 4 * k);
    scrypt_romix(x, v, 16);
    for (size_t k = 0; k < 32; k++)
        put_le32(block + 4 * k, x[k]);
    pbkdf2_once((const uint8_t *)"", 0, block, sizeof block, out, sizeof out);
    bytes(row, "out", want, sizeof want);
    assert_memory_equal(out, want, sizeof want);
}

static int load(void **state)
{
    (void)state;
    vectors = json_load_file("tests/vectors/algorithms.json", 0, NULL);
    return vectors ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    json_decref(vectors);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_header_is_prepared_up_to_its_nonce),
        cmocka_unit_test(salsa20_8_matches_the_rfc),
        cmocka_unit_test(blockmix_matches_its_vector),
        cmocka_unit_test(romix_of_small_n_matches_its_vector),
        cmocka_unit_test(a_header_passes_all_stages_of_scrypt),
        cmocka_unit_test(scrypt_of_the_rfc_holds_for_small_n),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
