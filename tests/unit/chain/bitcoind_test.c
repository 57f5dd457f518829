/* SPDX-License-Identifier: MIT */
/* A chain behind daemons that lie, die and come back: which template is used, what people are told,
 * and what becomes of a solved block. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/str.h"
#include "chain/chain.h"
#include "chain/words.h"
#include "tests/fake/daemon.h"
#include "tests/fake/hash_algo.h"

#define REGTEST "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"

enum { DAEMONS = 2 };

static const struct chain_timing quick = {
    .poll_ms = 20,
    .refresh_ms = 200,
    .stale_ms = 3000,
    .rpc_timeout_ms = 1000,
    .template_timeout_ms = 1000,
    .wait_timeout_ms = 5000,
    .retry_first_ms = 20,
    .retry_limit_ms = 80,
    .submit_timeout_ms = 300,
    .submit_pause_ms = 20,
    .submit_tries = 3,
};

struct rig {
    uv_loop_t loop;
    struct chain_timing timing;
    struct fake_daemon fake[DAEMONS];
    struct daemon_config configs[DAEMONS];
    struct config config;
    struct chain *chain;
    struct chain_template *template;
    unsigned templates, new_tips;
    int answers;
    enum submit_result result;
    char text[160];
    int64_t confirmations;
};

static void on_template(void *arg, struct chain_template *t, bool new_tip)
{
    struct rig *r = arg;

    template_unref(r->template);
    r->template = template_ref(t);
    r->templates++;
    r->new_tips += new_tip;
}

static void on_submit(void *arg, enum submit_result result, const char *text)
{
    struct rig *r = arg;

    r->answers++;
    r->result = result;
    text_copy(r->text, sizeof r->text, text);
}

static void on_status(void *arg, int64_t confirmations)
{
    struct rig *r = arg;

    r->answers++;
    r->confirmations = confirmations;
}

static void turn(struct rig *r)
{
    uv_run(&r->loop, UV_RUN_NOWAIT);
    sleep_us(500);
}

/* Runs the loop until `condition`; fails after ten seconds. */
#define UNTIL(rig, condition)                                                                      \
    do {                                                                                           \
        int64_t until_end = now_us() + 10 * SECOND_US;                                             \
        while (!(condition)) {                                                                     \
            if (now_us() > until_end)                                                              \
                fail_msg("never: %s", #condition);                                                 \
            turn(rig);                                                                             \
        }                                                                                          \
    } while (0)

static void run_for(struct rig *r, int64_t ms)
{
    for (int64_t end = now_us() + ms * 1000; now_us() < end;)
        turn(r);
}

/* Fakes first, so that a test can set their faults before the chain is opened. */
static void rig_init(struct rig *r, size_t daemons)
{
    memset(r, 0, sizeof *r);
    uv_loop_init(&r->loop);
    r->timing = quick;
    for (size_t i = 0; i < daemons; i++) {
        r->fake[i].genesis = REGTEST;
        fake_daemon_start(&r->fake[i], &r->loop);
        r->configs[i].url = r->fake[i].url;
    }
    r->config.pool.daemons.items = r->configs;
    r->config.pool.daemons.count = daemons;
}

static int rig_open(struct rig *r, struct fault *why)
{
    struct chain_options options = {.config = &r->config,
                                    .coin = coin_find("bitcoin"),
                                    .network = NETWORK_REGTEST,
                                    .algo = &fake_sha256d,
                                    .on_template = on_template,
                                    .arg = r,
                                    .timing = &r->timing};

    return chain_open(&options, &r->loop, &r->chain, why);
}

static void rig_start(struct rig *r, size_t daemons)
{
    rig_init(r, daemons);
    assert_int_equal(rig_open(r, NULL), 0);
    UNTIL(r, r->templates);
}

static void rig_fini(struct rig *r)
{
    chain_close(r->chain);
    for (size_t i = 0; i < DAEMONS; i++)
        fake_daemon_free(&r->fake[i]);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&r->loop), 0);
    template_unref(r->template);
}

