/* SPDX-License-Identifier: MIT */
/* The devnet: blocks mined with the reference hash are taken, wrong ones are refused by name,
 * branches reorganise, and a restart finds the same tip. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <uv.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/endian.h"
#include "chain/devnet.h"
#include "chain/devnet_check.h"
#include "core/target.h"
#include "crypto/sha256.h"
#include "store/store.h"

static int test_hash(struct algo_ctx *ctx, const struct algo_input *in, struct algo_result *out)
{
    (void)ctx;
    *out = (struct algo_result){0};
    sha256d(in->bytes, 80, out->hash);
    return 0;
}

/* Easy enough that a sanitised build mines hundreds of blocks: 16 hashes at the limit. */
static const struct algo easy = {
    .name = "easy",
    .input_len = 80,
    .nonce_at = 76,
    .nonce_len = 4,
    .diff1 = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX >> 8}},
    .hash = test_hash,
};

struct net {
    uv_loop_t loop;
    struct config config;
    struct chain *chain;
    struct chain_template *template;
    unsigned templates, new_tips;
    int answers;
    enum submit_result result;
    char text[64];
    int64_t confirmations;
};

static void on_template(void *arg, struct chain_template *t, bool new_tip)
{
    struct net *n = arg;

    template_unref(n->template);
    n->template = template_ref(t);
    n->templates++;
    n->new_tips += new_tip;
}

static void on_submit(void *arg, enum submit_result result, const char *text)
{
    struct net *n = arg;

    n->answers++;
    n->result = result;
    strncpy(n->text, text, sizeof n->text - 1);
}

static void on_status(void *arg, int64_t confirmations)
{
    struct net *n = arg;

    n->answers++;
    n->confirmations = confirmations;
}

static void open_net(struct net *n, struct store *store)
{
    memset(n, 0, sizeof *n);
    n->config.pool.devnet.block_interval_us = 10 * SECOND_US;
    uv_loop_init(&n->loop);
    struct chain_options options = {.config = &n->config,
                                    .coin = coin_find("devnet"),
                                    .algo = &easy,
                                    .store = store,
                                    .on_template = on_template,
                                    .arg = n};
    assert_int_equal(chain_open(&options, &n->loop, &n->chain, NULL), 0);
    while (!n->templates)
        uv_run(&n->loop, UV_RUN_NOWAIT);
}

static void close_net(struct net *n)
{
    chain_close(n->chain);
    uv_run(&n->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&n->loop), 0);
    template_unref(n->template);
}

static void wait_answer(struct net *n)
{
    for (int before = n->answers; n->answers == before;)
        uv_run(&n->loop, UV_RUN_NOWAIT);
}

/* Mines the template; `salt` makes siblings differ. The block is owned by the caller. */
static uint8_t *mine(struct chain_template *t, uint32_t salt, uint32_t ntime, size_t *len,
                     uint8_t hash[32])
{
    const uint8_t script[] = {0x51};
    struct coinbase_plan plan = {script, sizeof script, "/test/", 4, 4};
    struct share share = {.job = template_job(t, &plan),
                          .extranonce1_len = 4,
                          .extranonce2_len = 4,
                          .version = t->version,
                          .ntime = ntime};

    assert_non_null(share.job);
    put_le32(share.extranonce1, salt);
    while (share_check(&share, &share.job->block_target, NULL) != 0)
        share.nonce++;
    assert_true(share.is_block);
    uint8_t *block = block_assemble(&share, len, hash);
    job_unref(share.job);
    return block;
}

static void submit(struct net *n, const uint8_t *block, size_t len, const uint8_t hash[32])
{
    chain_submit(n->chain, block, len, hash, on_submit, n);
    wait_answer(n);
}

/* Mines and submits on the newest template. */
static void extend(struct net *n, uint8_t hash[32])
{
    size_t len;
    uint8_t *block = mine(n->template, n->templates, n->template->curtime, &len, hash);

    submit(n, block, len, hash);
    free(block);
    assert_int_equal(n->result, SUBMIT_ACCEPTED);
}

