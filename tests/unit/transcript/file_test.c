/* SPDX-License-Identifier: MIT */
/* The transcript's file: written and read back, with what a crash, a hand and an enemy make of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "transcript/cutter.h"
#include "transcript/script.h"

#define HEAD "@ transcript 1\n"

static char folder[64], path[96];

static int begin(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/otedama-transcript-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(path, sizeof path, "%s/t", folder);
    return 0;
}

static int end(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

static int read_text(const char *text, struct transcript *t, struct fault *why)
{
    assert_int_equal(file_write(path, text, strlen(text), 0600), 0);
    return transcript_read(path, t, why);
}

static void what_is_written_is_read(void **state)
{
    struct transcript_writer w;
    struct transcript t;
    struct stat info;

    (void)state;
    assert_int_equal(transcript_create(path, 1 << 20, &w, NULL), 0);
    transcript_put_key(&w, "note", "line\nbreak");
    transcript_put(&w, 1, ENTRY_EVENT, EVENT_OPEN, strlen(EVENT_OPEN));
    transcript_put(&w, 1, ENTRY_MINER, "{\"id\": 1}", 9);
    transcript_put(&w, 2, ENTRY_POOL, "{}", 2);
    transcript_finish(&w);
    assert_int_equal(w.err, 0);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(transcript_read(path, &t, NULL), 0);
    assert_int_equal(t.count, 3);
    assert_int_equal(t.connections, 2);
    assert_int_equal(t.entries[1].kind, ENTRY_MINER);
    assert_string_equal(t.entries[1].text, "{\"id\": 1}");
    assert_int_equal(t.entries[1].line, 4);
    transcript_free(&t);
}

static void a_file_that_is_there_is_never_overwritten(void **state)
{
    struct transcript_writer w;
    struct fault why = {0};

    (void)state;
    assert_int_equal(file_write(path, "mine", 4, 0600), 0);
    assert_true(transcript_create(path, 1 << 20, &w, &why) < 0);
    assert_non_null(strstr(why.text, "there already"));
}

static void past_its_limit_whole_lines_are_left_out(void **state)
{
    struct transcript_writer w;
    struct transcript t;

    (void)state;
    assert_int_equal(transcript_create(path, 50, &w, NULL), 0);
    for (unsigned i = 0; i < 10; i++)
        transcript_put(&w, 1, ENTRY_POOL, "0123456789", 10);
    assert_true(w.full);
    transcript_finish(&w);
    assert_int_equal(transcript_read(path, &t, NULL), 0);
    assert_in_range(t.count, 1, 2);
    transcript_free(&t);
}

static void a_last_line_that_a_crash_cut_is_ignored(void **state)
{
    struct transcript t;

    (void)state;
    assert_int_equal(read_text(HEAD "1 > 5 {}\n1 < 6 {\"id", &t, NULL), 0);
    assert_int_equal(t.count, 1);
    transcript_free(&t);
}

static void what_is_wrong_is_named_with_its_line(void **state)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        {"", "no conversation"},
        {"1 > 0 {}\n", "line 1 of the transcript: the first line"},
        {"@ transcript 2\n1 > 0 {}\n", "version"},
        {HEAD "x > 0 {}\n", "line 2"},
        {HEAD "0 > 0 {}\n", "number of a connection"},
        {HEAD "9999999999999 > 0 {}\n", "number of a connection"},
        {HEAD "1 ! 0 {}\n", "one of > < ="},
        {HEAD "1 > -1 {}\n", "milliseconds"},
        {HEAD "1 > 9 {}\n1 < 8 {}\n", "line 3 of the transcript: the time goes back"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct transcript t;
        struct fault why = {0};
        assert_true(read_text(bad[i].text, &t, &why) < 0);
        assert_non_null(strstr(why.text, bad[i].says));
    }
}

static void answers_find_their_requests_in_both_directions(void **state)
{
    struct transcript t;
    struct script s;

    (void)state;
    assert_int_equal(read_text(HEAD
                               "1 > 0 {\"id\":1,\"method\":\"mining.subscribe\",\"params\":[]}\n"
                               "2 > 0 {\"id\":1,\"method\":\"login\",\"params\":{}}\n"
                               "1 < 1 {\"id\":1,\"method\":\"client.get_version\",\"params\":[]}\n"
                               "1 < 2 {\"id\":1,\"result\":[[],\"08\",4],\"error\":null}\n"
                               "1 > 3 {\"id\":1,\"result\":\"a/1\",\"error\":null}\n"
                               "1 > 4 not a message\n",
                               &t, NULL),
                     0);
    script_init(&s, &t, 1);
    assert_int_equal(s.count, 5);
    assert_int_equal(s.steps[2].partner, 0);
    assert_int_equal(s.steps[0].partner, 2);
    assert_int_equal(s.steps[3].partner, 1);
    assert_string_equal(s.steps[3].method, "client.get_version");
    assert_null(s.steps[4].message.root);
    script_fini(&s);
    transcript_free(&t);
}

static void collect(void *arg, const char *line, size_t len)
{
    if (line)
        str_addf(arg, "%.*s|", (int)len, line);
    else
        str_addf(arg, "<%zu>|", len);
}

static void a_bystander_counts_long_lines_and_goes_on(void **state)
{
    struct cutter c = {.limit = 4};
    struct str out AUTO_STR = {0};

    (void)state;
    cutter_feed(&c, "ab", 2, collect, &out);
    cutter_feed(&c, "cd\r\nabcd\nabcde", 14, collect, &out);
    cutter_feed(&c, "f\n\nxy\n", 6, collect, &out);
    assert_string_equal(out.s, "<5>|abcd|<6>|xy|");
    str_free(&c.line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
        TEST(what_is_written_is_read),
        TEST(a_file_that_is_there_is_never_overwritten),
        TEST(past_its_limit_whole_lines_are_left_out),
        TEST(a_last_line_that_a_crash_cut_is_ignored),
        TEST(what_is_wrong_is_named_with_its_line),
        TEST(answers_find_their_requests_in_both_directions),
        cmocka_unit_test(a_bystander_counts_long_lines_and_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