static struct chain_node_view node(struct rig *r, unsigned i)
{
    struct chain_node_view views[DAEMONS];

    assert_int_equal(chain_nodes(r->chain, views, DAEMONS), r->config.pool.daemons.count);
    return views[i];
}

/* --- templates ------------------------------------------------------------------------------- */

static void a_template_comes_from_an_honest_daemon(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, 1);
    assert_int_equal(r.template->height, 101);
    assert_int_equal(r.new_tips, 1);
    assert_true(node(&r, 0).up);
    assert_true(node(&r, 0).active);
    assert_int_equal(node(&r, 0).height, 100);
    assert_string_equal(node(&r, 0).error, "");
    rig_fini(&r);
}

static void a_long_poll_brings_the_new_tip_without_polling(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r, 1);
    r.timing.poll_ms = 60000;
    r.timing.refresh_ms = 60000;
    assert_int_equal(rig_open(&r, NULL), 0);
    UNTIL(&r, r.templates && r.fake[0].waits);
    fake_daemon_tip(&r.fake[0], 101, 'b');
    UNTIL(&r, r.new_tips == 2);
    assert_int_equal(r.template->height, 102);
    assert_int_equal(r.fake[0].polls, 0);
    rig_fini(&r);
}

static void no_longpollid(json_t *gbt)
{
    json_object_del(gbt, "longpollid");
}

static void polling_finds_the_new_tip_without_a_long_poll(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r, 1);
    r.fake[0].spoil = no_longpollid;
    r.timing.refresh_ms = 60000;
    assert_int_equal(rig_open(&r, NULL), 0);
    UNTIL(&r, r.templates);
    fake_daemon_tip(&r.fake[0], 101, 'b');
    UNTIL(&r, r.new_tips == 2);
    assert_int_equal(r.fake[0].waits, 0);
    rig_fini(&r);
}

static void templates_are_refreshed_on_the_same_tip(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, 1);
    UNTIL(&r, r.templates >= 3);
    assert_int_equal(r.new_tips, 1);
    rig_fini(&r);
}

static void a_refresh_by_command_is_at_once(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r, 1);
    r.timing.refresh_ms = 60000;
    assert_int_equal(rig_open(&r, NULL), 0);
    UNTIL(&r, r.templates);
    chain_refresh(r.chain);
    UNTIL(&r, r.templates == 2);
    rig_fini(&r);
}

/* --- daemons that are not well --------------------------------------------------------------- */

static void wrong_bits(json_t *gbt)
{
    json_object_set_new(gbt, "bits", json_string("zzz"));
}

static void what_is_wrong_is_shown_and_a_cure_is_noticed(void **state)
{
    static const struct {
        enum fake_fault fault;
        long code;
        int status;
        void (*spoil)(json_t *);
        const char *says;
    } rows[] = {
        {FAKE_RPC_ERROR, -28, 0, NULL, "starting"},
        {FAKE_RPC_ERROR, -9, 0, NULL, "no peers"},
        {FAKE_RPC_ERROR, -10, 0, NULL, "downloading"},
        {FAKE_RPC_ERROR, -8, 0, NULL, "told to fail (-8)"},
        {FAKE_STATUS, 0, 401, NULL, "credentials"},
        {FAKE_STATUS, 0, 403, NULL, "credentials"},
        {FAKE_STATUS, 0, 503, NULL, "work queue"},
        {FAKE_STATUS, 0, 404, NULL, "not JSON (HTTP 404)"},
        {FAKE_NOT_JSON, 0, 0, NULL, "not JSON"},
        {FAKE_HUGE, 0, 0, NULL, "longer than it may be"},
        {FAKE_HALF, 0, 0, NULL, "transfer closed"},
        {FAKE_SILENT, 0, 0, NULL, "timed out"},
        {FAKE_HONEST, 0, 0, wrong_bits, "\"bits\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rig r;
        rig_init(&r, 1);
        r.fake[0].fault = rows[i].fault;
        r.fake[0].code = rows[i].code;
        r.fake[0].status = rows[i].status;
        r.fake[0].spoil = rows[i].spoil;
        assert_int_equal(rig_open(&r, NULL), 0);
        UNTIL(&r, node(&r, 0).error[0]);
        if (!strstr(node(&r, 0).error, rows[i].says))
            fail_msg("row %zu: \"%s\" does not say \"%s\"", i, node(&r, 0).error, rows[i].says);
        assert_false(node(&r, 0).up);
        assert_int_equal(r.templates, 0);
        r.fake[0].fault = FAKE_HONEST;
        r.fake[0].spoil = NULL;
        UNTIL(&r, r.templates);
        assert_string_equal(node(&r, 0).error, "");
        rig_fini(&r);
    }
}

static void a_template_of_ten_megabytes_of_nothing_is_refused(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r, 1);
    r.fake[0].fault = FAKE_HUGE;
    r.fake[0].fault_method = "getblocktemplate";
    assert_int_equal(rig_open(&r, NULL), 0);
    UNTIL(&r, node(&r, 0).error[0]);
    assert_non_null(strstr(node(&r, 0).error, "is not an object"));
    rig_fini(&r);
}

