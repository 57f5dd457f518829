/* SPDX-License-Identifier: MIT */
/* Every case of tests/vectors/stratum-v1-vectors.json, through the code that the program uses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/proxy.h"
#include "tests/unit/vectors/bitcoin.h"
#include "tests/unit/vectors/ethereum.h"
#include "tests/unit/vectors/merged.h"
#include "tests/unit/vectors/monero.h"
#include "tests/unit/vectors/money.h"

/* A proxy that asks for no login; answers come in one piece. */
static void check_socks5(const json_t *input, const json_t *expect)
{
    static const uint8_t reply[22] = {5, 0, 0, 4}; /* of an IPv6 address; that of IPv4 is shorter */
    static const size_t lengths[] = {10, 22};
    struct endpoint to = {.port = (uint16_t)number_of(input, "port")};
    struct proxy_talk *t = xcalloc(1, sizeof *t);
    uint8_t out[PROXY_SAY_MAX], heard[8], answer[22];
    char reason[128];
    struct proxy p;

    assert_int_equal(proxy_parse("socks5://127.0.0.1:1080", &p, NULL), 0);
    (void)text_copy(to.host, sizeof to.host, text_of(input, "host"));
    assert_string_equal(text_of(input, "auth"), "none");
    assert_int_equal(lengths[0], number_of(expect, "reply_ok_ipv4_len"));
    assert_int_equal(lengths[1], number_of(expect, "reply_ok_ipv6_len"));
    for (unsigned v6 = 0; v6 < 2; v6++) {
        size_t said = proxy_begin(t, &p, &to, out);
        assert_bytes(expect, "greeting", out, said);
        size_t len = bytes_of(expect, "greeting_reply_ok", heard, sizeof heard);
        assert_int_equal(proxy_take(t, heard, len, out, &said, reason, sizeof reason), 0);
        assert_bytes(expect, "connect_request", out, said);
        memcpy(answer, reply, sizeof answer);
        answer[3] = v6 ? 4 : 1;
        assert_int_equal(proxy_take(t, answer, lengths[v6] - 1, out, &said, reason, sizeof reason),
                         0);
        assert_int_equal(
            proxy_take(t, answer + lengths[v6] - 1, 1, out, &said, reason, sizeof reason), 1);
    }
    free(t);
}

static const struct row {
    const char *kind;
    kind_fn *check;
} kinds[] = {
    {"stratum_v1_job_to_header", check_job_to_header},
    {"stratum_v1_merkle_root", check_merkle_root},
    {"stratum_v1_share_difficulty", check_share_difficulty},
    {"version_rolling", check_version_rolling},
    {"version_rolling_negotiation", check_rolling_negotiation},
    {"compact_bits", check_compact_bits},
    {"difficulty_to_target", check_difficulty_to_target},
    {"bip34_height_push", check_height_push},
    {"gbt_to_submitblock_mweb", check_submitblock_mweb},
    {"auxpow_verify", check_auxpow},
    {"auxpow_slot", check_aux_slot},
    {"ethash_epoch", check_ethash_epoch},
    {"ethash_share", check_ethash_share},
    {"etchash_distinguish", check_etchash_distinguish},
    {"etc_block_reward", check_block_reward},
    {"kawpow_header", check_kawpow_header},
    {"kawpow_final_from_mix", check_kawpow_final},
    {"monero_template_to_hashing_blob", check_hashing_blob},
    {"cryptonote_tree_hash", check_tree_hash},
    {"randomx_seed_height", check_seed_height},
    {"monero_stratum_target", check_wire_target},
    {"monero_address", check_address},
    {"monero_key_derivation", check_key_derivation},
    {"monero_output_key", check_output_key},
    {"monero_view_tag", check_view_tag},
    {"monero_merge_mining_params", check_monero_aux},
    {"payout_split_largest_remainder", check_split},
    {"pplns_window", check_window},
    {"pps_share_value", check_share_value},
    {"socks5_bytes", check_socks5},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

static json_t *vectors;

/* All cases of the kind that is the test's state. */
static void cases_hold(void **state)
{
    const struct row *row = *state;
    const json_t *v;
    size_t i;

    json_array_foreach(in(vectors, "vectors"), i, v)
    {
        if (strcmp(text_of(v, "kind"), row->kind) != 0)
            continue;
        print_message("%s\n", text_of(v, "id"));
        row->check(in(v, "input"), in(v, "expect"));
    }
}

static void every_kind_of_the_file_has_a_row(void **state)
{
    size_t i, cases[KINDS] = {0};
    const json_t *v;

    (void)state;
    json_array_foreach(in(vectors, "vectors"), i, v)
    {
        const char *kind = text_of(v, "kind");
        size_t k = 0;
        while (k < KINDS && strcmp(kinds[k].kind, kind) != 0)
            k++;
        if (k == KINDS)
            fail_msg("%s: nobody checks the kind \"%s\"", text_of(v, "id"), kind);
        cases[k]++;
    }
    assert_int_equal(i, number_of(in(vectors, "meta"), "count"));
    for (size_t k = 0; k < KINDS; k++) {
        if (!cases[k])
            fail_msg("no case is of the kind \"%s\"", kinds[k].kind);
    }
}

static int load(void **state)
{
    (void)state;
    vectors = json_load_file("tests/vectors/stratum-v1-vectors.json", 0, NULL);
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
    static struct row rows[KINDS]; /* a test's state cannot be const */
    struct CMUnitTest tests[KINDS + 1] = {
        cmocka_unit_test(every_kind_of_the_file_has_a_row),
    };

    memcpy(rows, kinds, sizeof rows);
    for (size_t k = 0; k < KINDS; k++)
        tests[k + 1] = (struct CMUnitTest){
            .name = kinds[k].kind, .test_func = cases_hold, .initial_state = &rows[k]};
    return cmocka_run_group_tests(tests, load, unload);
}
