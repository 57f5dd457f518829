/* SPDX-License-Identifier: MIT */
/* A chain behind daemons that lie, die and come back: which template is used, what people are told,
 * and with which credentials they are asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/str.h"
#include "tests/fake/daemon_rig.h"

static void a_template_comes_from_an_honest_daemon(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_start(&r, &bitcoin_family, 1);
    assert_int_equal(r.heard.template->height, 101);
    assert_int_equal(r.heard.new_tips, 1);
    assert_true(daemon_rig_node(&r, 0).up);
    assert_true(daemon_rig_node(&r, 0).active);
    assert_int_equal(daemon_rig_node(&r, 0).height, 100);
    assert_string_equal(daemon_rig_node(&r, 0).error, "");
    daemon_rig_fini(&r);
}

static void a_long_poll_brings_the_new_tip_without_polling(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_init(&r, &bitcoin_family, 1);
    r.timing.poll_ms = 60000;
    r.timing.refresh_ms = 60000;
    assert_int_equal(daemon_rig_open(&r, NULL), 0);
    UNTIL(&r, r.heard.templates && r.fake[0].waits);
    fake_daemon_tip(&r.fake[0], 101, 'b');
    UNTIL(&r, r.heard.new_tips == 2);
    assert_int_equal(r.heard.template->height, 102);
    assert_int_equal(r.fake[0].polls, 0);
    daemon_rig_fini(&r);
}

static void no_longpollid(json_t *gbt)
{
    json_object_del(gbt, "longpollid");
}

static void polling_finds_the_new_tip_without_a_long_poll(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_init(&r, &bitcoin_family, 1);
    r.fake[0].spoil = no_longpollid;
    r.timing.refresh_ms = 60000;
    assert_int_equal(daemon_rig_open(&r, NULL), 0);
    UNTIL(&r, r.heard.templates);
    fake_daemon_tip(&r.fake[0], 101, 'b');
    UNTIL(&r, r.heard.new_tips == 2);
    assert_int_equal(r.fake[0].waits, 0);
    daemon_rig_fini(&r);
}

static void templates_are_refreshed_on_the_same_tip(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_start(&r, &bitcoin_family, 1);
    UNTIL(&r, r.heard.templates >= 3);
    assert_int_equal(r.heard.new_tips, 1);
    daemon_rig_fini(&r);
}

static void a_refresh_by_command_is_at_once(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_init(&r, &bitcoin_family, 1);
    r.timing.refresh_ms = 60000;
    assert_int_equal(daemon_rig_open(&r, NULL), 0);
    UNTIL(&r, r.heard.templates);
    chain_refresh(r.chain);
    UNTIL(&r, r.heard.templates == 2);
    daemon_rig_fini(&r);
}

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
        struct daemon_rig r;
        daemon_rig_init(&r, &bitcoin_family, 1);
        r.fake[0].fault = rows[i].fault;
        r.fake[0].code = rows[i].code;
        r.fake[0].status = rows[i].status;
        r.fake[0].spoil = rows[i].spoil;
        assert_int_equal(daemon_rig_open(&r, NULL), 0);
        UNTIL(&r, daemon_rig_node(&r, 0).error[0]);
        if (!strstr(daemon_rig_node(&r, 0).error, rows[i].says))
            fail_msg("row %zu: \"%s\" does not say \"%s\"", i, daemon_rig_node(&r, 0).error,
                     rows[i].says);
        assert_false(daemon_rig_node(&r, 0).up);
        assert_int_equal(r.heard.templates, 0);
        r.fake[0].fault = FAKE_HONEST;
        r.fake[0].spoil = NULL;
        UNTIL(&r, r.heard.templates);
        assert_string_equal(daemon_rig_node(&r, 0).error, "");
        daemon_rig_fini(&r);
    }
}

static void a_template_of_ten_megabytes_of_nothing_is_refused(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_init(&r, &bitcoin_family, 1);
    r.fake[0].fault = FAKE_HUGE;
    r.fake[0].fault_method = "getblocktemplate";
    assert_int_equal(daemon_rig_open(&r, NULL), 0);
    UNTIL(&r, daemon_rig_node(&r, 0).error[0]);
    assert_non_null(strstr(daemon_rig_node(&r, 0).error, "is not an object"));
    daemon_rig_fini(&r);
}

static void a_daemon_of_another_network_gives_no_work_and_no_verdict(void **state)
{
    struct daemon_rig r;
    const uint8_t block[81] = {0}, hash[32] = {0};

    (void)state;
    daemon_rig_init(&r, &bitcoin_family, 1);
    r.fake[0].genesis = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f";
    r.fake[0].submit = "\"prev-blk-not-found\"";
    assert_int_equal(daemon_rig_open(&r, NULL), 0);
    UNTIL(&r, daemon_rig_node(&r, 0).error[0]);
    assert_non_null(strstr(daemon_rig_node(&r, 0).error, "not on the regtest network of bitcoin"));
    daemon_rig_run(&r, 100);
    assert_int_equal(r.heard.templates, 0);
    chain_submit(r.chain, block, sizeof block, hash, chain_heard_submit, &r.heard);
    UNTIL(&r, r.heard.answers == 1);
    assert_int_equal(r.heard.result, SUBMIT_UNKNOWN);
    chain_status(r.chain, hash, chain_heard_status, &r.heard);
    UNTIL(&r, r.heard.answers == 2);
    assert_int_equal(r.heard.confirmations, -2);
    daemon_rig_fini(&r);
}

static void nobody_there_is_not_an_error_of_opening(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_init(&r, &bitcoin_family, 1);
    fake_daemon_stop(&r.fake[0]);
    uv_run(&r.loop, UV_RUN_NOWAIT);
    assert_int_equal(daemon_rig_open(&r, NULL), 0);
    UNTIL(&r, daemon_rig_node(&r, 0).error[0]);
    fake_daemon_start(&r.fake[0], &r.loop);
    UNTIL(&r, r.heard.templates);
    daemon_rig_fini(&r);
}

static unsigned active(struct daemon_rig *r)
{
    return daemon_rig_node(r, 0).active ? 0 : daemon_rig_node(r, 1).active ? 1 : 9;
}

static void another_daemon_takes_over_when_the_active_one_dies(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_start(&r, &bitcoin_family, 2);
    UNTIL(&r, daemon_rig_node(&r, 0).up && daemon_rig_node(&r, 1).up);
    unsigned first = active(&r), tips = r.heard.new_tips;
    fake_daemon_stop(&r.fake[first]);
    UNTIL(&r, active(&r) == 1 - first);
    assert_int_equal(r.heard.new_tips, tips); /* the same tip: miners' jobs stay good */
    fake_daemon_tip(&r.fake[1 - first], 101, 'b');
    UNTIL(&r, r.heard.new_tips == tips + 1);
    daemon_rig_fini(&r);
}