static void a_daemon_of_another_network_gives_no_work_and_no_verdict(void **state)
{
    struct rig r;
    const uint8_t block[81] = {0}, hash[32] = {0};

    (void)state;
    rig_init(&r, 1);
    r.fake[0].genesis = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f";
    r.fake[0].submit = "\"prev-blk-not-found\"";
    assert_int_equal(rig_open(&r, NULL), 0);
    UNTIL(&r, node(&r, 0).error[0]);
    assert_non_null(strstr(node(&r, 0).error, "not on the regtest network of bitcoin"));
    run_for(&r, 100);
    assert_int_equal(r.templates, 0);
    chain_submit(r.chain, block, sizeof block, hash, on_submit, &r);
    UNTIL(&r, r.answers == 1);
    assert_int_equal(r.result, SUBMIT_UNKNOWN);
    chain_status(r.chain, hash, on_status, &r);
    UNTIL(&r, r.answers == 2);
    assert_int_equal(r.confirmations, -2);
    rig_fini(&r);
}

static void nobody_there_is_not_an_error_of_opening(void **state)
{
    struct rig r;

    (void)state;
    rig_init(&r, 1);
    fake_daemon_stop(&r.fake[0]);
    uv_run(&r.loop, UV_RUN_NOWAIT);
    assert_int_equal(rig_open(&r, NULL), 0);
    UNTIL(&r, node(&r, 0).error[0]);
    fake_daemon_start(&r.fake[0], &r.loop);
    UNTIL(&r, r.templates);
    rig_fini(&r);
}

/* --- several --------------------------------------------------------------------------------- */

static unsigned active(struct rig *r)
{
    return node(r, 0).active ? 0 : node(r, 1).active ? 1 : 9;
}

static void another_daemon_takes_over_when_the_active_one_dies(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, 2);
    UNTIL(&r, node(&r, 0).up && node(&r, 1).up);
    unsigned first = active(&r), tips = r.new_tips;
    fake_daemon_stop(&r.fake[first]);
    UNTIL(&r, active(&r) == 1 - first);
    assert_int_equal(r.new_tips, tips); /* the same tip: miners' jobs stay good */
    fake_daemon_tip(&r.fake[1 - first], 101, 'b');
    UNTIL(&r, r.new_tips == tips + 1);
    rig_fini(&r);
}

static void another_daemon_takes_over_when_the_active_one_falls_silent(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, 2);
    UNTIL(&r, node(&r, 0).up && node(&r, 1).up);
    unsigned first = active(&r);
    r.fake[first].fault = FAKE_SILENT;
    UNTIL(&r, active(&r) == 1 - first);
    rig_fini(&r);
}

