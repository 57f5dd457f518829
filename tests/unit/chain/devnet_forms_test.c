/* SPDX-License-Identifier: MIT */
/* The devnet of algorithms with a dataset: sealed and blob headers, keys by height and by seed, and
 * blocks that wait for their dataset. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <uv.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/endian.h"
#include "base/hex.h"
#include "chain/devnet_check.h"
#include "store/store.h"
#include "tests/fake/dataset_algo.h"
#include "tests/fake/devnet_rig.h"
#include "tests/fake/hash_algo.h"

static const struct algo *const both[] = {&fake_sealer, &fake_blobber};

static void mined_blocks_make_a_chain(void **state)
{
    (void)state;
    for (unsigned k = 0; k < 2; k++) {
        struct devnet_rig n;
        uint8_t hash[32];
        devnet_rig_open(&n, both[k], NULL);
        for (unsigned i = 0; i < 5; i++) {
            assert_int_equal(n.heard.template->height, i + 1);
            devnet_rig_extend(&n, hash);
            assert_memory_equal(n.heard.template->prevhash, hash, 32);
        }
        devnet_rig_close(&n);
    }
}

static void versions_are_rolled_in_bitcoins_header_alone(void **state)
{
    static const uint8_t script[] = {0x51};
    const struct coinbase_plan plan = {script, sizeof script, NULL, 4, 4};

    (void)state;
    for (unsigned k = 0; k < 2; k++) {
        struct devnet_rig n;
        devnet_rig_open(&n, both[k], NULL);
        struct job *job = template_job(n.heard.template, &plan);
        assert_int_equal(job->plan.version_mask, 0);
        assert_int_equal(job->nonce_max, both[k]->nonce_len == 8 ? UINT64_MAX : UINT32_MAX);
        job_unref(job);
        devnet_rig_close(&n);
    }
}

static void restart_finds_the_tip_without_hashing(void **state)
{
    (void)state;
    for (unsigned k = 0; k < 2; k++) {
        struct store *store;
        struct devnet_rig n;
        uint8_t hash[32];
        assert_int_equal(store_open(":memory:", NULL, &store, NULL), 0);
        devnet_rig_open(&n, both[k], store);
        for (unsigned i = 0; i < 4; i++)
            devnet_rig_extend(&n, hash);
        devnet_rig_close(&n);
        unsigned before = atomic_load(&fake_dataset_hashes);
        devnet_rig_open(&n, both[k], store);
        assert_int_equal(n.heard.template->height, 5);
        assert_memory_equal(n.heard.template->prevhash, hash, 32);
        assert_int_equal(atomic_load(&fake_dataset_hashes), before);
        devnet_rig_close(&n);
        store_close(store);
    }
}

/* A block with one byte of its header changed is refused in this word. */
static void refuses(const struct algo *algo, unsigned at, uint8_t flip, const char *word)
{
    struct devnet_rig n;
    uint8_t hash[32];
    size_t len;

    devnet_rig_open(&n, algo, NULL);
    uint8_t *block = devnet_rig_next(&n, &len, hash);
    block[at] ^= flip;
    devnet_rig_submit(&n, block, len, hash);
    assert_int_equal(n.heard.result, SUBMIT_REJECTED);
    assert_string_equal(n.heard.text, word);
    free(block);
    devnet_rig_close(&n);
}

static void wrong_headers_are_refused_by_name(void **state)
{
    (void)state;
    refuses(&fake_sealer, 88, 1, "bad-mixhash");
    refuses(&fake_sealer, 76, 2, "bad-height");
    refuses(&fake_sealer, 4, 1, "bad-prevblk");
    refuses(&fake_sealer, 36, 1, "bad-txnmrklroot");
    refuses(&fake_sealer, 72, 1, "bad-diffbits");
    refuses(&fake_blobber, 0, 1, "bad-header");
    refuses(&fake_blobber, 7, 1, "bad-prevblk");
    refuses(&fake_blobber, 43, 1, "bad-txnmrklroot");
    refuses(&fake_blobber, 76, 1, "bad-diffbits");
}

