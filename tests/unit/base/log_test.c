/* SPDX-License-Identifier: MIT */
/* The log: file format, folding, rotation, several producers, hostile text, a full disk. */
#include <pthread.h>
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

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/log_fold.h"
#include "tests/fake/folder.h"

enum { PRODUCERS = 4, RECORDS = 1500 };

static char folder[FOLDER_MAX], path[128];

static int make_folder(void **state)
{
    (void)state;
    if (folder_make(folder) < 0)
        return -1;
    (void)snprintf(path, sizeof path, "%s/logs/deep/o.log", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    log_stop();
    return folder_remove(folder);
}

static char *content(const char *of)
{
    char *text = NULL;
    size_t len;

    assert_int_equal(file_read(of, 1 << 24, &text, &len), 0);
    return text;
}

static unsigned lines_with(const char *text, const char *part)
{
    unsigned count = 0;

    for (const char *at = text; (at = strstr(at, part)); at++)
        count++;
    return count;
}

static void log_file_lines_carry_time_level_and_category(void **state)
{
    struct log_options options = {.file = path, .level = LOG_INFO};

    (void)state;
    assert_int_equal(log_start(&options), 0);
    log_info(SHARE, "accepted %d", 7);
    log_debug(SHARE, "not written at this level");
    log_stop();
    char *text = content(path);
    assert_int_equal(strlen(text), strlen("2026-01-02T03:04:05.678Z INFO  share    accepted 7\n"));
    assert_string_equal(text + 23, "Z INFO  share    accepted 7\n");
    assert_int_equal(text[10], 'T');
    free(text);
}

static void log_folds_repeats_into_one_line(void **state)
{
    struct log_options options = {.file = path, .level = LOG_INFO};
    struct log_record last;

    (void)state;
    assert_int_equal(log_start(&options), 0);
    for (unsigned i = 0; i < 38; i++)
        log_warn(POOL, "no answer");
    log_info(POOL, "no answer"); /* another level is another text */
    log_stop();
    char *text = content(path);
    assert_int_equal(lines_with(text, "WARN  pool     no answer\n"), 1);
    assert_int_equal(lines_with(text, "WARN  pool     no answer × 37\n"), 1);
    assert_int_equal(lines_with(text, "INFO  pool     no answer\n"), 1);
    free(text);
    assert_int_equal(log_recent(0, &last, 1), 1);
    assert_int_equal(last.level, LOG_INFO);
    struct log_record two[2];
    assert_int_equal(log_recent(last.seq - 2, two, 2), 2);
    assert_int_equal(two[0].repeats, 37);
    assert_int_equal(log_recent(last.seq, two, 2), 0);
    assert_int_equal(log_recent(UINT64_MAX, two, 2), 0);
}

static void fold_window_ends_after_a_minute(void **state)
{
    static struct fold fold;
    struct log_record record = {.seq = 1, .text = "x"}, out;
    const struct fold_entry *first;

    (void)state;
    assert_false(fold_add(&fold, &record, 0, &out, &first));
    assert_true(fold_add(&fold, &record, 59 * SECOND_US, &out, &first));
    assert_false(fold_expired(&fold, 59 * SECOND_US, false, &out));
    assert_true(fold_expired(&fold, 60 * SECOND_US, false, &out));
    assert_int_equal(out.repeats, 1);
    assert_false(fold_add(&fold, &record, 61 * SECOND_US, &out, &first));
}

static void fold_tells_what_it_pushes_out(void **state)
{
    static struct fold fold;
    struct log_record record = {.seq = 1}, out;
    const struct fold_entry *first;

    (void)state;
    for (unsigned i = 0; i <= FOLD_ENTRIES; i++) {
        (void)snprintf(record.text, sizeof record.text, "text %u", i);
        assert_false(fold_add(&fold, &record, i, &out, &first));
        if (!i)
            assert_true(fold_add(&fold, &record, i, &out, &first));
    }
    assert_string_equal(out.text, "text 0");
    assert_int_equal(out.repeats, 1);
}

static void log_rotates_by_size_and_keeps_the_named_number(void **state)
{
    struct log_options options = {.file = path, .level = LOG_INFO, .max_bytes = 1000, .keep = 2};
    char name[160];
    struct stat st;

    (void)state;
    assert_int_equal(log_start(&options), 0);
    for (unsigned i = 0; i < 100; i++)
        log_info(CORE, "line number %u of a hundred", i);
    log_stop();
    for (unsigned i = 0; i < 3; i++) {
        (void)snprintf(name, sizeof name, i ? "%s.%u" : "%s", path, i);
        assert_int_equal(stat(name, &st), 0);
        assert_in_range(st.st_size, 1, 1000);
    }
    (void)snprintf(name, sizeof name, "%s.3", path);
    assert_int_equal(access(name, F_OK), -1);
}

static void log_reopen_goes_on_in_a_new_file(void **state)
{
    struct log_options options = {.file = path, .level = LOG_INFO};
    char moved[160];

    (void)state;
    (void)snprintf(moved, sizeof moved, "%s.moved", path);
    assert_int_equal(log_start(&options), 0);
    log_info(CORE, "before");
    for (unsigned i = 0; access(path, F_OK) && i < 200; i++)
        sleep_us(10000);
    struct stat st = {0};
    for (unsigned i = 0; (stat(path, &st) || !st.st_size) && i < 200; i++)
        sleep_us(10000);
    assert_int_equal(rename(path, moved), 0);
    log_reopen();
    sleep_us(50000);
    log_info(CORE, "after");
    log_stop();
    char *old = content(moved), *text = content(path);
    assert_int_equal(lines_with(old, "before"), 1);
    assert_int_equal(lines_with(old, "after"), 0);
    assert_int_equal(lines_with(text, "after"), 1);
    free(old);
    free(text);
}

static void log_makes_hostile_text_harmless(void **state)
{
    struct log_options options = {.file = path, .level = LOG_INFO};

    (void)state;
    assert_int_equal(log_start(&options), 0);
    log_warn(STRATUM, "%s", "pool\x1b[31m says\nERROR fake \xff\xc0\xaf \xe2\x80\xae end");
    log_stop();
    char *text = content(path);
    assert_string_equal(text + 25, "WARN  stratum  pool?[31m says ERROR fake ??? ? end\n");
    free(text);
}

static void log_survives_a_file_that_cannot_be_opened(void **state)
{
    struct log_options options = {.file = "/proc/nowhere/o.log", .level = LOG_INFO};
    struct log_record last;
    uint64_t dropped = log_dropped();

    (void)state;
    assert_true(log_start(&options) < 0);
    log_info(CORE, "still kept for the console");
    log_stop();
    assert_int_equal(log_recent(0, &last, 1), 1);
    assert_string_equal(last.text, "still kept for the console");
    assert_int_equal(log_dropped(), dropped + 1);
}

static void log_says_once_that_the_disk_is_full(void **state)
{
    struct log_options options = {.file = "/dev/full", .level = LOG_INFO};
    struct log_record recent[8];

    (void)state;
    if (access("/dev/full", W_OK))
        skip();
    uint64_t dropped = log_dropped();
    struct log_record last = {0};
    (void)log_recent(0, &last, 1);
    assert_int_equal(log_start(&options), 0);
    for (unsigned i = 0; i < 3; i++)
        log_info(CORE, "lost %u", i);
    log_stop();
    unsigned n = log_recent(last.seq, recent, 8), told = 0;
    for (unsigned i = 0; i < n; i++)
        told += strstr(recent[i].text, "takes no lines") != NULL;
    assert_int_equal(told, 1);
    assert_int_equal(n, 4);
    assert_int_equal(log_dropped(), dropped + 3);
}

static void *produce(void *arg)
{
    unsigned producer = (unsigned)(uintptr_t)arg;

    for (unsigned i = 0; i < RECORDS; i++) {
        log_info(DEVICE, "p%u n%u", producer, i);
        if (i % 64 == 0)
            sleep_us(500);
    }
    return NULL;
}

static void log_keeps_the_order_of_each_of_several_producers(void **state)
{
    struct log_options options = {.file = path, .level = LOG_INFO};
    pthread_t thread[PRODUCERS];
    struct log_record recent[16];
    uint64_t dropped = log_dropped(), before = log_count(LOG_INFO);

    (void)state;
    assert_int_equal(log_start(&options), 0);
    for (uintptr_t i = 0; i < PRODUCERS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, produce, (void *)i), 0);
    for (unsigned i = 0; i < 50; i++)
        (void)log_recent(0, recent, 16);
    for (unsigned i = 0; i < PRODUCERS; i++)
        (void)pthread_join(thread[i], NULL);
    log_stop();
    uint64_t written = log_count(LOG_INFO) - before, lost = log_dropped() - dropped;
    assert_int_equal(written + lost, PRODUCERS * RECORDS);
    char *text = content(path);
    long last[PRODUCERS] = {-1, -1, -1, -1};
    unsigned lines = 0;
    for (char *at = text; (at = strstr(at, "device   p")); at++, lines++) {
        unsigned producer = (unsigned)strtoul(at + 10, &at, 10);
        long number = strtol(at + 2, NULL, 10);
        assert_in_range(producer, 0, PRODUCERS - 1);
        assert_true(number > last[producer]);
        last[producer] = number;
    }
    assert_int_equal(lines, written);
    free(text);
}