static void the_highest_tip_is_mined_and_the_other_is_marked_behind(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, 2);
    UNTIL(&r, node(&r, 0).up && node(&r, 1).up);
    unsigned first = active(&r), other = 1 - first;
    fake_daemon_tip(&r.fake[other], 103, 'c');
    UNTIL(&r, active(&r) == other);
    assert_int_equal(r.template->height, 104);
    assert_non_null(strstr(node(&r, first).error, "3 blocks below the best"));

    /* one at the same height does not take its place */
    fake_daemon_tip(&r.fake[first], 103, 'd');
    UNTIL(&r, node(&r, first).height == 103);
    assert_int_equal(active(&r), other);
    assert_string_equal(node(&r, first).error, "");
    rig_fini(&r);
}

static void a_daemon_that_was_down_is_used_again(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, 1);
    fake_daemon_stop(&r.fake[0]);
    UNTIL(&r, !node(&r, 0).up);
    unsigned before = r.new_tips;
    fake_daemon_start(&r.fake[0], &r.loop);
    fake_daemon_tip(&r.fake[0], 107, 'e');
    UNTIL(&r, r.new_tips == before + 1);
    assert_int_equal(r.template->height, 108);
    rig_fini(&r);
}

/* --- blocks ---------------------------------------------------------------------------------- */

static void send_block(struct rig *r)
{
    const uint8_t block[4] = {0xde, 0xad, 0xbe, 0xef}, hash[32] = {0};
    int before = r->answers;

    chain_submit(r->chain, block, sizeof block, hash, on_submit, r);
    assert_int_equal(r->answers, before); /* never from inside the call */
    UNTIL(r, r->answers > before);
}

static void a_block_goes_to_every_daemon(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, 2);
    send_block(&r);
    assert_int_equal(r.result, SUBMIT_ACCEPTED);
    UNTIL(&r, r.fake[0].submits == 1 && r.fake[1].submits == 1);
    assert_string_equal(r.fake[0].block, "deadbeef");
    assert_string_equal(r.fake[1].block, "deadbeef");
    run_for(&r, 100);
    assert_int_equal(r.answers, 1); /* exactly once */
    rig_fini(&r);
}

static void one_daemon_that_takes_it_is_enough(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, 2);
    r.fake[0].submit = "\"bad-prevblk\"";
    send_block(&r);
    assert_int_equal(r.result, SUBMIT_ACCEPTED);
    rig_fini(&r);
}

static void words_of_daemons_are_understood(void **state)
{
    static const struct {
        const char *json;
        enum submit_result result;
        const char *text;
    } rows[] = {
        {"null", SUBMIT_ACCEPTED, "accepted"},
        {"\"duplicate\"", SUBMIT_ACCEPTED, "duplicate"},
        {"\"rejected: duplicate\"", SUBMIT_ACCEPTED, "duplicate"},
        {"\"high-hash\"", SUBMIT_REJECTED, "high-hash"},
        {"\"duplicate-invalid\"", SUBMIT_REJECTED, "duplicate-invalid"},
        {"\"rejected: unexpected-witness\"", SUBMIT_REJECTED, "unexpected-witness"},
        {"\"inconclusive\"", SUBMIT_UNKNOWN, "inconclusive"},
        {"\"duplicate-inconclusive\"", SUBMIT_UNKNOWN, "duplicate-inconclusive"},
        {"\"bad\\u001b[2Jword\"", SUBMIT_REJECTED, "bad?[2Jword"},
        {"17", SUBMIT_UNKNOWN, "not a word"},
    };
    struct rig r;

    (void)state;
    rig_start(&r, 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        r.fake[0].submit = rows[i].json;
        send_block(&r);
        if (r.result != rows[i].result || !strstr(r.text, rows[i].text))
            fail_msg("%s gave %d \"%s\"", rows[i].json, r.result, r.text);
    }
    rig_fini(&r);
}