static int64_t status(struct net *n, const uint8_t hash[32])
{
    chain_status(n->chain, hash, on_status, n);
    wait_answer(n);
    return n->confirmations;
}

static void mined_blocks_make_a_chain(void **state)
{
    struct net n;
    uint8_t hash[5][32];

    (void)state;
    open_net(&n, NULL);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(n.template->height, i + 1);
        extend(&n, hash[i]);
        assert_memory_equal(n.template->prevhash, hash[i], 32);
    }
    for (int i = 0; i < 5; i++)
        assert_int_equal(status(&n, hash[i]), 5 - i);
    assert_int_equal(n.template->coinbase_value, 5000000000);
    close_net(&n);
}

static void the_new_template_comes_before_the_answer(void **state)
{
    struct net n;
    uint8_t hash[32];
    size_t len;

    (void)state;
    open_net(&n, NULL);
    unsigned before = n.new_tips;
    uint8_t *block = mine(n.template, 1, n.template->curtime, &len, hash);
    chain_submit(n.chain, block, len, hash, on_submit, &n);
    assert_int_equal(n.answers, 0); /* never from inside the call */
    uv_run(&n.loop, UV_RUN_NOWAIT);
    assert_int_equal(n.new_tips, before + 1);
    assert_int_equal(n.answers, 1);
    free(block);
    close_net(&n);
}

static void a_known_block_is_a_duplicate_and_an_unknown_one_has_no_status(void **state)
{
    struct net n;
    uint8_t hash[32], other[32] = {1};
    size_t len;

    (void)state;
    open_net(&n, NULL);
    uint8_t *block = mine(n.template, 1, n.template->curtime, &len, hash);
    submit(&n, block, len, hash);
    submit(&n, block, len, hash);
    assert_int_equal(n.result, SUBMIT_ACCEPTED);
    assert_string_equal(n.text, "duplicate");
    assert_int_equal(status(&n, other), -1);
    free(block);
    close_net(&n);
}

/* --- wrong blocks ---------------------------------------------------------------------------- */

static void break_prevhash(uint8_t *b, size_t *len)
{
    (void)len;
    b[4] ^= 1;
}
static void break_bits(uint8_t *b, size_t *len)
{
    (void)len;
    b[72] ^= 1;
}
static void break_root(uint8_t *b, size_t *len)
{
    (void)len;
    b[36] ^= 1;
}
static void break_count(uint8_t *b, size_t *len)
{
    (void)len;
    b[80] = 2;
}
static void break_height(uint8_t *b, size_t *len)
{
    (void)len;
    b[81 + 42]++;
}
static void break_old_time(uint8_t *b, size_t *len)
{
    (void)len;
    put_le32(b + 68, 1600000000);
}
static void break_new_time(uint8_t *b, size_t *len)
{
    (void)len;
    put_le32(b + 68, wall_s() + DEVNET_FUTURE_S + 60);
}
static void break_cut(uint8_t *b, size_t *len)
{
    (void)b;
    *len -= 1;
}
static void break_stub(uint8_t *b, size_t *len)
{
    (void)b;
    *len = 81;
}
static void break_prevout(uint8_t *b, size_t *len)
{
    (void)len;
    b[81 + 5] = 7;
}
/* value is the first thing after the sequence: height push, extranonce, "/test/" */
static void break_value(uint8_t *b, size_t *len)
{
    (void)len;
    size_t script = b[81 + 41];
    b[81 + 42 + script + 4 + 1]++;
}