static void header_without_work_is_refused(void **state)
{
    struct devnet_rig n;
    uint8_t hash[32];
    size_t len;

    (void)state;
    devnet_rig_open(&n, &fake_blobber, NULL);
    uint8_t *block = devnet_rig_next(&n, &len, hash);
    do { /* the next nonce that misses the target */
        put_le32(block + 39, le32(block + 39) + 1);
        devnet_rig_submit(&n, block, len, hash);
    } while (n.heard.result == SUBMIT_ACCEPTED);
    assert_string_equal(n.heard.text, "high-hash");
    free(block);
    devnet_rig_close(&n);
}

/* A block of another miner, for a chain that `trouble` keeps from its dataset. */
static uint8_t *block_without_dataset(struct devnet_rig *n, _Atomic bool *trouble, size_t *len,
                                      uint8_t hash[32])
{
    struct devnet_rig other;

    devnet_rig_open(&other, &fake_sealer, NULL);
    uint8_t *block = devnet_rig_next(&other, len, hash);
    devnet_rig_close(&other);
    atomic_store(trouble, true);
    devnet_rig_open(n, &fake_sealer, NULL);
    return block;
}

static void block_waits_for_its_dataset_and_is_answered_then(void **state)
{
    struct devnet_rig n;
    uint8_t hash[32];
    size_t len;

    (void)state;
    uint8_t *block = block_without_dataset(&n, &fake_dataset_held, &len, hash);
    chain_submit(n.chain, block, len, hash, chain_heard_submit, &n.heard);
    for (int i = 0; i < 12; i++) { /* longer than it takes to look again */
        sleep_us(10000);
        uv_run(&n.loop, UV_RUN_NOWAIT);
        assert_int_equal(n.heard.answers, 0);
    }
    atomic_store(&fake_dataset_held, false);
    devnet_rig_wait(&n);
    assert_int_equal(n.heard.result, SUBMIT_ACCEPTED);
    assert_memory_equal(n.heard.template->prevhash, hash, 32);
    free(block);
    devnet_rig_close(&n);
}

static void block_that_still_waits_at_the_end_is_answered_unknown(void **state)
{
    struct devnet_rig n;
    uint8_t hash[32];
    size_t len;

    (void)state;
    uint8_t *block = block_without_dataset(&n, &fake_dataset_held, &len, hash);
    chain_submit(n.chain, block, len, hash, chain_heard_submit, &n.heard);
    devnet_rig_close(&n);
    assert_int_equal(n.heard.answers, 1);
    assert_int_equal(n.heard.result, SUBMIT_UNKNOWN);
    atomic_store(&fake_dataset_held, false);
    free(block);
}

static void block_whose_dataset_cannot_be_made_is_not_judged(void **state)
{
    struct devnet_rig n;
    uint8_t hash[32];
    size_t len;

    (void)state;
    uint8_t *block = block_without_dataset(&n, &fake_dataset_broken, &len, hash);
    devnet_rig_submit(&n, block, len, hash);
    assert_int_equal(n.heard.result, SUBMIT_UNKNOWN);
    atomic_store(&fake_dataset_broken, false);
    devnet_rig_submit(&n, block, len, hash);
    assert_int_equal(n.heard.result, SUBMIT_ACCEPTED);
    free(block);
    devnet_rig_close(&n);
}

static void chain_crosses_an_epoch(void **state)
{
    struct devnet_rig n;
    uint8_t hash[32];

    (void)state;
    devnet_rig_open(&n, &fake_sealer, NULL);
    while (n.heard.template->height <= FAKE_EPOCH + 1) {
        assert_int_equal(n.heard.template->key.height, n.heard.template->height);
        /* another dataset is announced a hundred blocks before it is needed */
        assert_int_equal(n.heard.template->next_key.height / FAKE_EPOCH,
                         (n.heard.template->height + 100) / FAKE_EPOCH);
        devnet_rig_extend(&n, hash);
    }
    devnet_rig_close(&n);
}

