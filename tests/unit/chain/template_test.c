/* SPDX-License-Identifier: MIT */
/* Templates of real daemons are taken, and each lie of a daemon is refused with its field. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/endian.h"
#include "base/hex.h"
#include "chain/template.h"
#include "chain/tx.h"
#include "core/share.h"
#include "crypto/sha256.h"

#define CORPUS "tests/fuzz/corpus/template/"

static const struct algo *scrypt(void)
{
    return algo_find("scrypt");
}

static json_t *load(const char *path)
{
    json_error_t error;
    json_t *json = json_load_file(path, 0, &error);

    if (!json)
        fail_msg("%s: %s", path, error.text);
    return json;
}

static struct chain_template *take(const char *file, const char *coin)
{
    json_t *gbt = load(file);
    struct chain_template *t = NULL;
    struct fault why = {0};

    if (template_from_json(gbt, coin_find(coin), algo_find(coin_find(coin)->algo), &t, &why) < 0)
        fail_msg("%s: %s", file, why.text);
    json_decref(gbt);
    return t;
}

static void templates_of_litecoind_are_taken(void **state)
{
    struct chain_template *t = take(CORPUS "litecoin-before-mweb.json", "litecoin");

    (void)state;
    assert_int_equal(t->height, 2);
    assert_true(t->witness);
    assert_null(t->mweb);
    assert_int_equal(t->version & 0x1fffe000, 0);
    template_unref(t);

    t = take(CORPUS "litecoin-432-pegin.json", "litecoin");
    assert_int_equal(t->height, 432);
    assert_int_equal(t->tx_count, 2);
    assert_int_equal(t->branch_count, 2);
    assert_int_equal(t->mweb_len, 2099);
    assert_int_equal(t->txs[1].data[5], TX_MWEB);
    template_unref(t);

    t = take(CORPUS "litecoin-after-mweb.json", "litecoin");
    assert_int_equal(t->tx_count, 1);
    assert_int_equal(t->mweb_len, 167);
    template_unref(t);
}

static void templates_of_bcoin_are_taken(void **state)
{
    struct chain_template *t = take(CORPUS "bcoin-before-segwit.json", "bitcoin");

    (void)state;
    assert_int_equal(t->height, 1);
    assert_false(t->witness); /* a commitment, but not yet a witness */
    assert_int_equal(t->commitment_len, 38);
    assert_memory_equal(t->aux, "mined by bcoin", t->aux_len);
    template_unref(t);

    t = take(CORPUS "bcoin-after-segwit.json", "bitcoin");
    assert_true(t->witness);
    template_unref(t);
}

static void a_job_has_what_its_template_says(void **state)
{
    struct chain_template *t = take(CORPUS "litecoin-432-pegin.json", "litecoin");
    const uint8_t script[] = {0x51};
    const struct coinbase_plan plan = {script, 1, "/x/", 4, 8};
    struct job *job = template_job(t, &plan);

    (void)state;
    assert_int_equal(job->height, 432);
    assert_string_equal(job->coin, "litecoin");
    assert_int_equal(job->plan.bits, t->bits);
    assert_int_equal(job->plan.ntime, t->curtime);
    assert_int_equal(job->plan.ntime_min, t->mintime);
    assert_true(job->plan.ntime_max > t->curtime);
    assert_int_equal(job->plan.version_mask, 0x1fffe000);
    assert_memory_equal(job->plan.prevhash, t->prevhash, 32);
    assert_memory_equal(&job->block_target, &t->target, sizeof t->target);
    assert_ptr_equal(job->origin, t);
    template_unref(t); /* the job keeps it */
    assert_int_equal(((struct chain_template *)job->origin)->tx_count, 2);
    job_unref(job);
}

static void a_job_of_another_source_gives_no_block(void **state)
{
    struct share share = {.job = job_new(scrypt())};
    uint8_t hash[32];
    size_t len;

    (void)state;
    assert_null(block_assemble(&share, &len, hash));
    job_unref(share.job);
}

/* --- lies ------------------------------------------------------------------------------------ */

static void put(json_t *gbt, const char *key, json_t *value)
{
    json_object_set_new(gbt, key, value);
}

static json_t *tx(json_t *gbt, size_t i)
{
    return json_array_get(json_object_get(gbt, "transactions"), i);
}

#define SPOIL(name, body)                                                                          \
    static void spoil_##name(json_t *g)                                                            \
    {                                                                                              \
        body;                                                                                      \
    }