static void wrong_blocks_are_refused_by_name(void **state)
{
    static const struct {
        void (*spoil)(uint8_t *, size_t *);
        const char *word;
    } rows[] = {
        {break_prevhash, "bad-prevblk"},  {break_bits, "bad-diffbits"},
        {break_root, "bad-txnmrklroot"},  {break_count, "bad-blk-length"},
        {break_height, "bad-cb-height"},  {break_old_time, "time-too-old"},
        {break_new_time, "time-too-new"}, {break_cut, "bad-txns"},
        {break_stub, "bad-blk-length"},   {break_prevout, "bad-cb-missing"},
        {break_value, "bad-cb-amount"},
    };
    struct net n;
    uint8_t hash[32];
    size_t len;

    (void)state;
    open_net(&n, NULL);
    uint8_t *block = mine(n.template, 1, n.template->curtime, &len, hash);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t *wrong = xmalloc(len);
        size_t wrong_len = len;
        memcpy(wrong, block, len);
        rows[i].spoil(wrong, &wrong_len);
        submit(&n, wrong, wrong_len, hash);
        assert_int_equal(n.result, SUBMIT_REJECTED);
        assert_string_equal(n.text, rows[i].word);
        free(wrong);
    }
    free(block);
    close_net(&n);
}

static void a_block_without_its_work_is_refused(void **state)
{
    struct net n;
    uint8_t hash[32], pow[32];
    size_t len;

    (void)state;
    open_net(&n, NULL);
    uint8_t *block = mine(n.template, 1, n.template->curtime, &len, hash);
    do { /* the next nonce that does not meet the target */
        put_le32(block + 76, le32(block + 76) + 1);
        sha256d(block, 80, pow);
    } while (pow[31] < 16);
    submit(&n, block, len, hash);
    assert_int_equal(n.result, SUBMIT_REJECTED);
    assert_string_equal(n.text, "high-hash");
    free(block);
    close_net(&n);
}

/* --- branches -------------------------------------------------------------------------------- */

static void the_first_of_two_siblings_stays_and_the_longer_branch_wins(void **state)
{
    struct net n;
    uint8_t first[32], second[32], third[32];
    size_t len_first, len_second;

    (void)state;
    open_net(&n, NULL);
    uint8_t *a = mine(n.template, 1, n.template->curtime, &len_first, first);
    uint8_t *b = mine(n.template, 2, n.template->curtime, &len_second, second);
    submit(&n, a, len_first, first);
    submit(&n, b, len_second, second);
    assert_int_equal(n.result, SUBMIT_UNKNOWN);
    assert_string_equal(n.text, "inconclusive");
    assert_int_equal(status(&n, second), 0);
    assert_int_equal(status(&n, first), 1);

    /* a child of the second: the branch with more work */
    struct chain_template t = *n.template;
    memcpy(t.prevhash, second, 32);
    size_t len;
    uint8_t *c = mine(&t, 3, t.curtime, &len, third);
    submit(&n, c, len, third);
    assert_int_equal(n.result, SUBMIT_ACCEPTED);
    assert_int_equal(status(&n, first), 0);
    assert_int_equal(status(&n, second), 2);
    assert_int_equal(n.template->height, 3);
    free(a);
    free(b);
    free(c);
    close_net(&n);
}

static void a_reorganisation_on_command_goes_back_and_stays_back(void **state)
{
    struct net n;
    uint8_t hash[4][32], again[32];

    (void)state;
    open_net(&n, NULL);
    for (unsigned i = 0; i < 4; i++)
        extend(&n, hash[i]);
    assert_int_equal(devnet_reorg(n.chain, 0), ERR_FIELD);
    assert_int_equal(devnet_reorg(n.chain, 5), ERR_FIELD);
    unsigned tips = n.new_tips;
    assert_int_equal(devnet_reorg(n.chain, 2), 0);
    uv_run(&n.loop, UV_RUN_NOWAIT);
    assert_int_equal(n.new_tips, tips + 1);
    assert_int_equal(n.template->height, 3);
    assert_int_equal(status(&n, hash[3]), 0);
    assert_int_equal(status(&n, hash[2]), 0);
    assert_int_equal(status(&n, hash[1]), 1);
    extend(&n, again);
    assert_int_equal(status(&n, again), 1);
    assert_int_equal(status(&n, hash[2]), 0);
    close_net(&n);
}

