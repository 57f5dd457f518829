/* SPDX-License-Identifier: MIT */
/* The table of metrics is well formed, and the text format follows its rules. */
#include <ctype.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "metrics/prometheus.h"

static void names_are_valid_and_unique(void **state)
{
    char name[METRIC_NAME_MAX], other[METRIC_NAME_MAX];

    (void)state;
    for (unsigned m = 0; m < METRICS; m++) {
        metric_name(m, name);
        for (const char *c = name; *c; c++)
            assert_true(islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '_');
        for (unsigned n = m + 1; n < METRICS; n++) {
            metric_name(n, other);
            assert_string_not_equal(name, other);
        }
    }
}

static void counters_and_only_counters_end_in_total(void **state)
{
    (void)state;
    for (unsigned m = 0; m < METRICS; m++) {
        const struct metric_info *info = metric_info(m);
        size_t len = strlen(info->word);
        int total = len > 6 && strcmp(info->word + len - 6, "_TOTAL") == 0;
        assert_int_equal(total, info->kind == METRIC_COUNTER);
    }
}

static void every_row_has_help_without_full_stop(void **state)
{
    (void)state;
    for (unsigned m = 0; m < METRICS; m++) {
        const char *help = metric_info(m)->help;
        assert_true(strlen(help) > 8);
        assert_int_not_equal(help[strlen(help) - 1], '.');
        assert_null(strchr(help, '|'));
    }
}

static void labels_are_valid_names(void **state)
{
    char labels[METRIC_LABELS_MAX][METRIC_LABEL_MAX];

    (void)state;
    for (unsigned m = 0; m < METRICS; m++)
        for (unsigned i = 0, n = metric_labels(m, labels); i < n; i++) {
            assert_true(strlen(labels[i]) > 0);
            for (const char *c = labels[i]; *c; c++)
                assert_true(islower((unsigned char)*c) || *c == '_');
        }
}

static void samples_share_one_help_and_type(void **state)
{
    struct prom_page page = {0};

    (void)state;
    prom_put(&page, METRIC_POOL_ACTIVE, 1, "0");
    prom_put(&page, METRIC_POOL_ACTIVE, 0, "1");
    assert_string_equal(str_text(&page.out),
                        "# HELP otedama_pool_active 1 when devices work for this upstream pool\n"
                        "# TYPE otedama_pool_active gauge\n"
                        "otedama_pool_active{pool=\"0\"} 1\n"
                        "otedama_pool_active{pool=\"1\"} 0\n");
    str_free(&page.out);
}

static void label_values_are_escaped(void **state)
{
    struct prom_page page = {0};

    (void)state;
    prom_put(&page, METRIC_BUILD_INFO, 1, "a\\b\"c\nd");
    assert_non_null(strstr(str_text(&page.out), "{version=\"a\\\\b\\\"c\\nd\"} 1\n"));
    str_free(&page.out);
}

static void unknown_values_are_left_out(void **state)
{
    struct prom_page page = {0};

    (void)state;
    prom_put(&page, METRIC_POOL_RTT_SECONDS, NAN, "0");
    assert_string_equal(str_text(&page.out), "");
    str_free(&page.out);
}

static void infinity_and_large_counters_keep_their_value(void **state)
{
    struct prom_page page = {0};

    (void)state;
    prom_put(&page, METRIC_HASHES_TOTAL, 9007199254740991.0, "cpu0", "sha256d");
    prom_put(&page, METRIC_HASHES_TOTAL, INFINITY, "cpu1", "sha256d");
    assert_non_null(strstr(str_text(&page.out), "} 9007199254740991\n"));
    assert_non_null(strstr(str_text(&page.out), "} +Inf\n"));
    str_free(&page.out);
}

static void values_have_no_noise_digits_and_read_back(void **state)
{
    struct prom_page page = {0};

    (void)state;
    prom_plain(&page, METRIC_START_TIME_SECONDS, 1795503352.327);
    prom_plain(&page, METRIC_HUB_BUSY_RATIO, 1.0 / 3);
    assert_non_null(strstr(str_text(&page.out), "seconds 1795503352.327\n"));
    assert_true(strtod(strrchr(str_text(&page.out), ' '), NULL) == 1.0 / 3);
    str_free(&page.out);
}

static void manual_lists_every_metric(void **state)
{
    char *text = NULL, name[METRIC_NAME_MAX];
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    (void)state;
    metrics_print(out);
    fclose(out);
    for (unsigned m = 0; m < METRICS; m++) {
        metric_name(m, name);
        assert_non_null(strstr(text, name));
    }
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_valid_and_unique),
        cmocka_unit_test(counters_and_only_counters_end_in_total),
        cmocka_unit_test(every_row_has_help_without_full_stop),
        cmocka_unit_test(labels_are_valid_names),
        cmocka_unit_test(samples_share_one_help_and_type),
        cmocka_unit_test(label_values_are_escaped),
        cmocka_unit_test(unknown_values_are_left_out),
        cmocka_unit_test(infinity_and_large_counters_keep_their_value),
        cmocka_unit_test(values_have_no_noise_digits_and_read_back),
        cmocka_unit_test(manual_lists_every_metric),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
