/* SPDX-License-Identifier: MIT */
/* Messages, refusals, numbers and pool URLs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stratum/client.h"
#include "stratum/message.h"
#include "stratum/url.h"

static int parse(const char *line, struct message *m)
{
    struct fault why = {0};
    int err = message_parse(line, strlen(line), m, &why);

    assert_int_equal(err < 0, why.text[0] != 0);
    return err;
}

static void ids_keep_their_bytes(void **state)
{
    static const struct {
        const char *line, *id;
    } rows[] = {
        {"{\"id\":1,\"method\":\"a\"}", "1"},
        {"{\"method\":\"a\",\"id\" :\t 1.50e2 }", "1.50e2"},
        {"{\"id\":\"x\\\"y,}\",\"params\":[]}", "\"x\\\"y,}\""},
        {"{\"params\":[{\"id\":5}],\"id\":null}", "null"},
        {"{\"params\":[\"\\\"id\\\":9\"],\"id\":true}", "true"},
        {"{\"a\":\"id\",\"id\":3}", "3"},
        {"{}", "null"},
        {"{\"id\":1,\"id\":2}", "2"},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct message m;
        char id[128];
        assert_int_equal(parse(rows[i].line, &m), 0);
        (void)snprintf(id, sizeof id, "%.*s", m.id_len, m.id);
        assert_string_equal(id, rows[i].id);
        message_fini(&m);
    }
}

static void what_is_no_message_is_refused(void **state)
{
    static const char *const lines[] = {
        "",
        "x",
        "[]",
        "7",
        "{\"id\":[]}",
        "{\"id\":{}}",
        "{\"id\":}",
        "{\"id\":1",
        "{\"id\":1}}",
        "{\"a\":[[[[[[[[[]]]]]]]]]}",
        "{\"id\":\"0123456789012345678901234567890123456789012345678901234567890123456789"
        "0123456789012345678901234567890123456789\"}",
        "{\"params\":[NaN]}",
        "{\"params\":[1e999]}",
        "{\"id\":\"unfinished",
        "{\"id\":\"unfinished\\",
        "{\"id\"",
        "{\"id\":\"\x92\"}",
    };

    (void)state;
    for (unsigned i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct message m;
        if (parse(lines[i], &m) == 0)
            fail_msg("taken: %s", lines[i]);
    }
}

static void endless_arrays_are_refused(void **state)
{
    AUTO_STR struct str line = {0};
    struct message m;

    (void)state;
    str_add(&line, "{\"params\":[0");
    for (int i = 0; i < 3000; i++)
        str_add(&line, ",0");
    str_add(&line, "]}");
    assert_true(parse(line.s, &m) < 0);
}

static void bytes_that_are_no_utf8_are_borne(void **state)
{
    struct message m;

    (void)state;
    assert_int_equal(parse("{\"method\":\"client.show_message\",\"params\":[\"gr\xfc\xdf\"]}", &m),
                     0);
    assert_string_equal(message_text(&m, 0), "gr??");
    message_fini(&m);
}

static void numbers_are_read_strictly(void **state)
{
    static const struct {
        const char *value;
        double want; /* 0 = refused */
    } rows[] = {{"8", 8},        {"0.5", 0.5},   {"1e3", 1000}, {"\"16\"", 16}, {"\"1e-3\"", 0.001},
                {"\"0x10\"", 0}, {"\"nan\"", 0}, {"\"\"", 0},   {"\" 1\"", 0},  {"true", 0},
                {"null", 0},     {"[]", 0},      {"\"inf\"", 0}};

    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        char line[64];
        struct message m;
        double got = 0;
        (void)snprintf(line, sizeof line, "{\"params\":[%s]}", rows[i].value);
        assert_int_equal(parse(line, &m), 0);
        assert_int_equal(message_number(&m, 0, &got), rows[i].want != 0);
        assert_true(got == rows[i].want);
        message_fini(&m);
    }
}

static void numbers_are_written_to_be_read_back(void **state)
{
    static const double values[] = {1,      0.1,  1.0 / 3, 1048576, 1e15, 123456789012345.0,
                                    2.5e-9, 1e300};

    (void)state;
    for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
        AUTO_STR struct str out = {0};
        json_put_number(&out, values[i]);
        assert_true(strtod(out.s, NULL) == values[i]);
    }
    AUTO_STR struct str out = {0};
    json_put_number(&out, 1048576);
    assert_string_equal(out.s, "1048576");
}