static void a_restart_finds_the_same_tip_and_the_thrown_out_blocks(void **state)
{
    struct store *store;
    struct net n;
    uint8_t hash[4][32];

    (void)state;
    assert_int_equal(store_open(":memory:", NULL, &store, NULL), 0);
    open_net(&n, store);
    for (unsigned i = 0; i < 4; i++)
        extend(&n, hash[i]);
    assert_int_equal(devnet_reorg(n.chain, 1), 0);
    close_net(&n);

    open_net(&n, store);
    assert_int_equal(n.template->height, 4);
    assert_memory_equal(n.template->prevhash, hash[2], 32);
    assert_int_equal(status(&n, hash[3]), 0);
    assert_int_equal(status(&n, hash[0]), 3);
    close_net(&n);
    store_close(store);
}

/* --- difficulty ------------------------------------------------------------------------------ */

/* A chain of headers alone: the rules look at times and targets only. */
static struct devnet_block *grow(struct devnet_rules *rules, struct devnet_block *parent,
                                 uint32_t took)
{
    struct devnet_block *b = xcalloc(1, sizeof *b);
    struct u256 target = devnet_target(rules, parent);
    uint8_t header[80] = {0};

    put_le32(header + 68, parent->time + took);
    put_le32(header + 72, target_to_bits(&target));
    assert_true(devnet_block_fill(rules, b, parent, header));
    return b;
}

static void free_branch(struct devnet_block *b)
{
    while (b) {
        struct devnet_block *parent = b->parent;
        free(b);
        b = parent;
    }
}

static struct devnet_block *first_block(struct devnet_rules *rules)
{
    struct devnet_block *b = xcalloc(1, sizeof *b);
    uint8_t header[HEADER_MAX];

    assert_true(devnet_rules_init(rules, &easy, 10));
    devnet_genesis(rules, header);
    assert_true(devnet_block_fill(rules, b, NULL, header));
    return b;
}

/* Simulates a rig of `rate` hashes/s whose blocks come exactly when they should. */
static struct devnet_block *simulate(struct devnet_rules *rules, struct devnet_block *tip,
                                     double rate, unsigned blocks, uint32_t *seconds)
{
    double owed = 0;

    *seconds = 0;
    for (unsigned i = 0; i < blocks; i++) {
        struct u256 target = devnet_target(rules, tip);
        owed += target_hashes(&target) / rate;
        uint32_t took = (uint32_t)owed;
        owed -= took;
        *seconds += took;
        tip = grow(rules, tip, took);
    }
    return tip;
}

static void difficulty_finds_the_block_interval(void **state)
{
    struct devnet_rules rules;
    struct devnet_block *tip = first_block(&rules);
    uint32_t seconds;

    (void)state;
    tip = simulate(&rules, tip, 1e6, 60, &seconds); /* settles */
    tip = simulate(&rules, tip, 1e6, 100, &seconds);
    assert_in_range(seconds, 900, 1100); /* 100 blocks of 10 s */
    tip = simulate(&rules, tip, 1e7, 60, &seconds);
    tip = simulate(&rules, tip, 1e7, 100, &seconds);
    assert_in_range(seconds, 900, 1100);
    free_branch(tip);
}

static void a_long_pause_moves_difficulty_little(void **state)
{
    struct devnet_rules rules;
    struct devnet_block *tip = first_block(&rules);
    uint32_t seconds;

    (void)state;
    tip = simulate(&rules, tip, 1e6, 100, &seconds);
    struct u256 before = devnet_target(&rules, tip);
    tip = grow(&rules, tip, 7 * 86400);
    struct u256 after = devnet_target(&rules, tip);
    assert_true(u256_to_double(&after) < 2 * u256_to_double(&before));
    free_branch(tip);
}