static void another_daemon_takes_over_when_the_active_one_falls_silent(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_start(&r, &bitcoin_family, 2);
    UNTIL(&r, daemon_rig_node(&r, 0).up && daemon_rig_node(&r, 1).up);
    unsigned first = active(&r);
    r.fake[first].fault = FAKE_SILENT;
    UNTIL(&r, active(&r) == 1 - first);
    daemon_rig_fini(&r);
}

static void the_highest_tip_is_mined_and_the_other_is_marked_behind(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_start(&r, &bitcoin_family, 2);
    UNTIL(&r, daemon_rig_node(&r, 0).up && daemon_rig_node(&r, 1).up);
    unsigned first = active(&r), other = 1 - first;
    fake_daemon_tip(&r.fake[other], 103, 'c');
    UNTIL(&r, active(&r) == other);
    assert_int_equal(r.heard.template->height, 104);
    assert_non_null(strstr(daemon_rig_node(&r, first).error, "3 blocks below the best"));

    /* one at the same height does not take its place */
    fake_daemon_tip(&r.fake[first], 103, 'd');
    UNTIL(&r, daemon_rig_node(&r, first).height == 103);
    assert_int_equal(active(&r), other);
    assert_string_equal(daemon_rig_node(&r, first).error, "");
    daemon_rig_fini(&r);
}