static void text_is_quoted(void **state)
{
    AUTO_STR struct str out = {0};

    (void)state;
    json_put_text(&out, "a\"b\\c\n\x1b"
                        "d");
    assert_string_equal(out.s, "\"a\\\"b\\\\c\\u000a\\u001bd\"");
}

static void urls_are_taken_or_refused_by_name(void **state)
{
    static const struct {
        const char *url, *refusal; /* NULL = taken */
    } rows[] = {
        {"stratum+tcp://pool.example:3333", NULL},
        {"STRATUM+TCP://pool.example:3333/", NULL},
        {"tcp://[::1]:3333", NULL},
        {"pool.example:3333", NULL},
        {"stratum+ssl://pool.example:3333", NULL},
        {"stratum+tls://pool.example:3333", NULL},
        {"ssl://pool.example:3333", NULL},
        {"stratums://pool.example:3333", NULL},
        {"stratum1+tls12://pool.example:3333", NULL},
        {"stratum+udp://pool.example:3333", "unknown URL scheme"},
        {"stratum+ssl+tcp+x://pool.example:3333", "unknown URL scheme"},
        {"a-scheme-that-is-much-too-long://pool.example:3333", "unknown URL scheme"},
        {"sv2://pool.example:3333", "V2"},
        {"http://node:8332", "daemon"},
        {"gopher://pool.example:3333", "unknown URL scheme"},
        {"stratum+tcp://pool.example", "port"},
        {"stratum+tcp://:3333", "host"},
        {"stratum+tcp://user@pool.example:3333", "user"},
        {"://x:1", "unknown URL scheme"},
        {"", "host"},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fault why = {0};
        int err = stratum_url_check(rows[i].url, &why);
        if ((err == 0) != !rows[i].refusal || (err && !strstr(why.text, rows[i].refusal)))
            fail_msg("%s: %d \"%s\"", rows[i].url, err, why.text);
    }
}

static void the_scheme_and_the_algorithm_choose_dialect_and_encryption(void **state)
{
    static const struct algo sha256d = {.name = "sha256d"}, kawpow = {.name = "kawpow"},
                             randomx = {.name = "randomx"}, ethash = {.name = "ethash"},
                             unknown = {.name = "x11"};
    static const struct {
        const char *url;
        const struct algo *algo;
        const char *dialect; /* NULL = refused */
        bool tls;
    } rows[] = {
        {"h:1", &sha256d, "stratum1", false},
        {"stratum+tcp://h:1", &kawpow, "kawpow", false},
        {"stratum+ssl://h:1", &randomx, "monero", true},
        {"tls://h:1", &kawpow, "kawpow", true},
        {"tcps://h:1", &sha256d, "stratum1", true},
        {"tcp://h:1", &randomx, "monero", false},
        {"ethproxy://h:1", &kawpow, NULL, false},
        {"stratum3+tcp://h:1", &sha256d, NULL, false},
        {"stratum+tcp://h:1", &unknown, NULL, false},
        {"stratum2+tcp://h:1", &sha256d, NULL, false},
        {"stratum+tcp://h:1", &ethash, "ethereum1", false},
        {"stratum1+ssl://h:1", &ethash, "ethproxy", true},
        {"stratum2+tcp://h:1", &ethash, "ethereum1", false},
        {"stratum3+tcp://h:1", &ethash, "ethereum2", false},
        {"ethproxy+tls://h:1", &ethash, "ethproxy", true},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct stratum_url u;
        struct fault why = {0};
        int err = stratum_url_parse(rows[i].url, rows[i].algo, &u, &why);
        if (!rows[i].dialect) {
            assert_int_equal(err, ERR_CONFIG);
            continue;
        }
        if (err < 0)
            fail_msg("%s: %s", rows[i].url, why.text);
        assert_string_equal(u.dialects[0]->name, rows[i].dialect);
        assert_int_equal(u.tls, rows[i].tls);
    }
}

static void redirects_stay_in_the_domain(void **state)
{
    static const struct {
        const char *from, *to;
        bool allowed;
    } rows[] = {
        {"pool.com", "pool.com", true},
        {"pool.com", "POOL.com", true},
        {"pool.com", "eu.pool.com", true},
        {"stratum.pool.com", "eu.pool.com", true},
        {"stratum.pool.com", "evilpool.com", false},
        {"pool.com", "evil.com", false},
        {"pool.com", "evilpool.com", false},
        {"pool.co.uk", "evil.co.uk", false},
        {"a.pool.co.uk", "b.pool.co.uk", true},
        {"stratum.pool.com", "pool.com.evil.org", false},
        {"10.0.0.1", "10.0.0.2", false},
        {"10.0.0.1", "10.0.0.1", true},
        {"pool.com", "10.0.0.1", false},
        {"localhost", "evil.localhost", false},
        {"com", "evil.com", false},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++)
        if (redirect_allowed(rows[i].from, rows[i].to) != rows[i].allowed)
            fail_msg("%s -> %s", rows[i].from, rows[i].to);
}