SPOIL(version_text, put(g, "version", json_string("1")))
SPOIL(version_large, put(g, "version", json_integer(INT64_C(1) << 33)))
SPOIL(no_height, json_object_del(g, "height"))
SPOIL(height_zero, put(g, "height", json_integer(0)))
SPOIL(height_negative, put(g, "height", json_integer(-5)))
SPOIL(height_real, put(g, "height", json_real(7.5)))
SPOIL(curtime_large, put(g, "curtime", json_integer(INT64_C(0xffffffff))))
SPOIL(mintime_late, put(g, "mintime", json_integer(INT64_C(0xfffff000))))
SPOIL(mintime_later,
      put(g, "mintime", json_integer(json_integer_value(json_object_get(g, "curtime")) + 1)))
SPOIL(value_negative, put(g, "coinbasevalue", json_integer(-1)))
SPOIL(prev_short, put(g, "previousblockhash", json_string("00")))
SPOIL(prev_not_hex,
      put(g, "previousblockhash",
          json_string("zz00000000000000000000000000000000000000000000000000000000000000")))
SPOIL(prev_number, put(g, "previousblockhash", json_integer(5)))
SPOIL(bits_negative, put(g, "bits", json_string("1d800001")))
SPOIL(bits_zero, put(g, "bits", json_string("1d000000")))
SPOIL(bits_large, put(g, "bits", json_string("ff7fffff")))
SPOIL(bits_short, put(g, "bits", json_string("1d00ff")))
SPOIL(target_other, put(g, "bits", json_string("1f00ffff")))
SPOIL(target_null, put(g, "target", json_null()))
SPOIL(rules_object, put(g, "rules", json_object()))
SPOIL(rule_number, put(g, "rules", json_pack("[i]", 1)))
SPOIL(rule_unknown, put(g, "rules", json_pack("[ss]", "csv", "!newrule")))
SPOIL(signet, put(g, "signet_challenge", json_string("51")))
SPOIL(rolled_required, put(g, "vbrequired", json_integer(0x2000)))
SPOIL(aux_list, put(g, "coinbaseaux", json_array()))
SPOIL(aux_not_hex, put(g, "coinbaseaux", json_pack("{ss}", "flags", "xyz0")))
SPOIL(aux_long,
      put(g, "coinbaseaux",
          json_pack("{s:s++}", "flags",
                    "0000000000000000000000000000000000000000000000000000000000000000",
                    "0000000000000000000000000000000000000000000000000000000000000000", "00")))
SPOIL(txs_object, put(g, "transactions", json_object()))
SPOIL(txs_missing, json_object_del(g, "transactions"))
SPOIL(tx_not_object, json_array_set_new(json_object_get(g, "transactions"), 0, json_integer(1)))
SPOIL(tx_odd, put(tx(g, 0), "data", json_string("010")))
SPOIL(tx_not_hex, put(tx(g, 0), "data", json_string("0x")))
SPOIL(tx_cut, put(tx(g, 0), "data", json_string("02000000")))
SPOIL(txid_other, put(tx(g, 0), "txid", json_object_get(tx(g, 1), "txid"));
      json_incref(json_object_get(tx(g, 1), "txid")))
SPOIL(hash_other,
      put(tx(g, 0), "hash",
          json_string("0000000000000000000000000000000000000000000000000000000000000000")))
SPOIL(fee_negative, put(tx(g, 0), "fee", json_integer(-1)))
SPOIL(fee_huge, put(tx(g, 0), "fee", json_integer(INT64_MAX)))
SPOIL(depends_later, put(tx(g, 0), "depends", json_pack("[i]", 2)))
SPOIL(depends_zero, put(tx(g, 1), "depends", json_pack("[i]", 0)))
SPOIL(tx_dropped, json_array_remove(json_object_get(g, "transactions"), 0))
SPOIL(commitment_short, put(g, "default_witness_commitment", json_string("6a24aa21a9ed")))
SPOIL(commitment_other,
      put(g, "default_witness_commitment",
          json_string(
              "6a24aa21a9ede2f61c3f71d1defd3fa999dfa36953755c690689799962b48bebd836974e8cf9")))
SPOIL(mweb_missing, json_object_del(g, "mweb"))
SPOIL(mweb_odd, put(g, "mweb", json_string("0")))
SPOIL(mweb_not_hex, put(g, "mweb", json_string("zz")))

