/* SPDX-License-Identifier: MIT */
/* The metrics page as a scraper reads it: grammar, no series twice, nothing invented. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "api/routes.h"
#include "canned.h"
#include "metrics/metrics.h"

static struct snapshot snap;
static struct device_view devices[2];
static struct api_counts counts;

enum { LINES_MAX = 4000 };

struct page {
    char *text, *line[LINES_MAX];
    unsigned count;
};

static int setup(void **state)
{
    struct request request = {.path = "/metrics", .listener = LISTENER_METRICS};
    struct page *page = calloc(1, sizeof *page);
    struct reply reply;

    canned_snapshot(&snap, devices);
    api_count(&counts, "/api/status", "GET", 200);
    request.snapshot = &snap;
    request.counts = &counts;
    request.now_us = snap.taken_us + 1000;
    request.now_ms = snap.taken_ms;
    api_answer(&request, &reply);
    page->text = reply.body;
    for (char *at = strtok(page->text, "\n"); at; at = strtok(NULL, "\n"))
        page->line[page->count++] = at;
    *state = page;
    return 0;
}

static int teardown(void **state)
{
    struct page *page = *state;

    free(page->text);
    free(page);
    return 0;
}

/* "# TYPE name kind" or "# HELP name text": whether `line` is one, and of which name. */
static bool comment(const char *line, const char *word, char name[METRIC_NAME_MAX])
{
    size_t len = strlen(word);

    if (strncmp(line, word, len) != 0)
        return false;
    snprintf(name, METRIC_NAME_MAX, "%.*s", (int)strcspn(line + len, " "), line + len);
    return true;
}

static void help_and_type_come_once_before_their_samples(void **state)
{
    struct page *page = *state;
    char now[METRIC_NAME_MAX] = "", name[METRIC_NAME_MAX], other[METRIC_NAME_MAX];

    for (unsigned i = 0; i < page->count; i++) {
        if (comment(page->line[i], "# HELP ", name)) {
            for (unsigned k = 0; k < i; k++)
                if (comment(page->line[k], "# HELP ", other))
                    assert_string_not_equal(name, other);
            assert_true(comment(page->line[i + 1], "# TYPE ", other));
            assert_string_equal(name, other);
            strcpy(now, name);
            i++;
            continue;
        }
        size_t len = strcspn(page->line[i], "{ ");
        assert_int_equal(len, strlen(now));
        assert_memory_equal(page->line[i], now, len);
    }
}

static void no_series_stands_twice(void **state)
{
    struct page *page = *state;

    for (unsigned i = 0; i < page->count; i++)
        for (unsigned k = 0; k < i; k++) {
            size_t len = (size_t)(strrchr(page->line[i], ' ') - page->line[i]);
            if (*page->line[i] != '#' && strncmp(page->line[i], page->line[k], len + 1) == 0)
                fail_msg("twice: %s", page->line[i]);
        }
}

static void every_sample_is_a_number(void **state)
{
    struct page *page = *state;

    for (unsigned i = 0; i < page->count; i++) {
        char *value = strrchr(page->line[i], ' ') + 1, *end;
        double number;
        if (*page->line[i] == '#')
            continue;
        number = strtod(value, &end);
        assert_true(end > value && !*end);
        assert_false(isnan(number) || isinf(number));
        assert_true(number >= 0);
    }
}

static void every_documented_metric_is_there(void **state)
{
    struct page *page = *state;
    char name[METRIC_NAME_MAX], other[METRIC_NAME_MAX];

    for (unsigned m = 0; m < METRICS; m++) {
        bool found = false;
        metric_name(m, name);
        for (unsigned i = 0; i < page->count && !found; i++)
            found = comment(page->line[i], "# TYPE ", other) && strcmp(name, other) == 0;
        if (!found && m != METRIC_DEVICE_VOLTAGE_VOLTS) /* not measured by the canned devices */
            fail_msg("%s is documented, but not on the page", name);
    }
}

static void what_is_not_measured_is_left_out(void **state)
{
    struct page *page = *state;

    for (unsigned i = 0; i < page->count; i++) {
        assert_null(strstr(page->line[i], "otedama_device_voltage_volts"));
        assert_null(strstr(page->line[i], "sensor=\"1\""));
        assert_null(strstr(page->line[i], "window=\"15m\""));
    }
}

static void series_do_not_grow_with_workers(void **state)
{
    struct page *page = *state;

    for (unsigned i = 0; i < page->count; i++) {
        assert_null(strstr(page->line[i], "rig1"));
        assert_null(strstr(page->line[i], "devaddress"));
    }
    assert_true(page->count < 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_and_type_come_once_before_their_samples),
        cmocka_unit_test(no_series_stands_twice),
        cmocka_unit_test(every_sample_is_a_number),
        cmocka_unit_test(every_documented_metric_is_there),
        cmocka_unit_test(what_is_not_measured_is_left_out),
        cmocka_unit_test(series_do_not_grow_with_workers),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
