/* SPDX-License-Identifier: MIT */
/* Whom a miner transaction pays: a real one of monerod for a real wallet, and what may be wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hex.h"
#include "chain/monero_payee.h"
#include "coin/monero.h"
#include "crypto/monero_keys.h"

/* A wallet of monero-wallet-rpc, and what `monerod --regtest` 0.18 makes for it. */
#define ADDRESS                                                                                    \
    "45f7Dw8ZgJMi8dZvGFnVZSA89R2Abh8fyCuR2TiraDrxHW6v6d4sQqfRMYnJ3wyVMH96SW5DtBKoR47zFdWd5kRqFapc" \
    "m2M"
#define VIEW_KEY "fced074c18bbd9c461f40dc4781c65ed62e473622a43b188e4f53be0ef99d906"
#define BLOCK                                                                                      \
    "1010fdd997d806418015bb9ae982a1975da7d79277c2705727a56894ba0fb246adaabb1f4632e3000000"         \
    "00023d01ff0101808080f0ffff0703824e73b8acb1903316cf55ca5fcc900ef52971cc1daef53fc93640"         \
    "18c1af26926e5f01e236c336fcfb5d604839440a5296fc25150f8273103ecf7070e3f5ae42b6f8b0023c"         \
    "00000000000000000000000000000000000000000000000000000000000000000000000000000000"             \
    "0000000000000000000000000000000000000000"                                                     \
    "0000"

enum { BYTES = 512, AMOUNT_LEN = 7 };

struct rig {
    struct monero_payee payee;
    struct monero_block block;
    uint8_t bytes[BYTES];
    size_t len;
    uint8_t *key, *tag; /* of the output */
};

static void parse(struct rig *r)
{
    struct fault why = {0};

    if (monero_block_parse(r->bytes, r->len, &r->block, &why) < 0)
        fail_msg("%s", why.text);
}

static void rig_init(struct rig *r)
{
    struct monero_address a;
    struct fault why = {0};
    long len = hex_decode_any(BLOCK, r->bytes, sizeof r->bytes);

    assert_true(len > 0);
    r->len = (size_t)len;
    parse(r);
    r->key = r->bytes + r->block.outputs_at + 1 + AMOUNT_LEN + 1;
    r->tag = r->key + 32;
    assert_int_equal(monero_address_read(coin_find("monero"), NETWORK_REGTEST, ADDRESS, &a, NULL),
                     0);
    if (monero_payee_init(&r->payee, a.spend, a.view, VIEW_KEY, &why) < 0)
        fail_msg("%s", why.text);
}

static void assert_refused(struct rig *r, const char *says)
{
    struct fault why = {0};

    parse(r);
    assert_int_equal(monero_payee_check(&r->payee, &r->block, &why), ERR_PROTOCOL);
    if (!strstr(why.text, says))
        fail_msg("should say \"%s\": %s", says, why.text);
}

static void assert_taken(struct rig *r)
{
    struct fault why = {0};

    parse(r);
    if (monero_payee_check(&r->payee, &r->block, &why) < 0)
        fail_msg("%s", why.text);
}

static void replace(struct rig *r, uint8_t *at, size_t old, const void *with, size_t len)
{
    size_t tail = r->len - (size_t)(at - r->bytes) - old;

    assert_true(r->len - old + len <= BYTES);
    memmove(at + len, at + old, tail);
    memcpy(at, with, len);
    r->len = r->len - old + len;
}

static void what_monerod_makes_for_the_wallet_is_taken(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    assert_taken(&r);
}

static void an_output_of_another_key_is_refused(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    r.key[5] ^= 1;
    assert_refused(&r, "output 0 is not for pool.payout_address");
}

static void another_wallet_with_the_same_view_key_is_refused(void **state)
{
    const uint8_t secret[32] = {3};
    struct rig r;

    (void)state;
    rig_init(&r);
    assert_true(monero_public(secret, r.payee.spend));
    assert_refused(&r, "it pays somebody else");
}

static void a_wrong_view_tag_is_refused(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    *r.tag ^= 0x40;
    assert_refused(&r, "view tag");
}

/* As blocks before view tags had them. */
static void an_output_without_a_view_tag_is_taken(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    r.key[-1] = 2;
    replace(&r, r.tag, 1, "", 0);
    assert_taken(&r);
}