static void a_chain_left_by_a_fast_rig_eases(void **state)
{
    struct devnet_rules rules;
    struct devnet_block *tip = first_block(&rules);
    uint32_t seconds;

    (void)state;
    tip = simulate(&rules, tip, 1e9, 100, &seconds);
    struct u256 target = devnet_target(&rules, tip);
    assert_int_equal(devnet_ease_steps(&rules, tip, tip->time + 99), 0);
    assert_int_equal(devnet_ease_steps(&rules, tip, tip->time + 100), 1);
    assert_int_equal(devnet_ease_steps(&rules, tip, tip->time + 350), 3);
    assert_int_equal(devnet_eased_bits(&rules, target, 0), target_to_bits(&target));
    assert_int_equal(devnet_eased_bits(&rules, target, 200), rules.limit_bits);
    free_branch(tip);
}

static void the_subsidy_halves(void **state)
{
    const struct devnet_rules rules = {.algo = &easy};

    (void)state;
    assert_int_equal(devnet_subsidy(&rules, 1), 5000000000);
    assert_int_equal(devnet_subsidy(&rules, 209999), 5000000000);
    assert_int_equal(devnet_subsidy(&rules, 210000), 2500000000);
    assert_int_equal(devnet_subsidy(&rules, UINT64_MAX), 0);
}

static void etchash_pays_what_ethereum_classic_does(void **state)
{
    const struct devnet_rules rules = {.algo = algo_find("etchash")};

    (void)state;
    assert_int_equal(devnet_subsidy(&rules, 1), 500000000);
    assert_int_equal(devnet_subsidy(&rules, 5000000), 500000000);
    assert_int_equal(devnet_subsidy(&rules, 5000001), 400000000);
    assert_int_equal(devnet_subsidy(&rules, 50000001), 53687091); /* floor of 5 * 0.8^10 */
    assert_int_equal(devnet_subsidy(&rules, UINT64_MAX), 0);
}

static void algorithms_and_intervals_have_their_own_chains(void **state)
{
    struct algo other = easy;
    struct devnet_chain a, b, c;

    (void)state;
    other.name = "other";
    assert_int_equal(devnet_chain_init(&a, &easy, NULL, 10, NULL, NULL), 0);
    assert_int_equal(devnet_chain_init(&b, &other, NULL, 10, NULL, NULL), 0);
    assert_int_equal(devnet_chain_init(&c, &easy, NULL, 11, NULL, NULL), 0);
    assert_memory_not_equal(a.id, b.id, 32);
    assert_memory_not_equal(a.id, c.id, 32);
    devnet_chain_fini(&a);
    devnet_chain_fini(&b);
    devnet_chain_fini(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mined_blocks_make_a_chain),
        cmocka_unit_test(the_new_template_comes_before_the_answer),
        cmocka_unit_test(a_known_block_is_a_duplicate_and_an_unknown_one_has_no_status),
        cmocka_unit_test(wrong_blocks_are_refused_by_name),
        cmocka_unit_test(a_block_without_its_work_is_refused),
        cmocka_unit_test(the_first_of_two_siblings_stays_and_the_longer_branch_wins),
        cmocka_unit_test(a_reorganisation_on_command_goes_back_and_stays_back),
        cmocka_unit_test(a_restart_finds_the_same_tip_and_the_thrown_out_blocks),
        cmocka_unit_test(difficulty_finds_the_block_interval),
        cmocka_unit_test(a_long_pause_moves_difficulty_little),
        cmocka_unit_test(a_chain_left_by_a_fast_rig_eases),
        cmocka_unit_test(the_subsidy_halves),
        cmocka_unit_test(etchash_pays_what_ethereum_classic_does),
        cmocka_unit_test(algorithms_and_intervals_have_their_own_chains),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