#define SUBMIT "\"method\":\"mining.submit\""

static void what_is_read_quickly_is_read_the_same(void **state)
{
    static const char *const lines[] = {
        "{\"id\":4,\"method\":\"mining.submit\",\"params\":[\"a.1\",\"bf\",\"00000001\","
        "\"504e86ed\","
        "\"b2957c02\"]}",
        "{\"params\": [\"a\", \"\", \"c\"], \"id\": \"seven\",\t" SUBMIT "} ",
        "{" SUBMIT ",\"params\":[\"a\"],\"id\":0}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char room[MESSAGE_ROOM];
        struct message quick, full;
        size_t len = strlen(lines[i]);
        assert_true(message_quick(lines[i], len, room, &quick));
        assert_int_equal(message_parse(lines[i], len, &full, NULL), 0);
        assert_string_equal(quick.method, full.method);
        assert_int_equal(quick.id_len, full.id_len);
        assert_memory_equal(quick.id, full.id, full.id_len);
        for (unsigned k = 0; k <= MESSAGE_TEXTS_MAX; k++) {
            assert_int_equal(message_given(&quick, k), message_given(&full, k));
            if (message_given(&full, k))
                assert_string_equal(message_text(&quick, k), message_text(&full, k));
        }
        message_fini(&quick);
        message_fini(&full);
    }
}

static void the_rest_is_left_to_the_full_reader(void **state)
{
    static const char *const lines[] = {
        "",
        "{}",
        "{\"id\":1," SUBMIT "}",
        "{\"id\":1," SUBMIT ",\"params\":[]}",
        "{\"id\":1," SUBMIT ",\"params\":[1]}",
        "{\"id\":1," SUBMIT ",\"params\":[\"a\",null]}",
        "{\"id\":1," SUBMIT ",\"params\":[\"a\\n\"]}",
        "{\"id\":1," SUBMIT ",\"params\":[\"\xc3\xa9\"]}",
        "{\"id\":1," SUBMIT ",\"params\":[\"a\"]",
        "{\"id\":1," SUBMIT ",\"params\":[\"a\"]}}",
        "{\"id\":1," SUBMIT ",\"params\":[\"a\",]}",
        "{\"id\":1," SUBMIT ",\"params\":[\"a\"],\"worker\":\"w\"}",
        "{\"id\":1," SUBMIT ",\"params\":[\"a\"],\"id\":2}",
        "{\"id\":01," SUBMIT ",\"params\":[\"a\"]}",
        "{\"id\":1.5," SUBMIT ",\"params\":[\"a\"]}",
        "{\"id\":null," SUBMIT ",\"params\":[\"a\"]}",
        "{" SUBMIT ",\"params\":[\"a\"]}",
        "{\"id\":1,\"method\":\"mining.authorize\",\"params\":[\"a\"]}",
        "{\"id\":1," SUBMIT ",\"params\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]}",
    };
    char room[MESSAGE_ROOM], line[MESSAGE_ROOM + 100];
    struct message m;

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_false(message_quick(lines[i], strlen(lines[i]), room, &m));
    (void)snprintf(line, sizeof line, "{\"id\":1," SUBMIT ",\"params\":[\"%0*d\"]}",
                   MESSAGE_ROOM - 30, 0);
    assert_false(message_quick(line, strlen(line), room, &m));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read_quickly_is_read_the_same),
        cmocka_unit_test(the_rest_is_left_to_the_full_reader),
        cmocka_unit_test(ids_keep_their_bytes),
        cmocka_unit_test(what_is_no_message_is_refused),
        cmocka_unit_test(endless_arrays_are_refused),
        cmocka_unit_test(bytes_that_are_no_utf8_are_borne),
        cmocka_unit_test(numbers_are_read_strictly),
        cmocka_unit_test(numbers_are_written_to_be_read_back),
        cmocka_unit_test(text_is_quoted),
        cmocka_unit_test(urls_are_taken_or_refused_by_name),
        cmocka_unit_test(the_scheme_and_the_algorithm_choose_dialect_and_encryption),
        cmocka_unit_test(redirects_stay_in_the_domain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