/* 1 piconero more, in a second output. */
static void add_output(struct rig *r, bool ours)
{
    uint8_t output[1 + 1 + 32] = {1, 2}, derivation[32];
    const uint8_t *public = r->bytes + r->block.extra_at + 1;

    assert_true(monero_derivation(public, r->payee.view_secret, derivation));
    assert_true(monero_output_key(derivation, 1, r->payee.spend, output + 2));
    if (!ours)
        output[9] ^= 2;
    r->bytes[r->block.outputs_at] = 2;
    replace(r, r->tag + 1, 0, output, sizeof output);
}

static void each_of_several_outputs_must_be_ours(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    add_output(&r, true);
    assert_taken(&r);
    rig_init(&r);
    add_output(&r, false);
    assert_refused(&r, "output 1 is not for");
}

/* --- the extra field -------------------------------------------------------------------------- */

/* Puts these bytes before what the extra field has. */
static void prepend(struct rig *r, const uint8_t *bytes, size_t len)
{
    r->bytes[r->block.extra_at - 1] = (uint8_t)(r->bytes[r->block.extra_at - 1] + len);
    replace(r, r->bytes + r->block.extra_at, 0, bytes, len);
}

static void a_second_public_key_is_refused(void **state)
{
    uint8_t field[33] = {1};
    const uint8_t secret[32] = {4};
    struct rig r;

    (void)state;
    rig_init(&r);
    assert_true(monero_public(secret, field + 1));
    r.bytes[r.block.extra_end - 62 + 1] = 60 - 33; /* room for one byte of length only */
    replace(&r, r.bytes + r.block.extra_end - 33, 33, field, 33);
    assert_refused(&r, "one public key");
}

static void an_unknown_field_is_refused(void **state)
{
    static const uint8_t unknown[] = {0xde, 1, 7}, keys[] = {4, 0};
    struct rig r;

    (void)state;
    rig_init(&r);
    prepend(&r, unknown, sizeof unknown);
    assert_refused(&r, "one public key");
    rig_init(&r);
    prepend(&r, keys, sizeof keys);
    assert_refused(&r, "one public key");
}

static void a_missing_or_cut_public_key_is_refused(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    r.bytes[r.block.extra_at] = 0; /* padding that is none */
    assert_refused(&r, "one public key");
    rig_init(&r);
    r.bytes[r.block.extra_at] = 2; /* a nonce of 0x36 bytes, then garbage */
    assert_refused(&r, "one public key");
}

static void a_merge_mining_field_is_passed_over(void **state)
{
    static const uint8_t field[] = {3, 2, 0xaa, 0xbb};
    struct rig r;

    (void)state;
    rig_init(&r);
    prepend(&r, field, sizeof field);
    assert_taken(&r);
}

static void a_public_key_that_is_none_is_refused(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r);
    memset(r.bytes + r.block.extra_at + 1, 0, 32); /* of order 4 */
    assert_refused(&r, "its public key is none");
}

/* --- the secret ------------------------------------------------------------------------------- */

static void the_view_key_is_wiped(void **state)
{
    const uint8_t zeros[32] = {0};
    struct rig r;

    (void)state;
    rig_init(&r);
    assert_memory_not_equal(r.payee.view_secret, zeros, 32);
    monero_payee_fini(&r.payee);
    assert_memory_equal(r.payee.view_secret, zeros, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_monerod_makes_for_the_wallet_is_taken),
        cmocka_unit_test(an_output_of_another_key_is_refused),
        cmocka_unit_test(another_wallet_with_the_same_view_key_is_refused),
        cmocka_unit_test(a_wrong_view_tag_is_refused),
        cmocka_unit_test(an_output_without_a_view_tag_is_taken),
        cmocka_unit_test(each_of_several_outputs_must_be_ours),
        cmocka_unit_test(a_second_public_key_is_refused),
        cmocka_unit_test(an_unknown_field_is_refused),
        cmocka_unit_test(a_missing_or_cut_public_key_is_refused),
        cmocka_unit_test(a_merge_mining_field_is_passed_over),
        cmocka_unit_test(a_public_key_that_is_none_is_refused),
        cmocka_unit_test(the_view_key_is_wiped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