static void a_daemon_that_was_down_is_used_again(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_start(&r, &bitcoin_family, 1);
    fake_daemon_stop(&r.fake[0]);
    UNTIL(&r, !daemon_rig_node(&r, 0).up);
    unsigned before = r.heard.new_tips;
    fake_daemon_start(&r.fake[0], &r.loop);
    fake_daemon_tip(&r.fake[0], 107, 'e');
    UNTIL(&r, r.heard.new_tips == before + 1);
    assert_int_equal(r.heard.template->height, 108);
    daemon_rig_fini(&r);
}

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
    struct daemon_rig r;

    (void)state;
    close(mkstemp(path));
    write_file(path, "__cookie__:old");
    daemon_rig_init(&r, &bitcoin_family, 1);
    r.configs[0].cookie_file = path;
    r.fake[0].auth = "X19jb29raWVfXzpvbGQ="; /* __cookie__:old */
    assert_int_equal(daemon_rig_open(&r, NULL), 0);
    UNTIL(&r, r.heard.templates);
    r.fake[0].auth = "X19jb29raWVfXzpuZXc="; /* __cookie__:new */
    UNTIL(&r, !daemon_rig_node(&r, 0).up);
    assert_non_null(strstr(daemon_rig_node(&r, 0).error, "cookie"));
    unsigned before = r.heard.templates;
    write_file(path, "__cookie__:new\n");
    UNTIL(&r, r.heard.templates > before);
    unlink(path);
    daemon_rig_fini(&r);
}

static void a_password_in_the_url_is_used_and_never_shown(void **state)
{
    struct daemon_rig r;

    (void)state;
    daemon_rig_init(&r, &bitcoin_family, 1);
    AUTO_FREE char *url = xasprintf("http://user:secret@%s", r.fake[0].url + strlen("http://"));
    r.configs[0].url = url;
    r.fake[0].auth = "dXNlcjpzZWNyZXQ="; /* user:secret */
    assert_int_equal(daemon_rig_open(&r, NULL), 0);
    UNTIL(&r, r.heard.templates);
    assert_string_equal(daemon_rig_node(&r, 0).name, r.fake[0].url + strlen("http://"));
    fake_daemon_stop(&r.fake[0]);
    UNTIL(&r, daemon_rig_node(&r, 0).error[0]);
    assert_null(strstr(daemon_rig_node(&r, 0).error, "secret"));
    daemon_rig_fini(&r);
}

static void wrong_configurations_are_refused(void **state)
{
    static const char *const urls[] = {"", "nonsense", "ftp://127.0.0.1", "http://"};
    struct fault why = {0};
    struct daemon_rig r;

    (void)state;
    daemon_rig_init(&r, &bitcoin_family, 1);
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        char url[32];
        text_copy(url, sizeof url, urls[i]);
        r.configs[0].url = url;
        assert_int_equal(daemon_rig_open(&r, &why), ERR_CONFIG);
    }
    r.config.pool.daemons.count = 0;
    assert_int_equal(daemon_rig_open(&r, &why), ERR_CONFIG);
    assert_non_null(strstr(why.text, "pool.daemons"));
    daemon_rig_fini(&r);
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
        cmocka_unit_test(a_new_cookie_is_read_when_the_old_one_is_refused),
        cmocka_unit_test(a_password_in_the_url_is_used_and_never_shown),
        cmocka_unit_test(wrong_configurations_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