static void log_drops_and_counts_when_the_ring_is_full(void **state)
{
    struct log_options options = {.level = LOG_INFO};
    uint64_t dropped = log_dropped(), before = log_count(LOG_INFO);

    (void)state;
    assert_int_equal(log_start(&options), 0);
    for (unsigned i = 0; i < 20000; i++)
        log_info(CORE, "burst %u", i);
    log_stop();
    assert_int_equal(log_count(LOG_INFO) - before + log_dropped() - dropped, 20000);
}

static void log_stream_has_priorities_for_the_journal(void **state)
{
    struct log_options options = {.stream = "stdout", .journal = true, .level = LOG_INFO};
    char file[160];

    (void)state;
    (void)snprintf(file, sizeof file, "%s/stream", folder);
    (void)fflush(stdout);
    int saved = dup(STDOUT_FILENO);
    FILE *to = fopen(file, "w");
    assert_non_null(to);
    assert_true(dup2(fileno(to), STDOUT_FILENO) >= 0);
    assert_int_equal(log_start(&options), 0);
    log_error(THERMAL, "too hot");
    log_info(CORE, "fine");
    log_stop();
    assert_true(dup2(saved, STDOUT_FILENO) >= 0);
    (void)close(saved);
    (void)fclose(to);
    char *text = content(file);
    assert_string_equal(text, "<3>thermal: too hot\n<6>core: fine\n");
    free(text);
}