static const struct {
    void (*spoil)(json_t *);
    const char *says;
} lies[] = {
    {spoil_version_text, "\"version\" is not an integer"},
    {spoil_version_large, "\"version\" is out of range"},
    {spoil_no_height, "\"height\" is missing"},
    {spoil_height_zero, "\"height\" is out of range"},
    {spoil_height_negative, "\"height\""},
    {spoil_height_real, "\"height\" is not an integer"},
    {spoil_curtime_large, "\"curtime\""},
    {spoil_mintime_late, "\"mintime\""},
    {spoil_mintime_later, "later than"},
    {spoil_value_negative, "\"coinbasevalue\""},
    {spoil_prev_short, "\"previousblockhash\""},
    {spoil_prev_not_hex, "\"previousblockhash\""},
    {spoil_prev_number, "\"previousblockhash\""},
    {spoil_bits_negative, "\"bits\""},
    {spoil_bits_zero, "\"bits\""},
    {spoil_bits_large, "\"bits\""},
    {spoil_bits_short, "\"bits\""},
    {spoil_target_other, "\"target\""},
    {spoil_target_null, "\"target\""},
    {spoil_rules_object, "\"rules\""},
    {spoil_rule_number, "\"rules\""},
    {spoil_rule_unknown, "!newrule"},
    {spoil_signet, "signet"},
    {spoil_rolled_required, "\"vbrequired\""},
    {spoil_aux_list, "\"coinbaseaux\""},
    {spoil_aux_not_hex, "\"coinbaseaux\""},
    {spoil_aux_long, "\"coinbaseaux\""},
    {spoil_txs_object, "\"transactions\""},
    {spoil_txs_missing, "\"transactions\""},
    {spoil_tx_not_object, "transaction 0 has no data"},
    {spoil_tx_odd, "transaction 0 has no data"},
    {spoil_tx_not_hex, "transaction 0 has data that is not hex"},
    {spoil_tx_cut, "transaction 0 is not a transaction"},
    {spoil_txid_other, "\"txid\""},
    {spoil_hash_other, "\"hash\""},
    {spoil_fee_negative, "fee"},
    {spoil_fee_huge, "fee"},
    {spoil_depends_later, "depends"},
    {spoil_depends_zero, "depends"},
    {spoil_tx_dropped, "depends"},
    {spoil_commitment_short, "38 bytes"},
    {spoil_commitment_other, "does not commit"},
    {spoil_mweb_missing, "\"mweb\" is missing"},
    {spoil_mweb_odd, "\"mweb\""},
    {spoil_mweb_not_hex, "\"mweb\""},
};

static void each_lie_is_refused_with_its_field(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        json_t *gbt = load(CORPUS "litecoin-432-pegin.json");
        struct chain_template *t;
        struct fault why = {0};

        lies[i].spoil(gbt);
        int err = template_from_json(gbt, coin_find("litecoin"), scrypt(), &t, &why);
        if (err != ERR_PROTOCOL || !strstr(why.text, lies[i].says))
            fail_msg("lie %zu: %d \"%s\" does not say %s", i, err, why.text, lies[i].says);
        json_decref(gbt);
    }
}

static void an_answer_that_is_no_object_is_refused(void **state)
{
    struct chain_template *t;

    (void)state;
    assert_int_equal(template_from_json(NULL, coins, scrypt(), &t, NULL), ERR_PROTOCOL);
}

/* BIP22 allows a template without a commitment; a block with a witness needs one all the same. */
static void a_missing_commitment_is_computed(void **state)
{
    json_t *gbt = load(CORPUS "litecoin-432-pegin.json");
    struct chain_template *with, *without;

    (void)state;
    assert_int_equal(template_from_json(gbt, coin_find("litecoin"), scrypt(), &with, NULL), 0);
    json_object_del(gbt, "default_witness_commitment");
    assert_int_equal(template_from_json(gbt, coin_find("litecoin"), scrypt(), &without, NULL), 0);
    assert_int_equal(without->commitment_len, with->commitment_len);
    assert_memory_equal(without->commitment, with->commitment, with->commitment_len);
    template_unref(with);
    template_unref(without);
    json_decref(gbt);
}

static void too_many_transactions_are_refused(void **state)
{
    json_t *gbt = load(CORPUS "litecoin-before-mweb.json"), *list = json_array();
    struct chain_template *t;
    struct fault why = {0};

    (void)state;
    for (unsigned i = 0; i < 70000; i++)
        json_array_append_new(list, json_null());
    put(gbt, "transactions", list);
    assert_int_equal(template_from_json(gbt, coin_find("litecoin"), scrypt(), &t, &why),
                     ERR_PROTOCOL);
    json_decref(gbt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(templates_of_litecoind_are_taken),
        cmocka_unit_test(templates_of_bcoin_are_taken),
        cmocka_unit_test(a_job_has_what_its_template_says),
        cmocka_unit_test(a_job_of_another_source_gives_no_block),
        cmocka_unit_test(each_lie_is_refused_with_its_field),
        cmocka_unit_test(an_answer_that_is_no_object_is_refused),
        cmocka_unit_test(a_missing_commitment_is_computed),
        cmocka_unit_test(too_many_transactions_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