static void seed_heights_are_moneros(void **state)
{
    static const struct {
        uint64_t height, seed;
    } known[] = {{0, 0},       {1, 0},       {2048, 0},          {2112, 0},         {2113, 2048},
                 {4160, 2048}, {4161, 4096}, {2500000, 2498560}, {3258099, 3256320}};

    (void)state;
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
        assert_int_equal(devnet_seed_height(known[i].height), known[i].seed);
}

/* Headers alone, in one array: only ids and heights matter. */
static struct devnet_block *grow(unsigned count)
{
    struct devnet_block *b = xcalloc(count, sizeof *b);

    for (unsigned i = 0; i < count; i++) {
        b[i].height = i;
        b[i].parent = i ? &b[i - 1] : NULL;
        put_le32(b[i].hash, i + 1);
    }
    return b;
}

static void seed_is_the_id_of_the_block_at_the_seed_height(void **state)
{
    struct devnet_block *b = grow(2200);
    struct devnet_rules rules;
    struct algo_key key;

    (void)state;
    assert_true(devnet_rules_init(&rules, &fake_blobber, 10));
    devnet_key(&rules, &b[0], false, &key); /* of height 1 */
    assert_int_equal(key.seed_len, 32);
    assert_int_equal(key.height, 0);
    assert_memory_equal(key.seed, b[0].hash, 32);
    devnet_key(&rules, &b[2111], false, &key); /* of height 2112 */
    assert_memory_equal(key.seed, b[0].hash, 32);
    devnet_key(&rules, &b[2112], false, &key);
    assert_memory_equal(key.seed, b[2048].hash, 32);
    free(b);
}

static void next_seed_is_known_64_blocks_ahead(void **state)
{
    struct devnet_block *b = grow(2200);
    struct devnet_rules rules;
    struct algo_key key;

    (void)state;
    assert_true(devnet_rules_init(&rules, &fake_blobber, 10));
    devnet_key(&rules, &b[2047], true, &key);
    assert_memory_equal(key.seed, b[0].hash, 32);
    devnet_key(&rules, &b[2048], true, &key); /* the seed block is the tip */
    assert_memory_equal(key.seed, b[2048].hash, 32);
    free(b);
}

/* Chains that were begun by earlier versions go on: their first block is what it was. */
static void first_blocks_stay_what_they_are(void **state)
{
    static const struct {
        const char *name;
        const struct algo *algo;
        uint32_t interval_s;
        const char *id; /* internal order */
    } known[] = {
        {"sha256d", &fake_sha256d, 30,
         "8daab6c105e994e0d08e3a2729b07efdc8f26516a2818cc8895bff5ebef65410"},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof known / sizeof *known; i++) {
        struct devnet_chain c;
        char hex[65];
        assert_int_equal(
            devnet_chain_init(&c, known[i].algo, NULL, known[i].interval_s, NULL, NULL), 0);
        hex_encode(c.id, 32, hex);
        assert_string_equal(hex, known[i].id);
        devnet_chain_fini(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mined_blocks_make_a_chain),
        cmocka_unit_test(versions_are_rolled_in_bitcoins_header_alone),
        cmocka_unit_test(restart_finds_the_tip_without_hashing),
        cmocka_unit_test(wrong_headers_are_refused_by_name),
        cmocka_unit_test(header_without_work_is_refused),
        cmocka_unit_test(block_waits_for_its_dataset_and_is_answered_then),
        cmocka_unit_test(block_that_still_waits_at_the_end_is_answered_unknown),
        cmocka_unit_test(block_whose_dataset_cannot_be_made_is_not_judged),
        cmocka_unit_test(chain_crosses_an_epoch),
        cmocka_unit_test(seed_heights_are_moneros),
        cmocka_unit_test(seed_is_the_id_of_the_block_at_the_seed_height),
        cmocka_unit_test(next_seed_is_known_64_blocks_ahead),
        cmocka_unit_test(first_blocks_stay_what_they_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