static void fault_of(struct fake_daemon *d, enum fake_fault fault, long code, unsigned times)
{
    d->fault = fault;
    d->code = code;
    d->fault_method = "submitblock";
    d->faults_left = times;
}

static void a_block_is_tried_again_where_nobody_judged_it(void **state)
{
    static const struct {
        enum fake_fault fault;
        long code;
    } rows[] = {{FAKE_RPC_ERROR, -28},
                {FAKE_RPC_ERROR, -22},
                {FAKE_RPC_ERROR, -25},
                {FAKE_HALF, 0},
                {FAKE_SILENT, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rig r;
        rig_start(&r, 1);
        fault_of(&r.fake[0], rows[i].fault, rows[i].code, 2);
        send_block(&r);
        assert_int_equal(r.result, SUBMIT_ACCEPTED);
        rig_fini(&r);
    }
}

static void a_block_that_stays_unreadable_is_refused(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, 1);
    fault_of(&r.fake[0], FAKE_RPC_ERROR, -22, 0);
    send_block(&r);
    assert_int_equal(r.result, SUBMIT_REJECTED);
    rig_fini(&r);
}

static void without_an_answer_the_result_is_unknown(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, 2);
    fake_daemon_stop(&r.fake[0]);
    fault_of(&r.fake[1], FAKE_SILENT, 0, 0);
    send_block(&r);
    assert_int_equal(r.result, SUBMIT_UNKNOWN);
    rig_fini(&r);
}

static void a_refusal_counts_when_the_others_are_silent(void **state)
{
    struct rig r;

    (void)state;
    rig_start(&r, 2);
    r.fake[0].submit = "\"bad-cb-amount\"";
    fault_of(&r.fake[1], FAKE_SILENT, 0, 0);
    send_block(&r);
    assert_int_equal(r.result, SUBMIT_REJECTED);
    assert_string_equal(r.text, "bad-cb-amount");
    rig_fini(&r);
}

static void confirmations_are_the_highest_that_a_daemon_tells(void **state)
{
    static const struct {
        const char *first, *second;
        int64_t want;
    } rows[] = {
        {"{\"confirmations\": 5}", "{\"confirmations\": 7}", 7},
        {"{\"confirmations\": -1}", "{\"confirmations\": 2}", 2},
        {"{\"confirmations\": -1}", NULL, 0},
        {NULL, NULL, -1},
        {"{\"confirmations\": \"x\"}", NULL, -1},
        {"[]", "{}", -2},
    };
    struct rig r;
    const uint8_t hash[32] = {0};

    (void)state;
    rig_start(&r, 2);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int before = r.answers;
        r.fake[0].header = rows[i].first;
        r.fake[1].header = rows[i].second;
        chain_status(r.chain, hash, on_status, &r);
        UNTIL(&r, r.answers > before);
        assert_int_equal(r.confirmations, rows[i].want);
    }
    rig_fini(&r);
}

static void closing_answers_what_is_still_asked(void **state)
{
    struct rig r;
    const uint8_t block[4] = {0}, hash[32] = {0};

    (void)state;
    rig_start(&r, 2);
    chain_submit(r.chain, block, sizeof block, hash, on_submit, &r);
    chain_status(r.chain, hash, on_status, &r);
    chain_close(r.chain);
    r.chain = NULL;
    assert_int_equal(r.answers, 2);
    assert_int_equal(r.result, SUBMIT_UNKNOWN);
    assert_int_equal(r.confirmations, -2);
    rig_fini(&r);
}

/* --- credentials ----------------------------------------------------------------------------- */

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void a_new_cookie_is_read_when_the_old_one_is_refused(void **state)
{
    char path[] = "/tmp/otedama-cookie-XXXXXX";
    struct rig r;

    (void)state;
    close(mkstemp(path));
    write_file(path, "__cookie__:old");
    rig_init(&r, 1);
    r.configs[0].cookie_file = path;
    r.fake[0].auth = "X19jb29raWVfXzpvbGQ="; /* __cookie__:old */
    assert_int_equal(rig_open(&r, NULL), 0);
    UNTIL(&r, r.templates);
    r.fake[0].auth = "X19jb29raWVfXzpuZXc="; /* __cookie__:new */
    UNTIL(&r, !node(&r, 0).up);
    assert_non_null(strstr(node(&r, 0).error, "cookie"));
    unsigned before = r.templates;
    write_file(path, "__cookie__:new\n");
    UNTIL(&r, r.templates > before);
    unlink(path);
    rig_fini(&r);
}