static void log_does_not_wait_for_a_reader_that_stopped(void **state)
{
    struct log_options options = {.stream = "stdout", .level = LOG_INFO, .file = path};
    int ends[2], saved;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    (void)fflush(stdout);
    saved = dup(STDOUT_FILENO);
    assert_true(dup2(ends[1], STDOUT_FILENO) >= 0);
    int err = log_start(&options);
    for (unsigned i = 0; i < 1500; i++) /* more than a pipe holds */
        log_info(CORE, "line %u of a pipe that nobody reads, long enough to fill it soon", i);
    log_stop();
    assert_true(dup2(saved, STDOUT_FILENO) >= 0);
    (void)close(saved);
    (void)close(ends[0]);
    (void)close(ends[1]);
    assert_int_equal(err, 0);
    char *text = content(path);
    assert_non_null(strstr(text, "line 1499 of"));
    free(text);
}

static void log_levels_parse_in_either_case(void **state)
{
    enum log_level level;

    (void)state;
    assert_true(log_level_parse("Debug", &level));
    assert_int_equal(level, LOG_DEBUG);
    assert_false(log_level_parse("loud", &level));
}

#define IN_FOLDER(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(log_file_lines_carry_time_level_and_category),
        IN_FOLDER(log_folds_repeats_into_one_line),
        cmocka_unit_test(fold_window_ends_after_a_minute),
        cmocka_unit_test(fold_tells_what_it_pushes_out),
        IN_FOLDER(log_rotates_by_size_and_keeps_the_named_number),
        IN_FOLDER(log_reopen_goes_on_in_a_new_file),
        IN_FOLDER(log_makes_hostile_text_harmless),
        IN_FOLDER(log_survives_a_file_that_cannot_be_opened),
        IN_FOLDER(log_says_once_that_the_disk_is_full),
        IN_FOLDER(log_keeps_the_order_of_each_of_several_producers),
        IN_FOLDER(log_drops_and_counts_when_the_ring_is_full),
        IN_FOLDER(log_stream_has_priorities_for_the_journal),
        IN_FOLDER(log_does_not_wait_for_a_reader_that_stopped),
        cmocka_unit_test(log_levels_parse_in_either_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
