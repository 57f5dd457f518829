/* SPDX-License-Identifier: MIT */
/* The option reader of the subcommands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/cli.h"

static struct {
    bool json;
    const char *file;
    unsigned threads;
    double seconds;
} got;

static const struct cli_option rows[] = {
    {"--json", CLI_FLAG, &got.json},
    {"--file", CLI_TEXT, &got.file},
    {"--threads", CLI_UINT, &got.threads},
    {"--seconds", CLI_REAL, &got.seconds},
    {0},
};

static int read_words(char **argv, struct fault *why)
{
    int argc = 0;

    while (argv[argc])
        argc++;
    memset(&got, 0, sizeof got);
    return cli_options(argc, argv, rows, why);
}

#define WORDS(...)                                                                                 \
    (char *[])                                                                                     \
    {                                                                                              \
        (char[]){"command"}, __VA_ARGS__, NULL                                                     \
    }
#define W(text) ((char[]){text})

static void values_come_after_a_space_or_an_equals_sign(void **state)
{
    struct fault why = {0};

    (void)state;
    assert_int_equal(
        read_words(WORDS(W("--json"), W("--file=a b"), W("--threads"), W("4"), W("--seconds=1.5")),
                   &why),
        0);
    assert_true(got.json);
    assert_string_equal(got.file, "a b");
    assert_int_equal(got.threads, 4);
    assert_true(got.seconds == 1.5);
}

static void other_words_move_to_the_front(void **state)
{
    char **argv = WORDS(W("one"), W("--json"), W("two"), W("--"), W("--three"), W("-"));
    struct fault why = {0};

    (void)state;
    assert_int_equal(read_words(argv, &why), 4);
    assert_string_equal(argv[1], "one");
    assert_string_equal(argv[2], "two");
    assert_string_equal(argv[3], "--three");
    assert_string_equal(argv[4], "-");
}

static void mistakes_are_named(void **state)
{
    static const struct {
        const char *word, *text;
    } rows_[] = {
        {"--jsn", "unknown option --jsn (did you mean --json?)"},
        {"-x", "unknown option -x; see otedama help"},
        {"--json=1", "--json takes no value"},
        {"--file", "--file needs a value"},
        {"--threads=-1", "--threads needs a whole number, 0 or more, not \"-1\""},
        {"--threads=4294967296", "--threads needs a whole number, 0 or more, not \"4294967296\""},
        {"--seconds=nan", "--seconds needs a number, not \"nan\""},
        {"--seconds=1x", "--seconds needs a number, not \"1x\""},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof rows_ / sizeof *rows_; i++) {
        struct fault why = {0};
        char word[40];
        (void)strncpy(word, rows_[i].word, sizeof word - 1);
        word[sizeof word - 1] = 0;
        assert_int_equal(read_words((char *[]){word, word, NULL}, &why), -1);
        assert_string_equal(why.text, rows_[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_come_after_a_space_or_an_equals_sign),
        cmocka_unit_test(other_words_move_to_the_front),
        cmocka_unit_test(mistakes_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