static void a_password_in_the_url_is_used_and_never_shown(void **state)
{
    char url[2048];
    struct rig r;

    (void)state;
    rig_init(&r, 1);
    snprintf(url, sizeof url, "http://user:secret@%s", r.fake[0].url + strlen("http://"));
    r.configs[0].url = url;
    r.fake[0].auth = "dXNlcjpzZWNyZXQ="; /* user:secret */
    assert_int_equal(rig_open(&r, NULL), 0);
    UNTIL(&r, r.templates);
    assert_string_equal(node(&r, 0).name, r.fake[0].url + strlen("http://"));
    fake_daemon_stop(&r.fake[0]);
    UNTIL(&r, node(&r, 0).error[0]);
    assert_null(strstr(node(&r, 0).error, "secret"));
    rig_fini(&r);
}

static void wrong_configurations_are_refused(void **state)
{
    static const char *const urls[] = {"", "nonsense", "ftp://127.0.0.1", "http://"};
    struct fault why = {0};
    struct rig r;

    (void)state;
    rig_init(&r, 1);
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        char url[32];
        text_copy(url, sizeof url, urls[i]);
        r.configs[0].url = url;
        assert_int_equal(rig_open(&r, &why), ERR_CONFIG);
    }
    r.config.pool.daemons.count = 0;
    assert_int_equal(rig_open(&r, &why), ERR_CONFIG);
    assert_non_null(strstr(why.text, "pool.daemons"));
    rig_fini(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_template_comes_from_an_honest_daemon),
        cmocka_unit_test(a_long_poll_brings_the_new_tip_without_polling),
        cmocka_unit_test(polling_finds_the_new_tip_without_a_long_poll),
        cmocka_unit_test(templates_are_refreshed_on_the_same_tip),
        cmocka_unit_test(a_refresh_by_command_is_at_once),
        cmocka_unit_test(what_is_wrong_is_shown_and_a_cure_is_noticed),
        cmocka_unit_test(a_template_of_ten_megabytes_of_nothing_is_refused),
        cmocka_unit_test(a_daemon_of_another_network_gives_no_work_and_no_verdict),
        cmocka_unit_test(nobody_there_is_not_an_error_of_opening),
        cmocka_unit_test(another_daemon_takes_over_when_the_active_one_dies),
        cmocka_unit_test(another_daemon_takes_over_when_the_active_one_falls_silent),
        cmocka_unit_test(the_highest_tip_is_mined_and_the_other_is_marked_behind),
        cmocka_unit_test(a_daemon_that_was_down_is_used_again),
        cmocka_unit_test(a_block_goes_to_every_daemon),
        cmocka_unit_test(one_daemon_that_takes_it_is_enough),
        cmocka_unit_test(words_of_daemons_are_understood),
        cmocka_unit_test(a_block_is_tried_again_where_nobody_judged_it),
        cmocka_unit_test(a_block_that_stays_unreadable_is_refused),
        cmocka_unit_test(without_an_answer_the_result_is_unknown),
        cmocka_unit_test(a_refusal_counts_when_the_others_are_silent),
        cmocka_unit_test(confirmations_are_the_highest_that_a_daemon_tells),
        cmocka_unit_test(closing_answers_what_is_still_asked),
        cmocka_unit_test(a_new_cookie_is_read_when_the_old_one_is_refused),
        cmocka_unit_test(a_password_in_the_url_is_used_and_never_shown),
        cmocka_unit_test(wrong_configurations_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
